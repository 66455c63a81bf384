# StridedTransformer, stage 3: on from stage 2, with the motion, cameras, bodies and noise of stage 10 of the default
# weights.
_base_ = ["./pstmo_coco_27_stage10.py"]

model = "strided_transformer"

start_from = "runs/strided_transformer_coco_27_stage2/best.pt"
batch = 48
seed = 24
schedule = dict(steps=3000, cooldown=2000, learning_rate=5e-4, warmup=100, average=0.99, check_every=500)
