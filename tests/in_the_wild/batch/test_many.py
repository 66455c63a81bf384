"""Batches: equal to one by one, going on where they were, and no clip lost for another."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from batches import Listener, arrays_in, clips_in, outcomes_of

import in_the_wild as iw
from in_the_wild.batch import many
from in_the_wild.batch.claims import claimed
from in_the_wild.batch.clip import Clip
from in_the_wild.batch.crew import Crew
from in_the_wild.batch.engines.base import Work
from in_the_wild.batch.engines.inline import Inline
from in_the_wild.batch.engines.processes import Processes
from in_the_wild.batch.outcome import Outcome
from in_the_wild.batch.recipe import Recipe
from in_the_wild.errors import WeightsError


def _damage(clip: Path, folder: Path) -> None:
    """The beginning of a clip, which says nothing of the rest."""
    folder.joinpath("damaged.mp4").write_bytes(clip.read_bytes()[:600])


@pytest.mark.slow
def test_workers_side_by_side_give_the_same_bytes_and_lose_no_clip_for_a_damaged_one(
    waving: Path, recipe: Recipe, tmp_path: Path
) -> None:
    clips = tmp_path / "in"
    shutil.copytree(waving, clips)
    _damage(waving / "clip00.mp4", clips)
    listener = Listener()
    together = clips_in(clips, tmp_path / "together")
    outcomes = many.in_order(together, list(many.run(together, recipe, Processes(jobs=2), listener)))
    assert [one.status for one in outcomes] == ["done"] * 4 + ["failed"]
    assert "damaged.mp4" in (outcomes[-1].error or "")
    assert {worker for worker, _, _ in listener.stages} == {0, 1}
    assert {stage for _, clip, stage in listener.stages if clip == "clip03.mp4"} >= {"detect", "track", "lift"}
    assert sorted(one.name for one in listener.outcomes) == [one.name for one in outcomes]
    alone = outcomes_of(clips_in(clips, tmp_path / "alone"), recipe, Inline())
    assert [(one.name, one.frames, one.people, one.error) for one in alone] == [
        (one.name, one.frames, one.people, one.error) for one in outcomes
    ]
    arrays = arrays_in(tmp_path / "together")
    assert len(arrays) > 4 * 10
    assert arrays == arrays_in(tmp_path / "alone")


def test_what_is_finished_is_kept_until_something_that_decides_it_is_another(
    waving: Path, recipe: Recipe, tmp_path: Path
) -> None:
    source = tmp_path / "in"
    shutil.copytree(waving, source)
    clips = clips_in(source, tmp_path / "out")[:2]

    def statuses(recipe: Recipe = recipe, *, resumes: bool = True, skip_existing: bool = False) -> list[str]:
        asked = [replace(clip, resumes=resumes, skip_existing=skip_existing) for clip in clips]
        return [one.status for one in outcomes_of(asked, recipe, Inline())]

    assert statuses() == ["done", "done"]
    first = outcomes_of(clips, recipe, Inline())
    assert [one.status for one in first] == ["kept", "kept"]
    assert (first[0].frames, first[0].people) == (12, (0,))
    assert first[0].seconds.keys() >= {"detect", "lift"}, "the report goes on saying what it took"

    (tmp_path / "out" / "clip00" / "poses3d.npz").touch()
    assert statuses() == ["done", "kept"], "a file that is newer than the record is not what the record is about"
    (tmp_path / "out" / "clip01" / "poses3d.npz").unlink()
    assert statuses() == ["kept", "done"]
    other = replace(recipe, refiners=("none",))
    assert statuses(other, skip_existing=True) == ["kept", "kept"]
    assert statuses(other) == ["done", "done"]
    shutil.copy(source / "clip03.mp4", source / "clip00.mp4")
    assert statuses(other, skip_existing=True) == ["kept", "kept"]
    assert statuses(other) == ["failed", "kept"], "results of another video are not written over"
    assert statuses(other, resumes=False) == ["failed", "done"]


def test_a_clip_that_another_run_works_on_is_left_to_it_and_comes_last(
    waving: Path, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clips = clips_in(waving, tmp_path / "out")[:2]
    asked = []

    class Watching(Inline):
        def run(self, clips: Sequence[Clip], work: Work, crew: Crew) -> Generator[Outcome, None, None]:
            asked.append([(clip.name, clip.waits) for clip in clips])
            yield from super().run(clips, work, crew)

    with claimed(tmp_path / "out" / "clip00"):
        ends = many.run(clips, recipe, Watching())
        assert next(ends).name == "clip01.mp4"
    assert [one.status for one in ends] == ["done"]
    assert asked == [[("clip00.mp4", False), ("clip01.mp4", False)], [("clip00.mp4", True)]]


def test_nothing_is_written_over_an_input(recipe: Recipe, waving: Path, tmp_path: Path) -> None:
    clips = clips_in(waving, tmp_path / "out")[:1]
    (tmp_path / "out" / "clip00").mkdir(parents=True)
    (tmp_path / "out" / "clip00" / "poses3d.npz").symlink_to(waving / "clip00.mp4")
    (refused,) = outcomes_of(clips, recipe, Inline())
    assert (refused.status, "would be written over the input" in (refused.error or "")) == ("failed", True)


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_networks_that_do_not_load_are_told_once_and_for_all(
    waving: Path, recipe: Recipe, tmp_path: Path, jobs: int
) -> None:
    wrong = replace(recipe, lifter={"weights": str(waving / "clip00.mp4")})
    with pytest.raises(WeightsError):
        outcomes_of(clips_in(waving, tmp_path / "out"), wrong, Inline() if jobs == 1 else Processes(jobs=jobs))


def test_the_whole_job_as_one_call(waving: Path, recipe: Recipe, tmp_path: Path) -> None:
    videos = [waving / "clip00.mp4", waving / "clip02.mp4"]
    where = iw.Output(tmp_path, "none", view=False)
    first = iw.run_many(videos, where, recipe, jobs=1)
    assert [(one.name, one.status, one.frames) for one in first] == [
        ("clip00.mp4", "done", 12), ("clip02.mp4", "done", 14),
    ]  # fmt: skip
    assert {"report.csv", "index.html"} <= {path.name for path in tmp_path.iterdir()}
    assert [one.status for one in iw.run_many(videos, where, recipe, jobs=1)] == ["kept", "kept"]


def test_where_all_is_finished_no_network_is_loaded(
    waving: Path, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = tmp_path / "weights.pt"
    shutil.copy(str(recipe.lifter["weights"]), weights)
    own = replace(recipe, lifter={"weights": str(weights)})
    clips = clips_in(waving, tmp_path / "out")[:2]
    outcomes_of(clips[:1], own, Inline())
    loads = []

    class Counting(Inline):
        def run(self, clips: Sequence[Clip], work: Work, crew: Crew) -> Generator[Outcome, None, None]:
            loads.append([clip.name for clip in clips])
            yield from super().run(clips, work, crew)

    assert [one.status for one in outcomes_of(clips, own, Counting())] == ["kept", "done"]
    assert [one.status for one in outcomes_of(clips, own, Counting())] == ["kept", "kept"]
    assert loads == [["clip01.mp4"]]
    other_words = replace(own, lifter={**own.lifter, "flip": True})
    assert [one.status for one in outcomes_of(clips, other_words, Counting())] == ["kept", "kept"]
    assert loads[1:] == [["clip00.mp4", "clip01.mp4"]], "networks tell that it is the same"
    before = own.digest()
    weights.write_bytes(weights.read_bytes() + b"\n")
    assert own.digest() != before, "another file of the same name is another network"
    monkeypatch.chdir(tmp_path)
    named = replace(own, lifter={}, model="pstmo:weights=weights.pt")
    before = named.digest()
    weights.write_bytes(weights.read_bytes() + b"\n")
    assert named.digest() != before, "also where settings name it"
