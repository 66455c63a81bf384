# MixSTE with 81 frames.
_base_ = ["./_mixste.py"]
arguments = dict(frames=81)
window = 81
data = "Human3.6M, 2D by CPN"
published = dict(mpjpe=42.4, parameters=33.61, source="STCFormer's paper, table 1")
released = None
