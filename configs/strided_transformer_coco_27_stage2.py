# StridedTransformer, stage 2: on from stage 1 with smaller batches.
_base_ = ["./strided_transformer_coco_27_stage1.py"]

start_from = "runs/strided_transformer_coco_27_stage1/best.pt"
start_parts = None
batch = 48
seed = 16
schedule = dict(steps=3000, learning_rate=5e-4, warmup=100, average=0.99, average_from=100, check_every=500)
