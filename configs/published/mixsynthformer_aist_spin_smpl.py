# AIST++ with the SMPL poses of SPIN, 24 rotations as six numbers each, on one frame in ten:
# configs/config_aist_spin_smpl.yaml.
_base_ = ["./mixsynthformer_aist_spin.py"]
arguments = dict(coordinates=144)
training = dict(data="AIST++, SMPL by SPIN")
windows = dict(kind="smpl")
