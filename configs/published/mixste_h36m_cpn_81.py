# MixSTE with 81 frames; the README gives the command for 243.
_base_ = ["./_mixste.py"]
arguments = dict(frames=81)
batch = 12  # 1024 // 81
