"""Detectron's and Detectron2's keypoints of a video, as VideoPose3D's inference scripts leave them: `clip.mp4.npz`.

    keypoints  (T,) of [nothing, (N, 4, 17)] per frame: x, y, a logit and a probability of COCO's keypoints of N people
    boxes      (T,) of [nothing, (N, 5)] per frame: x0, y0, x1, y1 and the box's score
    segments   (T,) not read
    metadata   {"w", "h"}

(github.com/facebookresearch/VideoPose3D, inference/infer_video.py and infer_video_d2.py.) The first of each pair stands
for the class "background". All of it is pickled, and read without running what a pickle asks for.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from in_the_wild import unpickle
from in_the_wild.errors import InputError
from in_the_wild.files import guarded
from in_the_wild.formats._fields import poses_of
from in_the_wild.formats._people import KeypointsFormat, People
from in_the_wild.formats._preview import Preview
from in_the_wild.poses import Poses

_EXPECTED = "Detectron's keypoints"
# What Detectron is this sure of is a person at all.
_SURE = 0.5


class Detectron(KeypointsFormat):
    """Keypoints of Detectron, of everybody in every frame."""

    title: ClassVar[str] = "Detectron's keypoints"
    suffixes: ClassVar[tuple[str, ...]] = (".npz",)

    @classmethod
    def recognises(cls, preview: Preview) -> bool:
        """See `Format.recognises`: by the names of the arrays."""
        return {"boxes", "segments", "keypoints", "metadata"} <= preview.arrays

    def read(self, path: Path) -> Poses:
        """See `Format.read`."""
        arrays = unpickle.load(path)
        with guarded(path, expected=_EXPECTED):
            people = People(path)
            for frame, (keypoints, boxes) in enumerate(zip(arrays["keypoints"], arrays["boxes"], strict=True)):
                for points, box in _people(path, keypoints, boxes):
                    if box[4] >= _SURE:
                        people.add(frame, points[:2].T.tolist(), points[3].tolist())
            about = arrays["metadata"]
            said = {"size": [int(about["w"]), int(about["h"])]} if {"w", "h"} <= set(about) else {}
            return poses_of(path, {**people.fields({17: ("coco17", 17)}), **said, "warnings": people.warnings}, self)


def _people(path: Path, keypoints: Any, boxes: Any) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Keypoints (4, 17) and box (5,) of everybody in a frame."""
    found, around = (np.asarray(classes[1], np.float64) for classes in (keypoints, boxes))
    if not found.size:
        return
    if found.ndim != 3 or found.shape[1:] != (4, 17) or around.shape != (len(found), 5):
        raise InputError(f"{path}: keypoints (people, 4, 17) and boxes (people, 5) of every frame were expected, found "
                         f"{found.shape} and {around.shape}.")  # fmt: skip
    yield from zip(found, around, strict=True)
