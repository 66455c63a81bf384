"""Human3.6M (Ionescu et al., TPAMI 2014) in VideoPose3D's files, which nearly every lifter was trained and tested on.

The 3D file has the 32 joints of the motion capture, several of which coincide; 17 are kept. With the 16 keypoints of a
stacked hourglass the joint between thorax and head goes too, as in P-STMO and STCFormer. Subjects S1, S5, S6, S7 and S8
train, S9 and S11 test (protocols 1 and 2 of the papers).

What the files have in common with other sets' is in `_videopose3d`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.skeletons import COCO17, HUMAN36M16, HUMAN36M17, MPII16, Skeleton
from pose3d_cli.datasets.prepared.sequences import Description
from pose3d_cli.datasets.readers._videopose3d import VideoPose3D

# The motion capture's joints, those that are kept under our names.
JOINTS32 = (
    "pelvis",
    *("right_hip", "right_knee", "right_ankle", "right_toe", "right_toe_tip"),
    *("left_hip", "left_knee", "left_ankle", "left_toe", "left_toe_tip"),
    *("lower_spine", "spine", "thorax", "neck", "head"),
    *("left_clavicle", "left_shoulder", "left_elbow", "left_wrist"),
    *("left_thumb", "left_thumb_tip", "left_hand", "left_hand_tip"),
    *("right_clavicle", "right_shoulder", "right_elbow", "right_wrist"),
    *("right_thumb", "right_thumb_tip", "right_hand", "right_hand_tip"),
)
_SPLITS = {
    **dict.fromkeys(("S1", "S5", "S6", "S7", "S8"), "train"),
    **dict.fromkeys(("S9", "S11"), "test"),
}


@dataclass(kw_only=True)
class Human36M(VideoPose3D):
    """Human3.6M.

    Args:
        source: Folder of the files.
        keypoints: Whose 2D keypoints: "cpn_ft_h36m_dbb", "gt", "detectron_ft_h36m", "detectron_pt_coco" or another that
            there is a file of.
    """

    layout: ClassVar[str] = (
        "data_3d_h36m.npz and data_2d_h36m_KEYPOINTS.npz (cpn_ft_h36m_dbb, gt, ...) as VideoPose3D's DATASETS.md makes "
        "them."
    )
    file_name: ClassVar[str] = "h36m"
    fps: ClassVar[float] = 50.0
    source_joints: ClassVar[int] = len(JOINTS32)
    skeleton: ClassVar[Skeleton] = HUMAN36M17
    keypoint_skeletons: ClassVar[tuple[Skeleton, ...]] = (HUMAN36M17, COCO17, MPII16)
    camera_table: ClassVar[str] = "human36m_cameras.json"

    keypoints: str = "cpn_ft_h36m_dbb"

    def describe(self) -> Description:
        """See `Reader.describe`."""
        return Description(
            name="human36m",
            inputs=self.keypoints,
            keypoint_skeleton=self.given.skeleton.name,
            joint_skeleton=self._kept.name,
            licence="Human3.6M's own: academic use only; cite Ionescu et al., TPAMI 2014 and ICCV 2011",
            notes={"cameras": "intrinsics with lens distortion, and places, as published with the data set"},
        )

    def person(self, subject: str) -> tuple[str, str]:
        """See `VideoPose3D.person`."""
        if subject not in _SPLITS:
            raise InputError(
                f"{self.source}: Human3.6M's subjects with published motion are {', '.join(_SPLITS)}, found {subject}; "
                "leave that one out."
            )
        return subject, _SPLITS[subject]

    def choose(self, joints: np.ndarray) -> np.ndarray:
        """See `VideoPose3D.choose`."""
        return joints[:, [JOINTS32.index(joint) for joint in self._kept.joints]]

    @property
    def _kept(self) -> Skeleton:
        return HUMAN36M16 if self.given.skeleton == MPII16 else HUMAN36M17
