# What all lifters of the mocap benchmark share: 27 frames at 25 frames/s, detector noise 1, and as many steps as take
# a quarter of an hour to twenty minutes on one core of a CPU.
# `pose3d prepare mocap --from PACKS --to data/benchmark` makes the data.
task = "lift"
training = dict(
    input_skeleton="coco17",
    output_skeleton="human36m17",
    fps=25.0,
    normalisation="box",
    data="the mocap benchmark, version 1: CMU motion capture (mocap.cs.cmu.edu) through fixed virtual cameras",
    licence=(
        "Apache-2.0. The data used in this project was obtained from mocap.cs.cmu.edu. "
        "The database was created with funding from NSF EIA-0196217."
    ),
)
data = dict(name="mocap", inputs="noise 1", truth="", train=dict(split="train"), test=dict(split="test", cameras=["0"]))
windows = dict(rule="centred", step=1, tds=2, flip=True, reverse=False)
start_from = None
start_parts = None
lifter = None
freeze = False
batch = 128
seed = 0
schedule = dict(
    steps=7000,
    learning_rate=1e-3,
    warmup=200,
    weight_decay=0.01,
    clip=1.0,
    average=0.999,
    average_from=1000,
    check_every=700,
    save_every=350,
    precision="auto",
)
test = dict(rule="centred", tds=2, flip=False, every=5)
