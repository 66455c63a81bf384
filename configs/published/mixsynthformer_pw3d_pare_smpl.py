# 3DPW with the SMPL poses of PARE, 24 rotations as six numbers each, on one frame in ten:
# configs/config_pw3d_pare_smpl.yaml.
_base_ = ["./mixsynthformer_pw3d_spin.py"]
arguments = dict(coordinates=144, channels=64, hidden=128)
training = dict(data="3DPW, SMPL by PARE")
data = dict(inputs="pare")
windows = dict(kind="smpl")
