# STCFormer with 27 frames: README, training from scratch.
_base_ = ["./_stcformer.py"]
