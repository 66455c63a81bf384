"""Put a training run of MixSynthFormer on a prepared set together from plain numbers and names, and run it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from in_the_wild.errors import ConfigError, did_you_mean
from in_the_wild.refiners import mixsynthformer
from pose3d_cli.datasets.prepared.sequences import Dataset, open_folder
from pose3d_cli.datasets.prepared.sparse_windows import SparseWindows, Values, kind_of
from pose3d_cli.evaluation import baselines
from pose3d_cli.evaluation import sparse as sparse_poses
from pose3d_cli.training import curve, distributed, fit
from pose3d_cli.training.build import Listener, make
from pose3d_cli.training.build_labelled import check_description, schedule_in_steps
from pose3d_cli.training.distributed import ALONE, World

# The keys of a configuration, all needed.
KEYS = ("model", "arguments", "training", "data", "windows", "batch", "seed", "schedule", "test")
# How far, as a share, a set's frame rate may be from the one that weights will say they were trained at.
_OFF = 0.05


@dataclass(frozen=True)
class Looks:
    """Which windows are cut from every sequence, and how they are varied; see `SparseWindows`.

    Attributes:
        kind: One of `pose3d_cli.datasets.prepared.sparse_windows.KINDS`; None goes by the network.
        step: Frames from one window to the next.
        flip: Every window also as its mirror image; the authors have none.
        reverse: Every window also played backwards; neither.
    """

    kind: str | None = None
    step: int = 1
    flip: bool = False
    reverse: bool = False


@dataclass(frozen=True)
class Test:
    """How held-out sequences are measured.

    Attributes:
        rule: One of `sparse_poses.RULES`.
        every: Every n-th sequence alone.
    """

    rule: str = "published"
    every: int = 1

    def __post_init__(self) -> None:
        if self.rule not in sparse_poses.RULES:
            raise ConfigError(f'test.rule cannot be "{self.rule}". {did_you_mean(self.rule, sparse_poses.RULES)}')
        if self.every < 1:
            raise ConfigError(f"test.every is at least 1, found {self.every}.")


@dataclass(frozen=True)
class Run:
    """A training run, ready to go.

    Attributes:
        network: Initialised.
        arguments: Its constructor arguments.
        training: What its weights will say of themselves.
        windows: Where batches come from.
        heldout: What it is checked on.
        test: How.
        schedule: Steps and rates.
        batch: Windows per step.
        seed: Of the first weights, the batches and dropout.
    """

    network: mixsynthformer.MixSynthFormerNetwork
    arguments: Mapping[str, Any]
    training: mixsynthformer.Training
    windows: SparseWindows = field(repr=False)
    heldout: Dataset = field(repr=False)
    test: Test
    schedule: fit.Schedule
    batch: int
    seed: int


def build(
    *,
    folder: Path,
    model: str,
    arguments: Mapping[str, Any],
    training: Mapping[str, Any],
    data: Mapping[str, Any],
    windows: Mapping[str, Any],
    batch: int,
    seed: int,
    schedule: Mapping[str, Any],
    test: Mapping[str, Any],
) -> Run:
    """Build a run; the arguments are those of a configuration, see `configs/published/mixsynthformer_h36m_fcn.py`.

    Args:
        folder: A prepared set.
        model: "mixsynthformer".
        arguments: Of the network's constructor.
        training: Of its weights.
        data: `name`, `inputs` and `truth` that the set must have (empty: any), and what `Dataset.choose` is told for
            `train` and `test`.
        windows: Of `Looks`.
        batch: Windows per step.
        seed: Of the first weights, the batches and dropout.
        schedule: Of `fit.Schedule`; with `epochs` instead of `steps`, all that it counts are epochs.
        test: Of `Test`.

    Raises:
        ConfigError: an argument that its part does not know, or parts that do not fit each other.
        InputError: no prepared set, or one that lacks what is trained on.
    """
    if model != "mixsynthformer":
        raise ConfigError(f"On sparse poses mixsynthformer is trained, found {model}.")
    torch.manual_seed(seed)
    network: mixsynthformer.MixSynthFormerNetwork = make(mixsynthformer.MixSynthFormerNetwork, arguments, "arguments")
    # The first answers are straight lines: what is learnt is what to change about them.
    torch.nn.init.zeros_(network.head.weight)
    torch.nn.init.zeros_(network.head.bias)
    described: mixsynthformer.Training = make(mixsynthformer.Training, training, "training")
    opened = open_folder(folder)
    check_description(opened, data)
    _check_past(network, described)
    looks: Looks = make(Looks, windows, "windows")
    learnt = make(opened.choose, data.get("train", {}), "data.train")
    _check_rate(learnt, described)
    cut = SparseWindows(
        Values(
            learnt,
            looks.kind or kind_of(learnt, described, network.coordinates),
            described,
            network.coordinates,
        ),
        frames=network.frames,
        interval=network.interval,
        past=described.past,
        step=looks.step,
        flip=looks.flip,
        reverse=looks.reverse,
    )
    return Run(
        network=network,
        arguments=arguments,
        training=described,
        windows=cut,
        heldout=make(opened.choose, data.get("test", {}), "data.test"),
        test=make(Test, test, "test"),
        schedule=schedule_in_steps(schedule, cut.steps(batch)),
        batch=batch,
        seed=seed,
    )


def _check_past(network: mixsynthformer.MixSynthFormerNetwork, training: mixsynthformer.Training) -> None:
    predicts = training.task == "predict"
    if predicts != (0 < training.past < network.frames) or (predicts and (training.past - 1) % network.interval):
        raise ConfigError(
            f"To {training.task} was asked with {training.past} past frames of a window of {network.frames}; filling "
            f"has none, and the last of a past is one of those read, every {network.interval}. Set training.past."
        )


def _check_rate(dataset: Dataset, training: mixsynthformer.Training) -> None:
    """Refuse a frame rate that no step through the set's frames gives."""
    for sequence in dataset:
        stride = max(1, round(sequence.fps / training.fps))
        if abs(sequence.fps / stride / training.fps - 1) > _OFF:
            raise ConfigError(
                f"Every n-th frame of {sequence.name}, at {sequence.fps:g} per second, cannot come at "
                f"{training.fps:g}; set training.fps to {sequence.fps:g}, or to a half or a third of it."
            )


