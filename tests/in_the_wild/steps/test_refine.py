"""The refine step: which joints and gaps, and what is noted; and the pipeline's way of calling it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import fakes
import numpy as np
import pytest

from in_the_wild import pipeline
from in_the_wild.errors import InputError, SkeletonError
from in_the_wild.poses import Poses
from in_the_wild.refiners.base import Refiner
from in_the_wild.refiners.butterworth import Butterworth
from in_the_wild.refiners.linear import Linear
from in_the_wild.skeletons import COCO17, HUMAN36M17, MPI_INF_3DHP17, Skeleton
from in_the_wild.steps.refine import MAX_GAP, refine
from in_the_wild.steps.remap import remap


def walker(frames: list[int], *, count: int = 100) -> Poses:
    """Somebody who walks at 25 frames a second, seen in some frames."""
    return fakes.poses2d(fakes.coco_pixels(*fakes.walking(count))).rows(np.array(frames))


class _Picky(Refiner):
    """Does nothing, to Human3.6M's joints in the picture."""

    spaces: ClassVar[tuple[str, ...]] = ("image",)

    @property
    def settings(self) -> Mapping[str, Any]:
        return {"name": "picky"}

    def skeleton_for(self, space: str) -> Skeleton:
        return HUMAN36M17

    def refine(self, person: Poses) -> Poses:
        return person


def test_gaps_up_to_the_longest_are_filled() -> None:
    short, long = 12, 13  # frames of 40 ms: 0.48 and 0.52 seconds
    assert short / 25 < MAX_GAP < long / 25
    poses = walker([0, 1, 1 + short, 1 + short + long])
    refined = refine(poses, Linear())
    assert refined.frame.tolist() == [*range(2 + short), 1 + short + long]
    assert len(refine(poses, Linear(), max_gap=1)) == 2 + short + long


def test_rows_in_a_long_gap_stay_as_they_were() -> None:
    """As `lift` leaves them: filled in, with a score of 0."""
    poses = walker(list(range(60)))
    scores = poses.scores.copy()
    scores[10:50] = 0
    scores[52:55] = 0
    moved = poses.keypoints + np.where(scores == 0, 40, 0)[..., None]
    given = poses.replace(scores=scores, keypoints=moved)
    refined = refine(given, Linear())
    assert refined.frame.tolist() == list(range(60))
    assert np.array_equal(refined.keypoints[10:50], given.keypoints[10:50])
    assert (refined.scores[10:50] == 0).all()
    assert (refined.scores[52:55] == 1).all()
    assert np.abs(refined.keypoints[52:55] - poses.keypoints[52:55]).max() < 3


def test_rows_before_and_after_somebody_was_seen_stay() -> None:
    poses = walker(list(range(10)))
    scores = poses.scores.copy()
    scores[[0, 1, 9]] = 0
    refined = refine(poses.replace(scores=scores), Linear())
    assert np.array_equal(refined.scores, scores)
    nobody = refine(poses.replace(scores=0 * scores), Linear())
    assert np.array_equal(nobody.keypoints, poses.keypoints)


def test_every_person_has_gaps_of_their_own() -> None:
    other = walker([2, 60]).replace(person_id=np.array([3, 3]))
    refined = refine(Poses.join([walker([0, 5]), other]), Linear())
    assert refined.of_person(0).frame.tolist() == [0, 1, 2, 3, 4, 5]
    assert refined.of_person(3).frame.tolist() == [2, 60]


def test_joints_are_those_that_the_refiner_needs() -> None:
    poses = walker(list(range(5)))
    refined = refine(poses, _Picky())
    assert refined.skeleton == HUMAN36M17
    assert np.array_equal(refined.keypoints, remap(poses, HUMAN36M17).keypoints)
    assert refine(poses, Butterworth()).skeleton == COCO17


def test_what_cannot_be_refined_is_refused() -> None:
    poses = walker(list(range(5)))
    camera = poses.replace(keypoints=np.zeros((5, 17, 3)), skeleton=MPI_INF_3DHP17, space="camera")
    with pytest.raises(InputError, match="image space, found camera"):
        refine(camera, _Picky())
    with pytest.raises(SkeletonError):
        refine(camera.replace(skeleton=COCO17), _Picky())
    with pytest.raises(InputError, match="track"):
        refine(poses.replace(person_id=np.full(5, -1)), Linear())


def test_what_was_done_is_noted() -> None:
    poses = walker([0, 3, 4]).with_meta(detector="mine")
    filled = refine(poses, Linear())
    assert "smoothed" not in filled.meta
    both = refine(filled, Butterworth(cutoff=5))
    assert both.meta["refiners"] == [{"name": "linear"}, {"name": "butterworth", "cutoff": 5, "order": 2}]
    assert both.meta["smoothed"]
    assert both.meta["detector"] == "mine"


@pytest.mark.parametrize(("every", "filled"), [(1, False), (10, False), (20, True), (25, True)])
def test_the_pipeline_fills_what_the_detector_left_out(every: int, filled: bool) -> None:
    """A second without anybody is a gap, unless the detector looked once in a second."""
    poses = walker([0, 25]).with_meta(every=every)
    assert (len(pipeline.refine_people(poses, [Linear()])) == 26) == filled
