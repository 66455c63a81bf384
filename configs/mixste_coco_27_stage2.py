# MixSTE, 27 frames: on from stage 1, all but the frames' position embedding, with the loss of its authors.
_base_ = ["./mixste_coco_27_stage1.py"]

arguments = dict(frames=27)
loss = "mixste"

start_from = "runs/mixste_coco_27_stage1/best.pt"
start_parts = ["embed", "joint_position", "spatial", "temporal", "spatial_norms", "temporal_norms", "head_norm", "head"]
batch = 24
seed = 13
schedule = dict(steps=1400, horizon=None, learning_rate=8e-4, warmup=100, average_from=200, check_every=350)
