"""The whole clip solved at once: constant bones, joints that land on the keypoints, feet that stand, no jitter.

Every person's frames are solved together by least squares (`_solving`). With the keypoints that the poses were lifted
from, as in `pose3d run`, the root's path is solved too, and everybody tells together where the ground is (`ground`):
people stand on one floor, balance over their feet, and are of sizes that fit. Without keypoints what is left are bones
and accelerations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from in_the_wild import balance
from in_the_wild.errors import InputError
from in_the_wild.ground import ANKLE, Evidence, Ground, estimate
from in_the_wild.heights import NOTE as HEIGHTS
from in_the_wild.lens import Lens
from in_the_wild.poses import Poses
from in_the_wild.progress import More, nobody
from in_the_wild.refiners._clip import Clip, Floor, Sight
from in_the_wild.refiners._feet import contacts, feet_of, runs
from in_the_wild.refiners._solving import Solved, Trust, solve
from in_the_wild.refiners.base import Refiner
from in_the_wild.tracks import fill_track
from in_the_wild.world import GROUND_NOTE, is_steep, noted

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
        return self.refine_telling(person, nobody)

    def refine_telling(self, person: Poses, progress: More) -> Poses:
        """See `Refiner.refine_telling`."""
        return _placed(person, self.solve(_clip(person, None), progress).positions, None) if len(person) > 1 else person

    def solve(self, clip: Clip, progress: More = nobody) -> Solved:
        """Solve one person; told how many more frames are solved."""
        return solve(clip, Trust(self.keypoints, self.acceleration), progress)


class _Seeing(Refiner):
    """The same, with the keypoints that the poses were lifted from."""

    spaces = WholeClip.spaces

    def __init__(self, refiner: WholeClip, keypoints: Poses) -> None:
        self._refiner, self._keypoints = refiner, keypoints
        self._begun: dict[int, Clip] = {}
        self._solved: dict[int, Solved] = {}

    @property
    def settings(self) -> Mapping[str, Any]:
        return self._refiner.settings

    def refine(self, person: Poses) -> Poses:
        return self.refine_telling(person, nobody)

    def refine_telling(self, person: Poses, progress: More) -> Poses:
        if len(person) == 1:
            return person
        one = int(person.person_id[0])
        self._solved[one] = self._refiner.solve(self._begun[one], progress)
        return _placed(person, self._solved[one].positions, self._begun[one].sight)

    def __call__(self, poses: Poses, *, progress: More = nobody) -> Poses:
        people = {person: poses.of_person(person) for person in poses.persons}
        seen = {one: _clip(person, self._keypoints.of_person(one)) for one, person in people.items()}
        shots, heights = _shots(people, poses.meta.get("cuts", [])), poses.meta.get(HEIGHTS, {})
        self._begun, self._solved = {}, {}
        for ids in shots.values():
            ground = _ground([_unsolved(seen[one], str(one) in heights) for one in ids])
            for k, one in enumerate(ids):
                self._begun[one] = seen[one] if ground is None else _on_ground(seen[one], ground, ground.sizes[k])
        refined = super().__call__(poses, progress=progress)
        notes = {str(one): _found(people[one], solved) for one, solved in self._solved.items()}
        grounds = [self._ground_note(poses, first, ids) for first, ids in shots.items()]
        return refined.with_meta(**{_NOTE: notes, GROUND_NOTE: [note for note in grounds if note is not None]})

    def _ground_note(self, poses: Poses, first: int, ids: list[int]) -> dict[str, Any] | None:
        """What a shot that begins with a frame tells of the ground, once it is solved."""
        heights = poses.meta.get(HEIGHTS, {})
        solved = [
            _evidence(self._begun[one], self._solved[one].positions, self._solved[one].contacts, str(one) in heights)
            for one in ids
            if one in self._solved
        ]
        ground = _ground(solved)
        if ground is None:
            return None
        stands = sum(len(one.contacts) for one in solved)
        return noted(ground, start=float(poses.video.timestamps[first]), stands=stands)


def _shots(people: Mapping[int, Poses], cuts: Sequence[int]) -> dict[int, list[int]]:
    """The people of each shot, by its first frame; nobody is in two."""
    firsts = np.array([0, *cuts])
    shots: dict[int, list[int]] = {}
    for one, person in people.items():
        first = int(firsts[np.searchsorted(firsts, person.frame[0], side="right") - 1])
        shots.setdefault(first, []).append(one)
    return dict(sorted(shots.items()))


def _on_ground(clip: Clip, ground: Ground, size: float) -> Clip:
    """A clip of somebody who is so many times larger than he looked, on the floor, and in balance."""
    joints = clip.joints
    if balance.can_tell(clip.skeleton):
        joints = balance.uprighted(joints, clip.skeleton, ground.up, step=clip.step)
    floor = None if ground.camera_height is None else Floor(ground.up, ANKLE - ground.camera_height)
    return replace(clip, joints=size * joints, root=size * clip.root, floor=floor)


def _clip(person: Poses, keypoints: Poses | None) -> Clip:
    """One person by rising frame, with what the detector saw of him where it is known."""
    root = np.zeros((len(person), 3)) if person.root is None else person.root.astype(np.float64)
    sight = None if keypoints is None or person.root is None else _sight(person, keypoints)
    joints = person.keypoints.astype(np.float64)
    if sight is not None and sight.turns is not None:
        joints, root = joints @ sight.turns, (root[:, None] @ sight.turns)[:, 0]
    return Clip(person.skeleton, person.seconds, joints, root, sight)


def _placed(person: Poses, positions: np.ndarray, sight: Sight | None) -> Poses:
    """The same rows with joints at these positions (T, J, 3), metres in the space of the clip."""
    if sight is not None:
        positions = sight.seen(positions)
    at = positions[:, person.skeleton.root]
    return person.replace(keypoints=positions - at[:, None], root=None if person.root is None else at)


def _ground(evidence: Sequence[Evidence]) -> Ground | None:
    """The ground that people tell of; None where nobody's path is known, or they lie."""
    if not any(one.plumb.any() for one in evidence):
        return None
    found = estimate(evidence)
    return None if is_steep(found.up) else found


def _unsolved(clip: Clip, of_known_size: bool) -> Evidence:
    """What a person says of the ground before he is solved, by feet that hardly move across the view."""
    positions, feet = clip.joints + clip.root[:, None], feet_of(clip)
    return _evidence(clip, positions, contacts(positions[:, feet.joints], feet.standing), of_known_size)


def _evidence(clip: Clip, positions: np.ndarray, stood: np.ndarray, of_known_size: bool) -> Evidence:
    """What a person at these positions (T, J, 3) says, whose feet stood at some places (K, 3); nothing where his path
    is not known."""
    if clip.sight is None or not balance.can_tell(clip.skeleton):
        return Evidence(np.zeros(3), np.zeros((0, 3)))
    return Evidence(balance.plumb_lines(positions, clip.skeleton).sum(axis=0), stood, of_known_size)


def _found(person: Poses, solved: Solved) -> dict[str, Any]:
    """What solving a person's clip tells, for the notes."""
    return {
        "bones": {joint: round(length, 4) for joint, length in solved.bones.items()},
        "standing": {
            person.skeleton.joints[foot]: [
                [int(person.frame[begin]), int(person.frame[end - 1])] for begin, end in runs(stands)
            ]
            for foot, stands in zip(solved.feet, solved.standing.T, strict=True)
        },
    }


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
    return Sight(skeleton.indices(*common), rays, weights, lens.turns_of(person))
