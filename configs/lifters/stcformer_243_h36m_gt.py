# STCFormer with 243 frames, on true 2D keypoints.
_base_ = ["./_stcformer.py"]
arguments = dict(frames=243)
window = 243
training = dict(fps=25.0)
data = "Human3.6M, true 2D"
published = dict(mpjpe=22.0, source="paper, table 2")
released = False
files = ()
