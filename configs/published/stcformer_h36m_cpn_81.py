# STCFormer with 81 frames; the README gives the command for 27.
_base_ = ["./_stcformer.py"]
arguments = dict(frames=81)
