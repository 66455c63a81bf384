# What all lifters from COCO keypoints at 25 frames/s share that are trained on motion capture.
training = dict(
    input_skeleton="coco17",
    output_skeleton="human36m17",
    fps=25.0,
    normalisation="box",
    licence=(
        "Apache-2.0. The data used in this project was obtained from mocap.cs.cmu.edu. "
        "The database was created with funding from NSF EIA-0196217."
    ),
)
start_from = None
start_parts = None  # or the parts of the network to take from there, such as ["temporal"]
seed = 0
schedule = dict(learning_rate=1e-3, warmup=200, weight_decay=0.01, clip=1.0, average=0.999, average_from=1000)
