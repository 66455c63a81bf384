# Stage 4 of the default weights: on from stage 3, with bodies of all proportions.
_base_ = ["./pstmo_coco_27_stage3.py"]

bodies = dict(bone=0.08, hips=(1.15, 0.1))

start_from = "runs/pstmo_coco_27_stage3/best.pt"
seed = 3
schedule = dict(steps=2000, horizon=7000, learning_rate=5e-4)
