# P-STMO on the mocap benchmark, stage I: hidden keypoints are told from the others.
_base_ = ["./_mocap_27.py"]

model = "pstmo"
arguments = dict(frames=27, channels=128, hidden=256, layers=3, in_channels=4, dropout=0.0, encoder_dropout=0.0)
task = "masked"
loss = "masked"
masks = dict(temporal=0.8, spatial=2)
schedule = dict(steps=2000, average=0.99, average_from=200, check_every=250, save_every=250)
