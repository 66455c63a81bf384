# Stage I of P-STMO-S for detectors trained on COCO: README, in-the-wild videos, pre-training (-tmr 0.8 -smn 2).
_base_ = ["./pstmo_s_coco_243.py"]
task = "masked"
masks = dict(temporal=0.8, spatial=2)
start_from = None
schedule = dict(learning_rate=1e-4)
