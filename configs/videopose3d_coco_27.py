# VideoPose3D, stage 2: on from stage 1, with the motion, cameras, bodies and noise of stage 10 of the default weights.
_base_ = ["./pstmo_coco_27_stage10.py"]

model = "videopose3d"
arguments = dict(_delete_=True, filter_widths=[3, 3, 3], channels=512, in_channels=4, dropout=0.0)
loss = "mpjpe"

start_from = "runs/videopose3d_coco_27_stage1/best.pt"
seed = 21
schedule = dict(steps=6000, cooldown=4000, learning_rate=7e-4, average=0.995)
