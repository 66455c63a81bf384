# StridedTransformer with 351 frames: README, train the model.
_base_ = ["./_strided_transformer.py"]
