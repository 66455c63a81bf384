# VideoPose3D on the mocap benchmark, as wide as published.
_base_ = ["./_mocap_27.py"]

model = "videopose3d"
arguments = dict(filter_widths=[3, 3, 3], channels=1024, in_channels=4, dropout=0.1)
loss = "mpjpe"
