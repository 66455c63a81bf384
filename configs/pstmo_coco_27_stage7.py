# Stage 7 of the default weights: on from stage 6, with the errors that BlazePose's heavy network makes where it looks
# twelve times a second at people who are seen whole or in part, and with more motion of every day.
_base_ = ["./pstmo_coco_27_stage6.py"]

training = dict(
    data=(
        "CMU motion capture (mocap.cs.cmu.edu) and motion of the SNU Movement Research Lab "
        "(github.com/snumrl/TillingPatch) through random virtual cameras, "
        "with the noise of BlazePose heavy measured on rendered people"
    ),
    licence=(
        "Apache-2.0. The data used in this project was obtained from mocap.cs.cmu.edu. "
        "The database was created with funding from NSF EIA-0196217. "
        "Motion files of snumrl/TillingPatch: Apache-2.0, Copyright 2019 Jehee Lee."
    ),
)
motion_fps = 50.0
bodies = dict(mixed=0.3, swung=0.5)
noise = dict(measured=0.85)
bank = "blazepose_noise.npz"
clean = 0.15

start_from = "runs/pstmo_coco_27_stage6/best.pt"
seed = 6
schedule = dict(steps=5000, learning_rate=4e-4, average_from=100, check_every=500, save_every=100)
