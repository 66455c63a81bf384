# StridedTransformer with 27 frames.
_base_ = ["./_strided_transformer.py"]
arguments = dict(frames=27)
window = 27
published = dict(mpjpe=46.9, parameters=4.01, source="STCFormer's paper, table 4")
released = False
files = ()
