# Stage 2 of the default weights: on from stage 1, with the errors that mediapipe was seen to make on rendered people.
_base_ = ["./pstmo_coco_27_stage1.py"]

training = dict(
    data=(
        "CMU motion capture (mocap.cs.cmu.edu) through random virtual cameras, "
        "with the noise of mediapipe 0.10.21 measured on rendered people"
    ),
)
bank = "mediapipe_noise.npz"
clean = 0.35

start_from = "runs/pstmo_coco_27_stage1/best.pt"
batch = 128
seed = 1
schedule = dict(steps=5000, horizon=11000, learning_rate=8e-4, warmup=100, average_from=200, check_every=500)
