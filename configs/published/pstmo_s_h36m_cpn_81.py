# P-STMO-S with 81 frames, every third of the video (paper, table 5); the rest is said for 243 frames alone (README).
_base_ = ["./_pstmo.py"]
arguments = dict(frames=81)
training = dict(fps=50 / 3)
windows = dict(tds=3)
start_from = "runs/pstmo_s_h36m_cpn_81_masked/best.pt"
test = dict(tds=3)
