# Stage 3 of the default weights: on from stage 2, with limbs swung to where no sequence has them.
_base_ = ["./pstmo_coco_27_stage2.py"]

bodies = dict(mixed=0.4, swung=0.5)

start_from = "runs/pstmo_coco_27_stage2/best.pt"
seed = 2
schedule = dict(steps=2500, horizon=8000, learning_rate=6e-4)
