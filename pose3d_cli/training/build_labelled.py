"""Put a training run on a prepared data set together from plain numbers and names, and run it.

Three stages, of which P-STMO has all: "masked" trains its pre-training network to tell hidden keypoints, "lift" trains
a lifter, "refine" trains the refine module with a lifter before it, and reads the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from in_the_wild import checkpoints, plugins
from in_the_wild.errors import ConfigError, InputError, did_you_mean
from in_the_wild.lifters.base import Lifter
from in_the_wild.lifters.pstmo import PSTMO, MaskedPoseModel, draw_masks
from in_the_wild.skeletons import Skeleton, get_skeleton
from pose3d_cli.datasets.lifting import RULES, Refiner, predict
from pose3d_cli.datasets.prepared.sequences import Dataset, Description, open_folder
from pose3d_cli.datasets.prepared.windows import LabelledWindows, Looks
from pose3d_cli.evaluation import refine_module
from pose3d_cli.metrics import joints3d
from pose3d_cli.training import curve, distributed, fit, losses, start
from pose3d_cli.training.build import Listener, make
from pose3d_cli.training.distributed import ALONE, World

STAGES = ("masked", "lift", "refine")
# Groups of a configuration's schedule that count epochs, and what they are called in steps.
_IN_EPOCHS = (
    "horizon", "warmup", "average_from", "check_every", "save_every", "decay_every", "drop_every",
)  # fmt: skip
# What a lifter that is refined must have been trained with.
_READ_ALIKE = ("input_skeleton", "output_skeleton", "normalisation", "metres")
# Windows of stage I's held-out check.
_MASKED_CHECK = 1024


@dataclass(frozen=True)
class Test:
    """How held-out sequences are lifted, see `pose3d_cli.datasets.lifting.predict`."""

    rule: str = "centred"
    tds: int | None = None
    flip: bool = True
    every: int = 1

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise ConfigError(f'test.rule cannot be "{self.rule}". {did_you_mean(self.rule, RULES)}')


@dataclass(frozen=True)
class Masks:
    """What stage I hides, see `in_the_wild.lifters.pstmo.draw_masks`."""

    temporal: float = 0.8
    spatial: int = 2
    last_joint: bool = True

    def draw(self, windows: LabelledWindows, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The masks of one batch: (T,) and (T, J)."""
        return draw_masks(
            frames=windows.frames,
            joints=len(get_skeleton(windows.training.input_skeleton)),
            generator=generator,
            temporal_ratio=self.temporal,
            spatial_masked=self.spatial,
            mask_last_joint=self.last_joint,
        )


@dataclass(frozen=True)
class Run:
    """A training run, ready to go.

    Attributes:
        stage: One of STAGES.
        model: Plug-in name of the lifter.
        network: What is trained: the lifter, the pre-training network, or lifter and refine module.
        loss: All of a batch -> what is made small.
        arguments: Constructor arguments of the lifter, or the pre-training network; of one that is refined, its own.
        training: What the weights will say of themselves.
        windows: Where batches come from.
        heldout: What it is checked on.
        test: How.
        masks: Of stage I.
        schedule: Steps and rates.
        batch: Windows per step.
        seed: Of the first weights, the batches and dropout.
    """

    stage: str
    model: str
    network: nn.Module
    loss: Callable[..., Tensor] = field(repr=False)
    arguments: Mapping[str, Any]
    training: checkpoints.Training
    windows: LabelledWindows
    heldout: Dataset
    test: Test
    masks: Masks
    schedule: fit.Schedule
    batch: int
    seed: int


