"""StridedTransformer (IEEE Transactions on Multimedia 2022)."""

from __future__ import annotations

from in_the_wild.checkpoints.records.base import Project

_STRIDED_TRANSFORMER = Project(
    model="strided_transformer",
    arguments=dict(frames=351, joints=17, out_joints=17, channels=256, hidden=512, layers=3),
    training=dict(
        input_skeleton="human36m17", output_skeleton="human36m17", fps=50.0, normalisation="image", metres=1.0
    ),
    licence="MIT",
    url="https://github.com/Vegetebird/StridedTransformer-Pose3D",
)

RECORDS = (
    # StridedTransformer with 243 frames.
    _STRIDED_TRANSFORMER.record(
        "strided_transformer_243_h36m_cpn",
        window=243,
        arguments=dict(frames=243, strides=(3, 9, 9)),
        data="Human3.6M, 2D by CPN",
        reported=dict(mpjpe=44.0, parameters=4.23, source="STCFormer's paper, table 4"),
        released=False,
    ),
    # StridedTransformer with 27 frames.
    _STRIDED_TRANSFORMER.record(
        "strided_transformer_27_h36m_cpn",
        window=27,
        arguments=dict(frames=27),
        data="Human3.6M, 2D by CPN",
        reported=dict(mpjpe=46.9, parameters=4.01, source="STCFormer's paper, table 4"),
        released=False,
    ),
    # StridedTransformer as released; the published error is with its refine module.
    _STRIDED_TRANSFORMER.record(
        "strided_transformer_351_h36m_cpn",
        window=351,
        data="Human3.6M, 2D by CPN",
        reported=dict(
            mpjpe=43.7,
            p_mpjpe=35.2,
            source="STCFormer's paper, table 1",
            note="with the refine module, which uses ground truth",
        ),
        released=True,
        files=("no_refine_*.pth",),
    ),
    # StridedTransformer with 81 frames.
    _STRIDED_TRANSFORMER.record(
        "strided_transformer_81_h36m_cpn",
        window=81,
        arguments=dict(frames=81, strides=(9, 3, 3)),
        data="Human3.6M, 2D by CPN",
        reported=dict(mpjpe=45.4, parameters=4.06, source="STCFormer's paper, table 4"),
        released=False,
    ),
)
