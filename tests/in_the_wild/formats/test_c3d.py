"""C3D against ezc3d, which shares no line with the package that the program writes and reads by."""

from __future__ import annotations

import importlib
from pathlib import Path

import ezc3d
import fuzz
import numpy as np
import pytest
from moving_bodies import person

from in_the_wild import formats
from in_the_wild.errors import InputError, PluginError
from in_the_wild.formats._markers import markers_of
from in_the_wild.formats.c3d import C3d
from in_the_wild.poses import Poses

SECONDS = np.arange(60) / 30


@pytest.fixture
def two() -> Poses:
    """Two people; the second is away for a while, and has a wrist that nobody saw."""
    second = person(SECONDS, who=5, frames=np.r_[10:20, 30:50], seed=2)
    scores = second.scores.copy()
    scores[:, second.skeleton.index("left_wrist")] = 0
    return Poses.join([person(SECONDS, who=0, frames=np.arange(60), seed=1), second.replace(scores=scores)])


def test_another_reader_finds_the_same(two: Poses, tmp_path: Path) -> None:
    two.save(tmp_path / "walk.c3d")
    theirs = ezc3d.c3d(str(tmp_path / "walk.c3d"))
    said = {name: value["value"] for name, value in theirs["parameters"]["POINT"].items() if name != "__METADATA__"}
    labels = [f"person{who}:{marker}" for who in (0, 5) for marker in markers_of(two.skeleton, "opensim")]
    assert said["LABELS"] == labels
    assert (said["UNITS"], said["X_SCREEN"], said["Y_SCREEN"]) == (["mm"], ["+X"], ["+Z"])
    assert said["RATE"] == pytest.approx(30)
    assert theirs["parameters"]["POSE3D"]["SPACE"]["value"] == ["world"]
    points = theirs["data"]["points"]  # (4, 34, 60)
    world = two.world()
    for at, who in enumerate((0, 5)):
        rows = world.of_person(who)
        places = np.moveaxis(points[:3, 17 * at : 17 * (at + 1)], 0, -1).swapaxes(0, 1)  # (60, 17, 3)
        np.testing.assert_allclose(places[rows.frame], rows.keypoints * 1000.0, atol=1e-3)
        assert np.isnan(np.delete(places, rows.frame, axis=0)).all()
    residuals = theirs["data"]["meta_points"]["residuals"][0]
    assert np.unique(residuals[:17]).tolist() == [1]
    assert np.unique(residuals[17:]).tolist() == [-1, 0, 1]
    assert (residuals[17 + two.skeleton.index("left_wrist")] <= 0).all(), "calculated, or missing"


def test_the_middle_of_a_video_keeps_its_frame_numbers(two: Poses, tmp_path: Path) -> None:
    two.save(tmp_path / "part.c3d", between=(1.0, 1.5), persons=[0])
    assert ezc3d.c3d(str(tmp_path / "part.c3d"))["header"]["points"]["first_frame"] == 30  # counted from 0
    part = formats.read(tmp_path / "part.c3d")
    np.testing.assert_allclose(part.seconds, SECONDS[30:46])


def test_what_was_filled_in_comes_back_as_filled_in(two: Poses, tmp_path: Path) -> None:
    two.save(tmp_path / "walk.c3d")
    again = formats.read(tmp_path / "walk.c3d")
    np.testing.assert_array_equal(again.scores > 0, two.scores > 0)


def theirs(path: Path, *, units: str = "mm", screen: str | None = None) -> Path:
    """A file that ezc3d writes, every residual of which is 0: two markers, three frames, one gap."""
    file = ezc3d.c3d()
    file["parameters"]["POINT"]["RATE"]["value"] = [100.0]
    file["parameters"]["POINT"]["LABELS"]["value"] = ("LASI", "RASI")
    file["parameters"]["POINT"]["UNITS"]["value"] = [units]
    if screen is not None:
        file.add_parameter("POINT", "X_SCREEN", ["+X"])
        file.add_parameter("POINT", "Y_SCREEN", [screen])
    points = np.ones((4, 2, 3))
    points[:3] = np.arange(18).reshape(3, 2, 3)
    points[:3, 1, 1] = np.nan
    file["data"]["points"] = points
    file.write(str(path))
    return path


@pytest.mark.parametrize(("units", "metres"), [("mm", 0.001), ("m", 1.0), ("cm", 0.01), ("", 0.001)])
def test_a_file_that_another_program_wrote(tmp_path: Path, units: str, metres: float) -> None:
    poses = formats.read(theirs(tmp_path / "a.c3d", units=units))
    assert (poses.joints, poses.space, poses.video.fps) == (("LASI", "RASI"), "world", 100.0)
    np.testing.assert_allclose(poses.keypoints[0], np.array([[0, 6, 12], [3, 9, 15]]) * metres, rtol=1e-6)
    assert poses.scores.tolist() == [[1, 1], [1, 0], [1, 1]]


def test_what_points_up_is_read_from_the_screen(tmp_path: Path) -> None:
    poses = formats.read(theirs(tmp_path / "a.c3d", screen="+Y"))
    np.testing.assert_allclose(poses.keypoints[0, 0], [0, -0.012, 0.006], atol=1e-7)
    told = formats.read(theirs(tmp_path / "b.c3d"), "c3d:up=y")
    np.testing.assert_array_equal(told.keypoints, poses.keypoints)


def test_more_markers_than_a_file_holds(tmp_path: Path) -> None:
    crowd = Poses.join([person(SECONDS[:2], who=who, frames=np.arange(2), seed=who) for who in range(16)])
    with pytest.raises(InputError, match="holds 255 markers, found 272; write people apart: c3d:people=files"):
        crowd.save(tmp_path / "crowd.c3d")
    assert len(crowd.save(tmp_path / "crowd.c3d", "c3d:people=files")) == 16


def test_content_tells_the_format_and_damage_is_one_sentence(two: Poses, tmp_path: Path) -> None:
    two.save(tmp_path / "walk.c3d")
    content = (tmp_path / "walk.c3d").read_bytes()
    (tmp_path / "walk.dat").write_bytes(content)
    assert formats.read(tmp_path / "walk.dat").persons == [0, 5]
    refused = []
    for _, damaged in fuzz.mutations(content[:6000], seed=1, count=150):
        (tmp_path / "damaged.c3d").write_bytes(damaged)
        try:
            formats.read(tmp_path / "damaged.c3d")
        except InputError as error:
            refused.append(str(error))
    assert len(refused) > 20
    assert not [said for said in refused if "\n" in said]


def test_without_the_package_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(module: str) -> None:
        raise ImportError(f"No module named '{module}'")

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(PluginError, match=r"Install it: pip install \"pose3d\[formats\]\""):
        C3d()
