"""What a training run says of itself: `run.json` in its folder.

Who trains again, or writes a table, finds there how the run was set up, what it read, on which machine and with which
releases it ran, how long, and how well it went. It knows nothing about networks or data sets.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import torch

from in_the_wild.files import whole_file
from in_the_wild.versions import versions

FILE = "run.json"


@dataclass(frozen=True)
class Manifest:
    """A run, as far as it has come. Times are UTC, in ISO 8601.

    Attributes:
        configuration: The whole configuration, as given.
        schedule: Steps and rates, in steps.
        data: SHA-256 of what it reads, by name.
        seed: Of the first weights, the batches and dropout.
        device: Where it trains: "cpu" with threads, or the card's name.
        processes: That train together.
        precision: Really used: "float32", "bfloat16" or "float16".
        parameters: Of the network.
        started: When the first step was taken.
        resumed: When it was taken up again, and from which step.
        finished: When the last step was taken; None before.
        step: Steps that are done.
        cpu_seconds: Spent in all, over all processes and every resumption.
        wall_seconds: The same by the clock on the wall.
        best_error: Lowest held-out error so far; None before the first evaluation.
        versions: Releases of what it runs on.
        machine: Of the first process: system, CPU model and number of cores.
    """

    configuration: Mapping[str, Any]
    schedule: Mapping[str, Any]
    data: Mapping[str, str]
    seed: int
    device: str
    processes: int
    precision: str
    parameters: int
    started: str
    resumed: tuple[Mapping[str, Any], ...] = ()
    finished: str | None = None
    step: int = 0
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    best_error: float | None = None
    versions: Mapping[str, str] = field(default_factory=lambda: versions("torch", "numpy"))
    machine: Mapping[str, Any] = field(default_factory=lambda: machine())

    def after(self, step: int, *, cpu: float, wall: float, best: float | None, finished: bool = False) -> Manifest:
        """The run after so many steps, and so many more seconds than it had when it was begun or taken up again."""
        return replace(
            self,
            step=step,
            finished=now() if finished else None,
            cpu_seconds=round(self.cpu_seconds + cpu, 1),
            wall_seconds=round(self.wall_seconds + wall, 1),
            best_error=best,
        )


def resume(fresh: Manifest, folder: Path, *, step: int) -> Manifest:
    """A run that goes on from a step: what was spent, and when it began, is taken over from the folder.

    A file that is missing or damaged takes nothing away but the past.
    """
    again = {"at": fresh.started, "from_step": step}
    try:
        past = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return replace(
            fresh,
            started=str(past["started"]),
            resumed=(*past["resumed"], again),
            finished=past["finished"],
            step=step,
            cpu_seconds=float(past["cpu_seconds"]),
            wall_seconds=float(past["wall_seconds"]),
            best_error=past["best_error"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return replace(fresh, resumed=(again,), step=step)


def write(manifest: Manifest, folder: Path) -> None:
    """Write `run.json`, whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    with whole_file(folder / FILE) as file:
        file.write(json.dumps(plain(asdict(manifest)), indent=2, ensure_ascii=False).encode() + b"\n")


def plain(values: Any) -> Any:
    """The same in what JSON knows: tuples as lists, anything unknown, a path say, as its text."""
    if isinstance(values, Mapping):
        return {str(name): plain(value) for name, value in values.items()}
    if isinstance(values, (list, tuple)):
        return [plain(value) for value in values]
    if isinstance(values, np.generic):
        return plain(values.item())
    if isinstance(values, float) and not np.isfinite(values):
        return str(values)
    return values if values is None or isinstance(values, (bool, int, float, str)) else str(values)


def now() -> str:
    """The time, to the second."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def machine() -> dict[str, Any]:
    """This machine, without its name."""
    return {"system": platform.platform(), "cpu": _cpu_model(), "cores": os.cpu_count()}


def device_name(device: str) -> str:
    """A device, in words."""
    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    return f"cpu, {torch.get_num_threads()} threads" if device == "cpu" else device


class Clock:
    """Seconds since it was made: of the processors, with the worker processes that have ended, and of the wall."""

    def __init__(self) -> None:
        self._cpu, self._wall = self._read()

    def seconds(self) -> tuple[float, float]:
        """CPU seconds and wall seconds."""
        cpu, wall = self._read()
        return cpu - self._cpu, wall - self._wall

    @staticmethod
    def _read() -> tuple[float, float]:
        return sum(os.times()[:4]), time.monotonic()


def _cpu_model() -> str:
    """What the processor is called; on Linux only the kernel says it in full."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
