# MixSTE with 81 frames, on true 2D keypoints.
_base_ = ["./_mixste.py"]
arguments = dict(frames=81)
window = 81
data = "Human3.6M, true 2D"
published = dict(mpjpe=25.9, source="STCFormer's paper, table 2")
released = None
