"""STCFormer (CVPR 2023).

Windows take every third frame of the video; those of 243 frames every second one (issue 3).
"""

from __future__ import annotations

from in_the_wild.checkpoints.records.base import Project

_STCFORMER = Project(
    model="stcformer",
    arguments=dict(frames=27, joints=17, out_joints=17, channels=256, layers=6, variant="h36m"),
    training=dict(
        input_skeleton="human36m17", output_skeleton="human36m17", fps=50 / 3, normalisation="image", metres=1.0
    ),
    licence="none given by the authors",
    url="https://github.com/zhenhuat/STCFormer",
)

RECORDS = (
    # STCFormer with 243 frames; its weights belong to a company.
    _STCFORMER.record(
        "stcformer_243_h36m_cpn",
        window=243,
        arguments=dict(frames=243),
        training=dict(fps=25.0),
        data="Human3.6M, 2D by CPN",
        reported=dict(mpjpe=41.0, p_mpjpe=32.0, parameters=4.75, source="paper, tables 1 and 4"),
        released=False,
    ),
    # STCFormer with 243 frames, on true 2D keypoints.
    _STCFORMER.record(
        "stcformer_243_h36m_gt",
        window=243,
        arguments=dict(frames=243),
        training=dict(fps=25.0),
        data="Human3.6M, true 2D",
        reported=dict(mpjpe=22.0, source="paper, table 2"),
        released=False,
    ),
    # STCFormer with 27 frames on MPI-INF-3DHP, in millimetres; no frames are left out.
    _STCFORMER.record(
        "stcformer_27_3dhp",
        window=27,
        arguments=dict(frames=27, variant="3dhp"),
        training=dict(input_skeleton="mpi_inf_3dhp17", output_skeleton="mpi_inf_3dhp17", fps=25.0, metres=0.001),
        data="MPI-INF-3DHP, true 2D",
        reported=dict(mpjpe=24.2, pck=98.4, auc=83.4, source="paper, table 3"),
        released=False,
    ),
    # STCFormer with 27 frames.
    _STCFORMER.record(
        "stcformer_27_h36m_cpn",
        window=27,
        arguments=dict(frames=27),
        data="Human3.6M, 2D by CPN",
        reported=dict(mpjpe=44.08, p_mpjpe=34.76, parameters=4.75, source="README; paper, table 4"),
        released=True,
        files=("no_refine_6_4406.pth",),
    ),
    # STCFormer with 81 frames on MPI-INF-3DHP, in millimetres; no frames are left out.
    _STCFORMER.record(
        "stcformer_81_3dhp",
        window=81,
        arguments=dict(frames=81, variant="3dhp"),
        training=dict(input_skeleton="mpi_inf_3dhp17", output_skeleton="mpi_inf_3dhp17", fps=25.0, metres=0.001),
        data="MPI-INF-3DHP, true 2D",
        reported=dict(mpjpe=23.1, pck=98.7, auc=83.9, source="paper, table 3"),
        released=True,
        files=("no_refine_8_2310.pth",),
    ),
    # STCFormer with 81 frames. The paper's 42.0 mm averages this network's poses with those of 27 frames.
    _STCFORMER.record(
        "stcformer_81_h36m_cpn",
        window=81,
        arguments=dict(frames=81),
        data="Human3.6M, 2D by CPN",
        reported=dict(mpjpe=41.72, p_mpjpe=32.94, parameters=4.75, source="README"),
        released=True,
        files=("no_refine_6_4172.pth",),
    ),
    # STCFormer with 81 frames, on true 2D keypoints.
    _STCFORMER.record(
        "stcformer_81_h36m_gt",
        window=81,
        arguments=dict(frames=81),
        data="Human3.6M, true 2D",
        reported=dict(mpjpe=25.7, source="paper, table 2"),
        released=False,
    ),
    # STCFormer with 9 frames on MPI-INF-3DHP, in millimetres; no frames are left out.
    _STCFORMER.record(
        "stcformer_9_3dhp",
        window=9,
        arguments=dict(frames=9, variant="3dhp"),
        training=dict(input_skeleton="mpi_inf_3dhp17", output_skeleton="mpi_inf_3dhp17", fps=25.0, metres=0.001),
        data="MPI-INF-3DHP, true 2D",
        reported=dict(mpjpe=28.2, pck=98.2, auc=81.5, source="paper, table 3"),
        released=False,
    ),
    # STCFormer-L: twice as wide.
    _STCFORMER.record(
        "stcformer_l_243_h36m_cpn",
        window=243,
        arguments=dict(frames=243, channels=512),
        training=dict(fps=25.0),
        data="Human3.6M, 2D by CPN",
        reported=dict(mpjpe=40.5, p_mpjpe=31.8, parameters=18.91, source="paper, tables 1 and 4"),
        released=False,
    ),
)