def build(
    *,
    folder: Path,
    model: str,
    arguments: Mapping[str, Any],
    stage: str,
    loss: str,
    training: Mapping[str, Any],
    data: Mapping[str, Any],
    windows: Mapping[str, Any],
    masks: Mapping[str, Any] | None,
    start_from: Path | None,
    start_parts: Sequence[str] | None,
    lifter: Path | None,
    freeze: bool,
    batch: int,
    seed: int,
    schedule: Mapping[str, Any],
    test: Mapping[str, Any],
) -> Run:
    """Build a run; the arguments are those of a configuration, see `configs/mocap/pstmo_mocap_27.py`.

    Args:
        folder: A prepared data set.
        model: Plug-in name of the lifter.
        arguments: Of its constructor.
        stage: One of STAGES.
        loss: Name of the lifter's, for the stage "lift".
        training: Of its weights.
        data: `name`, `inputs` and `truth` that the set must have (empty: any), and what `Dataset.choose` is told for
            `train` and `test`.
        windows: Of `Looks`.
        masks: Of `Masks`; None takes the published ones.
        start_from: Weights to start from.
        start_parts: Parts of the network to take from there; None takes all.
        lifter: Of the stage "refine": the weights that come before the module.
        freeze: Of the stage "refine": train the module alone.
        batch: Windows per step.
        seed: Of the first weights, the batches and dropout.
        schedule: Of `fit.Schedule`; with `epochs` instead of `steps`, all that it counts are epochs.
        test: Of `Test`.

    Raises:
        ConfigError: an argument that its part does not know, or parts that do not fit each other.
        InputError: no prepared set, or one that lacks what is trained on.
        WeightsError: weights to start from that do not fit.
    """
    if stage not in STAGES:
        raise ConfigError(f'There is no stage "{stage}". {did_you_mean(stage, STAGES)}')
    torch.manual_seed(seed)
    described = make(checkpoints.Training, training, "training")
    opened = open_folder(folder)
    _check_data(opened, data, described, needs_joints=stage != "masked")
    network, loss_function, arguments = _network(
        stage, model, arguments, loss=loss, training=described, start_from=start_from, start_parts=start_parts,
        lifter=lifter, freeze=freeze,
    )  # fmt: skip
    cut = LabelledWindows(
        make(opened.choose, data.get("train", {}), "data.train"),
        frames=_lifter(network).frames if stage == "refine" else network.frames,
        looks=make(Looks, windows, "windows"),
        training=described,
    )
    hidden = make(Masks, masks or {}, "masks")
    return Run(
        stage=stage,
        model=model,
        network=network,
        loss=loss_function,
        arguments=arguments,
        training=described,
        windows=cut,
        heldout=make(opened.choose, data.get("test", {}), "data.test"),
        test=make(Test, test, "test"),
        masks=hidden,
        schedule=schedule_in_steps(schedule, cut.steps(batch)),
        batch=batch,
        seed=seed,
    )


def _network(
    stage: str,
    model: str,
    arguments: Mapping[str, Any],
    *,
    loss: str,
    training: checkpoints.Training,
    start_from: Path | None,
    start_parts: Sequence[str] | None,
    lifter: Path | None,
    freeze: bool,
) -> tuple[Any, Callable[..., Tensor], Mapping[str, Any]]:
    """What is trained, its loss, and the constructor arguments of the lifter or the pre-training network in it."""
    kind = plugins.load("in_the_wild.lifters", model)
    if stage == "masked":
        if kind is not PSTMO:
            raise ConfigError(f"Masked pre-training is P-STMO's; {model} has none, take the stage lift.")
        masked = make(MaskedPoseModel, arguments, "arguments")
        if start_from is not None:
            state, _ = MaskedPoseModel.convert(checkpoints.read(start_from))
            checkpoints.load_strictly(masked, state, start_from.name)
        return masked, partial(_masked_loss, masked), arguments
    gives = get_skeleton(training.output_skeleton)
    if stage == "lift":
        lifting = make(kind, arguments, "arguments")
        if start_from is not None:
            start.start_from(lifting, start_from, model=model, parts=start_parts)
        return lifting, partial(losses.get(loss, lifting, skeleton=gives), lifting), arguments
    if lifter is None:
        raise ConfigError("The stage refine needs the weights of a lifter: set lifter to a file, or name it: --lifter.")
    before = checkpoints.load(str(lifter), model=model)
    for name in _READ_ALIKE:
        wanted, found = getattr(training, name), getattr(before.training, name)
        if wanted != found:
            raise ConfigError(
                f"The configuration refines what is lifted with {name} {wanted}, {lifter.name} was trained with "
                f"{found}; give other weights, or --set training.{name}={found}."
            )
    module = refine_module.RefineModule(joints=len(gives)) if start_from is None else refine_module.load(start_from)
    both = refine_module.RefinedLifter(before.lifter, module, root=gives.root, metres=training.metres, freeze=freeze)
    return both, partial(_refined_loss, both), before.arguments


def _lifter(network: nn.Module) -> Lifter:
    """The lifter of what is trained."""
    found = network.lifter if isinstance(network, refine_module.RefinedLifter) else network
    assert isinstance(found, Lifter)
    return found


