# StridedTransformer with 27 frames.
_base_ = ["./_strided_transformer.py"]
arguments = dict(frames=27)
