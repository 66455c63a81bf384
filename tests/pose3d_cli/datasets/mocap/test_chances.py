"""How often frames are trained on: rare poses more often, packs as far as they are trusted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from pose3d_cli.datasets.mocap import chances, clusters
from pose3d_cli.datasets.mocap.packs import Mocap


def of_long_walk(clips: Mocap) -> Mocap:
    """The walk, which goes on and on, and the squat."""
    walk, squat = clips.sequence(0), clips.sequence(1)
    joints = np.concatenate([walk] * 12 + [squat])
    start = len(joints) - len(squat)
    return replace(
        clips,
        joints=joints,
        starts=np.array([0, start]),
        ends=np.array([start, len(joints)]),
        names=("own/walk", "other/squat"),
        subjects=("1", "1"),
        actions=("walk", "squat"),
    )


def test_poses_are_alike_wherever_they_are_and_face_and_how_tall_they_are(clips: Mocap) -> None:
    pose = clips.joints[:50].astype(float)
    turned = Rotation.from_euler("z", 70, degrees=True).apply(pose.reshape(-1, 3)).reshape(pose.shape)
    np.testing.assert_allclose(clusters.features(turned * 1.3 + [3, 4, 0]), clusters.features(pose), atol=1e-5)


def test_groups_tell_a_squat_from_a_walk(clips: Mocap) -> None:
    both = of_long_walk(clips)
    group = clusters.group(both.joints, 8)
    deep = np.argmin(both.joints[:, 0, 2])
    assert group[deep] not in group[: both.ends[0]]
    np.testing.assert_array_equal(group, clusters.group(both.joints, 8))


def test_rare_poses_are_seen_more_often(clips: Mocap) -> None:
    both = of_long_walk(clips)
    squat = slice(both.starts[1], both.ends[1])
    alike, evened = (
        chances.of_frames(both, trust={}, groups=8, evenness=evenness)[squat].sum() for evenness in (0.0, 0.5)
    )
    assert alike == pytest.approx(both.lengths[1] / both.lengths.sum())
    assert evened > 1.5 * alike


def test_packs_are_seen_as_far_as_they_are_trusted(clips: Mocap) -> None:
    both = of_long_walk(clips)
    found = chances.of_frames(both, trust={"other": 3.0, "not_here": 9.0}, groups=8, evenness=0.0)
    assert found.sum() == pytest.approx(1)
    assert found[-1] / found[0] == pytest.approx(3)
