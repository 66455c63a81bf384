"""MixSTE (CVPR 2022). The authors' folder holds the one of 243 frames of CPN; what else, they do not say."""

from __future__ import annotations

from in_the_wild.checkpoints.records.base import Project

_MIXSTE = Project(
    model="mixste",
    arguments=dict(frames=243, joints=17, out_joints=17, channels=512, depth=8),
    training=dict(
        input_skeleton="human36m17", output_skeleton="human36m17", fps=50.0, normalisation="image", metres=1.0
    ),
    licence="none given by the authors",
    url="https://github.com/JinluZhang1126/MixSTE",
)

RECORDS = (
    # MixSTE with 243 frames; the authors' code names its files best_epoch.bin and epoch_N.bin.
    _MIXSTE.record(
        "mixste_243_h36m_cpn",
        window=243,
        arguments=dict(frames=243),
        data="Human3.6M, 2D by CPN",
        reported=dict(
            mpjpe=40.9,
            p_mpjpe=32.6,
            parameters=33.61,
            source="STCFormer's paper, tables 1 and 4; P-MPJPE: a list on the web",
        ),
        released=True,
    ),
    # MixSTE with 243 frames, on true 2D keypoints.
    _MIXSTE.record(
        "mixste_243_h36m_gt",
        window=243,
        arguments=dict(frames=243),
        data="Human3.6M, true 2D",
        reported=dict(mpjpe=21.6, source="STCFormer's paper, table 2"),
        released=None,
    ),
    # MixSTE with 27 frames.
    _MIXSTE.record(
        "mixste_27_h36m_cpn",
        window=27,
        arguments=dict(frames=27),
        data="Human3.6M, 2D by CPN",
        reported=dict(mpjpe=45.1, parameters=33.61, source="STCFormer's paper, table 4"),
        released=None,
    ),
    # MixSTE with 81 frames.
    _MIXSTE.record(
        "mixste_81_h36m_cpn",
        window=81,
        arguments=dict(frames=81),
        data="Human3.6M, 2D by CPN",
        reported=dict(mpjpe=42.4, parameters=33.61, source="STCFormer's paper, table 1"),
        released=None,
    ),
    # MixSTE with 81 frames, on true 2D keypoints.
    _MIXSTE.record(
        "mixste_81_h36m_gt",
        window=81,
        arguments=dict(frames=81),
        data="Human3.6M, true 2D",
        reported=dict(mpjpe=25.9, source="STCFormer's paper, table 2"),
        released=None,
    ),
)
