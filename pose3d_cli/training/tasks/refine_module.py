"""Train the refine module of P-STMO and StridedTransformer behind a lifter, on a prepared set: it reads the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from in_the_wild import checkpoints
from in_the_wild.checkpoints import Training, Weights
from in_the_wild.errors import ConfigError
from in_the_wild.skeletons import get_skeleton
from pose3d_cli.datasets.lifting import Inference
from pose3d_cli.datasets.prepared.windows import LabelledWindows
from pose3d_cli.evaluation import refine_module
from pose3d_cli.evaluation.refine_module import RefinedLifter
from pose3d_cli.training.batches import Batch
from pose3d_cli.training.distributed import World
from pose3d_cli.training.groups import Keys
from pose3d_cli.training.tasks._lifters import heldout_errors
from pose3d_cli.training.tasks._prepared import Prepared, PreparedTask
from pose3d_cli.training.tasks.base import Plan

# What the lifter must have been trained with.
_READ_ALIKE = ("input_skeleton", "output_skeleton", "normalisation", "metres")


@dataclass(frozen=True)
class NewRefineModule(Keys):
    """A refine module that is to be trained, and the lifter before it.

    Attributes:
        model: Plug-in name of the lifter.
        lifter: Its weights, a name or a file.
        freeze: Train the module alone.
        start_from: Weights of a module to start from, a file.
    """

    model: str
    lifter: str | None = None
    freeze: bool = False
    start_from: str | None = None

    def load_lifter(self, training: Training) -> Weights:
        """The lifter.

        Raises:
            ConfigError: none is named, or one that was trained with other joints or another normalisation.
            WeightsError: it cannot be loaded.
        """
        if self.lifter is None:
            raise ConfigError(
                "The task refine_module needs the weights of a lifter: set lifter to a file, or name it: --lifter."
            )
        loaded = checkpoints.load(self.lifter, model=self.model)
        for name in _READ_ALIKE:
            wanted, found = getattr(training, name), getattr(loaded.training, name)
            if wanted != found:
                raise ConfigError(
                    f"The configuration refines what is lifted with {name} {wanted}, {loaded.source} was trained with "
                    f"{found}; give other weights, or --set training.{name}={found}."
                )
        return loaded

    def put_behind(self, lifter: Weights, training: Training) -> RefinedLifter:
        """The module, initialised, behind a lifter.

        Raises:
            WeightsError: weights to start from that do not fit.
        """
        gives = get_skeleton(training.output_skeleton)
        if self.start_from is None:
            module = refine_module.RefineModule(joints=len(gives))
        else:
            module = refine_module.load(checkpoints.find(self.start_from))
        return RefinedLifter(lifter.lifter, module, root=gives.root, metres=training.metres, freeze=self.freeze)


class TrainRefineModule(PreparedTask):
    """The refine module learns to weigh a lifter's joints and those back-projected by the true root and camera.

    `refine_module.pt` is the module that goes with `best.pt`.

    Args:
        source: The set.
        module: What is trained, and the lifter before it.
        prepared: What is read of the set.
        test: How held-out sequences are lifted.
        plan: How the module is trained.

    Raises:
        ConfigError: parts that do not fit each other.
        InputError: no prepared set, or one that lacks what is trained on.
        WeightsError: weights that do not fit.
    """

    passed_over: ClassVar[tuple[str, ...]] = ("arguments", "loss", "start_parts", "masks")

    network: RefinedLifter

    def __init__(self, source: Path, module: NewRefineModule, prepared: Prepared, test: Inference, plan: Plan) -> None:
        torch.manual_seed(plan.seed)
        self.lifter = module.load_lifter(prepared.training)
        self.network = module.put_behind(self.lifter, prepared.training)
        super().__init__(source, prepared, plan, frames=self.lifter.lifter.frames)
        self.test = test

    def batches(self, world: World) -> Callable[[int], Batch]:
        """What `LabelledWindows.batch_to_refine` gives."""
        return partial(_batch, self.windows, self.batch, self.seed, world)

    def loss(self, *batch: Tensor) -> Tensor:
        """MPJPE of the refined middle frame, the root's own error in it, as the authors train it."""
        x, target, *truth = batch
        middle = target[:, target.shape[1] // 2]
        return torch.linalg.vector_norm(self.network(x, *truth) - middle, dim=-1).mean()

    def evaluate(self, network: RefinedLifter) -> dict[str, float]:
        """MPJPE and P-MPJPE, millimetres, which use ground truth."""
        refine = partial(refine_module.refine_sequence, network.module, root=network.root)
        return heldout_errors(network.lifter, self.training, self.heldout, self.test, refine=refine)

    def save(self, network: RefinedLifter, folder: Path, name: str) -> None:
        """See `Task.save`; the lifter is saved as it was built, and the module beside it."""
        checkpoints.save(
            folder / f"{name}.pt",
            model=self.lifter.model,
            lifter=network.lifter,
            arguments=self.lifter.arguments,
            training=self.training,
        )
        file = "refine_module.pt" if name == "best" else f"{name}_refine_module.pt"
        refine_module.save(folder / file, network.module)


def _batch(windows: LabelledWindows, size: int, seed: int, world: World, step: int) -> Batch:
    """This process's rows of a batch."""
    return windows.batch_to_refine(size, seed=seed, step=step, part=slice(world.rank, None, world.size))
