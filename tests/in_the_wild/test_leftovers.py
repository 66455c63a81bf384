"""No film, page or export of earlier poses lies beside new ones; what was not made of them stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import FakeDetector

from in_the_wild import Output, Video, pipeline, run
from in_the_wild.leftovers import DRAWINGS, remove_half_written, remove_made_of
from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import COCO17, HUMAN36M17

OWN = {"notes.txt", "poses3d_by_hand.csv"}


def _poses(height: float, *, flat: bool = False) -> Poses:
    """One person in two frames, 3D or, as keypoints, flat."""
    skeleton = COCO17 if flat else HUMAN36M17
    video = Source("clip.mp4", width=64, height=48, fps=25.0, timestamps=np.arange(2) / 25)
    return Poses(
        keypoints=np.full((2, 17, 2 if flat else 3), height),
        scores=np.ones((2, 17)),
        frame=np.arange(2),
        person_id=np.zeros(2),
        skeleton=skeleton,
        space="image" if flat else "camera",
        video=video,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a run left, and two files of the user's own."""
    for name in (*DRAWINGS, "poses3d.trc", "poses3d_person1.bvh", "detector3d.npz", *OWN):
        (tmp_path / name).write_bytes(b"of the earlier run")
    files = ["poses2d.npz", "poses3d.npz", "detector3d.npz", "poses3d.trc", "poses3d_person1.bvh", "../out.txt"]
    (tmp_path / "run.json").write_text(json.dumps({"files": [*files, *DRAWINGS, 7]}))
    _poses(1.0).save(tmp_path / "poses3d.npz")
    _poses(10.0, flat=True).save(tmp_path / "poses2d.npz")
    return tmp_path


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_other_joints_take_away_what_was_made_of_the_earlier_ones(folder: Path) -> None:
    gone = remove_made_of(folder / "poses3d.npz", _poses(2.0))
    assert sorted(gone) == sorted([*DRAWINGS, "poses3d.trc", "poses3d_person1.bvh", "run.json"])
    assert _names(folder) == {"poses2d.npz", "poses3d.npz", "detector3d.npz", *OWN}


def test_other_keypoints_take_away_what_is_drawn_of_them(folder: Path) -> None:
    before = _names(folder)
    remove_made_of(folder / "poses2d.npz", _poses(11.0, flat=True))
    assert before - _names(folder) == set(DRAWINGS)


@pytest.mark.parametrize("name", ["poses3d.npz", "smooth.npz"])
def test_the_same_poses_and_those_of_other_files_keep_everything(folder: Path, name: str) -> None:
    before = _names(folder)
    same = name == "poses3d.npz"
    assert remove_made_of(folder / name, _poses(1.0 if same else 2.0)) == []
    assert _names(folder) == before


@pytest.mark.parametrize("record", ["{", "[]", '{"files": 3}', "{}"])
def test_a_damaged_record_costs_films_and_itself_alone(folder: Path, record: str) -> None:
    (folder / "run.json").write_text(record)
    assert sorted(remove_made_of(folder / "poses3d.npz", _poses(2.0))) == sorted([*DRAWINGS, "run.json"])


def test_the_video_itself_stays(folder: Path) -> None:
    """Somebody may run on a film that lies in the folder."""
    shown = _poses(2.0)
    shown = shown.replace(
        video=Source(str(folder / "overlay.mp4"), width=64, height=48, fps=25.0, timestamps=shown.video.timestamps)
    )
    remove_made_of(folder / "poses3d.npz", shown)
    assert (folder / "overlay.mp4").is_file()
    assert not (folder / "overlay.gif").exists()


def test_saving_into_a_runs_folder_is_no_way_around(folder: Path) -> None:
    _poses(3.0).save(folder / "poses3d.npz")
    assert _names(folder) == {"poses2d.npz", "poses3d.npz", "detector3d.npz", *OWN}


@pytest.mark.parametrize("broken", [False, True], ids=["without a film", "a film that fails"])
def test_a_run_leaves_no_film_of_the_run_before(
    fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: bool
) -> None:
    """Of the whole clip, then of a part of it."""
    how: dict[str, Any] = {"model": f"pstmo:weights={tiny}"}
    run(flat, Output(tmp_path, exports="trc"), **how)
    assert {"overlay.mp4", "poses3d.trc", "run.json", "view.html"} <= _names(tmp_path / "flat")
    run(flat, Output(tmp_path, film="none", view=False), **how)
    assert {"overlay.mp4", "poses3d.trc", "view.html"} <= _names(tmp_path / "flat"), "of the same poses"

    def fail(*_: object, **__: object) -> list[str]:
        raise OSError("the encoder is gone")

    left = {"poses2d.npz", "poses3d.npz"}
    part = Video(flat, end=0.2)
    if broken:
        monkeypatch.setattr(pipeline, "film", fail)
        with pytest.raises(OSError, match="the encoder is gone"):
            run(part, tmp_path, **how)
        left.add("unfinished.json")
    else:
        run(part, Output(tmp_path, film="none", view=False), **how)
        left.add("run.json")
    assert _names(tmp_path / "flat") == left


def test_half_written_files_of_a_killed_run_go_and_others_stay(tmp_path: Path) -> None:
    gone = [
        ".poses3d.k3_x9ab1.npz", ".unfinished.abcdefgh.json", ".0123456789abcdef.part.mp4",
        ".poses3d_person0.abcdefgh.trc", ".poster.abcdefgh.jpg",
    ]  # fmt: skip
    stay = [".hidden", ".vimrc123", ".other.abcdefgh.npz", "poses3d.npz", "poses3d.abcdefgh.npz", ".poses3d.npz"]
    for name in (*gone, *stay):
        (tmp_path / name).touch()
    for folder in (".ab_d3fgh", ".git"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "pictures.mkv").touch()
    remove_half_written(pipeline.files_of(Output(tmp_path, exports="trc")))
    assert {path.name for path in tmp_path.iterdir()} == {*stay, ".git"}
    remove_half_written(pipeline.files_of(Output(tmp_path / "not there")))
