"""Poses as bytes: what comes back, and how many they are."""

from __future__ import annotations

import zlib

import moving_people
import numpy as np
import pytest

from in_the_wild.errors import InputError
from in_the_wild.page import encode
from in_the_wild.poses import Poses
from in_the_wild.skeletons import HUMAN36M17


def decoded(poses: Poses) -> dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Of each person the frames, (n, J, 3) metres and (n, J) scores, as the page decodes them."""
    written = encode.encode(poses)
    joints = len(poses.skeleton)
    parts: dict[int, list[tuple[np.ndarray, np.ndarray, np.ndarray]]] = {track.id: [] for track in written.people}
    for number, chunk in enumerate(written.chunks):
        content = zlib.decompress(chunk)
        for track in written.people:
            seen = np.concatenate([np.arange(first, last + 1) for first, last in track.spans])
            frames = seen[seen // encode.CHUNK == number]
            if not len(frames):
                continue
            size = 4 * 3 * joints * len(frames)
            points = encode.unpack(content[:size], 3 * joints).reshape(joints, 3, -1) * encode.STEP
            steps = np.frombuffer(content[size : size + joints * len(frames)], np.uint8).reshape(joints, -1)
            scores = np.cumsum(steps, axis=1, dtype=np.uint8) * encode.SCORE_STEP
            content = content[size + joints * len(frames) :]
            parts[track.id].append((frames, points.transpose(2, 0, 1), scores.T))
        assert content == b""
    return {
        person: (np.concatenate(frames), np.concatenate(points), np.concatenate(scores))
        for person, (frames, points, scores) in ((id, zip(*some, strict=True)) for id, some in parts.items())
    }


def with_scores(poses: Poses) -> Poses:
    return poses.replace(scores=np.random.default_rng(1).uniform(size=poses.scores.shape))


def test_positions_and_scores_come_back_within_half_a_step_and_one() -> None:
    poses = with_scores(moving_people.people(0, 3))
    found = decoded(poses)
    assert list(found) == [0, 3]
    for person, (frames, points, scores) in found.items():
        one = poses.of_person(person)
        np.testing.assert_array_equal(frames, one.frame)
        assert np.abs(points - one.keypoints).max() <= encode.STEP / 2 + 1e-6
        assert np.abs(scores - one.scores).max() <= encode.SCORE_STEP


def test_people_who_come_and_go_keep_their_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encode, "CHUNK", 16)
    everybody = moving_people.people(0, 1)
    gone = (everybody.person_id == 1) & ((everybody.frame % 50 < 20) | (everybody.frame == 33))
    poses = everybody.rows(~gone)
    frames, points, _ = decoded(poses)[1]
    one = poses.of_person(1)
    np.testing.assert_array_equal(frames, one.frame)
    assert np.abs(points - one.keypoints).max() <= encode.STEP / 2 + 1e-6


def test_what_was_seen_badly_still_counts_as_seen() -> None:
    poses = moving_people.people(0)
    poses = poses.replace(scores=np.full(poses.scores.shape, 1e-4) * (poses.frame % 2)[:, None])
    _, _, scores = decoded(poses)[0]
    np.testing.assert_array_equal(scores > 0, poses.scores > 0)


@pytest.mark.parametrize("far", [0.0, 40.0, 900.0])
def test_whole_numbers_come_back_exactly(far: float) -> None:
    values = np.rint(np.random.default_rng(2).normal(far, 3, (6, 50)) / encode.STEP).astype(np.int64)
    np.testing.assert_array_equal(encode.unpack(encode.pack(values), 6), values)


def test_times_come_back_to_the_microsecond() -> None:
    poses = moving_people.people(0)
    steps = encode.unpack(zlib.decompress(encode.encode(poses).times), 1)[0]
    np.testing.assert_allclose(steps * encode.TIME_STEP, poses.video.timestamps - poses.video.timestamps[0], atol=6e-7)


def test_smooth_motion_takes_few_bytes() -> None:
    """A person on a frame stays below 100 bytes in base64, three quarters of what a page may take."""
    poses = moving_people.people(0)
    turn = 2 * np.pi * poses.video.timestamps[poses.frame, None, None] + np.arange(len(HUMAN36M17))[:, None]
    smooth = poses.keypoints.mean(axis=0) + 0.3 * np.sin(turn + np.arange(3))
    written = encode.encode(poses.replace(keypoints=smooth))
    assert sum(map(len, written.chunks)) * 4 / 3 / len(poses) < 100


def test_poses_in_another_space_are_refused() -> None:
    poses = moving_people.people(0).replace(space="camera")
    with pytest.raises(InputError, match="in world space"):
        encode.encode(poses)
