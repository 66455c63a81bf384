"""How sure the detector was of joints: 0 is not seen, 1 is certain."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from in_the_wild.measures.curves import Curves
from in_the_wild.plots.base import OverTime
from in_the_wild.poses import Poses


class Score(OverTime):
    """Of keypoints their own; of joints those of the keypoints that they were lifted from."""

    quantity: ClassVar[str] = "Score"
    usual: ClassVar[tuple[str, ...]] = ("left_wrist", "right_wrist", "left_ankle", "right_ankle")
    limits: ClassVar[tuple[float, float] | None] = (0.0, 1.0)

    def curves(self, poses: Poses, of: str) -> Curves:
        """See `OverTime.curves`."""
        joint = poses.skeleton.index(of)
        values = {}
        for person in poses.persons:
            rows = poses.of_person(person)
            scores = np.full((poses.video.frames, 1), np.nan)
            scores[rows.frame, 0] = rows.scores[:, joint]
            values[person] = scores
        return Curves(poses.video.timestamps, ("",), "", values)
