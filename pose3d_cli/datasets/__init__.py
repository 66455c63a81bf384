"""Sequences with 3D truth.

readers/     the files that data sets' authors give away, one file for each set
prepared/    the memory-mapped form that every set is brought to, and windows cut from it
mocap/       motion capture: packs of joints, and the CMU database's own files
synthetic/   what is made from motion: virtual cameras, detector noise, drawn people
lifting.py   what a lifter makes of a sequence of a prepared set, beside the truth
"""
