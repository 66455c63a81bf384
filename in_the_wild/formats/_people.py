"""What readers of other programs' 2D keypoints share: people as they stand in a file, as fields of poses.

Programs of this field write per person x, y and a confidence for each joint, in the order of a skeleton that the number
of joints tells, and mark what they did not see by zeros. Some number the people of each frame anew: such numbers are no
ids. It knows nothing about any one format.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.formats._fields import FieldsFormat

# The skeletons that numbers of joints stand for, and how many joints of those in the file are its own: whole-body
# keypoints begin with the body's.
SKELETONS: Mapping[int, tuple[str, int]] = {
    16: ("mpii16", 16),
    17: ("coco17", 17),
    26: ("halpe26", 26),
    133: ("coco17", 17),  # COCO-WholeBody
    136: ("halpe26", 26),  # Halpe-FullBody
}
# Share of the rows whose id somebody else has in the same frame, above which ids tell nobody apart.
_NO_IDS = 0.1


@dataclass(frozen=True, kw_only=True)
class KeypointsFormat(FieldsFormat):
    """A format of 2D keypoints that another program writes, and that is read alone; settings as of `FieldsFormat`."""

    writes: ClassVar[bool] = False


@dataclass
class People:
    """People met in a file.

    Attributes:
        path: The file.
        frames: (N) the frame of each.
        keypoints: (N) lists of numbers for each joint.
        scores: (N) confidences for each joint; empty where the numbers hold them.
        ids: (N) their ids, -1 where nobody gives one.
        warnings: What the user should know.
    """

    path: Path
    frames: list[int] = field(default_factory=list)
    keypoints: list[Any] = field(default_factory=list)
    scores: list[Any] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def add(self, frame: int, keypoints: Any, scores: Any = None, *, id: int = -1) -> None:
        """One more person: keypoints [x, y] for each joint with scores, or x, y, score of all joints in a row."""
        self.frames.append(frame)
        self.keypoints.append(keypoints)
        self.ids.append(id)
        if scores is not None:
            self.scores.append(scores)

    def fields(self, skeletons: Mapping[int, tuple[str, int]] = SKELETONS) -> dict[str, Any]:
        """The fields of poses, see `in_the_wild.formats._fields.poses_of`.

        Args:
            skeletons: What numbers of joints stand for, see `SKELETONS`.

        Raises:
            InputError: nobody, people of several numbers of joints, or of one that stands for no skeleton.
        """
        if not self.frames:
            raise InputError(f"{self.path} holds no people; was anybody found in the video?")
        values = self._numbers(self.keypoints, "keypoints")
        if self.scores:
            points, scores = values, self._numbers(self.scores, "scores")
        else:
            if values.ndim != 2 or values.shape[1] % 3:
                raise InputError(f"{self.path}: x, y and a confidence of every joint were expected, found "
                                 f"{values.shape[1:]} numbers of a person.")  # fmt: skip
            triples = values.reshape(len(values), -1, 3)
            points, scores = triples[..., :2], triples[..., 2]
        if points.ndim != 3 or points.shape[2] != 2 or scores.shape != points.shape[:2]:
            raise InputError(f"{self.path}: x, y and a confidence of every joint were expected, found keypoints of "
                             f"shape {points.shape[1:]} and scores of shape {scores.shape[1:]}.")  # fmt: skip
        skeleton, count = _skeleton(self.path, points.shape[1], skeletons)
        fields = {"keypoints": points[:, :count], "scores": confidences(scores[:, :count]), "skeleton": skeleton}
        return self._once_each({**fields, "frame": np.array(self.frames), "person": np.array(self.ids)})

    def _numbers(self, values: Sequence[Any], what: str) -> np.ndarray:
        try:
            found = np.array(values, dtype=np.float64)
        except (ValueError, TypeError, OverflowError) as error:
            raise InputError(
                f"{self.path}: numbers were expected of every person's {what}, as many of each; found others."
            ) from error
        return found

    def _once_each(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Nobody twice in a frame: of two with one id the surer one stays, and ids that tell nobody apart are none."""
        frame, person = fields["frame"], fields["person"]
        order = np.lexsort((-fields["scores"].mean(axis=1), person, frame))
        doubles = np.zeros(len(frame), bool)
        doubles[order[1:]] = (np.diff(frame[order]) == 0) & (np.diff(person[order]) == 0)
        doubles &= person >= 0
        if not doubles.any():
            return fields
        if doubles.mean() > _NO_IDS:
            return {**fields, "person": np.full_like(person, -1)}
        self.warnings.append(
            f"{int(doubles.sum())} of {len(frame)} people in {self.path.name} have the id of another one in the same "
            "frame; the surer of the two is taken."
        )
        return {name: value if name == "skeleton" else value[~doubles] for name, value in fields.items()}


def confidences(scores: np.ndarray) -> np.ndarray:
    """Scores from 0 to 1: peaks of heat maps may lie a little above, and other programs' below where nothing is."""
    return np.clip(np.nan_to_num(scores, nan=0.0, posinf=1.0, neginf=0.0), 0, 1)


def _skeleton(path: Path, joints: int, skeletons: Mapping[int, tuple[str, int]]) -> tuple[str, int]:
    if joints not in skeletons:
        known = ", ".join(f"{count} ({name})" for count, (name, _) in sorted(skeletons.items()))
        raise InputError(f"{path}: people of one of these numbers of joints were expected: {known}; found {joints}.")
    return skeletons[joints]
