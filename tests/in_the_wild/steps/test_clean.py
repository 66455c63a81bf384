"""Swaps and jumps of known place are put right, and what is well stays as it is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import walkers

import in_the_wild as iw
from in_the_wild import outliers
from in_the_wild.poses import Poses
from in_the_wild.reasons import Reason
from in_the_wild.skeletons import COCO17, mirror_name
from in_the_wild.steps.clean import NOTE, clean, counted, told
from in_the_wild.steps.fill import fill

EVERY = 3  # frames from look to look


def walking(seconds: float = 6) -> Poses:
    """Somebody who walks to the right, looked at ten times a second, with a detector's noise."""
    times = walkers.seconds(seconds)
    found, _ = walkers.table(times, [walkers.walker(times, lambda time: 300 + 80 * time)])
    found = found.replace(person_id=np.zeros(len(found))).of_person(0)
    looks = np.arange(0, len(times), EVERY)
    return found.rows(np.isin(found.frame, looks)).with_meta(looks=looks.tolist())


def dense(looks: Poses) -> Poses:
    return fill(looks, max_gap=0.25)


def swapped(poses: Poses, first: int, last: int, *joints: str) -> Poses:
    """Left and right of these joints, of all without any, swapped in frames that were looked at."""
    names = joints or tuple({joint.removeprefix("left_") for joint in COCO17.joints if "left" in joint})
    left = [f"left_{name}" for name in names]
    one, other = COCO17.indices(*left), COCO17.indices(*map(mirror_name, left))
    keypoints, scores = poses.keypoints.copy(), poses.scores.copy()
    rows = ((poses.frame >= first) & (poses.frame <= last)).nonzero()[0][:, None]
    for values in (keypoints, scores):
        values[rows, one + other] = values[rows, other + one]
    return poses.replace(keypoints=keypoints, scores=scores)


def moved(poses: Poses, frames: tuple[int, ...], joint: str, by: float) -> Poses:
    keypoints = poses.keypoints.copy()
    keypoints[np.isin(poses.frame, frames), COCO17.index(joint), 1] -= by
    return poses.replace(keypoints=keypoints)


def test_what_is_well_stays_as_it_is() -> None:
    for poses in (dense(walking()), walking(), walking().rows(np.arange(3)), walking().rows(np.arange(0))):
        assert clean(poses) is poses
        assert told(clean(poses)) == []


@pytest.mark.parametrize(
    ("part", "joints"),
    [("body", ()), ("legs", ("knee", "ankle")), ("arms", ("elbow", "wrist"))],
)
def test_left_and_right_are_put_where_they_belong(part: str, joints: tuple[str, ...]) -> None:
    well = dense(walking())
    # Where a swap begins and ends the legs are apart: where they meet nobody could tell.
    wrong = dense(swapped(walking(), 30, 42, *joints))
    assert np.abs(wrong.keypoints - well.keypoints).max() > 20, "pixels"
    right = clean(wrong)
    np.testing.assert_allclose(right.keypoints, well.keypoints, atol=0.5)
    assert right.meta[NOTE] == {"0": [[30, 42, part, "swapped"]]}
    assert told(right) == [f"Left and right were swapped in frames 30-42 ({part}) of person 0; all this is put right."]
    np.testing.assert_array_equal(right.frame, wrong.frame)


@pytest.mark.parametrize(("first", "last"), [(0, 60), (129, 177)])
def test_a_body_swapped_up_to_an_end_of_the_track_is_told_by_the_longer_rest(first: int, last: int) -> None:
    right = clean(dense(swapped(walking(), first, last)))
    np.testing.assert_allclose(right.keypoints, dense(walking()).keypoints, atol=0.5)
    assert right.meta[NOTE] == {"0": [[first, last, "body", "swapped"]]}


@pytest.mark.parametrize(
    ("seconds", "first", "last", "joints"),
    [
        pytest.param(6, 0, 42, ("knee", "ankle"), id="legs, which may be crossed"),
        pytest.param(1.8, 0, 21, (), id="the rest is too short to tell"),
        pytest.param(9, 0, 102, (), id="for so long that somebody may have turned"),
    ],
)
def test_a_swap_of_which_an_end_is_not_seen_is_left_alone(
    seconds: float, first: int, last: int, joints: tuple[str, ...]
) -> None:
    poses = dense(swapped(walking(seconds), first, last, *joints))
    assert clean(poses) is poses


def test_a_swap_may_begin_with_a_look_between_both() -> None:
    well = at_every_frame()
    wrong = swapped(well, 30, 40)
    keypoints = wrong.keypoints.copy()
    keypoints[wrong.frame == 30] = (keypoints[wrong.frame == 30] + well.keypoints[well.frame == 30]) / 2
    right = clean(wrong.replace(keypoints=keypoints))
    others = right.frame != 30
    np.testing.assert_allclose(right.keypoints[others], well.keypoints[others], atol=0.5)


