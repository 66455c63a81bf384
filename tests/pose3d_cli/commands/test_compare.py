"""`pose3d compare`: known differences are told, and what cannot be compared is refused in a sentence."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import true_people
from command_line import Invoke, one_error

from in_the_wild.errors import InputError
from in_the_wild.excerpt import resampled
from in_the_wild.poses import Poses
from pose3d_cli.metrics.between import difference


def walker() -> Poses:
    return true_people.walker().of_person(0)


def moved(poses: Poses, joint: str, metres: float) -> Poses:
    keypoints = poses.keypoints.copy()
    keypoints[:, poses.skeleton.index(joint), 0] += metres
    return poses.replace(keypoints=keypoints)


def test_a_known_difference_is_found() -> None:
    poses = walker()
    found = difference(moved(poses, "left_wrist", 0.17), poses)
    assert found.frames == len(poses)
    assert found.mpjpe == pytest.approx(170 / len(found.joints), abs=0.01)
    assert found.each[found.joints.index("left_wrist")] == pytest.approx(170, abs=0.01)
    assert found.each[found.joints.index("right_wrist")] == pytest.approx(0, abs=0.01)
    assert found.acceleration == pytest.approx(0, abs=0.01)
    assert found.p_mpjpe > 0
    same = difference(poses, poses)
    assert (same.mpjpe, same.n_mpjpe) == (0, pytest.approx(0, abs=1e-6))


def test_rates_may_differ_and_parts_are_compared_where_both_are() -> None:
    poses = walker()
    twice = resampled(poses, 2 * poses.video.fps)
    assert difference(poses, twice).frames == len(poses)
    assert difference(poses, twice).mpjpe < 0.5
    half = poses.rows(np.arange(len(poses) // 2))
    assert difference(poses, half).frames == len(half)


def test_in_other_spaces_poses_are_turned_onto_each_other() -> None:
    poses = walker()
    other = poses.world() if poses.space == "camera" else poses.replace(space="camera")
    found = difference(poses, other)
    assert math.isnan(found.mpjpe)
    assert found.p_mpjpe < 0.01
    assert found.each.max() < 0.01


def test_what_cannot_be_compared_is_refused() -> None:
    poses = walker()
    with pytest.raises(InputError, match="nobody in one"):
        difference(poses, poses.rows(np.zeros(0, int)))
    first, last = poses.rows(np.arange(5)), poses.rows(np.arange(len(poses) - 5, len(poses)))
    with pytest.raises(InputError, match="A time at which both people are"):
        difference(first, last)
    with pytest.raises(InputError, match="lift them"):
        difference(poses, poses.replace(keypoints=poses.keypoints[..., :2], space="image", root=None))


def test_the_command_tells_both_tables(cli: Invoke, tmp_path: Path) -> None:
    poses = walker()
    poses.save(tmp_path / "a.npz")
    moved(poses, "left_wrist", 0.17).save(tmp_path / "b.npz")
    done = cli("compare", tmp_path / "b.npz", tmp_path / "a.npz")
    assert done.exit_code == 0, done.stderr
    row = next(line for line in done.stdout.splitlines() if "left_wrist" in line)
    assert "170.0" in row
    assert "MPJPE" in done.stdout
    assert "Known: 0" in one_error(cli("compare", tmp_path / "a.npz", tmp_path / "b.npz", "--person", 4).stderr)


def test_an_export_is_compared_with_what_it_came_from(cli: Invoke, tmp_path: Path) -> None:
    poses = walker()
    poses.save(tmp_path / "a.npz")
    poses.save(tmp_path / "a.trc")
    done = cli("compare", tmp_path / "a.npz", tmp_path / "a.trc")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.count("0.0") >= 4 + len(poses.joints), "nothing is lost on the way"


def test_of_two_spaces_only_what_turning_leaves_is_told(cli: Invoke, tmp_path: Path) -> None:
    poses = walker()
    poses.save(tmp_path / "a.npz")
    poses.replace(space="camera" if poses.space == "world" else "world").save(tmp_path / "b.npz")
    done = cli("compare", tmp_path / "a.npz", tmp_path / "b.npz")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.count("–") == 3, "MPJPE, N-MPJPE and acceleration"
    assert "export --space" in " ".join(done.stdout.split())
