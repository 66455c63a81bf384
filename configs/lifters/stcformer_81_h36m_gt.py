# STCFormer with 81 frames, on true 2D keypoints.
_base_ = ["./_stcformer.py"]
arguments = dict(frames=81)
window = 81
data = "Human3.6M, true 2D"
published = dict(mpjpe=25.7, source="paper, table 2")
released = False
files = ()
