# Stage I of P-STMO-S on MPI-INF-3DHP: README, MPI-INF-3DHP, pre-training (-tmr 0.7 -smn 2).
_base_ = ["./pstmo_s_3dhp_81.py"]
task = "masked"
masks = dict(temporal=0.7, spatial=2)
start_from = None
schedule = dict(learning_rate=1e-4)
