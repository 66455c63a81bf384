# MixSTE with 27 frames; the README gives the command for 243.
_base_ = ["./_mixste.py"]
arguments = dict(frames=27)
batch = 37  # 1024 // 27
