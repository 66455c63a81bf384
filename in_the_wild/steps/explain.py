"""Explain: keypoints in, why each of them, and each joint that was made of them, is where it is, or not there, out.

Reasons follow from what tracking and cleaning note. A joint in the middle of the body, which detectors do not find, is
as well known as the worst of shoulders and hips. `in_the_wild.reasons` says what the numbers mean.
"""

from __future__ import annotations

import numpy as np

from in_the_wild import unseen
from in_the_wild.poses import Poses
from in_the_wild.reasons import NAMES, UNSEEN, Reason
from in_the_wild.skeletons import COCO17, Skeleton
from in_the_wild.steps.clean import NOTE as CLEANED
from in_the_wild.steps.clean import joints_of
from in_the_wild.steps.remap import remap

_TOLD = 3  # gaps that are told one by one
_TRUNK = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")


def explained(keypoints: Poses) -> np.ndarray:
    """(N, J) the reasons of tracked keypoints in the picture, by their notes."""
    reasons = np.full(keypoints.scores.shape, Reason.SEEN, np.uint8)
    looks = keypoints.meta.get("looks")
    if looks is not None:
        reasons[~np.isin(keypoints.frame, looks)] = Reason.FILLED
    for person, mended in keypoints.meta.get(CLEANED, {}).items():
        own = keypoints.person_id == int(person)
        for first, last, part, why in mended:
            rows = own & (keypoints.frame >= first) & (keypoints.frame <= last)
            columns = list(keypoints.skeleton.indices(*joints_of(part, keypoints.skeleton)))
            reasons[np.ix_(rows, columns)] = np.maximum(reasons[np.ix_(rows, columns)], Reason[why.upper()])
    points = keypoints.keypoints
    outside = ((points < 0) | (points >= (keypoints.video.width, keypoints.video.height))).any(axis=2)
    reasons[outside] = Reason.OUTSIDE
    reasons[(keypoints.scores <= UNSEEN) & (reasons < Reason.OUTLIER)] = Reason.GUESSED
    return reasons


def with_reasons(poses: Poses, keypoints: Poses) -> Poses:
    """Lifted poses with the reasons of the keypoints that they were made from; rows that have none were filled."""
    found = explained(keypoints)
    columns = [_sources(joint, keypoints.skeleton) for joint in poses.joints]
    row = {key: at for at, key in enumerate(zip(keypoints.frame.tolist(), keypoints.person_id.tolist(), strict=True))}
    at = np.array([row.get(key, -1) for key in zip(poses.frame.tolist(), poses.person_id.tolist(), strict=True)], int)
    reasons = np.full(poses.scores.shape, Reason.FILLED, np.uint8)
    known = at >= 0
    for j, sources in enumerate(columns):
        if sources:
            reasons[known, j] = found[at[known]][:, sources].max(axis=1)
    return poses.replace(reasons=reasons).with_meta(reasons=list(NAMES))


def without_unseen(poses: Poses, keypoints: Poses) -> Poses:
    """Solved poses of which no joint that the picture hides scores as if it were seen; see `in_the_wild.unseen`.

    Where it is not known how to tell, as with other detectors, they stay as they are.
    """
    fitted = unseen.fitted_for(poses)
    if fitted is None:
        return poses
    hidden = fitted.told(unseen.measure(poses, remap(keypoints, COCO17)))
    scores = np.where(hidden, np.minimum(poses.scores, unseen.SCORE), poses.scores)
    if poses.reasons is None:
        return poses.replace(scores=scores)
    guessed = hidden & (poses.reasons < Reason.OUTLIER)
    return poses.replace(scores=scores, reasons=np.where(guessed, np.uint8(Reason.GUESSED), poses.reasons))


def gaps(poses: Poses) -> list[tuple[int, float, float]]:
    """Whose poses are missing in between, and the seconds from the last one before to the first one after."""
    found = []
    for person in poses.persons:
        own = poses.of_person(person)
        for before in np.flatnonzero(np.diff(own.frame) > 1):
            found.append((person, float(own.seconds[before]), float(own.seconds[before + 1])))
    return found


def told(poses: Poses) -> list[str]:
    """A sentence on gaps that are left; none where there are none."""
    found = gaps(poses)
    if not found:
        return []
    those = ", ".join(f"person {person} at {start:.1f}-{end:.1f} s" for person, start, end in found[:_TOLD])
    rest = len(found) - _TOLD
    more = "" if rest <= 0 else " and once more" if rest == 1 else f" and {rest} times more"
    return [f"Nobody saw {those}{more}; there is nothing of them there (--max-gap fills longer gaps)."]


def _sources(joint: str, skeleton: Skeleton) -> list[int]:
    """The keypoints that a joint is as well known as."""
    names = [joint] if joint in skeleton.joints else [one for one in _TRUNK if one in skeleton.joints]
    return list(skeleton.indices(*names))
