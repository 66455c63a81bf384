"""A program and all that it starts, watched from outside: how long it takes, how much memory, how many open files."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil
from command_line import ROOT, START

_BETWEEN = 0.2  # seconds between two looks


@dataclass
class Cost:
    """What a program and all that it started took.

    Attributes:
        seconds: By the clock.
        cpu: Seconds of the processor's.
        memory: The most that all of them had at a time, bytes; pages that several share count for each.
    """

    seconds: float = 0.0
    cpu: float = 0.0
    memory: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.seconds + other.seconds, self.cpu + other.cpu, max(self.memory, other.memory))

    def __str__(self) -> str:
        return f"{self.seconds:>7.0f} s {self.cpu:>8.0f} CPU s {self.memory / 1e6:>7.0f} MB"


def begun(*arguments: object, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """The program, in a process group of its own; what it says can be read, what it complains of goes where ours does.

    Args:
        arguments: Of its command line.
        environment: Beside that of this process.
    """
    return subprocess.Popen(
        [sys.executable, "-c", START, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def family(process: int) -> list[psutil.Process]:
    """A process and all that it started, and they started, that are there now."""
    with suppress(psutil.NoSuchProcess):
        first = psutil.Process(process)
        return [first, *first.children(recursive=True)]
    return []


@contextmanager
def costs(process: int) -> Iterator[Cost]:
    """What a process and its family take while the block lasts, which is to wait for its end; known afterwards."""
    cost, over, ours = Cost(), threading.Event(), _waited_for()
    began = time.monotonic()
    watching = _Watch(process, over)
    watching.start()
    try:
        yield cost
    finally:
        over.set()
        watching.join()
        cost.seconds = time.monotonic() - began
        # Looks miss the last moments of each process; the system misses processes that nobody waited for.
        cost.cpu = max(sum(watching.spent.values()), _waited_for() - ours)
        cost.memory = watching.memory


def _waited_for() -> float:
    """Seconds of the processor's that ended processes took, as the system counts them."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class _Watch(threading.Thread):
    """Looks at a family of processes again and again.

    Attributes:
        spent: Of each process, by its number and when it began, the seconds of the processor's that were last seen.
        memory: The most that all had at a time, bytes.
    """

    def __init__(self, process: int, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self._process, self._over = process, over
        self.spent: dict[tuple[int, float], float] = {}
        self.memory = 0

    def run(self) -> None:
        while not self._over.wait(_BETWEEN):
            held = 0
            for one in family(self._process):
                with suppress(psutil.NoSuchProcess, psutil.AccessDenied), one.oneshot():
                    times = one.cpu_times()
                    self.spent[one.pid, one.create_time()] = times.user + times.system
                    held += one.memory_info().rss
            self.memory = max(self.memory, held)
