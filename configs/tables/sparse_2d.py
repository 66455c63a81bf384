# 2D keypoints of another network on one frame in ten, and what is made of them on every frame.
title = "Sub-JHMDB, 2D keypoints by SimplePose on one frame in ten, filled in: PCK at 0.2, 0.1, 0.05 of the box, in %"
data = "jhmdb"
inputs = "simplepose"
metrics = ["pck_2d"]
rows = [
    dict(
        method="SimplePose, every frame",
        pck_2d=(94.0, 81.6, 57.3),
        source="MixSynthFormer's table 1",
        status="cited",
    ),
    dict(method="DeciWatch", frames=11, pck_2d=(98.75, 94.05, 79.44), source="doc/evaluate.md", status="authors"),
    dict(
        method="MixSynthFormer",
        record="mixsynthformer_jhmdb_simplepose",
        config="mixsynthformer_jhmdb_simplepose",
        status="authors",
    ),
]
