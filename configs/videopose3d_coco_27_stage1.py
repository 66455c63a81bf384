# VideoPose3D from COCO keypoints, 27 frames at 25 frames/s.
_base_ = ["./pstmo_coco_27_stage6.py"]

model = "videopose3d"
arguments = dict(_delete_=True, filter_widths=[3, 3, 3], channels=512, in_channels=4, dropout=0.0)
loss = "mpjpe"

start_from = None
batch = 128
seed = 11
schedule = dict(steps=5000, learning_rate=1e-3, warmup=200, average=0.995, average_from=500, check_every=500)