def test_somebody_who_turns_is_not_swapped() -> None:
    poses = walking()
    turn = np.cos(2 * np.pi * poses.seconds)[:, None]
    middle = poses.keypoints[..., 0].mean(axis=1, keepdims=True)
    keypoints = poses.keypoints.copy()
    keypoints[..., 0] = middle + (keypoints[..., 0] - middle) * turn
    turning = dense(poses.replace(keypoints=keypoints))
    assert clean(turning) is turning


@pytest.mark.parametrize("frames", [(60,), (33, 36)])
def test_a_joint_that_jumps_is_put_where_it_was_going(frames: tuple[int, ...]) -> None:
    well = dense(walking())
    wrong = dense(moved(walking(), frames, "right_wrist", 150))
    right = clean(wrong)
    assert right.meta[NOTE] == {"0": [[frames[0], frames[-1], "right_wrist", "outlier"]]}
    assert told(right) == ["Single joints of person 0 jumped once; all this is put right."]
    wrist = COCO17.index("right_wrist")
    off = np.linalg.norm(right.keypoints[:, wrist] - well.keypoints[:, wrist], axis=-1)
    assert off.max() < 15, "pixels of a person of 300"
    mended = np.isin(right.frame, frames)
    assert (right.scores[mended, wrist] <= 0.1).all()
    others = np.delete(np.arange(17), wrist)
    np.testing.assert_array_equal(right.keypoints[:, others], wrong.keypoints[:, others])
    assert counted(right) == {"outlier": 1}


def test_long_tracks_are_gone_through_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = dense(moved(moved(walking(), (33, 36), "right_wrist", 150), (120,), "left_knee", 150))
    at_once = clean(wrong)
    monkeypatch.setattr(outliers, "_AT_ONCE", 5)
    np.testing.assert_array_equal(clean(wrong).keypoints, at_once.keypoints)
    assert counted(at_once) == {"outlier": 2}


def test_a_joint_that_was_not_seen_does_not_jump() -> None:
    poses = moved(walking(), (60,), "right_wrist", 150)
    scores = poses.scores.copy()
    scores[poses.frame == 60, COCO17.index("right_wrist")] = 0
    unseen = dense(poses.replace(scores=scores))
    assert clean(unseen) is unseen


def at_every_frame() -> Poses:
    """Somebody who walks, without a note of which frames were looked at."""
    times = walkers.seconds(3)
    found, _ = walkers.table(times, [walkers.walker(times, lambda time: 300 + 80 * time)], noise=0.5)
    return found.replace(person_id=np.zeros(len(found))).of_person(0)


def test_every_frame_is_a_look_where_nobody_says_which_are() -> None:
    found = at_every_frame()
    right = clean(moved(swapped(found, 30, 40), (70,), "left_ankle", 120))
    assert right.meta[NOTE] == {"0": [[30, 40, "body", "swapped"], [70, 70, "left_ankle", "outlier"]]}
    assert np.linalg.norm(right.keypoints - found.keypoints, axis=-1).max() < 5


def test_a_run_tells_and_counts_what_it_put_right(tiny: Path, tmp_path: Path) -> None:
    wrong, kept = dense(swapped(walking(), 30, 42)), tmp_path / "wrong.npz"
    wrong.save(kept)
    model = f"pstmo:weights={tiny},device=cpu"
    (result,) = iw.run_each([iw.Keypoints(kept)], iw.Output(tmp_path / "out", "none"), model=model)
    assert result.error is None
    assert result.warnings == told(clean(wrong))
    folder = tmp_path / "out" / "wrong"
    record = json.loads((folder / "run.json").read_text())
    assert record["cleaned"] == {"swapped": 1}
    assert record["options"]["cleaning"] is True
    refined = iw.load(folder / "poses2d_refined.npz")
    np.testing.assert_array_equal(refined.keypoints, clean(wrong).keypoints)
    assert refined.reasons is not None
    assert (refined.reasons == Reason.SWAPPED).any()
    np.testing.assert_array_equal(iw.load(folder / "poses2d.npz").keypoints, wrong.keypoints)
    assert iw.load(folder / "poses3d.npz").meta[NOTE] == {"0": [[30, 42, "body", "swapped"]]}

    (left,) = iw.run_each([iw.Keypoints(kept)], iw.Output(tmp_path / "out", "none"), model=model, refiner="none")
    assert left.error is None
    assert not left.warnings
    assert not (folder / "poses2d_refined.npz").exists(), "it is of an earlier run"
    assert json.loads((folder / "run.json").read_text())["cleaned"] == {}
