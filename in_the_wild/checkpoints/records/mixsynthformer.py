"""MixSynthFormer (ICCV 2023). Its authors publish no weights, so none has a file."""

from __future__ import annotations

from in_the_wild.checkpoints.records.base import Project

_MIXSYNTHFORMER = Project(
    model="mixsynthformer",
    family="refiners",
    arguments=dict(coordinates=51, interval=10, segments=10, channels=64, hidden=128, layers=4),
    training={},
    licence="none given by the authors",
    url="https://github.com/ireneesun/MixSynthFormer",
)

RECORDS = (
    # Poses of EFT on every tenth frame, as the authors' configuration says; 14 joints.
    _MIXSYNTHFORMER.record(
        "mixsynthformer_3dpw_eft",
        window=51,
        arguments=dict(coordinates=42, interval=10, segments=5, channels=32, hidden=64),
        training=dict(space="", skeleton=""),
        data="3DPW, 3D by EFT",
        reported=dict(mpjpe=88.1, acceleration=6.3, source="paper, table 2"),
        released=False,
    ),
    # Poses of PARE on every fifth frame, as the authors' configuration says; 14 joints.
    _MIXSYNTHFORMER.record(
        "mixsynthformer_3dpw_pare",
        window=51,
        arguments=dict(coordinates=42, interval=5, segments=10, channels=32, hidden=64),
        training=dict(space="", skeleton=""),
        data="3DPW, 3D by PARE",
        reported=dict(mpjpe=76.5, acceleration=6.7, source="paper, table 2"),
        released=False,
    ),
    # Poses of SPIN on every tenth frame, as the authors' configuration says; 14 joints.
    _MIXSYNTHFORMER.record(
        "mixsynthformer_3dpw_spin",
        window=51,
        arguments=dict(coordinates=42, interval=10, segments=5, channels=32, hidden=64),
        training=dict(space="", skeleton=""),
        data="3DPW, 3D by SPIN",
        reported=dict(mpjpe=91.2, acceleration=6.8, source="paper, table 2"),
        released=False,
    ),
    # Poses of SPIN on every tenth frame; 14 joints.
    _MIXSYNTHFORMER.record(
        "mixsynthformer_aist_spin",
        window=101,
        arguments=dict(coordinates=42, channels=128, hidden=256, layers=5),
        training=dict(space="", skeleton=""),
        data="AIST++, 3D by SPIN",
        reported=dict(mpjpe=71.2, acceleration=4.7, source="paper, table 2"),
        released=False,
    ),
    # Poses of a single-frame network (FCN) on every tenth frame.
    _MIXSYNTHFORMER.record(
        "mixsynthformer_h36m_fcn",
        window=101,
        training=dict(space="camera", skeleton="human36m17"),
        data="Human3.6M, 3D by FCN",
        reported=dict(mpjpe=50.9, acceleration=1.5, source="paper, table 2"),
        released=False,
    ),
    # 2D keypoints of SimplePose on every tenth frame; 15 joints. Errors are PCK at 0.2, 0.1 and 0.05 of the box.
    _MIXSYNTHFORMER.record(
        "mixsynthformer_jhmdb_simplepose",
        window=11,
        arguments=dict(coordinates=30, segments=1, channels=128, hidden=256, layers=5),
        training=dict(space="", skeleton=""),
        data="Sub-JHMDB, 2D by SimplePose",
        reported=dict(pck_2d=(99.3, 95.1, 80.7), source="paper, table 1"),
        released=False,
    ),
)
