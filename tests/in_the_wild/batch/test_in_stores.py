"""Batches whose results go to a store: those of a folder, whole or not at all, and going on where they were."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from batches import arrays_in, outcomes_of

import in_the_wild as iw
from in_the_wild import stores
from in_the_wild.batch import many
from in_the_wild.batch.claims import claimed
from in_the_wild.batch.clip import Clip
from in_the_wild.batch.crew import NOBODY
from in_the_wild.batch.engines.inline import Inline
from in_the_wild.batch.engines.processes import Processes
from in_the_wild.batch.recipe import Recipe
from in_the_wild.errors import InputError, OutputError
from in_the_wild.keypoints import meant
from in_the_wild.result import Output

FILES = {"poses2d.npz", "poses3d.npz", "poster.jpg", "run.json"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where results are made before they are put."""
    monkeypatch.setenv("POSE3D_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def _into(store: str) -> Output:
    return replace(Output.at(store), film="none", view=False)


def _clips(given: str | Path, store: str, count: int = 2) -> list[Clip]:
    return many.clips_of(meant([given])[:count], _into(store))


def _names(store: str, clip: str) -> set[str]:
    return stores.names_in(f"{store}/out/{clip}")


def _at_hand(store: str, folder: Path) -> Path:
    """A copy of all that is there."""
    for name in ("clip00", "clip01"):
        for file in stores.names_in(f"{store}/{name}"):
            (folder / name).mkdir(parents=True, exist_ok=True)
            stores.fetch(f"{store}/{name}/{file}", folder / name / file)
    return folder


def _failing_at(failing: int) -> Callable[[Path, str], None]:
    """A store that takes so many files, and then none."""
    put, count = stores.put, 0

    def take(path: Path, url: str) -> None:
        nonlocal count
        count += 1
        if count > failing:
            raise OutputError(f"{url} cannot be written (the network is gone); check the address and the access to it.")
        put(path, url)

    return take


def test_results_in_a_store_are_those_in_a_folder(
    store: str, waving: Path, recipe: Recipe, tmp_path: Path, home: Path
) -> None:
    videos = sorted(waving.iterdir())[:2]
    first = iw.run_many(videos, _into(f"{store}/out"), recipe, jobs=1)
    assert [(one.status, one.where, one.has_picture) for one in first] == [
        ("done", f"{store}/out/{name}", True) for name in ("clip00", "clip01")
    ]
    assert [one.status for one in iw.run_many(videos, _into(f"{store}/out"), recipe, jobs=1)] == ["kept", "kept"]
    iw.run_many(videos, Output(tmp_path / "here", "none", view=False), recipe, jobs=1)
    assert arrays_in(_at_hand(f"{store}/out", tmp_path / "copy")) == arrays_in(tmp_path / "here")
    assert _names(store, "clip00") == {path.name for path in (tmp_path / "here" / "clip00").iterdir()}
    assert not list(home.rglob("*.npz")), "what is put is no longer here"
    for name in ("report.csv", "index.html"):
        stores.fetch(f"{store}/out/{name}", tmp_path / name)
    with (tmp_path / "report.csv").open(newline="", encoding="utf-8") as file:
        assert [(row["status"], row["folder"]) for row in csv.DictReader(file)] == [
            ("kept", "clip00"), ("kept", "clip01"),
        ]  # fmt: skip
    assert "./clip01/poster.jpg" in (tmp_path / "index.html").read_text()


@pytest.mark.slow
def test_workers_put_into_one_store(s3: str, waving: Path, recipe: Recipe, tmp_path: Path) -> None:
    clips = _clips(waving, f"{s3}/out")
    assert [one.error for one in outcomes_of(clips, recipe, Processes(jobs=2))] == [None, None]
    outcomes_of(many.clips_of(meant([waving])[:2], Output(tmp_path / "here", "none", view=False)), recipe, Inline())
    assert arrays_in(_at_hand(f"{s3}/out", tmp_path / "copy")) == arrays_in(tmp_path / "here")


@pytest.mark.parametrize("taken", [0, 2, 3])
def test_what_could_not_be_put_is_put_by_the_next_run(
    memory: str, waving: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    clips = _clips(waving, f"{memory}/out", 1)
    with monkeypatch.context() as broken:
        broken.setattr(stores, "put", _failing_at(1 + taken))  # the first is the trial
        (failed,) = outcomes_of(clips, recipe, Inline())
    assert (failed.status, "the network is gone" in (failed.error or "")) == ("failed", True)
    assert len(_names(memory, "clip00")) == taken
    assert "run.json" not in _names(memory, "clip00"), "it says that the others are complete"
    (again,) = outcomes_of(clips, recipe, Inline())
    assert (again.status, again.where) == ("kept", f"{memory}/out/clip00"), "nothing was done twice"
    assert _names(memory, "clip00") == FILES


def test_a_clip_of_which_others_are_finished_there_is_not_fetched(
    memory: str, waving: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    clips = _clips(waving, f"{memory}/out", 1)
    outcomes_of(clips, recipe, Inline())
    fetch, fetched = stores.fetch, []

    def seen(url: str, path: Path) -> None:
        fetched.append(url.rpartition("/")[2])
        fetch(url, path)

    monkeypatch.setattr(stores, "fetch", seen)
    kept = outcomes_of([replace(clip, skip_existing=True) for clip in clips], recipe, Inline())
    assert ([one.status for one in kept], fetched) == (["kept"], ["run.json"])
    stores._remove(["poses3d.npz"], f"{memory}/out/clip00")
    assert [one.status for one in outcomes_of(clips, recipe, Inline())] == ["done"]
    assert "poses2d.npz" in fetched, "what was found is taken from there"


def test_videos_of_a_store_are_kept_as_those_of_a_folder_are(memory: str, waving: Path, recipe: Recipe) -> None:
    stores.put(waving / "clip00.mp4", f"{memory}/in/clip00.mp4")
    clips = _clips(f"{memory}/in", f"{memory}/out")
    assert [outcomes_of(clips, recipe, Inline())[0].status for _ in range(2)] == ["done", "kept"]
    stores.put(waving / "clip01.mp4", f"{memory}/in/clip00.mp4")
    (other,) = outcomes_of(clips, recipe, Inline())
    assert (other.status, "results of another video" in (other.error or "")) == ("failed", True)


def test_nothing_is_written_over_an_input_there(memory: str, waving: Path, recipe: Recipe) -> None:
    stores.put(waving / "clip00.mp4", f"{memory}/out/overlay/overlay.mp4")
    (refused,) = outcomes_of(_clips(f"{memory}/out/overlay", f"{memory}/out"), recipe, Inline())
    assert refused.error == (
        f"{memory}/out/overlay/overlay.mp4 would be written over the input; choose another folder."
    )


def test_two_runs_of_one_machine_do_not_do_a_clip_twice(memory: str, waving: Path, recipe: Recipe) -> None:
    clips = _clips(waving, f"{memory}/out", 1)
    near = clips[0].near()
    assert near.folder is not None
    assert clips[0].folder == Path("clip00")
    with claimed(near.folder):
        assert [one.status for one in Inline().run(clips, many.how(recipe), NOBODY)] == ["busy"]
    assert _names(memory, "clip00") == set()


def test_a_store_that_takes_nothing_ends_the_batch_before_the_work(s3: str, waving: Path, recipe: Recipe) -> None:
    with pytest.raises(OutputError, match=r"^s3://none/out/\.writable cannot be written: it is not there; check"):
        outcomes_of(_clips(waving, "s3://none/out"), recipe, Inline())


def test_a_single_run_names_who_writes_into_stores(waving: Path) -> None:
    with pytest.raises(InputError, match=r"^Batches alone write into stores: give memory://bucket/out to run_many,"):
        iw.run(waving / "clip00.mp4", "memory://bucket/out", detector="movenet:model=lightning")
    with pytest.raises(InputError, match=r'found s3:/bucket/out; of a store: Output\.at\("s3://bucket/out"\)'):
        Output(Path("s3://bucket/out"))
