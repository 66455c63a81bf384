# Stage I of P-STMO: README, table of the pre-training stage (-tmr 0.6 -smn 3).
_base_ = ["./pstmo_h36m_cpn_243.py"]
task = "masked"
masks = dict(temporal=0.6, spatial=3)
start_from = None
schedule = dict(learning_rate=1e-4)