def _masked_loss(network: MaskedPoseModel, x: Tensor, temporal: Tensor, spatial: Tensor) -> Tensor:
    """Of stage I: keypoints (B, T, J, C), and masks (1, T) and (1, T, J) for all of them."""
    return losses.masked_pose_loss(network, x, temporal[0], spatial[0])


def _refined_loss(network: refine_module.RefinedLifter, x: Tensor, target: Tensor, *truth: Tensor) -> Tensor:
    """MPJPE of the refined middle frame, the root's own error in it, as the authors train it."""
    middle = target[:, target.shape[1] // 2]
    return torch.linalg.vector_norm(network(x, *truth) - middle, dim=-1).mean()


def _check_data(
    dataset: Dataset, data: Mapping[str, Any], training: checkpoints.Training, *, needs_joints: bool
) -> None:
    """Refuse a set that is not what the configuration was written for."""
    check_description(dataset, data)
    if not needs_joints:
        return
    said = dataset.description
    if "joints" not in dataset.has:
        raise InputError(f"{dataset.folder} has no joints to train a lifter on; it is of use for the stage masked.")
    if said.joint_skeleton != training.output_skeleton:
        raise ConfigError(
            f"The configuration trains for {training.output_skeleton}, {dataset.folder} holds {said.joint_skeleton}; "
            "give the data set that it is for."
        )


def check_description(dataset: Dataset, data: Mapping[str, Any]) -> None:
    """Refuse a set that is not the one that a configuration's group `data` names.

    Raises:
        ConfigError: another name, other inputs or another truth, or a key that the group does not have.
    """
    for key in data:
        known = ("name", "inputs", "truth", "train", "test")
        if key not in known:
            raise ConfigError(f'The group data of the configuration has no key "{key}". {did_you_mean(key, known)}')
    said: Description = dataset.description
    for key in ("name", "inputs", "truth"):
        wanted, found = data.get(key, ""), getattr(said, key)
        if wanted and wanted != found:
            raise ConfigError(
                f'The configuration is for {key} "{wanted}", {dataset.folder} holds "{found}"; prepare the other, or '
                f"train on this one: --set data.{key}={found}."
            )


def schedule_in_steps(values: Mapping[str, Any], steps_per_epoch: int) -> fit.Schedule:
    """A schedule in steps, of one in steps or in epochs.

    Raises:
        ConfigError: both or neither, or a key that schedules do not have.
    """
    values = dict(values)
    if ("epochs" in values) == ("steps" in values):
        raise ConfigError("The schedule needs either steps or epochs, and not both.")
    if "epochs" in values:
        values["steps"] = round(values.pop("epochs") * steps_per_epoch)
        for name in _IN_EPOCHS:
            if values.get(name):
                values[name] = max(1, round(values[name] * steps_per_epoch))
    schedule: fit.Schedule = make(fit.Schedule, values, "schedule")
    return schedule


def train(
    run: Run,
    folder: Path,
    *,
    configuration: Mapping[str, Any],
    device: str,
    world: World = ALONE,
    on_step: Listener,
    on_check: Callable[[Mapping[str, float]], None],
    workers: int = 0,
    tensorboard: bool = False,
) -> float:
    """Train; leaves `best.pt`, `last.pt`, `log.csv`, `curve.png` and `state.pt` in the folder.

    The stage "refine" also leaves `refine_module.pt`, the module that goes with `best.pt`.

    Args:
        run: What to train.
        folder: Where; a run found there is resumed.
        configuration: What the run was made of, for `run.json`.
        device: Where to train.
        world: The processes that train together; each is given its part of every batch.
        on_step: Told of every step and its loss.
        on_check: Told of every evaluation: errors by name.
        workers: Processes that make batches ahead.
        tensorboard: Also log for TensorBoard.

    Returns:
        The lowest held-out error, millimetres.
    """

    distributed.rows(run.batch, world, accumulate=run.schedule.accumulate)  # or it says that they do not divide

    def evaluate(network: nn.Module) -> dict[str, float]:
        errors = _check_masked(run, network, device) if run.stage == "masked" else check(run, network, device=device)
        on_check(errors)
        return errors

    best = fit.fit(
        run.network,
        loss=run.loss,
        batch=partial(_batch, run.windows, run.stage, run.masks, run.batch, run.seed, world),
        evaluate=evaluate,
        schedule=run.schedule,
        folder=folder,
        seed=run.seed,
        device=device,
        world=world,
        on_best=lambda network: _save(run, network, folder, "best"),
        on_last=lambda network: _save(run, network, folder, "last"),
        on_step=on_step,
        workers=workers,
        configuration=configuration,
        data=run.windows.dataset.digests,
        tensorboard=tensorboard,
    )
    if world.first:
        curve.draw(folder / "log.csv", folder / "curve.png")
    return best


def check(run: Run, network: nn.Module, *, device: str) -> dict[str, float]:
    """Mean held-out errors over all frames, the root put to zero: MPJPE and P-MPJPE in millimetres."""
    skeleton = get_skeleton(run.training.output_skeleton)
    refine: Refiner | None = None
    if isinstance(network, refine_module.RefinedLifter):
        refine = partial(_refined, network.module, skeleton)
    mpjpe, p_mpjpe = [], []
    for sequence in run.heldout:
        found = predict(
            _lifter(network),
            run.training,
            sequence,
            run.heldout.description,
            rule=run.test.rule,
            tds=run.test.tds,
            flip=run.test.flip,
            every=run.test.every,
            refine=refine,
            device=device,
        )
        joints = found.joints * 1e3
        joints[:, skeleton.root] = 0
        mpjpe.append(joints3d.mpjpe(joints, found.truth * 1e3))
        p_mpjpe.append(joints3d.p_mpjpe(joints, found.truth * 1e3))
    return {"mpjpe_mm": float(np.concatenate(mpjpe).mean()), "p_mpjpe_mm": float(np.concatenate(p_mpjpe).mean())}


def _refined(
    module: refine_module.RefineModule,
    skeleton: Skeleton,
    joints: np.ndarray,
    image: np.ndarray,
    sequence: Any,
    at: np.ndarray,
) -> np.ndarray:
    return refine_module.refine_sequence(module, joints, image, sequence, at, root=skeleton.root)


@torch.no_grad()
def _check_masked(run: Run, network: nn.Module, device: str) -> dict[str, float]:
    """Mean distance of the told keypoints in thousandths of half the picture's width, as the authors print it.

    Masks and windows are the same at every check.
    """
    assert isinstance(network, MaskedPoseModel)
    looks = replace(run.windows.looks, flip=False, reverse=False)
    windows = LabelledWindows(run.heldout, run.windows.frames, looks, run.training)
    size = min(run.batch, len(windows))
    steps = min(windows.steps(size), max(1, _MASKED_CHECK // size))
    generator = torch.Generator().manual_seed(run.seed)
    found = []
    for step in range(steps):
        x = torch.from_numpy(windows.batch(size, seed=0, step=step)[0]).to(device)
        temporal, spatial = (mask.to(device) for mask in run.masks.draw(windows, generator))
        found.append(float(losses.masked_pose_loss(network, x, temporal, spatial)))
    return {"masked_error": 1e3 * float(np.mean(found))}


def _save(run: Run, network: nn.Module, folder: Path, name: str) -> None:
    file = folder / f"{name}.pt"
    if run.stage == "masked":
        checkpoints.write({key: value.cpu() for key, value in network.state_dict().items()}, file)
        return
    lifter = _lifter(network)
    checkpoints.save(file, model=run.model, lifter=lifter, arguments=run.arguments, training=run.training)
    if isinstance(network, refine_module.RefinedLifter):
        refine_module.save(folder / ("refine_module.pt" if name == "best" else "last_refine_module.pt"), network.module)


def _batch(
    windows: LabelledWindows, stage: str, masks: Masks, size: int, seed: int, world: World, step: int
) -> tuple[np.ndarray, ...]:
    """This process's part of a batch, by its step alone, in a form that other processes can be handed."""
    part = slice(world.rank, None, world.size)
    if stage == "refine":
        return windows.batch_to_refine(size, seed=seed, step=step, part=part)
    if stage == "masked":
        # One pair of masks for the whole batch, so that every process hides the same.
        temporal, spatial = masks.draw(windows, torch.Generator().manual_seed((seed << 32) + step))
        inputs, _ = windows.batch(size, seed=seed, step=step, part=part)
        return inputs, temporal[None].numpy(), spatial[None].numpy()
    return windows.batch(size, seed=seed, step=step, part=part)
