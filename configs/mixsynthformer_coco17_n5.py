# MixSynthFormer for COCO keypoints that were detected on every fifth frame at 25 frames/s, 0.2 s apart: the frames
# between are filled in, and the errors of the detector lowered.
_base_ = ["./_mixsynthformer_5.py"]

task = "recover_keypoints_virtual"
arguments = dict(coordinates=34)
training = dict(
    space="image",
    skeleton="coco17",
    normalisation="box",
    data=(
        "CMU motion capture (mocap.cs.cmu.edu) through random virtual cameras, "
        "with the noise of mediapipe 0.10.21 measured on rendered people"
    ),
)

hold_out = ["05", "08", "13", "14"]
stride = 2
cameras = dict(distance=(1.8, 10.0), pitch=(8.0, 15.0), roll=15.0, focal_error=0.15)
bodies = dict(
    size=0.04, bone=0.06, hips=(1.08, 0.08), mixed=0.3, speed=(0.75, 1.35), swung=0.3, swing=(45.0, 25.0, 15.0)
)
noise = dict(offset=0.008, drift=0.012, jitter=0.006, guessed=0.06, unseen=0.02, measured=0.75)
bank = "mediapipe_noise.npz"
clean = 0.25

# Where joints are filled in: the weights that make them of keypoints, and of how many stretches of two windows once.
lifter = "pstmo_coco"
pool = 600
# Errors of the past from which joints are predicted, metres.
past_noise = dict(offset=0.01, jitter=0.004)

batch = 32
schedule = dict(steps=1600, horizon=None, check_every=200, save_every=200)
heldout = dict(cameras=104, every=50)
