"""Work for tests of engines that takes no time and needs no networks: what a worker does is written into a log.

The functions are found by name in other processes, so they stand in a file of their own.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from in_the_wild.batch.clip import Clip
from in_the_wild.batch.engines.base import Work
from in_the_wild.batch.outcome import Outcome
from in_the_wild.errors import WeightsError
from in_the_wild.progress import Report
from in_the_wild.result import Output
from in_the_wild.video.footage import Video


def work(log: Path, *, lasts: float = 0.1, loads: bool = True) -> Work:
    """What workers do: they load a log, and write into it which clips they begin with.

    Args:
        log: A folder, in which a file says of every clip that was begun by whom.
        lasts: Seconds for each clip.
        loads: Whether loading works.
    """
    return Work(partial(_loaded, log, loads), partial(_do, lasts))


def clips(folder: Path, *names: str) -> list[Clip]:
    """Clips by name: over "dies once" a worker dies at the first try, over "dies" at each."""
    return [Clip(Video(Path(name)), Output(folder / name)) for name in names]


def begun(log: Path) -> dict[str, int]:
    """How many times each clip was begun."""
    return {file.name: len(file.read_text().splitlines()) for file in sorted(log.iterdir())}


def workers(log: Path) -> set[str]:
    """The processes that worked."""
    return {line for file in log.iterdir() for line in file.read_text().splitlines()}


@contextmanager
def _loaded(log: Path, loads: bool, tell: Callable[[str], None]) -> Iterator[Path]:
    if not loads:
        raise WeightsError("These weights are nobody's.")
    tell("loaded")
    log.mkdir(exist_ok=True)
    yield log


def _do(lasts: float, clip: Clip, log: Path, report: Report) -> Outcome:
    report("detect", 1, 2)
    with (log / clip.name).open("a") as file:
        file.write(f"{os.getpid()}\n")
    times = len((log / clip.name).read_text().splitlines())
    if clip.name.startswith("dies") and (times == 1 or clip.name != "dies once"):
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(lasts)
    return Outcome(clip.source, clip.name, clip.folder, "done", frames=times, error=None)
