# VideoPose3D with 243 frames: README, training from scratch.
_base_ = ["./_videopose3d.py"]
