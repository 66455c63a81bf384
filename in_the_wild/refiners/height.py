"""Height: people as tall as they are, and with them all that is in metres.

A single camera does not tell a large person far away from a small one near by; a tape measure does. Joints and the
root's path of a person are scaled alike, so that they are seen where they were. Solving the whole clip afterwards, as
`pose3d run` does, finds floor and camera height for people of this size, and keeps it. In a result that was solved
before, bones and the camera's height are scaled too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.heights import NOTE, Heights
from in_the_wild.poses import Poses
from in_the_wild.progress import More, nobody
from in_the_wild.refiners.base import Refiner
from in_the_wild.stature import stature
from in_the_wild.world import rescaled

_SOLVED = "whole_clip"  # the note that solving the whole clip leaves


@dataclass(frozen=True, kw_only=True)
class Height(Refiner):
    """Scales people to their heights.

    Args:
        metres: "1.80", everybody's height; "0:1.80,2:1.65", those of persons by their ids; or both. Nothing
            leaves people as they are.

    Raises:
        InputError: a height that nobody has.
    """

    spaces = ("camera",)
    smooths = False

    metres: str = ""

    def __post_init__(self) -> None:
        self._heights()

    def refine(self, person: Poses) -> Poses:
        """See `Refiner.refine`: the same rows."""
        scale = self._scale(person)
        root = None if person.root is None else scale * person.root
        return person.replace(keypoints=scale * person.keypoints, root=root)

    def __call__(self, poses: Poses, *, progress: More = nobody) -> Poses:
        """See `Refiner`.

        Raises:
            InputError: somebody is named who is not there.
        """
        heights = self._heights()
        strangers = sorted(set(heights.named) - set(poses.persons))
        if strangers and len(poses):
            ids = ", ".join(map(str, poses.persons)) or "none"
            raise InputError(f"There is no person {strangers[0]}, whose height was given; the ids are {ids}.")
        known = {person: metres for person in poses.persons if (metres := heights.of(person)) is not None}
        scales = {person: self._scale(poses.of_person(person)) for person in known}
        return _noted(super().__call__(poses, progress=progress), known, scales)

    def _heights(self) -> Heights:
        return Heights.parse(self.metres) if self.metres else Heights()

    def _scale(self, person: Poses) -> float:
        """By what a person is to be multiplied."""
        metres = self._heights().of(int(person.person_id[0]))
        if metres is None:
            return 1.0
        return metres / max(stature(person.keypoints.astype(np.float64), person.skeleton), 1e-3)


def _noted(poses: Poses, heights: Mapping[int, float], scales: Mapping[int, float]) -> Poses:
    """Scaled poses that say how tall people are, with the notes of an earlier solution scaled alike."""
    if not heights:
        return poses
    said = ", ".join(f"{metres:.2f} m for person {person}" for person, metres in heights.items())
    meta: dict[str, Any] = {NOTE: {
        str(person): {"metres": metres, "how": "given", "scaled_by": round(scales[person], 4)}
        for person, metres in heights.items()
    }}  # fmt: skip
    if "assumptions" in poses.meta:
        meta["assumptions"] = {**poses.meta["assumptions"], "scale": f"heights as given: {said}"}
    solved = poses.meta.get(_SOLVED)
    if solved:
        meta[_SOLVED] = {person: _scaled(found, scales.get(int(person), 1.0)) for person, found in solved.items()}
    together = float(np.exp(np.mean(np.log(list(scales.values())))))
    return rescaled(poses.with_meta(**meta), together)


def _scaled(found: Mapping[str, Any], scale: float) -> dict[str, Any]:
    """What solving found of a person, its bones scaled."""
    return {**found, "bones": {joint: round(scale * length, 4) for joint, length in found["bones"].items()}}
