# StridedTransformer with 243 frames.
_base_ = ["./_strided_transformer.py"]
arguments = dict(frames=243, strides=(3, 9, 9))
window = 243
published = dict(mpjpe=44.0, parameters=4.23, source="STCFormer's paper, table 4")
released = False
files = ()
