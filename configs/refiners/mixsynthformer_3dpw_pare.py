# Poses of PARE on every fifth frame, as the authors' configuration says; 14 joints.
_base_ = ["./_mixsynthformer.py"]
arguments = dict(coordinates=42, interval=5, segments=10, channels=32, hidden=64)
window = 51
training = dict(space="", skeleton="")
data = "3DPW, 3D by PARE"
published = dict(mpjpe=76.5, acceleration=6.7, source="paper, table 2")
