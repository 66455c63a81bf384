# P-STMO on the mocap benchmark, refined: the module alone, behind the lifter of stage II. It reads the truth.
_base_ = ["./pstmo_mocap_27.py"]

task = "refine_module"
start_from = None
lifter = "runs/pstmo_mocap_27/best.pt"
freeze = True
schedule = dict(steps=1500, learning_rate=1e-3, warmup=50, average=0.99, average_from=200, check_every=300)
