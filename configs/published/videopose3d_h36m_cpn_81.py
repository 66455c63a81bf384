# VideoPose3D with 81 frames: README, training from scratch (-arc 3,3,3,3).
_base_ = ["./_videopose3d.py"]
arguments = dict(filter_widths=(3, 3, 3, 3))
