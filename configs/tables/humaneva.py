# HumanEva-I, trained on Walk, Jog and Box of S1, S2, S3, tested on the validation part of each.
title = "HumanEva-I (Walk, Jog, Box): errors in mm"
data = "humaneva"
inputs = "detectron_pt_coco"
complete = dict(subjects=3, actions=3)
metrics = ["mpjpe", "p_mpjpe"]
rows = [
    dict(
        method="VideoPose3D, 2D by Mask R-CNN",
        record="videopose3d_27_humaneva15",
        config="videopose3d_humaneva_27",
        status="authors",
    ),
    dict(
        method="MixSTE, tuned on from Human3.6M",
        frames=43,
        config="mixste_humaneva_43",
        inputs="gt",
        p_mpjpe=16.1,
        source="lists of results on the web; its inputs are not said",
        status="unconfirmed",
    ),
]
notes = ["The configuration of MixSTE trains on this set alone. The head marker of S3 is wrong at the source."]
