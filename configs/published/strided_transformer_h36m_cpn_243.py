# StridedTransformer with 243 frames. The authors' code has strides for 27 and 351 frames alone (common/opt.py:62);
# these make a network with as many parameters as is published.
_base_ = ["./_strided_transformer.py"]
arguments = dict(frames=243, strides=(3, 9, 9))
