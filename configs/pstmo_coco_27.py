# Stage 11 of the default weights: more of stage 10, more than twice as long.
_base_ = ["./pstmo_coco_27_stage10.py"]

start_from = "runs/pstmo_coco_27_stage10/best.pt"
seed = 11
schedule = dict(steps=14500, cooldown=5700, learning_rate=4e-4)
