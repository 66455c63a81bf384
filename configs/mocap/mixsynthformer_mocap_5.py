# MixSynthFormer on the mocap benchmark: joints that pstmo_mocap_27 gave, on one frame in five at 25 frames/s.
# `pose3d prepare lifted --from data/benchmark --to data/lifted --set weights=FILE --set every=2 --set flip=false` makes
# the data.
task = "recover"
model = "mixsynthformer"
arguments = dict(
    coordinates=51,
    interval=5,
    segments=8,
    channels=48,
    hidden=96,
    layers=2,
    reduce_time=2,
    reduce_channels=1,
    dropout=0.0,
)
training = dict(
    task="fill",
    space="camera",
    skeleton="human36m17",
    fps=25.0,
    normalisation="none",
    past=0,
    data="the mocap benchmark, version 1: CMU motion capture (mocap.cs.cmu.edu) through fixed virtual cameras",
    licence=(
        "Apache-2.0. The data used in this project was obtained from mocap.cs.cmu.edu. "
        "The database was created with funding from NSF EIA-0196217."
    ),
)
data = dict(name="mocap", inputs="", truth="", train=dict(split="train"), test=dict(split="test", cameras=["0"]))
windows = dict(kind="3d", step=1, flip=True, reverse=False)
batch = 64
seed = 0
schedule = dict(
    steps=3000,
    learning_rate=2e-3,
    warmup=100,
    weight_decay=0.01,
    clip=1.0,
    average=0.995,
    average_from=200,
    check_every=300,
    save_every=300,
)
test = dict(rule="released", every=1)
