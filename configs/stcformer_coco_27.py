# STCFormer, stage 4: on from stage 3, with the motion, cameras, bodies and noise of stage 10 of the default weights.
_base_ = ["./mixste_coco_27.py"]

model = "stcformer"
arguments = dict(_delete_=True, frames=27, channels=64, layers=3, in_channels=4)
loss = "mpjpe"

start_from = "runs/stcformer_coco_27_stage3/best.pt"
seed = 23
schedule = dict(steps=3600, cooldown=2400)
