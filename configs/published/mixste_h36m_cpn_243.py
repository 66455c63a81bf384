# MixSTE with 243 frames: README, training from scratch (two GPUs).
_base_ = ["./_mixste.py"]
