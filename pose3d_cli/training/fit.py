"""The training loop: a plain one, top to bottom, that can be killed at any moment and resumed exactly.

It knows nothing of where batches come from: `batch(step)` gives them as a function of the step alone, and dropout is
seeded by the step too, so a resumed run repeats the losses of one that was never stopped. Several processes may train
one network, see `pose3d_cli.training.distributed`.
"""

from __future__ import annotations

import csv
import json
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, Dataset

from in_the_wild import checkpoints
from in_the_wild.errors import ConfigError, InputError, PluginError, Pose3DError, did_you_mean
from pose3d_cli.training import distributed, manifest
from pose3d_cli.training.distributed import ALONE, World

Batch = tuple[np.ndarray, ...]
Network = TypeVar("Network", bound=nn.Module)

# What a configuration may name.
_OPTIMISERS: Mapping[str, type[torch.optim.Adam]] = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam}
_DECAYS = ("cosine", "exponential", "constant")
_PRECISIONS: Mapping[str, torch.dtype] = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}
# Left to the machine: bfloat16 where the device is fast at it.
_AUTO = "auto"


@dataclass(frozen=True)
class Schedule:
    """How long and how fast.

    Attributes:
        steps: Optimiser steps in all.
        horizon: Steps that the learning rate is planned for; more than `steps` ends a stage with the rate still high,
            for another stage to go on from. None is `steps`.
        learning_rate: Highest learning rate, reached after the warm-up.
        warmup: Steps of linear warm-up.
        decay: "cosine": after the warm-up a half cosine down to a hundredth of the highest rate; "exponential": times
            `decay_by` every `decay_every` steps, counted from the first; "constant".
        decay_by: Factor of the exponential decay.
        decay_every: Steps between two such factors.
        drop_by: A further factor on the learning rate. Where it falls together with `decay_by` it takes its place, as
            in P-STMO, StridedTransformer and STCFormer (`run.py`, lr_decay_large).
        drop_every: Steps between two of these; 0 never.
        optimiser: "adamw", or "adam", whose weight decay is part of the gradient (L2).
        amsgrad: Adam's variant that remembers the largest second moment.
        weight_decay: Of the optimiser.
        clip: Largest gradient norm; 0 clips nothing.
        average: Decay of the moving average of the weights, which is what is evaluated and saved; 0 averages nothing.
        average_from: First step that is averaged; earlier weights are too far from where they end.
        accumulate: Parts that a batch is computed in, one after the other, to fit the memory. The loss and the gradient
            are those of the whole batch, but for batch norms, which see a part at a time.
        precision: "auto" takes bfloat16 where the device is fast at it; "float32", "bfloat16", "float16".
        bn_momentum: Momentum of batch norms at the first step and at the horizon, falling exponentially in between,
            every `decay_every` steps, as VideoPose3D's `run.py` does. None leaves the networks' own.
        check_every: Steps between evaluations.
        save_every: Steps between saved states.
        patience: Evaluations in a row without a better one after which training ends early; 0 never.

    Raises:
        ConfigError: a name that is not known, or numbers that make no sense together.
    """

    steps: int
    horizon: int | None = None
    learning_rate: float = 1e-3
    warmup: int = 200
    decay: str = "cosine"
    decay_by: float = 1.0
    decay_every: int = 0
    drop_by: float = 1.0
    drop_every: int = 0
    optimiser: str = "adamw"
    amsgrad: bool = False
    weight_decay: float = 0.01
    clip: float = 1.0
    average: float = 0.999
    average_from: int = 1000
    accumulate: int = 1
    precision: str = _AUTO
    bn_momentum: tuple[float, float] | None = None
    check_every: int = 500
    save_every: int = 200
    patience: int = 0

    def __post_init__(self) -> None:
        for name, value, known in (
            ("optimiser", self.optimiser, list(_OPTIMISERS)),
            ("decay", self.decay, list(_DECAYS)),
            ("precision", self.precision, [_AUTO, *_PRECISIONS]),
        ):
            if value not in known:
                raise ConfigError(f'There is no {name} "{value}" of a schedule. {did_you_mean(str(value), known)}')
        for name, number in (
            ("steps", self.steps),
            ("accumulate", self.accumulate),
            ("check_every", self.check_every),
            ("save_every", self.save_every),
        ):
            if number < 1:
                raise ConfigError(f"A schedule's {name} is at least 1, found {number}.")
        if self.decay == "exponential" and self.decay_every < 1:
            raise ConfigError(
                f"An exponential decay needs decay_every, the steps between two factors, found {self.decay_every}."
            )
        if not 0 <= self.average < 1:
            raise ConfigError(f"A schedule's average is at least 0 and below 1, found {self.average:g}.")
        momentum = self.bn_momentum
        if momentum is not None and not (len(momentum) == 2 and min(momentum) > 0):
            raise ConfigError(f"bn_momentum is two positive numbers, of the first step and the last, found {momentum}.")

    def rate(self, step: int) -> float:
        """The learning rate at a step."""
        if step < self.warmup:
            return self.learning_rate * (step + 1) / self.warmup
        drops = step // self.drop_every if self.drop_every else 0
        rate = self.learning_rate * self.drop_by**drops
        if self.decay == "cosine":
            done = (step - self.warmup) / max(1, (self.horizon or self.steps) - self.warmup)
            return rate * (0.01 + 0.99 * (1 + math.cos(math.pi * min(1.0, done))) / 2)
        if self.decay == "exponential":
            together = step // math.lcm(self.decay_every, self.drop_every) if self.drop_every else 0
            return rate * self.decay_by ** (step // self.decay_every - together)
        return rate

    def batch_norm_momentum(self, step: int) -> float | None:
        """The momentum of batch norms at a step; None leaves the networks' own."""
        if self.bn_momentum is None:
            return None
        first, last = self.bn_momentum
        every = max(1, self.decay_every)
        return first * (last / first) ** (step // every * every / (self.horizon or self.steps))


class Stopped(KeyboardInterrupt):
    """The run was told to stop, by Ctrl-C or by the system, and has saved where it is.

    Attributes:
        exit_code: What a program that ends by that signal exits with.
    """

    def __init__(self, sentence: str, *, exit_code: int) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


def fit(
    network: Network,
    *,
    loss: Callable[..., Tensor],
    batch: Callable[[int], Batch],
    evaluate: Callable[[Network], Mapping[str, float]],
    schedule: Schedule,
    folder: Path,
    seed: int,
    device: str,
    on_best: Callable[[Network], None],
    on_last: Callable[[Network], None] = lambda network: None,
    on_step: Callable[[int, float], None] = lambda step, loss: None,
    workers: int = 0,
    low_precision: bool = True,
    configuration: Mapping[str, Any] | None = None,
    data: Mapping[str, str] | None = None,
    tensorboard: bool = False,
    world: World = ALONE,
) -> float:
    """Train; returns the lowest error seen, the first of those that `evaluate` gives.

    The first process alone evaluates, saves, logs and calls the listeners; losses are means over all.

    Args:
        network: Changed in place.
        loss: Tensors of a batch -> what is made small, by the network's own parameters: a mean over the rows.
        batch: Step -> this process's arrays of that step: for lifters inputs (B, T, J, C) and targets (B, T, J, 3).
            Where it is split (`accumulate`), an array of (1, ...) holds for all rows.
        evaluate: Network -> held-out errors by name; the first decides which weights are best, all are logged.
        schedule: Steps, rates and intervals.
        folder: Where `state.pt` (to resume from), `log.csv` and `run.json` live; a state found there is resumed.
        seed: Of dropout.
        device: Where to train.
        on_best: Called with the evaluated network whenever its error is the lowest so far.
        on_last: Called with the evaluated network after every evaluation.
        on_step: Called after every step with its loss.
        workers: Processes that make batches ahead of the steps; 0 makes them in between. The batches are the same.
        low_precision: Whether the precision "auto" may be bfloat16, where the device is fast at it.
        configuration: What the run was made of, as given, for `run.json`; a state of another one is refused.
        data: SHA-256 of what it reads by name, for the same.
        tensorboard: Log for TensorBoard too, in the folder's `tensorboard`.
        world: The processes that train together.

    Raises:
        InputError: the loss is no longer finite, or the state in the folder is of another run.
        ConfigError: a batch that does not divide by `accumulate`.
        PluginError: TensorBoard is asked for and missing.
        OutputError: the state cannot be written.
        Stopped: Ctrl-C or SIGTERM; the state was saved after the step that was under way.
    """
    clock = manifest.Clock()
    network.to(device)
    distributed.share_statistics(network, world)
    distributed.align(network, world)
    norms = [module for module in network.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    optimiser = _OPTIMISERS[schedule.optimiser](
        network.parameters(),
        lr=schedule.learning_rate,
        weight_decay=schedule.weight_decay,
        amsgrad=schedule.amsgrad,
    )
    averaged = None
    if schedule.average:
        averaged = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(schedule.average), use_buffers=True)
    precision = _precision(schedule.precision, device, low_precision=low_precision)
    kind = device.split(":")[0]
    mixed = torch.autocast(kind, _PRECISIONS[precision], enabled=precision != "float32")
    scaler = torch.amp.GradScaler(kind, enabled=precision == "float16")

    state_file, log_file = folder / "state.pt", folder / "log.csv"
    folder.mkdir(parents=True, exist_ok=True)
    setting = manifest.plain(
        {"seed": seed, "schedule": asdict(schedule), "configuration": configuration or {}, "data": data or {}}
    )
    first, best, waited = 0, math.inf, 0
    losses: list[float] = []  # since the last evaluation
    state = distributed.agree(checkpoints.read(state_file) if world.first and state_file.is_file() else None, world)
    if state is not None:
        _refuse_another_run(state, setting, state_file)
        checkpoints.load_strictly(network, state["lifter"], state_file.name)
        if averaged is not None:
            averaged.load_state_dict(state["averaged"])
        optimiser.load_state_dict(state["optimiser"])
        scaler.load_state_dict(state["scaler"])
        first, best, waited, losses = state["step"], state["best"], state["waited"], state["losses"]
        if _is_over(first, schedule, waited) and not losses:
            return best
    run = manifest.Manifest(
        configuration=setting["configuration"],
        schedule=setting["schedule"],
        data=setting["data"],
        seed=seed,
        device=manifest.device_name(device),
        processes=world.size,
        precision=precision,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        started=manifest.now(),
    )
    if state is not None:
        run = manifest.resume(run, folder, step=first)
    began = time.monotonic()

    def tell(done: int, *, finished: bool = False) -> None:
        """Write the manifest."""
        cpu, wall = clock.seconds()
        (cpu,) = distributed.total([cpu], world, device=device)
        if world.first:
            now = replace(
                run,
                step=done,
                finished=manifest.now() if finished else None,
                cpu_seconds=round(run.cpu_seconds + cpu, 1),
                wall_seconds=round(run.wall_seconds + wall, 1),
                best_error=None if math.isinf(best) else best,
            )
            manifest.write(now, folder)

    def check(done: int) -> None:
        """Evaluate after so many steps."""
        nonlocal best, waited, losses
        if world.first:
            latest = network
            if averaged is not None and done > schedule.average_from:
                latest = cast(Network, averaged.module)
            latest.eval()
            errors = evaluate(latest)
            error = next(iter(errors.values()))
            waited += 1
            if error < best:
                best, waited = error, 0
                on_best(latest)
            on_last(latest)
            row = {"loss": float(np.mean(losses)), "learning_rate": schedule.rate(done - 1), **errors}
            _append_log(log_file, {"step": done, **row, "seconds": time.monotonic() - began})
            board(done, row)
        best, waited = distributed.agree((best, waited), world)
        losses = []
        tell(done)

    def save(done: int) -> None:
        """Save where the run is after so many steps."""
        if world.first:
            content = {
                "step": done,
                "steps": schedule.steps,
                "setting": setting,
                "best": best,
                "waited": waited,
                "losses": losses,
                "lifter": network.state_dict(),
                "averaged": None if averaged is None else averaged.state_dict(),
                "optimiser": optimiser.state_dict(),
                "scaler": scaler.state_dict(),
            }
            checkpoints.write(content, state_file)

    with _tensorboard(folder, first, wanted=tensorboard and world.first) as board, _told_to_stop(world) as told:
        if world.first:
            _forget_log_after(log_file, first)
        tell(first)
        done = first
        if losses and _is_check_due(done, schedule):
            # It was stopped between the step and its evaluation.
            check(done)
            save(done)
        last = done if _is_over(done, schedule, waited) else schedule.steps
        batches = DataLoader(
            _Steps(batch, schedule.steps),
            batch_size=None,
            sampler=range(done, last),
            num_workers=workers,
            worker_init_fn=_leave_signals_to_the_parent,
        )
        for step, tensors in zip(range(done, last), batches, strict=True):
            if isinstance(tensors, Pose3DError):
                raise tensors
            torch.manual_seed(_dropout_seed(seed, step, world))
            for group in optimiser.param_groups:
                group["lr"] = schedule.rate(step)
            momentum = schedule.batch_norm_momentum(step)
            if momentum is not None:
                for norm in norms:
                    norm.momentum = momentum
            network.train()
            optimiser.zero_grad()
            value = 0.0
            for part in distributed.split([tensor.to(device) for tensor in tensors], schedule.accumulate):
                with mixed:
                    of_part = loss(*part)
                scaler.scale(of_part / schedule.accumulate).backward()
                value += float(of_part.detach()) / schedule.accumulate
            distributed.average_gradients(network, world)
            scaler.unscale_(optimiser)
            if schedule.clip:
                nn.utils.clip_grad_norm_(network.parameters(), schedule.clip)
            scaler.step(optimiser)
            scaler.update()
            if averaged is not None and step >= schedule.average_from:
                averaged.update_parameters(network)
            value, stops = distributed.total([value / world.size, float(len(told))], world, device=device)
            if not math.isfinite(value):
                raise InputError(f"The loss is {value} at step {step}; lower the learning rate and start again.")
            losses.append(value)
            done = step + 1
            if world.first:
                board(done, {"step_loss": value})
                on_step(done, value)
            if stops:
                save(done)
                tell(done)
                raise Stopped(
                    f"Give the same command again to go on from step {done} of {schedule.steps}.",
                    exit_code=128 + (told[0] if told else signal.SIGTERM),
                )
            if _is_check_due(done, schedule):
                check(done)
            # The state follows the log, so that no evaluation is lost or made twice.
            over = _is_over(done, schedule, waited)
            if over or done % schedule.save_every == 0:
                save(done)
            if over:
                break
        tell(done, finished=True)
    return best


class _Steps(Dataset[Batch | Pose3DError]):
    """The batches of a run, by step. An error that a user can mend is handed on: torch would make a traceback of it."""

    def __init__(self, batch: Callable[[int], Batch], steps: int) -> None:
        self.batch, self.steps = batch, steps

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, step: int) -> Batch | Pose3DError:
        try:
            return self.batch(step)
        except Pose3DError as error:
            return error


def _is_check_due(done: int, schedule: Schedule) -> bool:
    return done > 0 and (done % schedule.check_every == 0 or done == schedule.steps)


def _is_over(done: int, schedule: Schedule, waited: int) -> bool:
    return done >= schedule.steps or 0 < schedule.patience <= waited


def _dropout_seed(seed: int, step: int, world: World) -> int:
    """Every process drops other units; the first one those of a run that has no others."""
    return ((seed + 7919 * world.rank) << 32) + step


def _precision(name: str, device: str, *, low_precision: bool) -> str:
    """The precision that is really used."""
    if name != _AUTO:
        return name
    return "bfloat16" if low_precision and _has_fast_bfloat16(device) else "float32"


def _has_fast_bfloat16(device: str) -> bool:
    if device.startswith("cuda"):
        return torch.cuda.is_bf16_supported()
    return device == "cpu" and torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()


def _refuse_another_run(state: Mapping[str, Any], setting: Mapping[str, Any], file: Path) -> None:
    mend = "choose another output folder, or delete that file to start again."
    if "setting" not in state:
        raise InputError(f"{file} was saved by a release that this one cannot read; {mend}")
    if state["steps"] != setting["schedule"]["steps"]:
        raise InputError(
            f"{file} belongs to a run of {state['steps']} steps, this one has {setting['schedule']['steps']}; {mend}"
        )
    found = _first_difference(state["setting"], setting)
    if found is not None:
        name, theirs, ours = found
        raise InputError(f"{file} belongs to a run with {name} {theirs}, this one has {ours}; {mend}")


def _first_difference(a: Any, b: Any, name: str = "") -> tuple[str, str, str] | None:
    """Where two nested mappings differ first, as a dotted name, and what each has there."""
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        for key in {**a, **b}:
            inner = f"{name}.{key}" if name else str(key)
            found = _first_difference(a.get(key), b.get(key), inner)
            if found is not None:
                return found
        return None
    return None if a == b else (name, json.dumps(a), json.dumps(b))


@contextmanager
def _told_to_stop(world: World) -> Iterator[list[int]]:
    """Collects Ctrl-C and SIGTERM while the block runs, so that a step is finished and saved first.

    The second of a kind acts at once; not where there are other processes, which torchrun gives a signal that the
    terminal has given them already, and which end together.
    """
    told: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield told
        return

    def tell(number: int, frame: FrameType | None) -> None:
        told.append(number)
        if world.size == 1:
            signal.signal(number, before[signal.Signals(number)])

    before = {number: signal.getsignal(number) or signal.SIG_DFL for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, tell)
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave_signals_to_the_parent(worker: int) -> None:
    """A process that makes batches ends with the one that trains, which has a step to finish."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def _tensorboard(folder: Path, first: int, *, wanted: bool) -> Iterator[Callable[[int, Mapping[str, float]], None]]:
    """Where numbers of a step go for TensorBoard to show; those of steps that are made again are forgotten."""
    if not wanted:
        yield lambda step, values: None
        return
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise PluginError(
            "TensorBoard's logs need a package that is not installed: pip install tensorboard, or leave them out."
        ) from error
    with SummaryWriter(folder / "tensorboard", purge_step=first + 1) as writer:

        def write(step: int, values: Mapping[str, float]) -> None:
            for name, value in values.items():
                writer.add_scalar(name, value, step)

        yield write


def _append_log(file: Path, row: Mapping[str, float]) -> None:
    new = not file.exists()
    with file.open("a", newline="") as handle:
        writer = csv.writer(handle)
        if new:
            writer.writerow(row)
        writer.writerow([f"{value}" if name == "step" else f"{value:.6g}" for name, value in row.items()])


def _forget_log_after(file: Path, step: int) -> None:
    """Drop log lines of steps that will be trained again, or of another run."""
    if not file.exists():
        return
    header, *rows = file.read_text().splitlines()
    kept = [row for row in rows if int(row.split(",")[0]) <= step]
    if kept:
        file.write_text("\n".join([header, *kept]) + "\n")
    else:
        file.unlink()
