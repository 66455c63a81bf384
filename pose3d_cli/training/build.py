"""Put a training run together from plain numbers and names, and run it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from in_the_wild import plugins, weights
from in_the_wild.errors import ConfigError
from in_the_wild.lifters.base import Lifter
from in_the_wild.lifters.pstmo import PSTMO
from pose3d_cli.datasets import heldout, mocap
from pose3d_cli.datasets.noise import DetectorNoise, NoiseBank
from pose3d_cli.datasets.virtual import Bodies, Cameras, VirtualWindows
from pose3d_cli.training import check, curve, fit
from pose3d_cli.training.losses import pstmo_loss

Listener = Callable[[int, float], None]


@dataclass(frozen=True)
class Run:
    """A training run, ready to go.

    Attributes:
        model: Plug-in name of the lifter.
        lifter: The network, initialised.
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
    lifter: PSTMO
    arguments: Mapping[str, Any]
    training: weights.Training
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
    training: Mapping[str, Any],
    hold_out: Sequence[str],
    stride: int,
    cameras: Mapping[str, Any],
    bodies: Mapping[str, Any],
    noise: Mapping[str, Any],
    bank: Path | None,
    clean: float,
    start_from: Path | None,
    batch: int,
    seed: int,
    schedule: Mapping[str, Any],
    heldout_cameras: int,
    heldout_every: int,
) -> Run:
    """Build a run; the arguments are those of a configuration, see `configs/pstmo_coco_27_clean.py`.

    Raises:
        ConfigError: an argument that its part does not know, or a network that cannot be trained here.
        InputError: motion capture that is missing.
        WeightsError: weights to start from that do not fit.
    """
    torch.manual_seed(seed)
    network = plugins.load("in_the_wild.lifters", model)
    lifter = _make(network, arguments, "arguments")
    if not isinstance(lifter, PSTMO):
        raise ConfigError(f"{model} has no per-frame and centre heads, which this training expects; train pstmo.")
    if start_from is not None:
        weights.load_strictly(lifter, weights.read(start_from)["state_dict"], start_from.name)
    noise_model = replace(
        _make(DetectorNoise, noise, "noise"), bank=None if bank is None else NoiseBank.load(str(bank))
    )
    camera_model = _make(Cameras, cameras, "cameras")
    motion = mocap.load(packs, without=hold_out)
    views = heldout.views(mocap.load(packs, only=hold_out), count=heldout_cameras, stride=stride, cameras=camera_model)
    return Run(
        model=model,
        lifter=lifter,
        arguments=arguments,
        training=_make(weights.Training, training, "training"),
        windows=VirtualWindows(
            motion,
            frames=lifter.frames,
            stride=stride,
            cameras=camera_model,
            bodies=_make(Bodies, bodies, "bodies"),
            noise=noise_model,
            clean=clean,
        ),
        views=list(views),
        every=heldout_every,
        schedule=_make(fit.Schedule, schedule, "schedule"),
        batch=batch,
        seed=seed,
    )


def train(run: Run, folder: Path, *, device: str, on_step: Listener, on_check: Callable[[float, float], None]) -> float:
    """Train; leaves `best.pt`, `log.csv`, `curve.png` and `state.pt` in the folder.

    Args:
        run: What to train.
        folder: Where; a run found there is resumed.
        device: Where to train.
        on_step: Told of every step and its loss.
        on_check: Told of every evaluation: MPJPE and P-MPJPE in millimetres.

    Returns:
        The lowest held-out MPJPE, millimetres.
    """

    def evaluate(lifter: Lifter) -> tuple[float, float]:
        found = check.mean(check.check(lifter, run.training, run.views, every=run.every, flip=False, device=device))
        on_check(found.mpjpe, found.p_mpjpe)
        return found.mpjpe, found.p_mpjpe

    def batch(step: int) -> tuple[np.ndarray, np.ndarray]:
        return run.windows.batch(run.batch, seed=run.seed, step=step)

    best = fit.fit(
        run.lifter,
        loss=partial(pstmo_loss, run.lifter),
        batch=batch,
        evaluate=evaluate,
        schedule=run.schedule,
        folder=folder,
        seed=run.seed,
        device=device,
        on_best=lambda lifter: weights.save(
            folder / "best.pt", model=run.model, lifter=lifter, arguments=run.arguments, training=run.training
        ),
        on_step=on_step,
    )
    curve.draw(folder / "log.csv", folder / "curve.png")
    return best


def _make(kind: type[Any], arguments: Mapping[str, Any], group: str) -> Any:
    """Build something from a group of a configuration; a key it does not know is the user's mistake."""
    try:
        return kind(**arguments)
    except TypeError as error:
        raise ConfigError(f"The group {group} of the configuration does not fit {kind.__name__}: {error}.") from error
