"""Schedules: rates as the authors' loops have them, in steps or in epochs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from in_the_wild.errors import ConfigError
from pose3d_cli.training.schedule import Schedule, in_steps


@pytest.mark.parametrize(
    ("decay_by", "drop_by", "drop_every"), [(0.97, 0.5, 5), (0.95, 0.5, 80), (0.96, 0.5, 3), (0.99, 1.0, 0)]
)
def test_rates_are_those_of_the_authors_loops(decay_by: float, drop_by: float, drop_every: int) -> None:
    """P-STMO, StridedTransformer, STCFormer: the drop instead of the decay; MixSTE and VideoPose3D have none."""
    per_epoch = 7
    schedule = Schedule(
        steps=20 * per_epoch, warmup=0, learning_rate=1e-3, decay="exponential", decay_by=decay_by,
        decay_every=per_epoch, drop_by=drop_by, drop_every=drop_every * per_epoch,
    )  # fmt: skip
    rate = 1e-3
    for epoch in range(1, 21):
        for step in ((epoch - 1) * per_epoch, epoch * per_epoch - 1):
            assert schedule.rate(step) == pytest.approx(rate, rel=1e-12)
        rate *= drop_by if drop_every and epoch % drop_every == 0 else decay_by


def test_other_decays() -> None:
    cosine = Schedule(steps=100, warmup=10, learning_rate=1.0)
    assert cosine.rate(0) == pytest.approx(0.1)
    assert cosine.rate(10) == 1
    assert cosine.rate(55) == pytest.approx(0.505)
    assert cosine.rate(100) == pytest.approx(0.01)
    constant = Schedule(steps=100, warmup=0, learning_rate=1.0, decay="constant", drop_by=0.1, drop_every=40)
    assert [constant.rate(step) for step in (0, 39, 40, 80)] == pytest.approx([1, 1, 0.1, 0.01])


def test_a_trapezoid_falls_at_its_end_alone() -> None:
    trapezoid = Schedule(steps=100, warmup=10, learning_rate=1.0, decay="trapezoid", cooldown=20)
    assert [trapezoid.rate(step) for step in (0, 10, 50, 80)] == pytest.approx([0.1, 1, 1, 1])
    assert [trapezoid.rate(step) for step in (85, 90, 99)] == pytest.approx([0.75, 0.5, 0.05])
    assert in_steps({"epochs": 10, "decay": "trapezoid", "cooldown": 2}, 8).cooldown == 16


def test_batch_norms_forget_as_videopose3d_has_it() -> None:
    """Momentum 0.1 * exp(-epoch / epochs * log(0.1 / 0.001)), where an epoch is 4 of 20 steps."""
    schedule = Schedule(steps=20, bn_momentum=(0.1, 0.001), decay="exponential", decay_by=0.95, decay_every=4)
    for step in range(20):
        expected = 0.1 * np.exp(-(step // 4) / 5 * np.log(0.1 / 0.001))
        assert schedule.batch_norm_momentum(step) == pytest.approx(expected, rel=1e-12)
    assert Schedule(steps=3).batch_norm_momentum(2) is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"optimiser": "adamm"}, 'no optimiser "adamm" of a schedule. Did you mean "adam"'),
        ({"decay": "exponentail"}, 'no decay "exponentail" of a schedule. Did you mean "exponential"'),
        ({"precision": "float61"}, 'no precision "float61" .* Known: auto, bfloat16, float16, float32'),
        ({"decay": "exponential"}, "needs decay_every, the steps between two factors, found 0"),
        ({"decay": "trapezoid"}, "cooldown of 1 to 20 steps, over which the learning rate falls, found 0"),
        ({"decay": "trapezoid", "cooldown": 21}, "found 21"),
        ({"accumulate": 0}, "accumulate is at least 1, found 0"),
        ({"check_every": 0}, "check_every is at least 1, found 0"),
        ({"average": 1.0}, "at least 0 and below 1, found 1"),
        ({"bn_momentum": (0.1,)}, "bn_momentum is two positive numbers"),
    ],
)
def test_a_schedule_that_makes_no_sense_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Schedule(**{"steps": 20, **changes})


def test_epochs_become_steps() -> None:
    values = {"epochs": 2.5, "warmup": 0.5, "check_every": 1, "save_every": 0.001, "average_from": 0}
    schedule = in_steps(values, 8)
    assert (schedule.steps, schedule.warmup, schedule.check_every, schedule.save_every) == (20, 4, 8, 1)
    assert schedule.average_from == 0
    assert in_steps({"steps": 3}) == Schedule(steps=3)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "either steps or epochs"),
        ({"steps": 1, "epochs": 1}, "either steps or epochs"),
        ({"epochs": 1}, "no end to count epochs by; set schedule.steps"),
        ({"step": 1}, 'no key "step". Did you mean "steps"'),
        ({"steps": "many"}, r"schedule\.steps of the configuration must be a whole number, found 'many'"),
    ],
)
def test_a_schedule_that_counts_nothing_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        in_steps(values)


def test_epochs_that_are_no_number_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"schedule\.epochs .* must be a number or none, found 'ten'"):
        in_steps({"epochs": "ten"}, 8)
