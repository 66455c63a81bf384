"""Cautions: which seconds and which joints of a result not to trust, why, and what to do about it.

    for said in sentences(cautions(keypoints)): ...

They are read off the keypoints that were lifted: who is small, cut off by the picture's edge, hidden or crossed by
somebody else, who moves as nobody can, and how often the video shows what happens. One caution is of one reason and one
person, over the seconds in which it holds; where all is well there is none.

It knows nothing about how results are shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from in_the_wild.leaps import Leap, leaps
from in_the_wild.poses import Poses

# The note of poses that holds them.
NOTE = "cautions"

Reason = Literal[
    "unseen", "out of the picture", "people crossing", "impossible motion", "tiny person", "low frame rate"
]

# The joints that a result stands on; a hidden ear is no loss.
_LIMBS = ("elbow", "wrist", "hip", "knee", "ankle")
_GUESSED = 0.065  # a joint of a lower score is a guess: those score 0.05 at most, what the own body hides 0.08 and more
_LONG_S = 1.0  # seconds for which something must hold to be worth a word
_BRIDGED_S = 0.3  # seconds of better that are no end of it
_TINY = 70  # pixels of a person's height, from the highest to the lowest joint, in the median
_SLOW = 15.0  # frames a second below which fast limbs are not followed
_CROSSING = 0.35  # share of the smaller of two people's boxes that the other one covers
_CROSSED_S = 0.2
_HIDDEN_S = 1.0  # seconds for which somebody is hidden by the other one, and still there
_AROUND_S = 0.1  # seconds around what was misread that follow it
_TOLD = 3  # stretches of a reason that are told one by one

_ADVICE: dict[Reason, str] = {
    "unseen": "do not use these joints there, or film from where they are seen",
    "out of the picture": "do not use these joints there, or film with the whole body in the picture",
    "people crossing": "look whether each one keeps the own limbs there; --persons chooses whom to keep",
    "impossible motion": "look at the film there, and leave these frames out",
    "tiny person": "film nearer, or at a higher resolution",
    "low frame rate": "film at 25 frames a second or more",
}


@dataclass(frozen=True)
class Caution:
    """Something not to be trusted.

    Attributes:
        start: Seconds from which.
        end: Seconds until which.
        person: The id; None where it is everybody.
        joints: By name; none where it is all of them.
        why: The reason.
    """

    start: float
    end: float
    person: int | None
    joints: tuple[str, ...]
    why: Reason

    @property
    def advice(self) -> str:
        """What to do."""
        return _ADVICE[self.why]

    @property
    def note(self) -> dict[str, Any]:
        """The same as JSON types, seconds rounded to milliseconds."""
        return {
            "from": round(self.start, 3),
            "to": round(self.end, 3),
            "person": self.person,
            "joints": list(self.joints),
            "why": self.why,
            "what_to_do": self.advice,
        }

    @classmethod
    def of_note(cls, note: Mapping[str, Any]) -> Caution:
        """The inverse of `note`."""
        return cls(note["from"], note["to"], note["person"], tuple(note["joints"]), note["why"])


def cautions(keypoints: Poses) -> list[Caution]:
    """All cautions that keypoints call for, by time.

    Args:
        keypoints: Tracked, image space, as they are lifted.
    """
    if not len(keypoints):
        return []
    found = [*_of_video(keypoints)]
    people = [keypoints.of_person(person) for person in keypoints.persons]
    for person in people:
        found += [*_of_size(person), *_of_joints(person), *_of_leaps(person)]
    found += _crossings(people)
    return sorted(found, key=lambda one: (one.start, one.person or 0, one.why))


def sentences(found: Sequence[Caution]) -> list[str]:
    """One sentence for each reason and person, with its seconds, its joints and what to do.

    What is said of the whole body and what of single joints are two.
    """
    grouped: dict[tuple[Reason, int | None, bool], list[Caution]] = {}
    for one in found:
        grouped.setdefault((one.why, one.person, bool(one.joints)), []).append(one)
    return [_sentence(why, person, group) for (why, person, _), group in grouped.items()]


def _sentence(why: Reason, person: int | None, group: Sequence[Caution]) -> str:
    who = "" if person is None else f" of person {person}"
    when = ", ".join(f"{one.start:.1f}-{one.end:.1f} s" for one in group[:_TOLD])
    rest = len(group) - _TOLD
    more = "" if rest <= 0 else " and once more" if rest == 1 else f" and {rest} times more"
    joints = dict.fromkeys(joint.replace("_", " ") for one in group for joint in one.joints)
    what = f"{', '.join(joints)}{who}" if joints else f"everything{who}"
    return f"Do not trust {what} at {when}{more} ({why}): {_ADVICE[why]}."


def _of_video(keypoints: Poses) -> Iterator[Caution]:
    times, fps = keypoints.seconds, keypoints.video.fps
    start, end = float(times.min()), float(times.max())
    if end - start >= _LONG_S and fps < _SLOW:
        yield Caution(start, end, None, _limbs(keypoints, ("elbow", "wrist", "knee", "ankle")), "low frame rate")


def _of_size(person: Poses) -> Iterator[Caution]:
    heights = np.ptp(person.keypoints[..., 1], axis=1)
    start, end = float(person.seconds[0]), float(person.seconds[-1])
    if np.median(heights) < _TINY and end - start >= _LONG_S:
        yield Caution(start, end, int(person.person_id[0]), (), "tiny person")


def _of_joints(person: Poses) -> Iterator[Caution]:
    """Joints that are not seen for a while, those that are lost together as one."""
    size = np.array([person.video.width, person.video.height])
    outside = ((person.keypoints < 0) | (person.keypoints >= size)).any(axis=2)
    unseen = person.scores < _GUESSED
    reasons: tuple[tuple[Reason, np.ndarray], ...] = (("out of the picture", outside), ("unseen", unseen & ~outside))
    for why, lost in reasons:
        together: dict[tuple[float, float], list[tuple[float, float, str]]] = {}
        for joint in _limbs(person, _LIMBS):
            for span in _spans(person.seconds, lost[:, person.skeleton.index(joint)], _LONG_S):
                # Joints that are lost and seen again at about the same time are told together.
                key = next((other for other in together if np.abs(np.subtract(span, other)).max() < _LONG_S), span)
                together.setdefault(key, []).append((*span, joint))
        for group in together.values():
            starts, ends, joints = zip(*group, strict=True)
            yield Caution(min(starts), max(ends), int(person.person_id[0]), joints, why)


def _of_leaps(person: Poses) -> Iterator[Caution]:
    """Moments in which somebody, or limbs, move as nobody can; those that follow one another as one."""
    who, found = int(person.person_id[0]), list(leaps(person))
    first, last = float(person.seconds[0]), float(person.seconds[-1])
    for some in ([one for one in found if not one.joint], [one for one in found if one.joint]):
        together: list[list[Leap]] = []
        for leap in sorted(some, key=lambda one: one.start):
            if together and leap.start <= max(one.end for one in together[-1]) + 2 * _AROUND_S:
                together[-1].append(leap)
            else:
                together.append([leap])
        for those in together:
            start, end = those[0].start - _AROUND_S, max(one.end for one in those) + _AROUND_S
            joints = tuple(dict.fromkeys(one.joint for one in those if one.joint))
            yield Caution(max(start, first), min(end, last), who, joints, "impossible motion")


def _crossings(people: Sequence[Poses]) -> Iterator[Caution]:
    paths = [_boxes(person) for person in people]
    for k, (one, (frames, mine)) in enumerate(zip(people, paths, strict=True)):
        for other, (others, theirs) in zip(people[:k], paths, strict=False):
            common, at, there = np.intersect1d(frames, others, return_indices=True)
            if len(common):
                covered = _covered(mine[at], theirs[there]) > _CROSSING
                for start, end in _spans(one.video.timestamps[common], covered, _CROSSED_S):
                    for person in (other, one):
                        yield Caution(start, end, int(person.person_id[0]), (), "people crossing")


def _boxes(person: Poses) -> tuple[np.ndarray, np.ndarray]:
    """Frames (T,), and a person's boxes (T, 4): left, top, right, bottom; who is hidden for a moment goes on."""
    seen = np.concatenate([person.keypoints.min(axis=1), person.keypoints.max(axis=1)], axis=1)
    frames = np.concatenate([np.arange(run.frame[0], run.frame[-1] + 1) for run in person.runs(_HIDDEN_S)])
    return frames, np.stack([np.interp(frames, person.frame, side) for side in seen.T], axis=1)


def _covered(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(T,) the share of the smaller of two people's boxes (T, 4) that both cover."""
    both = np.minimum(one[:, 2:], other[:, 2:]) - np.maximum(one[:, :2], other[:, :2])
    smaller = np.minimum(*((boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (one, other)))
    share: np.ndarray = np.maximum(both, 0).prod(axis=1) / np.maximum(smaller, 1.0)
    return share


def _limbs(poses: Poses, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(joint for joint in poses.joints if joint.removeprefix("left_").removeprefix("right_") in names)


def _spans(seconds: np.ndarray, holds: np.ndarray, shortest: float) -> Iterator[tuple[float, float]]:
    """Seconds between which something holds (T,), for so long at least; a moment without it is no end."""
    at = seconds[holds]
    if not len(at):
        return
    for part in np.split(at, np.flatnonzero(np.diff(at) > _BRIDGED_S) + 1):
        if part[-1] - part[0] >= shortest:
            yield float(part[0]), float(part[-1])
