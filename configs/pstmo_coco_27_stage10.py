# Stage 10 of the default weights: on from stage 9, with more than twice as many of the detector's errors.
_base_ = ["./pstmo_coco_27_stage9.py"]

start_from = "runs/pstmo_coco_27_stage9/best.pt"
seed = 10
schedule = dict(cooldown=4000, learning_rate=3e-4)
