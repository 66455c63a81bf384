# 2D keypoints of SimplePose on every tenth frame; 15 joints. Errors are PCK at 0.2, 0.1 and 0.05 of the box.
_base_ = ["./_mixsynthformer.py"]
arguments = dict(coordinates=30, segments=1, channels=128, hidden=256, layers=5)
window = 11
training = dict(space="", skeleton="")
data = "Sub-JHMDB, 2D by SimplePose"
published = dict(pck_2d=(99.3, 95.1, 80.7), source="paper, table 1")
