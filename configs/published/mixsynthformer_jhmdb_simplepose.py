# Sub-JHMDB with the 2D keypoints of SimplePose, 15 joints as shares of the picture, on the first and the eleventh frame
# of each window: configs/config_jhmdb_simplepose_2D.yaml.
_base_ = ["./_mixsynthformer.py"]
arguments = dict(coordinates=30, segments=1, channels=128, hidden=256, layers=5)
training = dict(data="Sub-JHMDB, 2D by SimplePose", licence="not for commercial use: JHMDB is given away for research")
data = dict(name="jhmdb", inputs="simplepose")
windows = dict(kind="2d")
