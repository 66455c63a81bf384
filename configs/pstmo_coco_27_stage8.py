# Stage 8 of the default weights: on from stage 7, with all the motion there is
# but that whose terms are unsure, rare poses seen more often, limbs bent and legs of people who sit, proportions nearer
# to what detectors of real people triangulate to, and cameras that are farther away and tilted more. The learning rate
# is constant until the last steps: where it ends can be moved as long as it has not begun to fall.
_base_ = ["./pstmo_coco_27_stage7.py", "./_all_motion.py"]

training = dict(
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
cameras = dict(distance=(1.5, 20.0), pitch=(10.0, 20.0), roll=14.0, focal_error=0.15)
bodies = dict(
    bone=0.055, hips=(1.15, 0.1), shoulders=(0.94, 0.05), mixed=0.35, swung=0.45, bent=0.35, bend=(40.0, 25.0),
    seated=0.05,
)  # fmt: skip
noise = dict(lasting=(0.0, 1.0))

start_from = "runs/pstmo_coco_27_stage7/best.pt"
seed = 7
schedule = dict(
    steps=12000,
    decay="trapezoid",
    cooldown=4500,
    learning_rate=4e-4,
    average_from=200,
    check_every=1000,
    save_every=500,
)
