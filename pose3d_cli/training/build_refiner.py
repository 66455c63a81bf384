"""Put a training run of MixSynthFormer together from plain numbers and names, and run it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from in_the_wild import checkpoints
from in_the_wild.errors import ConfigError
from in_the_wild.poses import SPACES
from in_the_wild.refiners import mixsynthformer
from in_the_wild.skeletons import COCO17, HUMAN36M17, get_skeleton
from pose3d_cli.datasets.mocap import packs as mocap
from pose3d_cli.datasets.synthetic import heldout, sparse
from pose3d_cli.datasets.synthetic.noise import DetectorNoise, NoiseBank
from pose3d_cli.datasets.synthetic.virtual import Bodies, Cameras, VirtualWindows
from pose3d_cli.evaluation import baselines
from pose3d_cli.training import curve, distributed, fit
from pose3d_cli.training.build import Listener, make
from pose3d_cli.training.distributed import ALONE, World

# What can be trained: the task, the space, the joints.
_FILL_2D = ("fill", "image", COCO17.name)
_FILL_3D = ("fill", "camera", HUMAN36M17.name)
_PREDICT = ("predict", "camera", HUMAN36M17.name)


@dataclass(frozen=True)
class Run:
    """A training run, ready to go.

    Attributes:
        network: Initialised.
        arguments: Its constructor arguments.
        training: What its weights will say of themselves.
        examples: Where batches come from.
        heldout: What it is checked on: what it reads (K, ·, D) and what it should answer (K, T, D).
        schedule: Steps and rates.
        batch: Windows per step.
        seed: Of the first weights, the batches and dropout.
    """

    network: mixsynthformer.MixSynthFormerNetwork
    arguments: Mapping[str, Any]
    training: mixsynthformer.Training
    examples: sparse.Examples
    heldout: sparse.Pair
    schedule: fit.Schedule
    batch: int
    seed: int


def build(
    *,
    packs: Sequence[Path],
    folder: Path,
    arguments: Mapping[str, Any],
    training: Mapping[str, Any],
    hold_out: Sequence[str],
    stride: int,
    cameras: Mapping[str, Any],
    bodies: Mapping[str, Any],
    noise: Mapping[str, Any],
    bank: Path | None,
    clean: float,
    lifter: str,
    pool: int,
    past_noise: Mapping[str, Any],
    batch: int,
    seed: int,
    schedule: Mapping[str, Any],
    heldout_cameras: int,
    heldout_every: int,
    device: str = "cpu",
) -> Run:
    """Build a run; the arguments are those of a configuration, see `configs/mixsynthformer_coco17_n5.py`.

    Where joints are filled in, a pool of lifted windows is made first, and kept in the folder.

    Raises:
        ConfigError: an argument that its part does not know, or something that cannot be trained here.
        InputError: motion capture that is missing, or a lifter of the wrong kind.
        WeightsError: no such lifter.
    """
    torch.manual_seed(seed)
    network = make(mixsynthformer.MixSynthFormerNetwork, arguments, "arguments")
    # The first answers are straight lines: what is learnt is what to change about them.
    torch.nn.init.zeros_(network.head.weight)
    torch.nn.init.zeros_(network.head.bias)
    described = make(mixsynthformer.Training, training, "training")
    kind = (described.task, described.space, described.skeleton)
    if kind not in (_FILL_2D, _FILL_3D, _PREDICT):
        known = "; ".join(" ".join(one) for one in (_FILL_2D, _FILL_3D, _PREDICT))
        raise ConfigError(f"MixSynthFormer is trained here to {known}; found {' '.join(kind)}.")
    _check(network, described)
    noise_model = replace(make(DetectorNoise, noise, "noise"), bank=None if bank is None else NoiseBank.load(str(bank)))
    camera_model = make(Cameras, cameras, "cameras")
    motion = mocap.load(packs, without=hold_out)
    views = list(
        heldout.views(mocap.load(packs, only=hold_out), count=heldout_cameras, stride=stride, cameras=camera_model)
    )
    windows = VirtualWindows(
        motion,
        frames=network.frames,
        stride=stride,
        cameras=camera_model,
        bodies=make(Bodies, bodies, "bodies"),
        noise=noise_model,
        clean=clean,
    )
    frames, interval = network.frames, network.interval
    examples: sparse.Examples
    if kind == _PREDICT:
        windows = replace(windows, noise=None)
        examples = make(partial(sparse.Continuations, windows, described.past), past_noise, "past_noise")
        tested = sparse.heldout_continuations(views, frames=frames, past=described.past, every=heldout_every)
    elif kind == _FILL_2D:
        examples = sparse.Keypoints(windows, interval)
        tested = sparse.heldout_keypoints(
            views, frames=frames, interval=interval, every=heldout_every, noise=noise_model
        )
    else:
        lifting = checkpoints.load(lifter, device=device)
        longer = sparse.stretch_frames(lifting, interval=interval, segments=network.segments)
        examples = sparse.pool(
            replace(windows, frames=longer), lifting, interval=interval, count=pool, seed=seed, folder=folder
        )
        tested = sparse.heldout_lifted(
            views, lifting, frames=frames, interval=interval, every=heldout_every, noise=noise_model
        )
    return Run(
        network=network,
        arguments=arguments,
        training=described,
        examples=examples,
        heldout=tested,
        schedule=make(fit.Schedule, schedule, "schedule"),
        batch=batch,
        seed=seed,
    )


def _check(network: mixsynthformer.MixSynthFormerNetwork, training: mixsynthformer.Training) -> None:
    """Refuse sizes that do not fit the task."""
    width = len(get_skeleton(training.skeleton)) * SPACES[training.space]
    if network.coordinates != width:
        raise ConfigError(
            f"{training.skeleton} in {training.space} space is {width} numbers per frame, found {network.coordinates}; "
            "set arguments.coordinates."
        )
    predicts = training.task == "predict"
    if predicts != (0 < training.past < network.frames) or (predicts and (training.past - 1) % network.interval):
        raise ConfigError(
            f"To {training.task} was asked with {training.past} past frames of a window of {network.frames}; filling "
            f"has none, and the last of a past is one of those read, every {network.interval}. Set training.past."
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
        on_check: Told of every evaluation, see `baselines.check`.
        workers: Processes that make batches ahead.
        configuration: What the run was made of, as given.
        tensorboard: Log for TensorBoard too.
        world: The processes that train together; each builds the same run.

    Returns:
        The held-out errors of the best weights, and those of the baselines; in the first process, none in the others.
    """

    def evaluate(network: mixsynthformer.MixSynthFormerNetwork) -> dict[str, float]:
        found = baselines.check(network, run.training, *run.heldout)
        on_check(found)
        return found

    def save(name: str, network: mixsynthformer.MixSynthFormerNetwork) -> None:
        mixsynthformer.save(folder / name, network=network, arguments=run.arguments, training=run.training)

    distributed.rows(run.batch, world, accumulate=run.schedule.accumulate)
    fit.fit(
        run.network,
        loss=partial(baselines.loss, run.network, run.training),
        batch=partial(_batch, run.examples, run.batch, run.seed, world),
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
        tensorboard=tensorboard,
        world=world,
    )
    if not world.first:
        return {}
    curve.draw(folder / "log.csv", folder / "curve.png")
    best = mixsynthformer.load(str(folder / "best.pt"))
    return baselines.check(best.network, best.training, *run.heldout)


def _batch(examples: sparse.Examples, size: int, seed: int, world: World, step: int) -> fit.Batch:
    """This process's rows of a batch by its step alone, in a form that other processes can be handed."""
    return distributed.share(examples.batch(size, seed=seed, step=step), world)
