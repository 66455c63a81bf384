"""Shipped configurations: numbers and names alone, found by file name through `pose3d_cli.config`.

The folder is installed as `pose3d_cli.configs`. Files that others build on with `_base_` start with an underscore.
"""
