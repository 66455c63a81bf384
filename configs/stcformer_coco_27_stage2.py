# Stage 2 of STCFormer: 27 frames, on from stage 1, whose weights fit windows of any length.
_base_ = ["./stcformer_coco_27_stage1.py"]

arguments = dict(frames=27)

start_from = "runs/stcformer_coco_27_stage1/best.pt"
batch = 24
seed = 15
schedule = dict(steps=900, horizon=None, learning_rate=8e-4, warmup=50, average_from=100, check_every=300)
