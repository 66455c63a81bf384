"""The training loop: a plain one, top to bottom, that can be killed at any moment and resumed exactly.

It knows nothing of where batches come from: `batch(step)` gives them as a function of the step alone, and dropout is
seeded by the step too, so a resumed run repeats the losses of one that was never stopped.
"""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from in_the_wild import weights
from in_the_wild.errors import InputError
from in_the_wild.lifters.base import Lifter

Batch = tuple[np.ndarray, np.ndarray]
COLUMNS = ("step", "loss", "learning_rate", "mpjpe_mm", "p_mpjpe_mm", "seconds")


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
    lifter: Lifter,
    *,
    loss: Callable[[Tensor, Tensor], Tensor],
    batch: Callable[[int], Batch],
    evaluate: Callable[[Lifter], tuple[float, float]],
    schedule: Schedule,
    folder: Path,
    seed: int,
    device: str,
    on_best: Callable[[Lifter], None],
    on_step: Callable[[int, float], None] = lambda step, loss: None,
) -> float:
    """Train; returns the lowest MPJPE (mm) seen.

    Args:
        lifter: The network; changed in place.
        loss: Inputs (B, T, J, C) and targets (B, T, J, 3) -> what is made small, by the lifter's own parameters.
        batch: Step -> inputs (B, T, J, C) and targets (B, T, J, 3).
        evaluate: Lifter -> (MPJPE, P-MPJPE) in millimetres on held-out data.
        schedule: Steps, rates and intervals.
        folder: Where `state.pt` (to resume from) and `log.csv` live; a state found there is resumed.
        seed: Of dropout.
        device: Where to train.
        on_best: Called with the averaged network whenever its MPJPE is the lowest so far.
        on_step: Called after every step with its loss.

    Raises:
        InputError: the loss is no longer finite, or the state in the folder is of another run.
        OutputError: the state cannot be written.
    """
    lifter.to(device)
    optimiser = torch.optim.AdamW(lifter.parameters(), lr=schedule.learning_rate, weight_decay=schedule.weight_decay)
    averaged = AveragedModel(lifter, multi_avg_fn=get_ema_multi_avg_fn(schedule.average), use_buffers=True)
    mixed = torch.autocast(device.split(":")[0], torch.bfloat16, enabled=_has_fast_bfloat16(device))
    state_file, log_file = folder / "state.pt", folder / "log.csv"
    first, best = 0, math.inf
    losses: list[float] = []  # since the last evaluation
    folder.mkdir(parents=True, exist_ok=True)
    if state_file.is_file():
        first, best, losses = _resume(state_file, lifter, optimiser, averaged, schedule)
        _forget_log_after(log_file, first)
    began = time.monotonic()
    for step in range(first, schedule.steps):
        torch.manual_seed((seed << 32) + step)
        inputs, target = (torch.from_numpy(array).to(device) for array in batch(step))
        for group in optimiser.param_groups:
            group["lr"] = schedule.rate(step)
        lifter.train()
        with mixed:
            value = loss(inputs, target)
        optimiser.zero_grad()
        value.backward()
        nn.utils.clip_grad_norm_(lifter.parameters(), schedule.clip)
        optimiser.step()
        if step >= schedule.average_from:
            averaged.update_parameters(lifter)
        losses.append(float(value.detach()))
        if not math.isfinite(losses[-1]):
            raise InputError(f"The loss is {losses[-1]} at step {step}; lower the learning rate and start again.")
        on_step(step + 1, losses[-1])
        done = step + 1
        if done % schedule.check_every == 0 or done == schedule.steps:
            network = cast(Lifter, averaged.module) if step >= schedule.average_from else lifter
            network.eval()
            error, aligned = (float(value) for value in evaluate(network))
            if error < best:
                best = error
                on_best(network)
            row = (done, float(np.mean(losses)), schedule.rate(step), error, aligned, time.monotonic() - began)
            _append_log(log_file, row)
            losses = []
        # The state follows the log, so that no evaluation is lost or made twice.
        if done % schedule.save_every == 0 or done == schedule.steps:
            weights.save_whole(
                {
                    "step": done,
                    "steps": schedule.steps,
                    "best": best,
                    "losses": losses,
                    "lifter": lifter.state_dict(),
                    "averaged": averaged.state_dict(),
                    "optimiser": optimiser.state_dict(),
                },
                state_file,
            )
    return best


def _resume(
    file: Path, lifter: nn.Module, optimiser: torch.optim.Optimizer, averaged: nn.Module, schedule: Schedule
) -> tuple[int, float, list[float]]:
    state = weights.read(file)
    if state["steps"] != schedule.steps:
        raise InputError(
            f"{file} belongs to a run of {state['steps']} steps, this one has {schedule.steps}; "
            "choose another output folder, or delete that file to start again."
        )
    weights.load_strictly(lifter, state["lifter"], file.name)
    averaged.load_state_dict(state["averaged"])
    optimiser.load_state_dict(state["optimiser"])
    return int(state["step"]), float(state["best"]), list(state["losses"])


def _has_fast_bfloat16(device: str) -> bool:
    if device.startswith("cuda"):
        return torch.cuda.is_bf16_supported()
    return device == "cpu" and torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()


def _append_log(file: Path, row: tuple[float, ...]) -> None:
    new = not file.exists()
    with file.open("a", newline="") as handle:
        writer = csv.writer(handle)
        if new:
            writer.writerow(COLUMNS)
        writer.writerow([row[0], *(f"{value:.6g}" for value in row[1:])])


def _forget_log_after(file: Path, step: int) -> None:
    """Drop log lines of steps that will be trained again."""
    if not file.exists():
        return
    header, *rows = file.read_text().splitlines()
    kept = [row for row in rows if int(row.split(",")[0]) <= step]
    file.write_text("\n".join([header, *kept]) + "\n")
