# Stage 9 of the default weights: more of stage 8, from its end at its full rate again.
_base_ = ["./pstmo_coco_27_stage8.py"]

start_from = "runs/pstmo_coco_27_stage8/best.pt"
seed = 9
schedule = dict(steps=6000, cooldown=3500)
