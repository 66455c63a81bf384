# Poses of EFT on every tenth frame, as the authors' configuration says; 14 joints.
_base_ = ["./_mixsynthformer.py"]
arguments = dict(coordinates=42, interval=10, segments=5, channels=32, hidden=64)
window = 51
training = dict(space="", skeleton="")
data = "3DPW, 3D by EFT"
published = dict(mpjpe=88.1, acceleration=6.3, source="paper, table 2")
