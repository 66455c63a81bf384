"""The training loop: a plain one, that can be killed at any moment and resumed exactly.

It knows nothing of what is trained, see `pose3d_cli.training.tasks`: batches and dropout are functions of the step
alone, so a resumed run repeats the losses of one that was never stopped. Several processes may train one network, see
`pose3d_cli.training.distributed`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.files import guarded
from pose3d_cli.training import batches, curve, distributed, interruption, log, manifest, state
from pose3d_cli.training.distributed import ALONE, World
from pose3d_cli.training.interruption import Stopped
from pose3d_cli.training.log import Log
from pose3d_cli.training.optimisation import Optimisation
from pose3d_cli.training.state import Progress
from pose3d_cli.training.tasks.base import Task


@dataclass(frozen=True)
class Compute:
    """What a run is computed on.

    Attributes:
        device: Where the network is.
        workers: Processes that make batches ahead of the steps; 0 makes them in between. The batches are the same.
        world: The processes that train together; each has built the same task.
    """

    device: str = "cpu"
    workers: int = 0
    world: World = ALONE


class Listener(Protocol):
    """Told how a run goes, in the first process."""

    def step(self, done: int, loss: float) -> None:
        """So many steps are done, the last with this loss."""

    def check(self, errors: Mapping[str, float]) -> None:
        """The network was evaluated: held-out errors by name."""


@dataclass(frozen=True)
class Record:
    """What is written of a run besides its numbers.

    Attributes:
        configuration: What the task was made of, as given; a state of another one is refused.
        tensorboard: Log for TensorBoard too.
    """

    configuration: Mapping[str, Any] = field(default_factory=dict)
    tensorboard: bool = False


def train(
    task: Task, folder: Path, listener: Listener, *, compute: Compute = Compute(), record: Record = Record()
) -> dict[str, float]:
    """Train; leaves `best.pt`, `last.pt`, `log.csv`, `curve.png`, `run.json` and `state.pt` in the folder.

    Args:
        task: What to train.
        folder: Where; a run found there is resumed.
        listener: Told of every step and every evaluation.
        compute: Device and processes.
        record: What else is written.

    Returns:
        The held-out errors of the best weights.

    Raises:
        InputError: the loss is no longer finite, or the state in the folder is of another run.
        ConfigError: a batch that does not divide by the processes and the parts of a step.
        PluginError: TensorBoard is asked for and missing.
        OutputError: a file cannot be written.
        Stopped: Ctrl-C, SIGTERM or SIGHUP; the state was saved after the step that was under way.
    """
    distributed.rows(task.batch, compute.world, accumulate=task.schedule.accumulate)
    task.prepare(folder, device=compute.device)
    errors = fit(task, folder, listener, compute=compute, record=record)
    if compute.world.first and (folder / log.FILE).is_file():
        curve.draw(folder / log.FILE, folder / "curve.png")
    return errors


def fit(
    task: Task, folder: Path, listener: Listener, *, compute: Compute = Compute(), record: Record = Record()
) -> dict[str, float]:
    """`train` for a task that is prepared, without the picture."""
    folder.mkdir(parents=True, exist_ok=True)
    run = _Run(task, folder, listener, compute, record)
    if not run.is_finished():
        # The first process alone writes.
        written = log.opened(folder, first=run.progress.step, tensorboard=record.tensorboard)
        with (
            written if compute.world.first else nullcontext() as opened,
            interruption.told_to_stop(alone=compute.world.size == 1) as told,
        ):
            run.go_on(opened, told)
    return run.progress.best


class _Run:
    """A run, from where its folder says that it is."""

    def __init__(self, task: Task, folder: Path, listener: Listener, compute: Compute, record: Record) -> None:
        self._clock = manifest.Clock()
        self._task, self._folder, self._listener, self._compute = task, folder, listener, compute
        self._world, self._schedule = compute.world, task.schedule
        self._optimisation = Optimisation(
            task.network,
            task.schedule,
            seed=task.seed,
            device=compute.device,
            low_precision=task.low_precision,
            world=compute.world,
        )
        self._setting = manifest.plain(
            {
                "seed": task.seed,
                "schedule": asdict(task.schedule),
                "configuration": record.configuration,
                "data": task.data,
            }
        )
        self._manifest = self._begin()
        self.progress = Progress()
        self._resume()

    def _begin(self) -> manifest.Manifest:
        return manifest.Manifest(
            configuration=self._setting["configuration"],
            schedule=self._setting["schedule"],
            data=self._setting["data"],
            seed=self._task.seed,
            device=manifest.device_name(self._compute.device),
            processes=self._world.size,
            precision=self._optimisation.precision,
            parameters=self._optimisation.parameters,
            started=manifest.now(),
        )

    def _resume(self) -> None:
        """Take up what the folder holds."""
        found = state.read(self._folder, setting=self._setting) if self._world.first else None
        found = distributed.agree(found, self._world)
        if found is not None:
            self.progress, content = found
            file = self._folder / state.FILE
            with guarded(file, expected=state.EXPECTED):
                self._optimisation.restore(content, file)
            self._manifest = manifest.resume(self._manifest, self._folder, step=self.progress.step)

    def is_finished(self) -> bool:
        """Whether nothing is left to do, not even an evaluation."""
        return self._is_over() and not self.progress.losses

    def go_on(self, opened: Log | None, told: list[int]) -> None:
        """Take all steps that are left.

        Args:
            opened: The log, in the first process.
            told: Signals to stop that have come.
        """
        self._log, self._told = opened, told
        self._tell()
        if self.progress.losses and self._schedule.is_check_due(self.progress.step):
            # It was stopped between the step and its evaluation.
            self._check()
            self._save()
        left = range(self.progress.step, self.progress.step if self._is_over() else self._schedule.steps)
        made = batches.ahead(self._task.batches(self._world), left, workers=self._compute.workers)
        for step, tensors in zip(left, made, strict=True):
            value = self._optimisation.step(step, tensors, self._task.loss)
            self._note(step, value)
            if self._schedule.is_check_due(self.progress.step):
                self._check()
            # The state follows the log, so that no evaluation is lost or made twice.
            if self._is_over() or self.progress.step % self._schedule.save_every == 0:
                self._save()
            if self._is_over():
                break
        self._tell(finished=True)

    def _is_over(self) -> bool:
        return self._schedule.is_over(self.progress.step, self.progress.waited)

    def _note(self, step: int, value: float) -> None:
        """A step was taken with this loss of this process's rows; stop if any process was told to."""
        shares = [value / self._world.size, float(len(self._told))]
        value, stops = distributed.total(shares, self._world, device=self._compute.device)
        if not math.isfinite(value):
            raise InputError(f"The loss is {value} at step {step}; lower the learning rate and start again.")
        self.progress.losses.append(value)
        self.progress.step = step + 1
        if self._log is not None:
            self._log.step(step + 1, value)
            self._listener.step(step + 1, value)
        if stops:
            self._save()
            self._tell()
            raise Stopped(
                f"Give the same command again to go on from step {step + 1} of {self._schedule.steps}.", self._told
            )

    def _check(self) -> None:
        """Evaluate what the steps so far have made."""
        progress = self.progress
        if self._log is not None:
            network = self._optimisation.result(progress.step)
            errors = self._task.evaluate(network)
            self._listener.check(errors)
            if progress.is_best(errors):
                self._task.save(network, self._folder, "best")
            self._task.save(network, self._folder, "last")
            rate = self._schedule.rate(progress.step - 1)
            loss = float(np.mean(progress.losses))
            self._log.evaluation(progress.step, {"loss": loss, "learning_rate": rate, **errors})
        progress.best, progress.waited = distributed.agree((progress.best, progress.waited), self._world)
        progress.losses = []
        self._tell()

    def _tell(self, *, finished: bool = False) -> None:
        """Write the manifest."""
        cpu, wall = self._clock.seconds()
        (cpu,) = distributed.total([cpu], self._world, device=self._compute.device)
        if self._world.first:
            step, best = self.progress.step, self.progress.error
            manifest.write(self._manifest.after(step, cpu=cpu, wall=wall, best=best, finished=finished), self._folder)

    def _save(self) -> None:
        """Save where the run is."""
        if self._world.first:
            state.save(self._folder, self.progress, setting=self._setting, optimisation=self._optimisation.state())
