# Human3.6M, trained on S1, 5, 6, 7, 8, tested on S9, 11: mean over 15 actions. What reads other detectors' keypoints,
# or whose scale is taken from the truth, is not in this table.
title = "Human3.6M, 2D by CPN: errors in mm"
data = "human36m"
inputs = "cpn_ft_h36m_dbb"
complete = dict(subjects=2, actions=15)
metrics = ["mpjpe", "p_mpjpe"]
strided = dict(method="StridedTransformer", status="cited")
rows = [
    dict(method="VideoPose3D", record="videopose3d_27_h36m_cpn", config="videopose3d_h36m_cpn_27", status="authors"),
    dict(method="VideoPose3D", record="videopose3d_81_h36m_cpn", config="videopose3d_h36m_cpn_81", status="authors"),
    dict(method="VideoPose3D", record="videopose3d_243_h36m_cpn", config="videopose3d_h36m_cpn_243", status="authors"),
    dict(method="PoseFormer", frames=81, mpjpe=44.3, source="P-STMO's README", status="cited"),
    dict(method="Anatomy3D", frames=243, mpjpe=44.1, source="P-STMO's README", status="cited"),
    dict(method="MHFormer", frames=351, mpjpe=43.0, p_mpjpe=34.4, source="README", status="authors"),
    dict(method="PoseFormerV2", frames=243, mpjpe=45.2, p_mpjpe=35.6, source="README", status="authors"),
    dict(**strided, record="strided_transformer_27_h36m_cpn", config="strided_transformer_h36m_cpn_27"),
    dict(**strided, record="strided_transformer_81_h36m_cpn", config="strided_transformer_h36m_cpn_81"),
    dict(**strided, record="strided_transformer_243_h36m_cpn", config="strided_transformer_h36m_cpn_243"),
    dict(
        method="StridedTransformer",
        weights="strided_transformer_351_h36m_cpn",
        frames=351,
        config="strided_transformer_h36m_cpn_351",
        source="its error before refining is not published",
    ),
    dict(
        method="StridedTransformer, refined",
        record="strided_transformer_351_h36m_cpn",
        config="strided_transformer_h36m_cpn_351_refine",
        status="cited",
        uses_truth=True,
    ),
    dict(method="P-STMO-S", record="pstmo_s_27_h36m_cpn", config="pstmo_s_h36m_cpn_27", status="authors"),
    dict(method="P-STMO-S", record="pstmo_s_81_h36m_cpn", config="pstmo_s_h36m_cpn_81", status="authors"),
    dict(method="P-STMO-S", record="pstmo_s_243_h36m_cpn", config="pstmo_s_h36m_cpn_243", status="authors"),
    dict(method="P-STMO", record="pstmo_243_h36m_cpn", config="pstmo_h36m_cpn_243", status="authors"),
    dict(
        method="P-STMO, refined",
        record="pstmo_243_h36m_cpn_refine",
        config="pstmo_h36m_cpn_243_refine",
        status="authors",
        uses_truth=True,
    ),
    dict(method="MixSTE", record="mixste_27_h36m_cpn", config="mixste_h36m_cpn_27", status="cited"),
    dict(method="MixSTE", record="mixste_81_h36m_cpn", config="mixste_h36m_cpn_81", status="cited"),
    dict(method="MixSTE", record="mixste_243_h36m_cpn", config="mixste_h36m_cpn_243", status="cited"),
    dict(method="STCFormer", record="stcformer_27_h36m_cpn", config="stcformer_h36m_cpn_27", status="authors"),
    dict(method="STCFormer", record="stcformer_81_h36m_cpn", config="stcformer_h36m_cpn_81", status="authors"),
    dict(method="STCFormer", record="stcformer_243_h36m_cpn", config="stcformer_h36m_cpn_243", status="authors"),
    dict(method="STCFormer-L", record="stcformer_l_243_h36m_cpn", config="stcformer_l_h36m_cpn_243", status="authors"),
]
del strided
notes = [
    "Not comparable, so not listed: the lifters of 37 to 39 mm (MotionBERT and those after it) read other 2D "
    "keypoints, with scores, and multiply by a scale that is taken from the truth.",
    "STCFormer's paper has 42.0 mm for 81 frames: that averages the poses of its networks of 81 (42.6) and 27 frames. "
    "MixSTE with 81 frames is 42.4 in its table 1 and 42.7 in its table 4.",
    "P-STMO's table has 43.6 mm for StridedTransformer refined; issue 3 of that project has 43.7 and 36.8.",
    'Operations are not listed: STCFormer\'s "FLOPs" are multiply-adds, half as many, and P-STMO prints 1482 M in the '
    "paper and 741 M in the supplement for one network.",
]
