"""Clips on the machines of a cluster: two of them, with a core each, which are processes of this one."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cluster_work
import pytest
from short_clips import made, make_clips

from in_the_wild import inputs, plugins
from in_the_wild.batch import many
from in_the_wild.batch.engines.base import Engine
from in_the_wild.batch.outcome import Outcome
from in_the_wild.batch.recipe import Recipe
from in_the_wild.errors import InputError, PluginError, WeightsError
from in_the_wild.result import Output

ENGINES = "in_the_wild.batch.engines"


class Heard:
    """A crew that remembers what it was told."""

    def __init__(self) -> None:
        self.far: set[tuple[str, str]] = set()
        self.notes: list[str] = []

    def at(self, worker: int, clip: str, stage: str, done: int, total: int | None) -> None:
        assert worker in (0, 1)
        self.far.add((clip, stage))

    def note(self, sentence: str) -> None:
        self.notes.append(sentence)

    def finished(self, outcome: Outcome) -> None:
        """It is yielded too."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a cluster of two machines."""
    pytest.importorskip("ray", reason="needs pip install 'pose3d[ray]'")
    from ray.cluster_utils import Cluster

    settings = {"num_cpus": 1, "object_store_memory": 80_000_000, "include_dashboard": False}
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RAY_USAGE_STATS_ENABLED", "0")
        environment.setenv("RAY_AUTH_MODE", "disabled")
        environment.setenv("PYTHONPATH", str(Path(cluster_work.__file__).parent))
        running = Cluster(initialize_head=True, head_node_args=settings)
        running.add_node(False, **settings)
        yield str(running.address)
        running.shutdown()


def engine(address: str, **how: object) -> Engine:
    made: Engine = plugins.load(ENGINES, "ray")(address=address, **how)
    return made


def by_name(outcomes: Iterator[Outcome]) -> dict[str, Outcome]:
    found = list(outcomes)
    assert len({one.name for one in found}) == len(found), "one outcome for each clip"
    return {one.name: one for one in found}


def test_every_clip_is_worked_on_once_by_as_many_workers_as_there_is_room_for(cluster: str, tmp_path: Path) -> None:
    crew = Heard()
    names = [f"clip{number}" for number in range(8)]
    work = cluster_work.work(tmp_path / "log", lasts=1.5)
    done = by_name(engine(cluster).run(cluster_work.clips(tmp_path, *names), work, crew))
    assert {name: one.status for name, one in done.items()} == dict.fromkeys(names, "done")
    assert cluster_work.begun(tmp_path / "log") == dict.fromkeys(names, 1)
    assert len(cluster_work.workers(tmp_path / "log")) == 2
    assert ("clip0", "detect") in crew.far
    assert crew.notes == ["loaded", "loaded"]


def test_the_clip_of_a_worker_that_dies_is_done_again_alone(
    cluster: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    names = ["a", "dies once", "b", "dies", "c", "d"]
    done = by_name(
        engine(cluster, jobs=2).run(cluster_work.clips(tmp_path, *names), cluster_work.work(tmp_path / "log"), Heard())
    )
    assert cluster_work.begun(tmp_path / "log") == {"a": 1, "b": 1, "c": 1, "d": 1, "dies": 2, "dies once": 2}
    assert {name for name, one in done.items() if one.status == "failed"} == {"dies"}
    assert done["dies"].error == (
        "The worker died 2 times over dies; its machine may have too little memory: try fewer workers on each."
    )
    assert capfd.readouterr().out == "", "programs read what is printed"


def test_networks_that_cannot_be_loaded_end_the_batch(cluster: str, tmp_path: Path) -> None:
    work = cluster_work.work(tmp_path / "log", loads=False)
    with pytest.raises(WeightsError, match=r"^These weights are nobody's\.$"):
        list(engine(cluster).run(cluster_work.clips(tmp_path, "a", "b"), work, Heard()))


def test_paths_are_seen_from_the_same_folder(cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    list(engine(cluster).run(cluster_work.clips(tmp_path, "a"), cluster_work.work(Path("log")), Heard()))
    assert cluster_work.begun(tmp_path / "log") == {"a": 1}


def test_workers_for_which_there_is_no_room_are_waited_for_and_told(
    cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{ENGINES}.ray._LONG", 1.0)
    crew = Heard()

    class Enough(Exception):
        pass

    def note(sentence: str) -> None:
        assert "no room yet for one of 1 cores and 3 GPUs; it is waited for" in sentence
        raise Enough

    monkeypatch.setattr(crew, "note", note)
    with pytest.raises(Enough):
        list(engine(cluster, gpus=3).run(cluster_work.clips(tmp_path, "a"), cluster_work.work(tmp_path / "log"), crew))


@pytest.mark.slow
def test_results_are_those_of_processes(cluster: str, tmp_path: Path) -> None:
    given = inputs.expand(make_clips(tmp_path / "clips", 3))
    recipe = Recipe(detector="movenet")
    for name, workers in (("processes", plugins.load(ENGINES, "processes")(jobs=2)), ("ray", engine(cluster))):
        clips = many.clips_of(given, Output(tmp_path / name))
        assert [one.error for one in many.run(clips, recipe, workers, Heard())] == [None] * 3
    assert len(made(tmp_path / "ray")) == 18
    assert made(tmp_path / "ray") == made(tmp_path / "processes")


def test_an_address_at_which_nobody_answers_is_told_soon(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="needs pip install 'pose3d[ray]'")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"127.0.0.1:{closed.getsockname()[1]}"
    began = time.monotonic()
    for given, told in (
        (address, rf"No Ray cluster answers at {address} \(Connection refused\); .*ray start --head\."),
        ("head", r'An address such as "10\.0\.0\.1:6379" was expected for Ray, found "head"\.'),
    ):
        with pytest.raises(InputError, match=told):
            list(engine(given).run(cluster_work.clips(tmp_path, "a"), cluster_work.work(tmp_path / "log"), Heard()))
    assert time.monotonic() - began < 10


def test_a_worker_needs_a_core() -> None:
    with pytest.raises(InputError, match=r"more than 0 cores and 0 GPUs or more, found cpus=0,gpus=-1"):
        engine("", cpus=0.0, gpus=-1.0)


def test_without_ray_it_is_told_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(PluginError, match=r'ray cannot be imported .* Install it: pip install "pose3d\[ray\]"$'):
        engine("")
