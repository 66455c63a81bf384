# Stage I of P-STMO-S with 243 frames: README, training from scratch (-tmr 0.8 -smn 2 --lr 0.0001).
_base_ = ["./_pstmo.py"]
task = "masked"
masks = dict(temporal=0.8, spatial=2)
schedule = dict(learning_rate=1e-4)
