# Poses of a single-frame network (FCN) on every tenth frame.
_base_ = ["./_mixsynthformer.py"]
training = dict(space="camera", skeleton="human36m17")
data = "Human3.6M, 3D by FCN"
published = dict(mpjpe=50.9, acceleration=1.5, source="paper, table 2")
