"""The whole clip solved at once: constant bones, joints that land on the keypoints, feet that stand, no jitter.

Every person alone, by least squares over all frames (`_clip`). With the keypoints that the poses were lifted from, as
in `pose3d run`, the root's path is solved too; without them what is left are bones and accelerations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.lens import Lens
from in_the_wild.poses import Poses
from in_the_wild.refiners._clip import Clip, Sight, Solved, Trust, solve
from in_the_wild.refiners.base import Refiner
from in_the_wild.tracks import fill_track

# The note that says what solving them found.
_NOTE = "whole_clip"


@dataclass(frozen=True, kw_only=True)
class WholeClip(Refiner):
    """Solves every person's whole clip.

    Args:
        keypoints: Metres, at the person's depth, by which keypoints are usually off: smaller trusts them more.
        acceleration: Metres per second squared of usual joints: smaller is smoother.

    Raises:
        InputError: one of them is not above 0.
    """

    spaces = ("camera",)

    keypoints: float = 0.03
    acceleration: float = 15.0

    def __post_init__(self) -> None:
        if not (self.keypoints > 0 and self.acceleration > 0):
            raise InputError(
                f"Keypoints and acceleration above 0 were expected, found {self.keypoints} and {self.acceleration}."
            )

    def seeing(self, keypoints: Poses) -> Refiner:
        """See `Refiner.seeing`."""
        return _Seeing(self, keypoints)

    def refine(self, person: Poses) -> Poses:
        """See `Refiner.refine`: the same rows; one alone stays as it is."""
        return self.solve(person)[0] if len(person) > 1 else person

    def solve(self, person: Poses, keypoints: Poses | None = None) -> tuple[Poses, Solved]:
        """Solve one person, by rising frame.

        Args:
            person: In camera space, at least one row.
            keypoints: What the detector saw of him, image space.

        Returns:
            The same rows, and what solving them found.
        """
        root = np.zeros((len(person), 3)) if person.root is None else person.root.astype(np.float64)
        sight = None if keypoints is None or person.root is None else _sight(person, keypoints)
        clip = Clip(person.skeleton, person.seconds, person.keypoints.astype(np.float64), root, sight)
        solved = solve(clip, Trust(self.keypoints, self.acceleration))
        at = solved.positions[:, person.skeleton.root]
        refined = person.replace(keypoints=solved.positions - at[:, None], root=None if person.root is None else at)
        return refined, solved


class _Seeing(Refiner):
    """The same, with the keypoints that the poses were lifted from."""

    spaces = WholeClip.spaces

    def __init__(self, refiner: WholeClip, keypoints: Poses) -> None:
        self._refiner, self._keypoints = refiner, keypoints
        self._found: dict[str, Any] = {}

    @property
    def settings(self) -> Mapping[str, Any]:
        return self._refiner.settings

    def refine(self, person: Poses) -> Poses:
        if len(person) == 1:
            return person
        one = int(person.person_id[0])
        refined, solved = self._refiner.solve(person, self._keypoints.of_person(one))
        self._found[str(one)] = {
            "bones": {joint: round(length, 4) for joint, length in solved.bones.items()},
            "standing": {foot: _runs(person.frame, stands) for foot, stands in solved.standing.items()},
        }
        return refined

    def __call__(self, poses: Poses) -> Poses:
        self._found.clear()
        return super().__call__(poses).with_meta(**{_NOTE: dict(self._found)})


def _sight(person: Poses, keypoints: Poses) -> Sight | None:
    """What was seen of the joints that have sides, for in the middle no two skeletons mean the same.

    Returns:
        None where nothing was seen, or the lens is not known.
    """
    lens = Lens.noted(person.meta)
    skeleton, seen = person.skeleton, keypoints.skeleton
    common = [joint for j, joint in enumerate(skeleton.joints) if skeleton.side(j) != "middle" and joint in seen.joints]
    if not common or not len(keypoints) or lens is None:
        return None
    track = fill_track(lens.rectified(keypoints))
    at = person.frame - track.frame[0]
    inside = (at >= 0) & (at < len(track.frame))
    at = np.clip(at, 0, len(track.frame) - 1)
    columns = seen.indices(*common)
    camera = lens.pinhole(width=person.video.width, height=person.video.height)
    rays = (track.pixels[at][:, columns] - camera.centre) / camera.focal
    weights = np.clip(track.scores[at][:, columns], 0, 1) * inside[:, None]
    return Sight(skeleton.indices(*common), rays, weights)


def _runs(frame: np.ndarray, stands: np.ndarray) -> list[list[int]]:
    """The frames (first, last) between which something holds (T,)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], stands, [False]]).astype(int)))
    return [[int(frame[begin]), int(frame[end - 1])] for begin, end in edges.reshape(-1, 2)]
