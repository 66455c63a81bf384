# P-STMO on the mocap benchmark, stage II: lifting, on from stage I.
_base_ = ["./pstmo_mocap_27_masked.py"]

task = "lift"
loss = "pstmo"
start_from = "runs/pstmo_mocap_27_masked/best.pt"
schedule = dict(steps=3200, average=0.998, average_from=500, check_every=400, save_every=400)
