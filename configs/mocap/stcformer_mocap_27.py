# STCFormer on the mocap benchmark. A token is one joint throughout, so the keypoints come as Human3.6M's joints.
_base_ = ["./_mocap_27.py"]

model = "stcformer"
arguments = dict(frames=27, channels=64, layers=3, in_channels=4)
loss = "mpjpe"
training = dict(input_skeleton="human36m17")
batch = 16
# bfloat16 takes twice as long here: its layers are narrow.
schedule = dict(steps=6500, check_every=650, precision="float32")
