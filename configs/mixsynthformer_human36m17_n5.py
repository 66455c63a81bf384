# MixSynthFormer for Human3.6M joints, lifted on every fifth frame at 25 frames/s, 0.2 s apart: the frames between are
# filled in. Motion, cameras, bodies and noise are those of the default weights.
_base_ = ["./_mixsynthformer_5.py", "./_all_motion.py"]

task = "recover_joints_virtual"
arguments = dict(coordinates=51)
training = dict(
    space="camera",
    skeleton="human36m17",
    normalisation="none",
    data=(
        "CMU motion capture (mocap.cs.cmu.edu) and motion of the SNU Movement Research Lab "
        "(github.com/snumrl/TillingPatch, ys2010, InteractiveAnimation, VSports; hpgit/HumanFoot) through random "
        "virtual cameras, with the noise of BlazePose heavy measured on rendered people"
    ),
    licence=(
        "Apache-2.0. The data used in this project was obtained from mocap.cs.cmu.edu. "
        "The database was created with funding from NSF EIA-0196217. "
        "Motion files of snumrl/TillingPatch, ys2010 and hpgit/HumanFoot: Apache-2.0, Copyright 2019 Jehee Lee; "
        "of snumrl/InteractiveAnimation: Apache-2.0, Copyright 2019 Kyungho Lee; "
        "of snumrl/VSports: Apache-2.0, Copyright 2020 Jehee Lee."
    ),
)

hold_out = ["05", "08", "13", "14"]
motion_fps = 50.0
stride = 2
cameras = dict(distance=(1.5, 20.0), pitch=(10.0, 20.0), roll=14.0, focal_error=0.15)
bodies = dict(
    size=0.04, bone=0.055, hips=(1.15, 0.1), shoulders=(0.94, 0.05), mixed=0.35, speed=(0.75, 1.35), swung=0.45,
    swing=(60.0, 30.0, 20.0), bent=0.35, bend=(40.0, 25.0), seated=0.05,
)  # fmt: skip
noise = dict(
    offset=0.008, drift=0.012, jitter=0.006, guessed=0.06, unseen=0.02, measured=0.85, lasting=(0.0, 1.0)
)  # fmt: skip
bank = "blazepose_noise.npz"
clean = 0.15

# Where joints are filled in: the weights that make them of keypoints, and of how many stretches of two windows once.
lifter = "pstmo_coco"
pool = 8000
# Errors of the past from which joints are predicted, metres.
past_noise = dict(offset=0.01, jitter=0.004)

batch = 32
seed = 2
schedule = dict(steps=6000, horizon=None, check_every=500, save_every=500)
heldout = dict(cameras=104, every=50)
