# Stage 1 of the default weights: P-STMO from COCO keypoints, 27 frames at 25 frames/s, noise that is merely drawn.
# The learning rate is still high when it ends: stage 2 goes on from here.
_base_ = ["./_coco_27.py"]

task = "lift_virtual"
model = "pstmo"
arguments = dict(frames=27, channels=256, hidden=512, layers=3, in_channels=4, dropout=0.0, encoder_dropout=0.0)
loss = "pstmo"
training = dict(data="CMU motion capture (mocap.cs.cmu.edu) through random virtual cameras")

hold_out = ["05", "08", "13", "14"]
stride = 2
cameras = dict(distance=(1.8, 10.0), pitch=(8.0, 15.0), roll=15.0, focal_error=0.15)
bodies = dict(size=0.04, bone=0.05, hips=(1.0, 0.0), mixed=0.3, speed=(0.75, 1.35), swung=0.0, swing=(45.0, 25.0, 15.0))
noise = dict(offset=0.008, drift=0.012, jitter=0.006, guessed=0.06, unseen=0.02, measured=0.75)
bank = None
clean = 0.4

batch = 256
schedule = dict(steps=1500, horizon=7500, check_every=250, save_every=200)
heldout = dict(cameras=200, every=25)
