# StridedTransformer on the mocap benchmark.
_base_ = ["./_mocap_27.py"]

model = "strided_transformer"
arguments = dict(frames=27, channels=128, hidden=256, layers=3, in_channels=4, dropout=0.0, encoder_dropout=0.0)
loss = "pstmo"
schedule = dict(steps=6000, check_every=600)
