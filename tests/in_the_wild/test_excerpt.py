"""Excerpts: whose rows, from when to when, how many a second, in which space."""

from __future__ import annotations

from typing import Any

import fakes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from in_the_wild.errors import InputError
from in_the_wild.excerpt import Excerpt, resampled, trimmed
from in_the_wild.poses import Poses
from in_the_wild.skeletons import HUMAN36M17


def walk(frames: int = 50, *, person: int = 0, fps: float = 25.0, keep: np.ndarray | None = None) -> Poses:
    """Somebody who walks, in camera space with a path; `keep` are the frames with a row."""
    joints, root = fakes.walking(frames, fps=fps)
    keep = np.arange(frames) if keep is None else keep
    return Poses(
        keypoints=joints[keep],
        scores=np.full((len(keep), 17), 0.9),
        frame=keep,
        person_id=np.full(len(keep), person),
        skeleton=HUMAN36M17,
        space="camera",
        video=fakes.video(frames, fps=fps),
        root=root[keep],
        root_source="given focal length",
    )


def test_all_of_it_is_the_usual() -> None:
    poses = walk()
    assert Excerpt().of(poses) is poses


def test_some_people() -> None:
    poses = Poses.join([walk(person=person) for person in (0, 3, 5)])
    assert Excerpt(persons=(3, 0)).of(poses).persons == [0, 3]
    with pytest.raises(InputError, match=r"has no person 2, 4\. Known: 0, 3, 5"):
        Excerpt(persons=(2, 3, 4)).of(poses)


def test_some_time_begins_at_its_own_seconds() -> None:
    cut = Excerpt(start=1.0, end=1.2).of(walk())
    np.testing.assert_allclose(cut.seconds, [1.0, 1.04, 1.08, 1.12, 1.16, 1.2])
    assert cut.frame.tolist() == list(range(6))
    assert cut.video.frames == 6
    np.testing.assert_array_equal(cut.keypoints, walk().keypoints[25:31])
    assert trimmed(walk(), start=1.9, end=None).video.frames == 2
    assert trimmed(walk(), start=None, end=0.04).video.frames == 2
    with pytest.raises(InputError, match=r"no frame in the chosen time; it has 0\.00 to 1\.96 seconds"):
        trimmed(walk(), start=2.0, end=3.0)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"fps": 0}, "Frames a second above 0"),
        ({"fps": float("nan")}, "Frames a second above 0"),
        ({"start": 2.0, "end": 1.0}, "found 2 to 1 seconds"),
        ({"space": "image"}, "camera or world"),
    ],
)
def test_what_chooses_nothing_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Excerpt(**values)


def test_excerpts_of_one_scene_fit_together() -> None:
    """The floor is found before people are left out."""
    low, high = walk(person=0), walk(person=1)
    both = Poses.join([low, high.replace(root=np.asarray(high.root) - [0, 0.5, 0])])
    scene = both.world()
    alone = Excerpt(persons=(1,), start=0.4, space="world").of(both)
    assert (alone.space, alone.root) == ("world", None)
    np.testing.assert_array_equal(alone.keypoints, scene.of_person(1).keypoints[10:])
    with pytest.raises(InputError, match="have left camera space"):
        Excerpt(space="camera").of(scene)


@pytest.mark.parametrize("fps", [10.0, 24.0, 30.0, 59.94, 120.0])
def test_resampled_motion_is_where_the_person_was(fps: float) -> None:
    dense = resampled(walk(50), fps)
    joints, root = fakes.walking(len(dense), fps=fps)
    assert dense.video.fps == fps
    assert len(dense) == int(1.96 * fps + 1e-6) + 1
    np.testing.assert_allclose(dense.seconds, np.arange(len(dense)) / fps)
    np.testing.assert_allclose(dense.keypoints[2:-2], joints[2:-2], atol=1e-3)
    assert dense.root is not None
    np.testing.assert_allclose(dense.root, root, atol=1e-5)
    assert dense.meta["resampled_from_fps"] == 25.0


def test_rates_that_vary_become_even() -> None:
    times = np.cumsum(np.random.default_rng(0).uniform(0.02, 0.06, 50))
    times -= times[0]
    uneven = walk(50).replace(video=fakes.video(50, timestamps=times))
    path = np.stack([times, 0 * times, 4 + times], axis=-1)
    dense = resampled(uneven.replace(root=path), 30)
    assert dense.root is not None
    np.testing.assert_allclose(dense.root[:, 0], dense.seconds, atol=1e-5)
    assert dense.video.timestamps[-1] <= times[-1]


def test_a_gap_stays_a_gap() -> None:
    keep = np.r_[0:10, 12:20, 40:50]  # two frames missing, then twenty
    dense = resampled(walk(50, keep=keep), 50)
    missing = np.setdiff1d(np.arange(dense.video.frames), dense.frame) / 50
    np.testing.assert_allclose(missing[[0, -1]], [0.78, 1.58])
    assert len(missing) == 41


def test_few_rows_a_second_are_no_gaps() -> None:
    assert len(resampled(walk(51, keep=np.arange(0, 51, 10)), 25)) == 51


def test_what_was_not_seen_stays_so() -> None:
    poses = walk(5)
    scores = poses.scores.copy()
    scores[2, 7] = 0
    dense = resampled(poses.replace(scores=scores), 50)
    assert dense.scores[:, 7].tolist() == pytest.approx([0.9, 0.9, 0.9, 0, 0, 0, 0.9, 0.9, 0.9])
    assert dense.scores[:, 6] == pytest.approx(0.9)


def test_people_without_ids_cannot_be_followed() -> None:
    with pytest.raises(InputError, match="track them first"):
        resampled(walk(5, person=-1), 50)


@given(st.data(), st.floats(5, 240), st.integers(1, 40))
def test_nothing_appears_where_nobody_was(data: st.DataObject, fps: float, frames: int) -> None:
    keep = np.array(sorted(data.draw(st.sets(st.integers(0, frames - 1), min_size=1))))
    poses = walk(frames, keep=keep)
    dense = resampled(poses, fps)
    times = poses.seconds
    for second in dense.seconds:
        before, after = times[times <= second + 1e-5], times[times >= second - 1e-5]
        assert len(before)
        assert len(after)
        assert after[0] - before[-1] <= max(0.2, 1.5 * np.median(np.diff(times)) if len(times) > 1 else 0) + 1e-5


def test_the_own_rate_changes_nothing() -> None:
    poses = walk(50)
    again = resampled(poses, 25.0)
    np.testing.assert_array_equal(again.frame, poses.frame)
    np.testing.assert_allclose(again.keypoints, poses.keypoints, atol=1e-6)


def test_notes_of_frames_are_those_of_the_part() -> None:
    found = {"0": {"bones": {"left_knee": 0.4}, "standing": {"left_ankle": [[3, 9], [20, 30]]}}}
    noted = walk().with_meta(whole_clip=found, looks=[0, 24, 27, 48], cuts=[30])
    part = trimmed(noted, start=1.0, end=None)
    assert part.meta["whole_clip"]["0"]["standing"] == {"left_ankle": [[0, 5]]}
    assert (part.meta["looks"], part.meta["cuts"]) == ([2, 23], [5])
    # At another rate there are no such frames.
    assert resampled(noted, 50).meta == {"whole_clip": {"0": {"bones": {"left_knee": 0.4}}}, "resampled_from_fps": 25.0}
    assert Excerpt(persons=(0,)).of(noted).meta["whole_clip"] == found
