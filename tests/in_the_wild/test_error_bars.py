"""What is measured of joints is what its names say; the errors expected of them come with what made the poses alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from fakes import coco_pixels, poses2d, walking

from in_the_wild import checkpoints, error_bars
from in_the_wild.error_bars import FEATURES, measure, with_error_bars
from in_the_wild.lens import ASSUMED
from in_the_wild.pipeline import lift_people, refine_people
from in_the_wild.poses import Poses, Source
from in_the_wild.refiners.butterworth import Butterworth
from in_the_wild.refiners.whole_clip import WholeClip
from in_the_wild.skeletons import HUMAN36M17, get_skeleton
from in_the_wild.steps.lift import TrainedLifter
from in_the_wild.steps.refine import refine
from in_the_wild.steps.remap import remap

_WRIST = HUMAN36M17.index("left_wrist")


def somebody(*, scores: float = 0.9, frames: int = 5, **meta: Any) -> Poses:
    """One person, 4 metres away, whose left wrist moves by 2 m/s to the right; shoulders across the picture."""
    joints = np.zeros((frames, 17, 3))
    for name, place in {
        "left_shoulder": (0.2, -0.5, 0), "right_shoulder": (-0.2, -0.5, 0), "left_hip": (0.1, 0, 0),
        "right_hip": (-0.1, 0, 0), "left_knee": (0.1, 0.4, 0), "right_knee": (-0.1, 0.4, 0),
        "left_ankle": (0.1, 0.8, 0), "right_ankle": (-0.1, 0.8, 0), "left_wrist": (0.3, 0, 0.4),
    }.items():  # fmt: skip
        joints[:, HUMAN36M17.index(name)] = place
    joints[:, _WRIST, 0] += 2 * np.arange(frames) / 25
    return Poses(
        keypoints=joints,
        scores=np.full((frames, 17), scores),
        frame=np.arange(frames),
        person_id=np.zeros(frames),
        skeleton=HUMAN36M17,
        space="camera",
        video=Source("clip.mp4", 640, 480, 25.0, np.arange(frames) / 25),
        root=np.tile((0.0, 0.0, 4.0), (frames, 1)),
        root_source="given focal",
        meta={"focal": 800.0, **meta},
    )


def made_by_default() -> dict[str, Any]:
    """Notes as the default chain leaves them."""
    return {
        "weights": {"sha256": checkpoints.load("pstmo_coco").sha256},
        "detector": {"name": "blazepose", "model": "heavy"},
        "refiners": [{"name": "whole_clip"}],
    }


def expected(poses: Poses) -> np.ndarray:
    """The errors expected of poses."""
    errors = with_error_bars(poses).error_mm
    assert errors is not None
    return errors


def test_features_are_what_they_say() -> None:
    found = dict(zip(FEATURES, np.moveaxis(measure(somebody()), -1, 0), strict=True))
    assert found["score"] == pytest.approx(0.9)
    assert found["person_score"] == pytest.approx(0.9)
    assert found["distance"][0, _WRIST] == pytest.approx(0.5)
    assert found["along_sight"][0, _WRIST] == pytest.approx(0.4)
    assert found["speed"][2, _WRIST] == pytest.approx(np.log1p(2.0), rel=1e-4)
    assert found["speed"][2, HUMAN36M17.index("left_knee")] == 0
    assert found["from_aside"] == pytest.approx(0)
    assert found["pixels"] == pytest.approx(np.log(200.0))
    assert found["depth"] == pytest.approx(np.log(4.0))
    assert found["legs"] == pytest.approx(0.8)


def test_rows_in_any_order_have_their_own_features() -> None:
    poses = somebody()
    order = np.array([3, 0, 4, 1, 2])
    np.testing.assert_allclose(measure(poses.rows(order)), measure(poses)[order])


def test_doubt_and_speed_cost_millimetres() -> None:
    sure, unsure = (expected(somebody(scores=score, **made_by_default())) for score in (0.95, 0.3))
    others = np.arange(17) != HUMAN36M17.root
    assert (unsure[:, others] > 1.2 * sure[:, others]).all()
    assert (sure[:, HUMAN36M17.root] == 0).all()
    assert sure[0, _WRIST] > sure[0, HUMAN36M17.index("left_hip")]


def test_every_shipped_fit_is_of_weights_that_ship() -> None:
    ours = checkpoints.load("pstmo_coco").sha256
    assert set(error_bars._shipped()) == {(ours, "solved"), (ours, "lifted")}


@pytest.mark.parametrize(
    "other",
    [
        {"weights": {"sha256": "0" * 64}},
        {"detector": {"name": "blazepose", "model": "lite"}},
        {"detector": None},
    ],
)
def test_what_was_made_otherwise_has_none(other: dict[str, Any]) -> None:
    assert with_error_bars(somebody(**{**made_by_default(), **other})).error_mm is None


def test_lifting_and_solving_tell_them_by_whatever_way() -> None:
    keypoints = poses2d(coco_pixels(*walking(30))).with_meta(detector=made_by_default()["detector"])
    lifter = TrainedLifter.of(checkpoints.load("pstmo_coco"))
    lifted = lift_people(keypoints, lifter, ASSUMED)
    solved = refine_people(lifted, [WholeClip().seeing(keypoints)])
    for poses, of in ((lifted, "lifted"), (solved, "solved")):
        bars = error_bars._shipped()[lifter.origin["sha256"], of].bars
        np.testing.assert_allclose(np.asarray(poses.error_mm), bars.expected(poses), rtol=1e-6)


def test_nobody_and_poses_without_a_root_have_none() -> None:
    poses = somebody(**made_by_default())
    assert with_error_bars(poses.replace(root=None)).error_mm is None
    assert with_error_bars(poses.rows(np.zeros(0, int))).error_mm is None


def test_they_stay_with_rows_and_go_with_other_values() -> None:
    poses = with_error_bars(somebody(frames=30, **made_by_default()))
    errors = expected(poses)
    for same in (Poses.join([poses]), poses.world(), poses.person(0), poses.rows(np.arange(30))):
        np.testing.assert_array_equal(np.asarray(same.error_mm), errors)
    assert remap(poses, get_skeleton("mpi_inf_3dhp17")).error_mm is None
    assert refine(poses, Butterworth()).error_mm is None
