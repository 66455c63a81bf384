# P-STMO-S on true 2D keypoints: README, table of the fine-tuning stage (-k gt, --lr 0.001).
_base_ = ["./_pstmo.py"]
training = dict(data="Human3.6M, true 2D")
data = dict(inputs="gt")
start_from = "runs/pstmo_s_h36m_gt_243_masked/best.pt"
schedule = dict(learning_rate=1e-3)
