"""How long and how fast: a run's steps, its learning rates, and what happens every so many steps.

A configuration counts in steps, or in epochs of what it trains on. It knows nothing about networks or batches.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from in_the_wild.errors import ConfigError, did_you_mean
from pose3d_cli.training import groups

# What a configuration may name.
OPTIMISERS = ("adamw", "adam")
PRECISIONS = ("float32", "bfloat16", "float16")
# Left to the machine: bfloat16 where the device is fast at it.
AUTO = "auto"
_DECAYS = ("cosine", "exponential", "constant", "trapezoid")
# What is counted in epochs where a configuration says `epochs` instead of `steps`.
_IN_EPOCHS = (
    "horizon", "warmup", "cooldown", "average_from", "check_every", "save_every", "decay_every", "drop_every",
)  # fmt: skip


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
            `decay_by` every `decay_every` steps, counted from the first; "constant"; "trapezoid": constant, but for a
            straight line down to 0 over the last steps, so that where a run ends can still be changed before it falls.
        cooldown: Steps of that line.
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
    cooldown: int = 0
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
    precision: str = AUTO
    bn_momentum: tuple[float, float] | None = None
    check_every: int = 500
    save_every: int = 200
    patience: int = 0

    def __post_init__(self) -> None:
        for name, known in (("optimiser", OPTIMISERS), ("decay", _DECAYS), ("precision", (AUTO, *PRECISIONS))):
            value = getattr(self, name)
            if value not in known:
                raise ConfigError(f'There is no {name} "{value}" of a schedule. {did_you_mean(str(value), known)}')
        for name in ("steps", "accumulate", "check_every", "save_every"):
            number = getattr(self, name)
            if number < 1:
                raise ConfigError(f"A schedule's {name} is at least 1, found {number}.")
        if self.decay == "exponential" and self.decay_every < 1:
            raise ConfigError(
                f"An exponential decay needs decay_every, the steps between two factors, found {self.decay_every}."
            )
        if self.decay == "trapezoid" and not 0 < self.cooldown <= self.steps:
            raise ConfigError(
                f"A trapezoid needs a cooldown of 1 to {self.steps} steps, over which the learning rate falls, found "
                f"{self.cooldown}."
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
        if self.decay == "trapezoid":
            return rate * min(1.0, (self.steps - step) / self.cooldown)
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

    def is_check_due(self, done: int) -> bool:
        """Whether the network is evaluated after so many steps."""
        return done > 0 and (done % self.check_every == 0 or done == self.steps)

    def is_over(self, done: int, waited: int) -> bool:
        """Whether training ends after so many steps, of which the last evaluations were no better ones."""
        return done >= self.steps or 0 < self.patience <= waited


def in_steps(values: Mapping[str, Any], steps_per_epoch: int | None = None) -> Schedule:
    """The schedule of a configuration, which counts in steps or in epochs.

    Args:
        values: The group `schedule`; with `epochs` instead of `steps`, all that it counts are epochs.
        steps_per_epoch: Of what is trained on; None where that has no end.

    Raises:
        ConfigError: both or neither, epochs of what has none, or a key that schedules do not have.
    """
    values = dict(values)
    groups.check(values, (*(one.name for one in fields(Schedule)), "epochs"), "schedule")
    if ("epochs" in values) == ("steps" in values):
        raise ConfigError("The schedule needs either steps or epochs, and not both.")
    if "epochs" in values:
        if steps_per_epoch is None:
            raise ConfigError("Windows of virtual cameras have no end to count epochs by; set schedule.steps instead.")
        for name in ("epochs", *_IN_EPOCHS):
            groups.require(values.get(name), float | None, f"schedule.{name}")
        values["steps"] = round(values.pop("epochs") * steps_per_epoch)
        for name in _IN_EPOCHS:
            if values.get(name):
                values[name] = max(1, round(values[name] * steps_per_epoch))
    schedule: Schedule = groups.make(Schedule, values, "schedule")
    return schedule
