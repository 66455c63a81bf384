"""P-STMO (ECCV 2022). Its refine module and its pre-training files are no lifters."""

from __future__ import annotations

from in_the_wild.checkpoints.records.base import Project

_PSTMO = Project(
    model="pstmo",
    arguments=dict(frames=243, joints=17, out_joints=17, channels=256, hidden=512, layers=3),
    training=dict(
        input_skeleton="human36m17", output_skeleton="human36m17", fps=25.0, normalisation="image", metres=1.0
    ),
    licence="MIT",
    url="https://github.com/paTRICK-swk/P-STMO",
)

RECORDS = (
    # P-STMO: four layers.
    _PSTMO.record(
        "pstmo_243_h36m_cpn",
        window=243,
        arguments=dict(layers=4),
        data="Human3.6M, 2D by CPN",
        reported=dict(mpjpe=42.8, p_mpjpe=34.4, parameters=6.7, source="paper, table 1; README"),
        released=True,
        files=("PSTMO_no_refine_11_4288_h36m_cpn.pth",),
    ),
    # P-STMO trained along with its refine module; the published error is that module's.
    _PSTMO.record(
        "pstmo_243_h36m_cpn_refine",
        window=243,
        arguments=dict(layers=4),
        data="Human3.6M, 2D by CPN",
        reported=dict(
            mpjpe=42.1,
            parameters=6.7,
            source="paper, table 1",
            note="with PSTMO_refine_6_4215_h36m_cpn.pth, which uses ground truth",
        ),
        released=True,
        files=("PSTMO_no_refine_6_4215_h36m_cpn.pth",),
    ),
    # P-STMO-S: three layers.
    _PSTMO.record(
        "pstmo_s_243_h36m_cpn",
        window=243,
        data="Human3.6M, 2D by CPN",
        reported=dict(mpjpe=43.0, parameters=6.2, source="paper, table 1; README"),
        released=True,
        files=("PSTMOS_no_refine_28_4306_h36m_cpn.pth",),
    ),
    # P-STMO-S on true 2D keypoints.
    _PSTMO.record(
        "pstmo_s_243_h36m_gt",
        window=243,
        data="Human3.6M, true 2D",
        reported=dict(mpjpe=29.3, parameters=6.2, source="paper, table 1"),
        released=True,
        files=("PSTMOS_no_refine_15_2936_h36m_gt.pth",),
    ),
    # P-STMO-S for keypoints of detectors trained on COCO.
    _PSTMO.record(
        "pstmo_s_243_in_the_wild",
        window=243,
        training=dict(input_skeleton="coco17"),
        data="Human3.6M, 2D by Detectron (COCO)",
        reported=dict(mpjpe=51.4, parameters=6.2, source="file name; issue 7"),
        released=True,
        files=("PSTMOS_no_refine_48_5137_in_the_wild.pth",),
    ),
    # P-STMO-S with 27 frames, every 9th of the video.
    _PSTMO.record(
        "pstmo_s_27_h36m_cpn",
        window=27,
        arguments=dict(frames=27),
        training=dict(fps=50 / 9),
        data="Human3.6M, 2D by CPN",
        reported=dict(mpjpe=46.1, parameters=4.6, source="paper, table 5"),
        released=False,
    ),
    # P-STMO-S on MPI-INF-3DHP, in millimetres; 11 of its 16 training sequences have 25 frames/s, 5 have 50.
    _PSTMO.record(
        "pstmo_s_81_3dhp",
        window=81,
        arguments=dict(frames=81),
        training=dict(input_skeleton="mpi_inf_3dhp17", output_skeleton="mpi_inf_3dhp17", metres=0.001),
        data="MPI-INF-3DHP, true 2D",
        reported=dict(mpjpe=32.2, pck=97.9, auc=75.8, source="paper, table 2"),
        released=True,
        files=("PSTMOS_no_refine_50_3203_3dhp.pth",),
    ),
    # P-STMO-S with 81 frames, every third of the video.
    _PSTMO.record(
        "pstmo_s_81_h36m_cpn",
        window=81,
        arguments=dict(frames=81),
        training=dict(fps=50 / 3),
        data="Human3.6M, 2D by CPN",
        reported=dict(mpjpe=44.1, parameters=5.4, source="paper, table 5"),
        released=False,
    ),
)
