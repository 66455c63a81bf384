"""Processes as workers: networks are loaded once in each, and who dies or is stopped takes nothing along."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from batches import Listener
from toy_work import TOY, toy_clips

from in_the_wild.batch.engines.processes import Processes

_ALONE = """
import sys
from pathlib import Path
from toy_work import TOY, toy_clips
from batches import Listener
from in_the_wild.batch.engines.processes import Processes

class Speaking(Listener):
    def at(self, *far):
        print("at work", flush=True)

list(Processes(jobs=2).run(toy_clips(Path(sys.argv[1]), "long"), TOY, Speaking()))
"""


def _wait_for(file: Path, seconds: float = 60) -> bool:
    ends = time.monotonic() + seconds
    while not file.exists() and time.monotonic() < ends:
        time.sleep(0.05)
    return file.exists()


@pytest.mark.slow
def test_a_worker_that_dies_loses_its_clip_alone_and_is_replaced(tmp_path: Path) -> None:
    names = ["a", "dies once", "b", "dies", "c"]
    listener = Listener()
    outcomes = {one.name: one for one in Processes(jobs=2).run(toy_clips(tmp_path, *names), TOY, listener)}
    assert {name: one.status for name, one in outcomes.items()} == {
        **{f"{name}.mp4": "done" for name in ("a", "b", "c", "dies once")},
        "dies.mp4": "failed",
    }
    assert "died 2 times over dies.mp4" in (outcomes["dies.mp4"].error or "")
    assert len(list((tmp_path / "dies").iterdir())) == 2, "it was tried in two workers"
    loads = {outcome.warnings for outcome in outcomes.values() if outcome.warnings}
    assert len(loads) <= len(listener.notes) <= 5, "a worker loads once; three took the places of dead ones"
    assert multiprocessing.active_children() == []


@pytest.mark.slow
def test_stopping_ends_the_workers_once_they_have_tidied_up(tmp_path: Path) -> None:
    with closing(Processes(jobs=2).run(toy_clips(tmp_path, "long", "a"), TOY, Listener())) as running:
        assert next(running).name == "a.mp4"
        assert _wait_for(tmp_path / "long")
        began = time.monotonic()
    assert time.monotonic() - began < 30
    assert (tmp_path / "long" / "tidied up").exists()
    assert multiprocessing.active_children() == []


@pytest.mark.slow
def test_workers_end_when_whoever_asked_for_them_is_killed(tmp_path: Path) -> None:
    support = Path(__file__).parents[3] / "support"
    asker = subprocess.Popen(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(support)!r})\n{_ALONE}", str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert asker.stdout is not None
    assert asker.stdout.readline() == "at work\n"
    asker.kill()
    asker.wait()
    assert _wait_for(tmp_path / "long" / "tidied up")
