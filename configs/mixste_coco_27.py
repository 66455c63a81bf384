# MixSTE, stage 3: on from stage 2, with the motion, cameras, bodies and noise of stage 10 of the default weights.
_base_ = ["./pstmo_coco_27_stage10.py"]

model = "mixste"
arguments = dict(_delete_=True, frames=27, channels=64, depth=3, heads=4, in_channels=4, drop_path=0.0)
loss = "mixste"
training = dict(input_skeleton="human36m17")

start_from = "runs/mixste_coco_27_stage2/best.pt"
batch = 24
seed = 22
schedule = dict(steps=2400, cooldown=1600, learning_rate=8e-4, warmup=100, average=0.99, check_every=400)
