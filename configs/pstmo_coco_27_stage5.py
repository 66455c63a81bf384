# Stage 5 of the default weights: on from stage 4, with limbs swung more often and farther (arms that point at the
# camera were read as spread), and the learning rate brought down to the end.
_base_ = ["./pstmo_coco_27_stage4.py"]

bodies = dict(bone=0.07, hips=(1.1, 0.1), swung=0.75, swing=(60.0, 30.0, 20.0))

start_from = "runs/pstmo_coco_27_stage4/best.pt"
seed = 4
schedule = dict(steps=5200, horizon=None, learning_rate=4.5e-4)
