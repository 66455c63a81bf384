# StridedTransformer with 81 frames. The authors' code has strides for 27 and 351 frames alone (common/opt.py:62);
# these make a network with as many parameters as is published.
_base_ = ["./_strided_transformer.py"]
arguments = dict(frames=81, strides=(9, 3, 3))
