# MixSynthFormer on the mocap benchmark: joints that pstmo_mocap_27 gave, on one frame in five at 25 frames/s.
# `pose3d prepare lifted --from data/benchmark --to data/lifted --set weights=FILE --set every=2 --set flip=false` makes
# the data.
_base_ = ["../_mixsynthformer_5.py"]

task = "recover"
arguments = dict(coordinates=51)
training = dict(
    space="camera",
    skeleton="human36m17",
    normalisation="none",
    data="the mocap benchmark, version 1: CMU motion capture (mocap.cs.cmu.edu) through fixed virtual cameras",
)
data = dict(name="mocap", inputs="", truth="", train=dict(split="train"), test=dict(split="test", cameras=["0"]))
windows = dict(kind="3d", step=1, flip=True, reverse=False)
batch = 64
schedule = dict(steps=3000, check_every=300, save_every=300)
test = dict(rule="released", every=1)
