# Stage 1 of StridedTransformer from COCO keypoints, 27 frames at 25 frames/s. It is P-STMO with a simpler frame
# encoder, so all but that starts from P-STMO's weights.
_base_ = ["./pstmo_coco_27_stage6.py"]

model = "strided_transformer"
arguments = dict(frames=27, channels=256, hidden=512, layers=3, in_channels=4, dropout=0.0, encoder_dropout=0.0)

start_from = "pstmo_coco"
start_parts = ["position", "temporal", "strided_positions", "strided", "frame_head", "centre_head"]
batch = 128
seed = 10
schedule = dict(steps=1200, learning_rate=5e-4, warmup=100, average=0.99, average_from=100, check_every=200)
