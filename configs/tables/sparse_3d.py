# 3D poses of another network on one frame in ten, and what is made of them on every frame.
title = "3D poses on one frame in ten, filled in: errors in mm, acceleration in mm/frame²"
data = "human36m_fcn"
inputs = "fcn"
metrics = ["mpjpe", "acceleration"]
# What several rows say alike.
cited = dict(source="MixSynthFormer's table 2", status="cited")
deciwatch = dict(method="DeciWatch", frames=101, source="doc/evaluate.md", status="authors")
mixsynthformer = dict(method="MixSynthFormer", status="authors")
smpl = dict(method="MixSynthFormer, SMPL", source="its errors are of SMPL's body, which cannot be shipped")
spin, eft, pare = (dict(data="pw3d", inputs=estimator) for estimator in ("spin", "eft", "pare"))
dance = dict(data="aist", inputs="spin")
rows = [
    dict(method="FCN, every frame", mpjpe=54.6, acceleration=19.2, **cited),
    dict(**deciwatch, mpjpe=52.83, acceleration=1.47),
    dict(**mixsynthformer, record="mixsynthformer_h36m_fcn", config="mixsynthformer_h36m_fcn"),
    dict(method="SPIN, every frame", **spin, mpjpe=96.6, acceleration=34.7, **cited),
    dict(**deciwatch, **spin, mpjpe=93.34, acceleration=7.06),
    dict(**mixsynthformer, **spin, record="mixsynthformer_3dpw_spin", config="mixsynthformer_pw3d_spin"),
    dict(method="EFT, every frame", **eft, mpjpe=90.3, acceleration=32.8, **cited),
    dict(**deciwatch, **eft, mpjpe=89.02, acceleration=6.84),
    dict(**mixsynthformer, **eft, record="mixsynthformer_3dpw_eft", config="mixsynthformer_pw3d_eft"),
    dict(method="PARE, every frame", **pare, mpjpe=78.9, acceleration=25.7, **cited),
    dict(**deciwatch, **pare, mpjpe=77.16, acceleration=6.90),
    dict(**mixsynthformer, **pare, record="mixsynthformer_3dpw_pare", config="mixsynthformer_pw3d_pare"),
    dict(method="SPIN, every frame", **dance, mpjpe=107.7, acceleration=33.8, **cited),
    dict(
        deciwatch,
        **dance,
        mpjpe=71.27,
        acceleration=5.68,
        source="doc/evaluate.md; acceleration 7.1 in MixSynthFormer's table 2",
    ),
    dict(**mixsynthformer, **dance, record="mixsynthformer_aist_spin", config="mixsynthformer_aist_spin"),
    dict(**smpl, **pare, frames=51, config="mixsynthformer_pw3d_pare_smpl"),
    dict(**smpl, **dance, frames=101, config="mixsynthformer_aist_spin_smpl"),
]
del cited, deciwatch, mixsynthformer, smpl, spin, eft, pare, dance
notes = [
    "MixSynthFormer's table says one frame in ten for all; its authors' configuration for PARE says one in five, and "
    "so does ours. Their released evaluation feeds the true poses (lib/utils/eval_metrics.py): these numbers cannot be "
    "checked with it.",
]
