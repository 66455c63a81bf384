# 3DPW with the 3D poses of SPIN, 14 joints, on one frame in ten: configs/config_pw3d_spin_3D.yaml.
_base_ = ["./_mixsynthformer.py"]
arguments = dict(coordinates=42, segments=5, channels=32, hidden=64)
training = dict(data="3DPW, 3D by SPIN", licence="not for commercial use: 3DPW is given away for research alone")
data = dict(name="pw3d", inputs="spin")
