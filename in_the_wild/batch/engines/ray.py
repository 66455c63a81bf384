"""Machines of a Ray cluster: each worker is an actor that holds the networks, wherever Ray finds room for one.

Without an address Ray is started on this machine alone, for as long as the clips take. Which machines there are, and
whether more come while workers wait for room, is left to the cluster. pose3d is installed on every machine, and what
is read and written lies where all of them see it under one name: in a shared folder, or in a store (s3:// ...).
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from in_the_wild import memory, threads
from in_the_wild.batch.clip import Clip
from in_the_wild.batch.crew import Crew
from in_the_wild.batch.engines.base import TRIES, Engine, Task, Work
from in_the_wild.batch.outcome import Outcome
from in_the_wild.errors import InputError, PluginError, Pose3DError
from in_the_wild.plugins import back_end

_GLANCE = 1.0  # seconds between two questions to a worker how far it is
_PATIENCE = 5.0  # seconds that a cluster has to answer
_LONG = 20.0  # seconds without one worker, after which people are told what is waited for
_MOST = 1000  # workers, where nobody says how many
_OBJECTS = 100_000_000  # bytes of the store that Ray shares objects in; clips and outcomes are a few thousand each
_NAMES = ("auto", "local")  # which stand for addresses
_PIP = '"pose3d[ray]"'
_MEND = "check the address, or begin a cluster there: ray start --head."
_LITTLE_MEMORY = "its machine may have too little memory: try fewer workers on each."


class Ray(Engine):
    """So many workers in a cluster; those that there is no room for yet begin when there is.

    Args:
        jobs: How many; None asks for as many as there is room for at the beginning.
        address: Of the cluster's head, such as "10.0.0.1:6379"; "auto" is the cluster that this machine belongs to.
        cpus: Cores of each worker, which are also its threads.
        gpus: Of each worker; a part of one lets several share it.

    Raises:
        InputError: numbers that make no sense.
        PluginError: Ray is not installed.
    """

    name = "ray"

    def __init__(self, *, jobs: int | None = None, address: str = "", cpus: float = 1.0, gpus: float = 0.0) -> None:
        if cpus <= 0 or gpus < 0:
            raise InputError(f"A worker has more than 0 cores and 0 GPUs or more, found cpus={cpus:g},gpus={gpus:g}.")
        self._ray: Any = back_end("ray", install=_PIP)
        self._address, self._cpus, self._gpus = address, cpus, gpus
        self._asked = jobs
        self.jobs = jobs or _MOST

    def run(self, clips: Sequence[Clip], work: Work, crew: Crew) -> Generator[Outcome, None, None]:
        """See `Engine.run`."""
        with _connected(self._ray, self._address):
            self.jobs = self._asked or self._room()
            yield from _Crowd(self, work, crew).through(clips)

    def hire(self, work: Work) -> Any:
        """A new worker, which begins when the cluster has room for it."""
        actor = self._ray.remote(concurrency_groups={"talk": 1})(_Inside)
        options = {"num_cpus": self._cpus, "num_gpus": self._gpus, "max_restarts": 0}
        return actor.options(**options).remote(work, max(1, int(self._cpus)), os.getcwd())

    @property
    def size(self) -> str:
        """What a worker takes of a machine."""
        return f"{self._cpus:g} cores" + (f" and {self._gpus:g} GPUs" if self._gpus else "")

    def _room(self) -> int:
        """How many workers the cluster has room for, at least one: a cluster may begin with no machine but its head."""
        has = self._ray.cluster_resources()
        rooms = [int(has.get("CPU", 0.0) // self._cpus)]
        if self._gpus:
            rooms.append(int(has.get("GPU", 0.0) // self._gpus))
        return max(1, min(rooms))


@dataclass
class _Worker:
    """An actor, seen from outside.

    Attributes:
        number: As people are told of it, from 0.
        actor: Ray's handle of it.
        answer: What Ray will give: first that its networks are loaded, then what came of a clip.
        task: What it is at; None while it begins, or has nothing to do.
        is_ready: Whether its networks are loaded.
    """

    number: int
    actor: Any
    answer: Any
    task: Task | None = None
    is_ready: bool = False


class _Crowd:
    """The workers of one batch: as many as there are clips for, each replaced when it dies."""

    def __init__(self, engine: Ray, work: Work, crew: Crew) -> None:
        self._engine, self._work, self._crew = engine, work, crew
        self._ray = back_end("ray", install=_PIP)
        self._workers: list[_Worker] = []
        self._stillborn = 0
        self._since, self._told = time.monotonic(), False

    def through(self, clips: Sequence[Clip]) -> Iterator[Outcome]:
        """See `Engine.run`."""
        waiting = deque(Task(clip) for clip in clips)
        try:
            while waiting or any(worker.task for worker in self._workers):
                self._staff(waiting)
                at_work = {worker.answer: worker for worker in self._workers}
                done, _ = self._ray.wait(list(at_work), timeout=_GLANCE)
                for answer in done:
                    came = self._heard(at_work[answer])
                    if isinstance(came, Outcome):
                        yield came
                    elif came is not None:
                        waiting.append(came)
                self._listen()
        finally:
            for worker in list(self._workers):
                self._dismiss(worker)

    def _staff(self, waiting: deque[Task]) -> None:
        """Give everybody a clip who has none; have no more workers than clips, so that machines become free."""
        for worker in [worker for worker in self._workers if worker.is_ready and worker.task is None]:
            if not waiting:
                self._dismiss(worker)
                continue
            worker.task = waiting.popleft()
            worker.answer = worker.actor.do.remote(worker.task.clip)
        beginning = [worker for worker in self._workers if not worker.is_ready]
        for worker in beginning[len(waiting) :]:
            self._dismiss(worker)
        free = set(range(self._engine.jobs)) - {worker.number for worker in self._workers}
        for number in sorted(free)[: max(0, len(waiting) - len(beginning))]:
            actor = self._engine.hire(self._work)
            self._workers.append(_Worker(number, actor, actor.ready.remote()))

    def _heard(self, worker: _Worker) -> Outcome | Task | None:
        """What came of a worker's clip, or the clip once more where the worker died over it for the first time.

        Raises:
            Pose3DError: the networks cannot be loaded.
        """
        task, worker.task = worker.task, None
        errors = self._ray.exceptions
        try:
            answer = self._ray.get(worker.answer)
        except errors.RayTaskError as error:
            raise error.cause if isinstance(error.cause, Pose3DError) else _unable(error) from error
        except errors.RayError as error:  # the worker is gone, or the machine that it was on
            self._dismiss(worker)
            if task is None:
                self._stillborn += 1
                if self._stillborn >= TRIES:
                    raise _unable(error) from error
                return None
            # A machine that its owner took back says nothing about the clip.
            return task.after_death(_LITTLE_MEMORY, counts=not getattr(error, "preempted", False))
        if task is None:
            worker.is_ready, self._stillborn = True, 0
        return answer if isinstance(answer, Outcome) else None

    def _dismiss(self, worker: _Worker) -> None:
        """End a worker; what it is at is broken off."""
        self._workers.remove(worker)
        with suppress(self._ray.exceptions.RayError, ValueError):
            self._ray.kill(worker.actor)

    def _listen(self) -> None:
        """Pass on how far everybody is, and that nobody begins."""
        ready = [worker for worker in self._workers if worker.is_ready]
        if ready:
            self._since = time.monotonic()
        elif not self._told and time.monotonic() - self._since > _LONG:
            self._told = True
            said = f"No worker has begun for {_LONG:.0f} seconds: the cluster has no room yet"
            self._crew.note(f"{said} for one of {self._engine.size}; it is waited for.")
        for worker in ready:
            if worker.task is None:
                continue
            asked = worker.actor.far.options(concurrency_group="talk").remote()
            with suppress(self._ray.exceptions.RayError):
                notes, far = self._ray.get(asked, timeout=_GLANCE)
                for sentence in notes:
                    self._crew.note(sentence)
                if far is not None:
                    self._crew.at(worker.number, worker.task.clip.name, *far)


def _unable(error: Exception) -> PluginError:
    """Why no worker can begin."""
    said = [line for line in str(error).splitlines() if line.strip()]
    reason = said[-1].strip() if said else type(error).__name__
    return PluginError(
        f"A worker on Ray cannot begin ({reason:.300}); every machine of the cluster needs pose3d in this version, "
        "and memory for its networks."
    )


@contextmanager
def _connected(ray: Any, address: str) -> Iterator[None]:
    """A cluster, while the block lasts; one that the program is connected to already stays so.

    Raises:
        InputError: no cluster answers.
    """
    if ray.is_initialized():
        yield
        return
    if address and address not in _NAMES:
        _reach(address)
    on_end = signal.getsignal(signal.SIGTERM)
    # What Ray waits for a cluster by itself is ten minutes; and what runs here tells nobody outside.
    os.environ.update({"RAY_USAGE_STATS_ENABLED": "0"} if not address else {"RAY_gcs_server_port_wait_time_s": "1"})
    options = {"address": address} if address else {"include_dashboard": False, "object_store_memory": _OBJECTS}
    try:
        ray.init(**options, log_to_driver=False, logging_level="ERROR", configure_logging=False)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"No Ray cluster answers at {address or 'this machine'} ({reason:.200}); {_MEND}") from error
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, on_end)
    _keep_quiet(ray)
    try:
        yield
    finally:
        ray.shutdown()


def _reach(address: str) -> None:
    """Find out soon whether anybody is at an address; Ray itself would try for minutes.

    Raises:
        InputError: nobody is.
    """
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if not host or not port.isdecimal():
        raise InputError(f'An address such as "10.0.0.1:6379" was expected for Ray, found "{address:.80}".')
    try:
        socket.create_connection((host, int(port)), timeout=_PATIENCE).close()
    except OSError as error:
        reason = error.strerror or f"nothing for {_PATIENCE:g} seconds"
        raise InputError(f"No Ray cluster answers at {address:.80} ({reason}); {_MEND}") from None


def _keep_quiet(ray: Any) -> None:
    """Have Ray not print what becomes of workers: the engine tells it, and what is printed may be read by a program."""
    if hasattr(ray._private.worker, "print_to_stdstream"):
        ray._private.worker.print_to_stdstream = lambda *args, **kwargs: None


# From here on: within a worker.


class _Inside:
    """The actor: what a worker holds, on whatever machine it is.

    Args:
        work: What is loaded, and what is done with a clip.
        share: Threads to compute with.
        seen_from: The folder that paths are seen from, where this machine has it.
    """

    def __init__(self, work: Work, share: int, seen_from: str) -> None:
        self._work, self._share, self._seen_from = work, share, seen_from
        self._networks: Any = None
        self._opened: Any = None
        self._notes: list[str] = []
        self._far: tuple[str, int, int | None] | None = None

    def ready(self) -> None:
        """Load the networks."""
        with suppress(OSError):
            os.chdir(self._seen_from)
        memory.keep_freed()
        threads.limit(self._share)
        self._opened = self._work.load(self._notes.append)
        self._networks = self._opened.__enter__()

    def do(self, clip: Clip) -> Outcome:
        """Work on one clip."""
        return self._work.do(clip, self._networks, self._is_at)

    def far(self) -> tuple[list[str], tuple[str, int, int | None] | None]:
        """What people should know, said once, and how far it is; answered while it works."""
        notes = [self._notes.pop(0) for _ in range(len(self._notes))]
        return notes, self._far

    def _is_at(self, stage: str, done: int, total: int | None) -> None:
        self._far = stage, done, total
