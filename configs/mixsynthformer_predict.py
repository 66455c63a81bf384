# MixSynthFormer that continues Human3.6M joints: 15 frames of the past at 25 frames/s, all of them read, and the next
# ten, 0.4 s.
_base_ = ["./mixsynthformer_human36m17_n5.py"]

task = "predict_virtual"
arguments = dict(interval=1, segments=24)
training = dict(
    task="predict",
    past=15,
    data=(
        "CMU motion capture (mocap.cs.cmu.edu) and motion of the SNU Movement Research Lab "
        "(github.com/snumrl/TillingPatch, ys2010, InteractiveAnimation, VSports; hpgit/HumanFoot) through random "
        "virtual cameras"
    ),
)
seed = 4
