"""The training loop: a plain one, top to bottom, that can be killed at any moment and resumed exactly.

It knows nothing of where batches come from: `batch(step)` gives them as a function of the step alone, and dropout is
seeded by the step too, so a resumed run repeats the losses of one that was never stopped.
"""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, Dataset

from in_the_wild import weights
from in_the_wild.errors import InputError

Batch = tuple[np.ndarray, np.ndarray]
Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True)
class Schedule:
    """How long and how fast.

    Attributes:
        steps: Optimiser steps in all.
        horizon: Steps that the learning rate is planned for; more than `steps` ends a stage with the rate still high,
            for another stage to go on from. None is `steps`.
        learning_rate: Highest learning rate, reached after the warm-up, then a half cosine down to a hundredth of it.
        warmup: Steps of linear warm-up.
        weight_decay: Of AdamW.
        clip: Largest gradient norm.
        average: Decay of the moving average of the weights, which is what is evaluated and saved.
        average_from: First step that is averaged; earlier weights are too far from where they end.
        check_every: Steps between evaluations.
        save_every: Steps between saved states.
    """

    steps: int
    horizon: int | None = None
    learning_rate: float = 1e-3
    warmup: int = 200
    weight_decay: float = 0.01
    clip: float = 1.0
    average: float = 0.999
    average_from: int = 1000
    check_every: int = 500
    save_every: int = 200

    def rate(self, step: int) -> float:
        """The learning rate at a step."""
        if step < self.warmup:
            return self.learning_rate * (step + 1) / self.warmup
        done = (step - self.warmup) / max(1, (self.horizon or self.steps) - self.warmup)
        return self.learning_rate * (0.01 + 0.99 * (1 + math.cos(math.pi * min(1.0, done))) / 2)


def fit(
    network: Network,
    *,
    loss: Callable[[Tensor, Tensor], Tensor],
    batch: Callable[[int], Batch],
    evaluate: Callable[[Network], Mapping[str, float]],
    schedule: Schedule,
    folder: Path,
    seed: int,
    device: str,
    on_best: Callable[[Network], None],
    on_step: Callable[[int, float], None] = lambda step, loss: None,
    workers: int = 0,
    low_precision: bool = True,
) -> float:
    """Train; returns the lowest error seen, the first of those that `evaluate` gives.

    Args:
        network: Changed in place.
        loss: Inputs and targets of a batch -> what is made small, by the network's own parameters.
        batch: Step -> inputs and targets: for lifters (B, T, J, C) and (B, T, J, 3).
        evaluate: Network -> held-out errors by name; the first decides which weights are best, all are logged.
        schedule: Steps, rates and intervals.
        folder: Where `state.pt` (to resume from) and `log.csv` live; a state found there is resumed.
        seed: Of dropout.
        device: Where to train.
        on_best: Called with the averaged network whenever its error is the lowest so far.
        on_step: Called after every step with its loss.
        workers: Processes that make batches ahead of the steps; 0 makes them in between. The batches are the same.
        low_precision: Use bfloat16 where the device is fast at it.

    Raises:
        InputError: the loss is no longer finite, or the state in the folder is of another run.
        OutputError: the state cannot be written.
    """
    network.to(device)
    optimiser = torch.optim.AdamW(network.parameters(), lr=schedule.learning_rate, weight_decay=schedule.weight_decay)
    averaged = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(schedule.average), use_buffers=True)
    mixed = torch.autocast(device.split(":")[0], torch.bfloat16, enabled=low_precision and _has_fast_bfloat16(device))
    state_file, log_file = folder / "state.pt", folder / "log.csv"
    first, best = 0, math.inf
    losses: list[float] = []  # since the last evaluation
    folder.mkdir(parents=True, exist_ok=True)
    if state_file.is_file():
        first, best, losses = _resume(state_file, network, optimiser, averaged, schedule)
        _forget_log_after(log_file, first)
    began = time.monotonic()
    batches = DataLoader(
        _Steps(batch, schedule.steps),
        batch_size=None,
        sampler=range(first, schedule.steps),
        num_workers=workers,
    )
    for step, (inputs, target) in zip(range(first, schedule.steps), batches, strict=True):
        torch.manual_seed((seed << 32) + step)
        inputs, target = inputs.to(device), target.to(device)
        for group in optimiser.param_groups:
            group["lr"] = schedule.rate(step)
        network.train()
        with mixed:
            value = loss(inputs, target)
        optimiser.zero_grad()
        value.backward()
        nn.utils.clip_grad_norm_(network.parameters(), schedule.clip)
        optimiser.step()
        if step >= schedule.average_from:
            averaged.update_parameters(network)
        losses.append(float(value.detach()))
        if not math.isfinite(losses[-1]):
            raise InputError(f"The loss is {losses[-1]} at step {step}; lower the learning rate and start again.")
        on_step(step + 1, losses[-1])
        done = step + 1
        if done % schedule.check_every == 0 or done == schedule.steps:
            latest = cast(Network, averaged.module) if step >= schedule.average_from else network
            latest.eval()
            errors = evaluate(latest)
            error = next(iter(errors.values()))
            if error < best:
                best = error
                on_best(latest)
            row = {"step": done, "loss": float(np.mean(losses)), "learning_rate": schedule.rate(step)}
            _append_log(log_file, {**row, **errors, "seconds": time.monotonic() - began})
            losses = []
        # The state follows the log, so that no evaluation is lost or made twice.
        if done % schedule.save_every == 0 or done == schedule.steps:
            weights.save_whole(
                {
                    "step": done,
                    "steps": schedule.steps,
                    "best": best,
                    "losses": losses,
                    "lifter": network.state_dict(),
                    "averaged": averaged.state_dict(),
                    "optimiser": optimiser.state_dict(),
                },
                state_file,
            )
    return best


class _Steps(Dataset[Batch]):
    """The batches of a run, by step."""

    def __init__(self, batch: Callable[[int], Batch], steps: int) -> None:
        self.batch, self.steps = batch, steps

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, step: int) -> Batch:
        return self.batch(step)


def _resume(
    file: Path, network: nn.Module, optimiser: torch.optim.Optimizer, averaged: nn.Module, schedule: Schedule
) -> tuple[int, float, list[float]]:
    state = weights.read(file)
    if state["steps"] != schedule.steps:
        raise InputError(
            f"{file} belongs to a run of {state['steps']} steps, this one has {schedule.steps}; "
            "choose another output folder, or delete that file to start again."
        )
    weights.load_strictly(network, state["lifter"], file.name)
    averaged.load_state_dict(state["averaged"])
    optimiser.load_state_dict(state["optimiser"])
    return int(state["step"]), float(state["best"]), list(state["losses"])


def _has_fast_bfloat16(device: str) -> bool:
    if device.startswith("cuda"):
        return torch.cuda.is_bf16_supported()
    return device == "cpu" and torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()


def _append_log(file: Path, row: Mapping[str, float]) -> None:
    new = not file.exists()
    with file.open("a", newline="") as handle:
        writer = csv.writer(handle)
        if new:
            writer.writerow(row)
        writer.writerow([f"{value}" if name == "step" else f"{value:.6g}" for name, value in row.items()])


def _forget_log_after(file: Path, step: int) -> None:
    """Drop log lines of steps that will be trained again."""
    if not file.exists():
        return
    header, *rows = file.read_text().splitlines()
    kept = [row for row in rows if int(row.split(",")[0]) <= step]
    file.write_text("\n".join([header, *kept]) + "\n")
