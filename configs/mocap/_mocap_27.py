# What all lifters of the mocap benchmark share: 27 frames at 25 frames/s, detector noise 1, and as many steps as take
# a quarter of an hour to twenty minutes on one core of a CPU.
# `pose3d prepare mocap --from PACKS --to data/benchmark` makes the data.
_base_ = ["../_coco_27.py"]

task = "lift"
training = dict(
    data="the mocap benchmark, version 1: CMU motion capture (mocap.cs.cmu.edu) through fixed virtual cameras",
)
data = dict(name="mocap", inputs="noise 1", truth="", train=dict(split="train"), test=dict(split="test", cameras=["0"]))
windows = dict(rule="centred", step=1, tds=2, flip=True, reverse=False)
lifter = None
freeze = False
batch = 128
schedule = dict(steps=7000, check_every=700, save_every=350, precision="auto")
test = dict(rule="centred", tds=2, flip=False, every=5)