def train(
    run: Run,
    folder: Path,
    *,
    device: str,
    on_step: Listener,
    on_check: Callable[[Mapping[str, float]], None],
    workers: int = 0,
    configuration: Mapping[str, Any] | None = None,
    tensorboard: bool = False,
    world: World = ALONE,
) -> dict[str, float]:
    """Train; leaves `best.pt`, `last.pt`, `log.csv`, `curve.png`, `run.json` and `state.pt` in the folder.

    Args:
        run: What to train.
        folder: Where; a run found there is resumed.
        device: Where to train.
        on_step: Told of every step and its loss.
        on_check: Told of every evaluation, see `sparse_poses.evaluate`.
        workers: Processes that make batches ahead.
        configuration: What the run was made of, as given.
        tensorboard: Log for TensorBoard too.
        world: The processes that train together; each builds the same run.

    Returns:
        The held-out errors of the best weights, and those of the baselines; in the first process, none in the others.
    """

    def evaluate(network: mixsynthformer.MixSynthFormerNetwork) -> dict[str, float]:
        found = check(run, network)
        on_check(found)
        return found

    def save(name: str, network: mixsynthformer.MixSynthFormerNetwork) -> None:
        mixsynthformer.save(folder / name, network=network, arguments=run.arguments, training=run.training)

    distributed.rows(run.batch, world, accumulate=run.schedule.accumulate)
    fit.fit(
        run.network,
        loss=partial(baselines.loss, run.network, run.training),
        batch=partial(_batch, run.windows, run.batch, run.seed, world),
        evaluate=evaluate,
        schedule=run.schedule,
        folder=folder,
        seed=run.seed,
        device=device,
        on_best=partial(save, "best.pt"),
        on_last=partial(save, "last.pt"),
        on_step=on_step,
        workers=workers,
        # What is learnt is a small correction, lost in the rounding of the whole.
        low_precision=False,
        configuration=configuration,
        data=run.windows.values.dataset.digests,
        tensorboard=tensorboard,
        world=world,
    )
    if not world.first:
        return {}
    curve.draw(folder / "log.csv", folder / "curve.png")
    best = mixsynthformer.load(str(folder / "best.pt"))
    return check(run, best.network)


def check(run: Run, network: mixsynthformer.MixSynthFormerNetwork) -> dict[str, float]:
    """Mean held-out errors, see `sparse_poses.evaluate`."""
    return sparse_poses.evaluate(
        network,
        run.training,
        run.heldout,
        kind=run.windows.values.kind,
        rule=run.test.rule,
        every=run.test.every,
    )


def _batch(windows: SparseWindows, size: int, seed: int, world: World, step: int) -> tuple[np.ndarray, ...]:
    """This process's part of a batch, by its step alone, in a form that other processes can be handed."""
    return windows.batch(size, seed=seed, step=step, part=slice(world.rank, None, world.size))
