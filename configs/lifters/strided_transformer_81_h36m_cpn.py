# StridedTransformer with 81 frames.
_base_ = ["./_strided_transformer.py"]
arguments = dict(frames=81, strides=(9, 3, 3))
window = 81
published = dict(mpjpe=45.4, parameters=4.06, source="STCFormer's paper, table 4")
released = False
files = ()
