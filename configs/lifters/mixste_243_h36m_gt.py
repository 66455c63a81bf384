# MixSTE with 243 frames, on true 2D keypoints.
_base_ = ["./_mixste.py"]
arguments = dict(frames=243)
data = "Human3.6M, true 2D"
published = dict(mpjpe=21.6, source="STCFormer's paper, table 2")
released = None
