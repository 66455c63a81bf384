# MixSTE with 243 frames, on true 2D keypoints (-k gt).
_base_ = ["./_mixste.py"]
training = dict(data="Human3.6M, true 2D")
data = dict(inputs="gt")
