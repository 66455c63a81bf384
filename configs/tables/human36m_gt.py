# Human3.6M with true 2D keypoints.
title = "Human3.6M, true 2D: errors in mm"
data = "human36m"
inputs = "gt"
complete = dict(subjects=2, actions=15)
metrics = ["mpjpe", "p_mpjpe"]
rows = [
    dict(method="VideoPose3D", record="videopose3d_243_h36m_gt", config="videopose3d_h36m_gt_243", status="authors"),
    dict(method="MHFormer", frames=351, mpjpe=30.5, source="other papers' tables", status="cited"),
    dict(
        method="StridedTransformer, refined",
        frames=243,
        mpjpe=28.5,
        source="STCFormer's paper, table 2; 243 frames are not certain",
        status="cited",
        uses_truth=True,
    ),
    dict(method="P-STMO-S", record="pstmo_s_243_h36m_gt", config="pstmo_s_h36m_gt_243", status="authors"),
    dict(method="MixSTE", record="mixste_81_h36m_gt", config="mixste_h36m_gt_81", status="cited"),
    dict(method="MixSTE", record="mixste_243_h36m_gt", config="mixste_h36m_gt_243", status="cited"),
    dict(method="STCFormer", record="stcformer_81_h36m_gt", config="stcformer_h36m_gt_81", status="authors"),
    dict(
        method="STCFormer, refined", frames=81, mpjpe=25.0, source="paper, table 2", status="authors", uses_truth=True
    ),
    dict(method="STCFormer", record="stcformer_243_h36m_gt", config="stcformer_h36m_gt_243", status="authors"),
    dict(
        method="STCFormer, refined", frames=243, mpjpe=21.3, source="paper, table 2", status="authors", uses_truth=True
    ),
]
