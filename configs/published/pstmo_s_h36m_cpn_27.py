# P-STMO-S with 27 frames, every ninth of the video (paper, table 5); the rest is said for 243 frames alone (README).
_base_ = ["./_pstmo.py"]
arguments = dict(frames=27)
training = dict(fps=50 / 9)
windows = dict(tds=9)
start_from = "runs/pstmo_s_h36m_cpn_27_masked/best.pt"
test = dict(tds=9)
