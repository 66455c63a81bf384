"""Poses as bytes: what comes back, and how many they are."""

from __future__ import annotations

import zlib

import moving_people
import numpy as np
import pytest

from in_the_wild.errors import InputError
from in_the_wild.page import encode
from in_the_wild.poses import Poses
from in_the_wild.reasons import Reason
from in_the_wild.skeletons import HUMAN36M17


def decoded(poses: Poses) -> dict[int, tuple[np.ndarray, ...]]:
    """Of each person the frames, (n, J, 3) metres and (n, J) scores, as the page decodes them.

    Where these are known, (n, J) errors in millimetres and (n, J) reasons follow.
    """
    written = encode.encode(poses)
    joints = len(poses.skeleton)
    parts: dict[int, list[tuple[np.ndarray, ...]]] = {track.id: [] for track in written.people}
    for number, chunk in enumerate(written.chunks):
        content = zlib.decompress(chunk)
        for track in written.people:
            seen = np.concatenate([np.arange(first, last + 1) for first, last in track.spans])
            frames = seen[seen // encode.CHUNK == number]
            if not len(frames):
                continue
            block = joints * len(frames)
            points, content = encode.unpack(content[: 12 * block], 3 * joints), content[12 * block :]
            scores, content = levels(content[:block], joints), content[block:]
            found = [points.reshape(joints, 3, -1).transpose(2, 0, 1) * encode.STEP, scores * encode.SCORE_STEP]
            if poses.error_mm is not None:
                errors, content = encode.unpack(content[: 4 * block], joints), content[4 * block :]
                found.append(errors.T * encode.ERROR_STEP)
            if poses.reasons is not None:
                reasons, content = levels(content[:block], joints), content[block:]
                found.append(reasons)
            parts[track.id].append((frames, *found))
        assert content == b""
    return {person: tuple(map(np.concatenate, zip(*some, strict=True))) for person, some in parts.items()}


def levels(content: bytes, joints: int) -> np.ndarray:
    """(n, J) whole numbers from 0 to 255."""
    steps = np.frombuffer(content, np.uint8).reshape(joints, -1)
    return np.cumsum(steps, axis=1, dtype=np.uint8).T


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


@pytest.mark.parametrize("known", [("error_mm",), ("reasons",), ("error_mm", "reasons")], ids="+".join)
def test_errors_and_reasons_come_back(known: tuple[str, ...]) -> None:
    poses, random = with_scores(moving_people.people(0, 1)), np.random.default_rng(4)
    values = {
        "error_mm": random.uniform(0, 900, poses.scores.shape),
        "reasons": random.integers(0, len(Reason), poses.scores.shape),
    }
    poses = poses.replace(**{name: values[name] for name in known})
    for person, (_, _, _, *found) in decoded(poses).items():
        one = poses.of_person(person)
        for name, got in zip(known, found, strict=True):
            np.testing.assert_allclose(got, getattr(one, name), atol=0.501 if name == "error_mm" else 0)


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
