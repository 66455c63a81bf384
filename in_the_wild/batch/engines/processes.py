"""Processes of this machine: each holds the networks and computes with its share of the cores.

Every worker is a pool of one process, by the standard library's executor: one that dies breaks no other pool, and its
clip is known. Between a worker and whoever asked for it runs a line on which the worker tells how far it is; when the
line is cut, because the batch is over, was stopped or was killed itself, the worker takes away what is half written
and ends. Workers heed no Ctrl-C of their own: the terminal sends it to all, and one decides.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from in_the_wild import memory, threads
from in_the_wild.batch.clip import Clip
from in_the_wild.batch.crew import Crew
from in_the_wild.batch.engines.base import Engine, Task, Work
from in_the_wild.batch.outcome import Outcome

_GLANCE = 0.1  # seconds between two looks at the lines
_BETWEEN = 0.2  # seconds between two words of a worker about one stage
_PATIENCE = 10.0  # seconds that a worker has to take away what is half written
_MEMORY = 1 << 30  # bytes that a worker takes, torch and networks included
_MEND = "there may be too little memory: try fewer --jobs."


class Processes(Engine):
    """So many processes, which share the cores."""

    name = "processes"

    def __init__(self, *, jobs: int | None = None) -> None:
        self.jobs = jobs or _as_many_as_fit()

    def run(self, clips: Sequence[Clip], work: Work, crew: Crew) -> Generator[Outcome, None, None]:
        """See `Engine.run`."""
        waiting = deque(Task(clip) for clip in clips)
        count = max(1, min(self.jobs, len(waiting)))
        share = max(1, threads.allowed() // count)
        workers = [_Worker(number, work, share, crew) for number in range(count)]
        try:
            while True:
                for worker in workers:
                    if worker.is_free and waiting:
                        worker.take(waiting.popleft())
                at_work = {worker.future: worker for worker in workers if worker.future is not None}
                if not at_work:
                    return
                wait(at_work, timeout=_GLANCE, return_when=FIRST_COMPLETED)
                for worker in workers:
                    worker.listen()
                for future in [future for future in at_work if future.done()]:
                    answer = at_work[future].answer()
                    if isinstance(answer, Outcome):
                        yield answer
                    elif answer is not None:
                        waiting.append(answer)
        finally:
            for worker in workers:
                worker.end()


def _as_many_as_fit() -> int:
    """A worker for each core, as long as the memory that is free holds them."""
    cores = threads.allowed()
    try:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # not every system says
        return cores
    return max(1, min(cores, free // _MEMORY))


@dataclass
class _Worker:
    """One process, seen from outside; another takes its place when it dies.

    Attributes:
        future: What it is at; None while it has nothing to do.
    """

    number: int
    work: Work
    threads: int
    crew: Crew
    future: Future[Outcome] | None = None
    _task: Task | None = None
    _pool: ProcessPoolExecutor | None = None
    _line: Connection | None = field(default=None, repr=False)

    @property
    def is_free(self) -> bool:
        return self.future is None

    def take(self, task: Task) -> None:
        """Begin with a clip."""
        theirs = None
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._line, theirs = context.Pipe()
            self._pool = ProcessPoolExecutor(1, context, initializer=_begin, initargs=(theirs, self.threads))
        self._task, self.future = task, self._pool.submit(_do, self.work, task.clip)
        if theirs is not None:  # the process has it now: what is read here shall end when it does
            theirs.close()

    def listen(self) -> None:
        """Pass on what the worker says."""
        with suppress(EOFError, OSError):
            while self._line is not None and self._line.poll():
                said = self._line.recv()
                if isinstance(said, str):
                    self.crew.note(said)
                elif self._task is not None:
                    self.crew.at(self.number, self._task.clip.name, *said)

    def answer(self) -> Outcome | Task | None:
        """What came of the clip, or the clip once more where the worker died over it for the first time.

        Raises:
            Pose3DError: the networks cannot be loaded.
        """
        assert self._task is not None
        assert self.future is not None
        task, future = self._task, self.future
        self._task = self.future = None
        try:
            return future.result()
        except BrokenProcessPool:
            self.end()
            return task.after_death(_MEND)

    def end(self) -> None:
        """End the process; what it is at is broken off."""
        if self._line is not None:
            self._line.close()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._line = self._pool = None


# From here on: within a worker.


@dataclass
class _Inside:
    """What a worker holds.

    Attributes:
        line: To whoever asked for it.
        networks: As `Work.load` opened them, and what keeps them open.
        resting: Set while it is at nothing.
    """

    line: Connection
    networks: Any = None
    opened: AbstractContextManager[Any] | None = None
    resting: threading.Event = field(default_factory=threading.Event)

    def tell(self, said: object) -> None:
        """Say something to whoever asked for the worker, if it still listens."""
        with suppress(OSError):
            self.line.send(said)


_inside: _Inside | None = None


def _begin(line: Connection, share: int) -> None:
    """What a worker does first."""
    global _inside
    _inside = _Inside(line)
    _inside.resting.set()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(number, _break_off)
    threading.Thread(target=_end_with, args=(_inside,), name="end", daemon=True).start()
    memory.keep_freed()
    threads.limit(share)


def _break_off(number: int, frame: object) -> None:
    """Unwind what the worker is at, so that part files go."""
    raise KeyboardInterrupt


def _end_with(inside: _Inside) -> None:
    """Wait until the line is cut, and end the worker then."""
    with suppress(EOFError, OSError):
        inside.line.recv()
    os.kill(os.getpid(), signal.SIGTERM)
    inside.resting.wait(_PATIENCE)
    os._exit(128 + signal.SIGTERM)


def _do(work: Work, clip: Clip) -> Outcome:
    """One clip in the worker; the networks are loaded for the first."""
    inside = _inside
    assert inside is not None
    inside.resting.clear()
    try:
        if inside.opened is None:
            opened = work.load(inside.tell)
            inside.networks = opened.__enter__()
            inside.opened = opened
        return work.do(clip, inside.networks, _seldom(inside.tell))
    finally:
        inside.resting.set()


def _seldom(tell: Callable[[object], None]) -> Callable[[str, int, int | None], None]:
    """Tells of the beginning and the end of a stage, and now and then between."""
    last, spoke = "", 0.0

    def report(stage: str, done: int, total: int | None) -> None:
        nonlocal last, spoke
        now = time.monotonic()
        if stage != last or done == total or now - spoke >= _BETWEEN:
            last, spoke = stage, now
            tell((stage, done, total))

    return report
