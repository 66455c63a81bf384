# Human3.6M with the 2D keypoints of a detector that was trained on COCO and never saw the set.
title = "Human3.6M, 2D by Detectron (COCO): errors in mm"
data = "human36m"
inputs = "detectron_pt_coco"
complete = dict(subjects=2, actions=15)
metrics = ["mpjpe", "p_mpjpe"]
rows = [
    dict(method="VideoPose3D", record="videopose3d_243_h36m_detectron_coco"),
    dict(method="P-STMO-S in the wild", record="pstmo_s_243_in_the_wild", config="pstmo_s_coco_243", status="authors"),
]
notes = [
    "VideoPose3D of the first table, given such keypoints brought to Human3.6M's by rule, errs by 78.5 and 57.1 mm "
    "(its issue 245).",
]
