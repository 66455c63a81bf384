# MixSTE on the mocap benchmark. A token is one joint from first to last, so the keypoints come as Human3.6M's joints.
_base_ = ["./_mocap_27.py"]

model = "mixste"
arguments = dict(frames=27, channels=48, depth=3, heads=4, in_channels=4, drop_path=0.0)
loss = "mixste"
training = dict(input_skeleton="human36m17")
batch = 16
# bfloat16 takes twice as long here: its layers are narrow.
schedule = dict(precision="float32")
