# Stage I of P-STMO-S with 27 frames, every ninth of the video; the rest is said for 243 frames alone (README).
_base_ = ["./pstmo_s_h36m_cpn_27.py"]
task = "masked"
masks = dict(temporal=0.8, spatial=2)
start_from = None
schedule = dict(learning_rate=1e-4)
