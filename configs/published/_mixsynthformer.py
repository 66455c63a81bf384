# What MixSynthFormer's authors train alike (github.com/ireneesun/MixSynthFormer): Human3.6M's 3D poses, by default.
#   configs/*.yaml, TRAIN: 100 epochs, batches of 256, learning rate 1e-3, times 0.97 every epoch (lib/core/trainer.py);
#   SEED_VALUE 4321; train.py: Adam with AMSGrad, feed-forward layers twice as wide, attention over time by a quarter;
#   lib/core/loss.py: mean absolute error. A window from every frame on, not mirrored (lib/dataset/*_dataset.py; for the
#   last frames of a sequence, from which no window starts, it takes its first ones again, which pose3d does not).
#   Tests are as theirs, but on the poses of the estimator: their lib/utils/eval_metrics.py reads the true ones.
task = "recover"
model = "mixsynthformer"
arguments = dict(
    coordinates=51,
    interval=10,
    segments=10,
    channels=64,
    hidden=128,
    layers=4,
    reduce_time=4,
    reduce_channels=1,
    dropout=0.1,
)
training = dict(
    task="fill",
    space="",
    skeleton="",
    fps=30.0,
    normalisation="none",
    past=0,
    data="",
    licence="",
)
data = dict(name="", inputs="", truth="", train=dict(split="train"), test=dict(split="test"))
windows = dict(kind="3d", step=1, flip=False, reverse=False)
batch = 256
seed = 4321
schedule = dict(
    epochs=100,
    optimiser="adam",
    amsgrad=True,
    learning_rate=1e-3,
    warmup=0,
    weight_decay=0.0,
    clip=0.0,
    decay="exponential",
    decay_by=0.97,
    decay_every=1,
    average=0.0,
    average_from=0,
    accumulate=1,
    precision="float32",
    patience=0,
    check_every=1,
    save_every=1,
)
test = dict(rule="released", every=1)
