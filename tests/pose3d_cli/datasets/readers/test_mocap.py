"""The benchmark that anyone can have: fixed cameras, fixed noise, truth that projects onto the keypoints."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import packs
import pytest

from in_the_wild import camera
from in_the_wild.errors import ConfigError, InputError
from in_the_wild.skeletons import COCO17, HUMAN36M17
from pose3d_cli.datasets.prepared.sequences import Labelled
from pose3d_cli.datasets.readers.mocap import MocapBenchmark

# Joints that COCO and Human3.6M have in common.
SHARED = [name for name in HUMAN36M17.joints if name in COCO17.joints]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("packs")
    packs.write(path / "own.npz", {"walk": "1", "squat": "08", "wave": "9"})
    return path


@pytest.fixture(scope="module")
def takes(folder: Path) -> list[Labelled]:
    return list(MocapBenchmark(folder, cameras=2).read())


def test_subjects_are_split_and_every_take_is_seen_by_each_camera(folder: Path, takes: list[Labelled]) -> None:
    assert len(takes) == MocapBenchmark(folder, cameras=2).count()
    assert {(one.subject, one.split) for one in takes} == {("1", "train"), ("08", "test"), ("9", "train")}
    by_take: dict[str, list[Labelled]] = {}
    for one in takes:
        by_take.setdefault(one.name.rpartition("/")[0], []).append(one)
        assert len(one) <= 500
    for same in by_take.values():
        assert [one.camera.name for one in same] == ["0", "1"]


def test_the_truth_projects_onto_the_true_keypoints_within_the_picture(takes: list[Labelled]) -> None:
    for one in takes:
        assert one.joints is not None
        assert one.true_keypoints is not None
        pixels = camera.project(one.joints, np.array(one.camera.intrinsics))
        np.testing.assert_allclose(
            pixels[:, HUMAN36M17.indices(*SHARED)], one.true_keypoints[:, COCO17.indices(*SHARED)], atol=1e-6
        )
        assert one.true_keypoints.min() >= 0
        assert one.true_keypoints.max() <= 1000
        assert one.joints[..., 2].min() >= 1.2 - 1e-6
        # Upright on the whole, the camera's y pointing down.
        assert np.median(one.joints[:, HUMAN36M17.index("head"), 1] - one.joints[:, HUMAN36M17.root, 1]) < 0


def test_two_cameras_of_a_take_see_one_motion_from_opposite_sides(takes: list[Labelled]) -> None:
    front, back = (
        next(one for one in takes if one.subject == "1" and one.camera.name == name).joints for name in ("0", "1")
    )
    assert front is not None
    assert back is not None
    a, b = (joints[0] - joints[0, HUMAN36M17.root] for joints in (front, back))
    # The same body: all distances agree, so there is a rotation between them.
    for joints in (a, b):
        np.testing.assert_allclose(
            np.linalg.norm(joints[:, None] - joints, axis=-1), np.linalg.norm(a[:, None] - a, axis=-1), atol=1e-5
        )
    across = HUMAN36M17.index("left_hip")
    assert a[across, 0] * b[across, 0] + a[across, 2] * b[across, 2] < 0


def test_a_take_does_not_depend_on_the_others_nor_on_the_run(
    folder: Path, takes: list[Labelled], tmp_path: Path
) -> None:
    packs.write(tmp_path / "own.npz", {"wave": "9"})
    (alone, *_) = MocapBenchmark(tmp_path, cameras=2).read()
    (same,) = (one for one in takes if one.name == alone.name)
    for name, values in alone.arrays().items():
        np.testing.assert_array_equal(values, same.arrays()[name])
    other = next(iter(MocapBenchmark(tmp_path, cameras=2, seed=1).read()))
    assert alone.joints is not None
    assert other.joints is not None
    assert not np.allclose(alone.joints, other.joints)


def test_noise_is_scaled_and_written_down(folder: Path, takes: list[Labelled]) -> None:
    def errors(noise: float) -> np.ndarray:
        found = [one.arrays() for one in MocapBenchmark(folder, cameras=2, noise=noise).read()]
        off = [np.linalg.norm(one["keypoints"] - one["true_keypoints"], axis=-1).ravel() for one in found]
        return np.concatenate(off)

    exact, usual, twice = errors(0), errors(1), errors(2)
    assert exact.max() == 0
    assert 1 < np.median(usual) < 20
    np.testing.assert_allclose(np.median(twice), 2 * np.median(usual), rtol=0.05)
    assert any((one.arrays()["scores"] == 0).any() for one in takes)
    said = MocapBenchmark(folder, seed=3, noise=2).describe()
    assert (said.inputs, said.notes["seed"], said.notes["version"]) == ("noise 2", "3", "1")
    assert "offset 0.016" in said.notes["noise"]
    assert "mediapipe_noise.npz, times 2" in said.notes["noise"]
    assert MocapBenchmark(folder, noise=0).describe().inputs == "gt"


def test_what_cannot_be_made_is_said(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="found 0, 1"):
        MocapBenchmark(folder, cameras=0)
    with pytest.raises(ConfigError, match="found 4, -1"):
        MocapBenchmark(folder, noise=-1)
    with pytest.raises(InputError, match="were expected"):
        MocapBenchmark(tmp_path).files()
