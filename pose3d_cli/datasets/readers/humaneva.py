"""HumanEva-I (Sigal et al., IJCV 2010) in VideoPose3D's files, with 15 joints.

Subjects are called "Train/S1" and "Validate/S1" there: the first part is the split, and everybody is in both. Motion
capture has gaps, so that takes come in chunks, "Walking 1 chunk0"; an action keeps the take and loses the chunk. What
begins with "Unlabeled/" has no joints and is left out. The cameras' places are known, their focal lengths are not.

What the files have in common with other sets' is in `_videopose3d`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from in_the_wild.errors import InputError
from in_the_wild.skeletons import COCO17, HUMANEVA15, Skeleton
from pose3d_cli.datasets.prepared.sequences import Description
from pose3d_cli.datasets.readers._videopose3d import VideoPose3D

_SPLITS = {"Train": "train", "Validate": "test"}
_UNLABELLED = "Unlabeled"


@dataclass(kw_only=True)
class HumanEva(VideoPose3D):
    """HumanEva-I.

    Args:
        source: Folder of the files.
        keypoints: Whose 2D keypoints: "gt", "detectron_pt_coco" or another that there is a file of.
    """

    layout: ClassVar[str] = (
        "data_3d_humaneva15.npz and data_2d_humaneva15_KEYPOINTS.npz (gt, detectron_pt_coco) as VideoPose3D's "
        "DATASETS.md makes them, with 15 joints and not with 20."
    )
    file_name: ClassVar[str] = "humaneva15"
    fps: ClassVar[float] = 60.0
    source_joints: ClassVar[int] = len(HUMANEVA15)
    skeleton: ClassVar[Skeleton] = HUMANEVA15
    keypoint_skeletons: ClassVar[tuple[Skeleton, ...]] = (HUMANEVA15, COCO17)
    camera_table: ClassVar[str] = "humaneva_cameras.json"

    keypoints: str = "gt"

    def describe(self) -> Description:
        """See `Reader.describe`."""
        return Description(
            name="humaneva",
            inputs=self.keypoints,
            keypoint_skeleton=self.given.skeleton.name,
            joint_skeleton=HUMANEVA15.name,
            licence="HumanEva's own: research only; cite Sigal, Balan and Black, IJCV 2010",
            notes={"cameras": "places as VideoPose3D gives them; it gives no focal lengths"},
        )

    def person(self, subject: str) -> tuple[str, str] | None:
        """See `VideoPose3D.person`."""
        part, _, name = subject.partition("/")
        if part == _UNLABELLED:
            return None
        if part not in _SPLITS or not name:
            raise InputError(
                f'{self.source}: subjects "Train/S1" and "Validate/S1" were expected, found "{subject}"; make the '
                "files with VideoPose3D's prepare_data_humaneva.py."
            )
        return name, _SPLITS[part]

    def action(self, name: str) -> str:
        """See `VideoPose3D.action`."""
        return re.sub(r" chunk\d+$", "", name)
