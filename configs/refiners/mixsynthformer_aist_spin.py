# Poses of SPIN on every tenth frame; 14 joints.
_base_ = ["./_mixsynthformer.py"]
arguments = dict(coordinates=42, channels=128, hidden=256, layers=5)
training = dict(space="", skeleton="")
data = "AIST++, 3D by SPIN"
published = dict(mpjpe=71.2, acceleration=4.7, source="paper, table 2")
