# P-STMO-S with 243 frames, every second of the video: README, training from scratch, stage II.
_base_ = ["./_pstmo.py"]
start_from = "runs/pstmo_s_h36m_cpn_243_masked/best.pt"
