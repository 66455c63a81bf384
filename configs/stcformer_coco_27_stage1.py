# Stage 1 of STCFormer from COCO keypoints: windows of 3 frames at 25 frames/s, nine times as many of them for the same
# work as with 27. A token is one joint from first to last, so the keypoints come as Human3.6M's joints.
_base_ = ["./mixste_coco_27_stage1.py"]

model = "stcformer"
arguments = dict(_delete_=True, frames=3, channels=64, layers=3, in_channels=4)
seed = 14
