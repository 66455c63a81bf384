"""The one table: what it refuses, and what its copies keep."""

from __future__ import annotations

from pathlib import Path

import fakes
import numpy as np
import pytest

from in_the_wild import formats
from in_the_wild.errors import InputError, OutputError
from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import COCO17


def test_arrays_are_read_only_copies() -> None:
    keypoints = np.zeros((3, 17, 2))
    poses = fakes.poses2d(keypoints)
    keypoints += 1
    assert poses.keypoints.max() == 0
    with pytest.raises(ValueError, match="read-only"):
        poses.keypoints[0] = 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"keypoints": np.zeros((3, 17, 3))}, r"must have shape \(3, 17, 2\), found \(3, 17, 3\)"),
        ({"scores": np.zeros((3, 16))}, r"scores .* \(3, 17\), found \(3, 16\)"),
        ({"scores": np.full((3, 17), 1.5)}, r"\[0, 1\], found 1.5"),
        ({"keypoints": np.full((3, 17, 2), np.nan)}, "NaN"),
        ({"frame": [0, 1, 9]}, r"0\.\.2, found 0 to 9"),
        ({"frame": [0, 1, 1]}, "at most one pose in a frame"),
        ({"space": "moon"}, '"moon"'),
        ({"root": np.zeros((3, 2))}, r"root .* \(3, 3\)"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        fakes.poses2d(np.zeros((3, 17, 2))).replace(**changes)


def test_timestamps_must_rise() -> None:
    with pytest.raises(InputError, match="rising"):
        Source(path="a", width=1, height=1, fps=1.0, timestamps=np.array([0.0, 0.5, 0.5]))


def test_joining_people_and_taking_one_out_again() -> None:
    first = fakes.poses2d(np.full((3, 17, 2), 1.0))
    second = first.replace(person_id=[4, 4, 4], keypoints=np.full((3, 17, 2), 2.0))
    both = Poses.join([second, first])
    assert both.persons == [0, 4]
    np.testing.assert_array_equal(both.frame, [0, 0, 1, 1, 2, 2])
    np.testing.assert_array_equal(both.of_person(4).keypoints, second.keypoints)


def test_npz_goes_there_and_back_and_opens_without_pickle(tmp_path: Path) -> None:
    poses = fakes.poses2d(np.random.default_rng(0).normal(size=(3, 17, 2))).with_meta(detector={"name": "fake"})
    formats.write(poses, tmp_path / "a.npz")
    again = formats.read(tmp_path / "a.npz")
    for name in ("keypoints", "scores", "frame", "person_id"):
        np.testing.assert_array_equal(getattr(again, name), getattr(poses, name))
    assert again.meta == poses.meta
    assert again.skeleton is COCO17
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        assert {"keypoints", "scores", "frame", "time", "person", "joints", "meta"} <= set(file.files)
        np.testing.assert_allclose(file["time"], [0, 0.04, 0.08])
        assert list(file["joints"]) == list(COCO17.joints)


def test_npz_keeps_an_empty_table_and_a_root(tmp_path: Path) -> None:
    empty = Poses.empty(skeleton=COCO17, space="camera", video=fakes.video(5))
    formats.write(empty, tmp_path / "empty.npz")
    assert len(formats.read(tmp_path / "empty.npz")) == 0
    rooted = fakes.poses2d(np.zeros((2, 17, 2))).replace(
        keypoints=np.zeros((2, 17, 3)), space="camera", root=np.ones((2, 3)), root_source="given focal length"
    )
    formats.write(rooted, tmp_path / "root.npz")
    again = formats.read(tmp_path / "root.npz")
    np.testing.assert_array_equal(np.asarray(again.root), np.ones((2, 3)))
    assert again.root_source == "given focal length"


@pytest.mark.parametrize("content", ["", "not a zip", "pickle", "other"])
def test_other_files_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "other.npz"
    if content == "pickle":
        np.savez(path, keypoints=np.array([{"a": 1}], dtype=object))
    elif content == "other":
        np.savez(path, a=np.zeros(3))
    else:
        path.write_text(content)
    with pytest.raises(InputError, match=r"poses2d\.npz or poses3d\.npz"):
        formats.read(path)


def test_an_unwritable_place_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="Cannot write"):
        formats.write(fakes.poses2d(np.zeros((1, 17, 2))), tmp_path / "file" / "a.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
