"""A run that was killed goes on after its last finished stage, and ends with the files of one that was not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from batches import arrays_in
from command_line import FakeDetector

import in_the_wild as iw
from in_the_wild import pipeline
from in_the_wild.leftovers import UNFINISHED
from in_the_wild.result import Result
from in_the_wild.unfinished import Stages


class _KilledError(BaseException):
    """Stands for a signal that nothing catches."""


def _kill(*given: Any, **how: Any) -> Any:
    raise _KilledError


def _files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("stage", "kept"),
    [
        ("refine_people", {"detect"}),
        ("lift_people", {"detect"}),
        ("export", {"detect", "lift"}),
        ("film", {"detect", "lift"}),
        ("page", {"detect", "lift", "render"}),
    ],
)
def test_finished_stages_are_kept(
    fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path, stage: str, kept: set[str]
) -> None:
    def once(folder: Path) -> Result:
        where = iw.Output(folder, "gif", exports="csv", drawing=iw.Drawing(height=64))
        (result,) = iw.run_each([flat], where, model=f"pstmo:weights={tiny}", detector="blazepose:every=3")
        assert result.error is None
        return result

    whole = once(tmp_path / "whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, stage, _kill)
        with pytest.raises(_KilledError):
            once(tmp_path / "killed")
    killed = tmp_path / "killed" / "flat"
    assert ((killed / UNFINISHED).exists(), (killed / "run.json").exists()) == ("lift" in kept, False)
    again = once(tmp_path / "killed")
    assert not kept & again.seconds.keys()
    assert {"detect", "lift", "render", "view"} - kept <= again.seconds.keys()
    assert _files(killed) == _files(tmp_path / "whole" / "flat")
    assert UNFINISHED not in _files(killed)
    assert arrays_in(killed) == arrays_in(tmp_path / "whole" / "flat")
    records = [json.loads((tmp_path / name / "flat" / "run.json").read_text()) for name in ("whole", "killed")]
    for record in records:
        del record["seconds"], record["frames_per_second"]
    assert records[0] == records[1]
    assert (again.warnings, again.files) == (whole.warnings, whole.files)


def test_stages_of_another_run_are_not_taken(tmp_path: Path) -> None:
    (tmp_path / "poses3d.npz").touch()
    (tmp_path / "overlay.mp4").touch()
    result = Result(tmp_path / "clip.mp4", tmp_path, warnings=["It is dark."], cleaned={"swap": 2})
    stages = Stages.of(tmp_path, "one")
    for stage, file in (("lift", "poses3d.npz"), ("render", "overlay.mp4")):
        result.files.append(file)
        stages.finish(stage, result)

    def taken(stamp: str = "one") -> list[str]:
        left = Stages.of(tmp_path, stamp)
        return [stage for stage in ("lift", "render") if left.take(stage, Result(tmp_path / "clip.mp4", tmp_path))]

    assert taken() == ["lift", "render"]
    assert taken("another") == []
    knows = Result(tmp_path / "clip.mp4", tmp_path)
    assert Stages.of(tmp_path, "one").take("lift", knows)
    assert (knows.warnings, knows.cleaned, knows.files) == (["It is dark."], {"swap": 2}, ["poses3d.npz"])
    (tmp_path / "overlay.mp4").unlink()
    assert taken() == ["lift"]
    (tmp_path / "poses3d.npz").rename(tmp_path / "overlay.mp4")
    assert taken() == [], "nor what was made of it"


@pytest.mark.parametrize(
    "damage",
    [
        "{", "[]", '{"stamp": "one"}', '{"stamp": "one", "stages": {"lift": {"files": ["../x"]}}}',
        '{"stamp": "one", "stages": {"lift": {"files": ["../x"], "warnings": [], "cleaned": {}}}}',
        '{"stamp": "one", "stages": {"lift": {"files": [], "warnings": [3], "cleaned": {}}}}',
        '{"stamp": "one", "stages": 7}',
    ],
)  # fmt: skip
def test_what_is_damaged_is_as_if_it_were_not_there(tmp_path: Path, damage: str) -> None:
    (tmp_path / UNFINISHED).write_text(damage)
    assert not Stages.of(tmp_path, "one").take("lift", Result(tmp_path / "clip.mp4", tmp_path))
