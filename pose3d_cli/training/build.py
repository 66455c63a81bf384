"""Put a training run together from plain numbers and names, and run it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from in_the_wild import checkpoints, plugins
from in_the_wild.errors import ConfigError, did_you_mean
from in_the_wild.lifters.base import Lifter
from in_the_wild.skeletons import get_skeleton
from pose3d_cli.datasets.mocap import packs as mocap
from pose3d_cli.datasets.synthetic import heldout
from pose3d_cli.datasets.synthetic.noise import DetectorNoise, NoiseBank
from pose3d_cli.datasets.synthetic.virtual import Bodies, Cameras, VirtualWindows
from pose3d_cli.evaluation import virtual_views
from pose3d_cli.training import curve, distributed, fit, losses, start
from pose3d_cli.training.distributed import ALONE, World

Listener = Callable[[int, float], None]


@dataclass(frozen=True)
class Run:
    """A training run, ready to go.

    Attributes:
        model: Plug-in name of the lifter.
        lifter: The network, initialised.
        loss: What is made small.
        arguments: Its constructor arguments.
        training: What its weights will say of themselves.
        windows: Where batches come from.
        views: Held-out views that it is checked on.
        every: Every n-th frame of them is lifted.
        schedule: Steps and rates.
        batch: Windows per step.
        seed: Of the first weights, the batches and dropout.
    """

    model: str
    lifter: Lifter
    loss: losses.Loss
    arguments: Mapping[str, Any]
    training: checkpoints.Training
    windows: VirtualWindows
    views: Sequence[heldout.View]
    every: int
    schedule: fit.Schedule
    batch: int
    seed: int


def build(
    *,
    packs: Sequence[Path],
    model: str,
    arguments: Mapping[str, Any],
    loss: str,
    training: Mapping[str, Any],
    hold_out: Sequence[str],
    stride: int,
    cameras: Mapping[str, Any],
    bodies: Mapping[str, Any],
    noise: Mapping[str, Any],
    bank: Path | None,
    clean: float,
    start_from: Path | None,
    start_parts: Sequence[str] | None,
    batch: int,
    seed: int,
    schedule: Mapping[str, Any],
    heldout_cameras: int,
    heldout_every: int,
) -> Run:
    """Build a run; the arguments are those of a configuration, see `configs/pstmo_coco_27_stage1.py`.

    Raises:
        ConfigError: an argument that its part does not know, or a network that cannot be trained here.
        InputError: motion capture that is missing.
        WeightsError: weights to start from that do not fit.
    """
    torch.manual_seed(seed)
    network = plugins.load("in_the_wild.lifters", model)
    lifter = make(network, arguments, "arguments")
    loss_function = losses.get(loss, lifter)
    if start_from is not None:
        start.start_from(lifter, start_from, model=model, parts=start_parts)
    noise_model = replace(make(DetectorNoise, noise, "noise"), bank=None if bank is None else NoiseBank.load(str(bank)))
    camera_model = make(Cameras, cameras, "cameras")
    described = make(checkpoints.Training, training, "training")
    motion = mocap.load(packs, without=hold_out)
    views = heldout.views(mocap.load(packs, only=hold_out), count=heldout_cameras, stride=stride, cameras=camera_model)
    return Run(
        model=model,
        lifter=lifter,
        loss=loss_function,
        arguments=arguments,
        training=described,
        windows=VirtualWindows(
            motion,
            frames=lifter.frames,
            stride=stride,
            cameras=camera_model,
            bodies=make(Bodies, bodies, "bodies"),
            noise=noise_model,
            clean=clean,
            skeleton=get_skeleton(described.input_skeleton),
        ),
        views=list(views),
        every=heldout_every,
        schedule=make(fit.Schedule, schedule, "schedule"),
        batch=batch,
        seed=seed,
    )


def train(
    run: Run,
    folder: Path,
    *,
    device: str,
    on_step: Listener,
    on_check: Callable[[float, float], None],
    workers: int = 0,
    configuration: Mapping[str, Any] | None = None,
    tensorboard: bool = False,
    world: World = ALONE,
) -> float:
    """Train; leaves `best.pt`, `last.pt`, `log.csv`, `curve.png`, `run.json` and `state.pt` in the folder.

    Args:
        run: What to train.
        folder: Where; a run found there is resumed.
        device: Where to train.
        on_step: Told of every step and its loss.
        on_check: Told of every evaluation: MPJPE and P-MPJPE in millimetres.
        workers: Processes that make batches ahead.
        configuration: What the run was made of, as given.
        tensorboard: Log for TensorBoard too.
        world: The processes that train together; each builds the same run.

    Returns:
        The lowest held-out MPJPE, millimetres.
    """

    def evaluate(lifter: Lifter) -> dict[str, float]:
        found = virtual_views.mean(
            virtual_views.evaluate(lifter, run.training, run.views, every=run.every, flip=False, device=device)
        )
        on_check(found.mpjpe, found.p_mpjpe)
        return {"mpjpe_mm": found.mpjpe, "p_mpjpe_mm": found.p_mpjpe}

    def save(name: str, lifter: Lifter) -> None:
        checkpoints.save(folder / name, model=run.model, lifter=lifter, arguments=run.arguments, training=run.training)

    distributed.rows(run.batch, world, accumulate=run.schedule.accumulate)
    best = fit.fit(
        run.lifter,
        loss=partial(run.loss, run.lifter),
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
        configuration=configuration,
        tensorboard=tensorboard,
        world=world,
    )
    if world.first:
        curve.draw(folder / "log.csv", folder / "curve.png")
    return best


def _batch(windows: VirtualWindows, size: int, seed: int, world: World, step: int) -> fit.Batch:
    """This process's rows of a batch by its step alone, in a form that other processes can be handed."""
    return distributed.share(windows.batch(size, seed=seed, step=step), world)


def make(kind: Callable[..., Any], arguments: Mapping[str, Any], group: str) -> Any:
    """Build something from a group of a configuration; a key it does not know is the user's mistake."""
    known = inspect.signature(kind).parameters
    for key in arguments:
        if key not in known:
            raise ConfigError(f'The group {group} of the configuration has no key "{key}". {did_you_mean(key, known)}')
    try:
        return kind(**arguments)
    except TypeError as error:
        raise ConfigError(f"The group {group} of the configuration does not fit what it is for: {error}.") from error
