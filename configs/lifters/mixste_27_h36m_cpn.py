# MixSTE with 27 frames.
_base_ = ["./_mixste.py"]
arguments = dict(frames=27)
window = 27
data = "Human3.6M, 2D by CPN"
published = dict(mpjpe=45.1, parameters=33.61, source="STCFormer's paper, table 4")
released = None
