# Stage 1 of MixSTE from COCO keypoints: windows of 3 frames at 25 frames/s, nine times as many of them for the same
# work as with 27. A token is one joint from first to last, so the keypoints come as Human3.6M's joints.
_base_ = ["./pstmo_coco_27_stage6.py"]

model = "mixste"
arguments = dict(_delete_=True, frames=3, channels=64, depth=3, heads=4, in_channels=4, drop_path=0.0)
loss = "mpjpe"
training = dict(input_skeleton="human36m17")

start_from = None
batch = 192
seed = 12
schedule = dict(
    steps=2500, horizon=4000, learning_rate=1.5e-3, warmup=200, average=0.99, average_from=300, check_every=500
)
