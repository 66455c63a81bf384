"""VideoPose3D (CVPR 2019)."""

from __future__ import annotations

from in_the_wild.checkpoints.records.base import Project

_VIDEOPOSE3D = Project(
    model="videopose3d",
    arguments=dict(filter_widths=(3, 3, 3, 3, 3), joints=17, out_joints=17, channels=1024, causal=False),
    training=dict(
        input_skeleton="human36m17", output_skeleton="human36m17", fps=50.0, normalisation="image", metres=1.0
    ),
    licence="CC BY-NC 4.0",
    url="https://github.com/facebookresearch/VideoPose3D",
)

RECORDS = (
    # VideoPose3D with 243 frames.
    _VIDEOPOSE3D.record(
        "videopose3d_243_h36m_cpn",
        window=243,
        data="Human3.6M, 2D by CPN",
        reported=dict(mpjpe=46.8, p_mpjpe=36.5, parameters=17.0, source="README"),
        released=True,
        files=("pretrained_h36m_cpn.bin",),
    ),
    # VideoPose3D for keypoints of detectors trained on COCO; its error is not published. The older d-pt-243.bin,
    # which reads a score along with x and y, is another network.
    _VIDEOPOSE3D.record(
        "videopose3d_243_h36m_detectron_coco",
        window=243,
        training=dict(input_skeleton="coco17"),
        data="Human3.6M, 2D by Detectron (COCO)",
        reported=dict(note="its error on Human3.6M is not published"),
        released=True,
        files=("pretrained_h36m_detectron_coco.bin",),
    ),
    # VideoPose3D with 243 frames, on true 2D keypoints.
    _VIDEOPOSE3D.record(
        "videopose3d_243_h36m_gt",
        window=243,
        data="Human3.6M, true 2D",
        reported=dict(mpjpe=37.2, p_mpjpe=27.2, source="README"),
        released=False,
    ),
    # VideoPose3D with 27 frames.
    _VIDEOPOSE3D.record(
        "videopose3d_27_h36m_cpn",
        window=27,
        arguments=dict(filter_widths=(3, 3, 3)),
        data="Human3.6M, 2D by CPN",
        reported=dict(mpjpe=48.8, p_mpjpe=38.0, source="README"),
        released=False,
    ),
    # VideoPose3D on HumanEva-I, one network for Walk, Jog and Box. The detector's keypoints are COCO's 17 (issue 218).
    _VIDEOPOSE3D.record(
        "videopose3d_27_humaneva15",
        window=27,
        arguments=dict(filter_widths=(3, 3, 3), joints=17, out_joints=15),
        training=dict(input_skeleton="coco17", output_skeleton="humaneva15", fps=60.0),
        data="HumanEva-I (Walk, Jog, Box), 2D by Mask R-CNN",
        reported=dict(mpjpe=33.0, source="README"),
        released=True,
        files=("pretrained_humaneva15_detectron.bin",),
    ),
    # VideoPose3D with 81 frames.
    _VIDEOPOSE3D.record(
        "videopose3d_81_h36m_cpn",
        window=81,
        arguments=dict(filter_widths=(3, 3, 3, 3)),
        data="Human3.6M, 2D by CPN",
        reported=dict(mpjpe=47.7, p_mpjpe=37.2, source="README"),
        released=False,
    ),
)
