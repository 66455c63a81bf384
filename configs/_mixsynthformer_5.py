# What all networks of MixSynthFormer share that are trained on motion capture: one frame in five at 25 frames/s.
model = "mixsynthformer"
arguments = dict(
    interval=5, segments=8, channels=48, hidden=96, layers=2, reduce_time=2, reduce_channels=1, dropout=0.0
)
training = dict(
    task="fill",
    fps=25.0,
    past=0,
    licence=(
        "Apache-2.0. The data used in this project was obtained from mocap.cs.cmu.edu. "
        "The database was created with funding from NSF EIA-0196217."
    ),
)
seed = 0
schedule = dict(learning_rate=2e-3, warmup=100, weight_decay=0.01, clip=1.0, average=0.995, average_from=200)
