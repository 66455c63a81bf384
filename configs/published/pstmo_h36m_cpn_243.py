# P-STMO, four layers: README, table of the fine-tuning stage (--lr 0.001).
_base_ = ["./_pstmo.py"]
arguments = dict(layers=4)
start_from = "runs/pstmo_h36m_cpn_243_masked/best.pt"
schedule = dict(learning_rate=1e-3)
