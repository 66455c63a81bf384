# Stage I of P-STMO-S on true 2D keypoints: README, table of the pre-training stage (-tmr 0.8 -smn 7).
_base_ = ["./pstmo_s_h36m_gt_243.py"]
task = "masked"
masks = dict(temporal=0.8, spatial=7)
start_from = None
schedule = dict(learning_rate=1e-4)
