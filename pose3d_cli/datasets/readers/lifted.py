"""A prepared set again, with what a lifter makes of its keypoints: what a refiner is trained on in 3D."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch

from in_the_wild import checkpoints
from in_the_wild.errors import ConfigError
from in_the_wild.skeletons import get_skeleton
from pose3d_cli.datasets.lifting import Inference, predict
from pose3d_cli.datasets.prepared.sequences import Dataset, Description, Labelled, open_folder
from pose3d_cli.datasets.readers.base import Reader


@dataclass(kw_only=True)
class Lifted(Reader):
    """The sequences of a prepared set, with the joints that a lifter gives for every frame of them.

    Joints, true and estimated, are given from the root. Frames that tests leave out are lifted too, so that time goes
    evenly.

    Args:
        source: Folder of the prepared set.
        weights: Of the lifter: a name, or a file, the authors' own included.
        variant: Which published checkpoint an authors' file is, where its name and shapes do not tell.
        every: Every n-th frame alone is lifted and kept, so that the set has n times fewer frames per second.
        flip: Lift the mirror image too, and take the middle.
        device: Where the lifter runs.

    Raises:
        ConfigError: a step below 1.
    """

    layout: ClassVar[str] = "a folder that pose3d prepare has made, of a set with keypoints and 3D joints."

    weights: str = "pstmo_coco"
    variant: str | None = None
    every: int = 1
    flip: bool = True
    device: str = "cpu"

    def __post_init__(self) -> None:
        if self.every < 1:
            raise ConfigError(f"Every first frame or fewer can be lifted, found every {self.every}.")

    @cached_property
    def _dataset(self) -> Dataset:
        return open_folder(self.source)

    @cached_property
    def _lifter(self) -> checkpoints.Weights:
        return checkpoints.load(self.weights, variant=self.variant, device=self.device)

    def files(self) -> list[Path]:
        """The set's description, which has the checksums of all else."""
        return [self.source / "dataset.json"]

    def describe(self) -> Description:
        """The set's own, its inputs being the lifter's answers now."""
        given = self._dataset.description
        return replace(
            given,
            inputs=Path(self._lifter.source).stem,
            centred=True,
            sources={},
            notes={
                **given.notes,
                "keypoints": given.inputs,
                "estimated_joints": f"{self._lifter.source}, sha256 {self._lifter.sha256}"
                + (", with test-time flip" if self.flip else ""),
                "lifter_trained_at": f"{self._lifter.training.fps:.4g} frames per second",
            },
        )

    def count(self) -> int:
        """As many as the set has."""
        return len(self._dataset)

    def read(self) -> Iterator[Labelled]:
        """Every sequence, lifted.

        Raises:
            InputError: a set without keypoints or joints, or of another skeleton than the lifter gives.
            SkeletonError: keypoints that cannot be brought to those that the lifter reads.
        """
        description = self._dataset.description
        for sequence in self._dataset:
            with torch.no_grad():
                found = predict(
                    self._lifter.lifter,
                    self._lifter.training,
                    sequence.replace(valid=None),
                    description,
                    Inference(rule="in time", flip=self.flip, every=self.every),
                    device=self.device,
                )
            root = get_skeleton(description.joint_skeleton).root
            kept: dict[str, np.ndarray] = {name: values[found.frames] for name, values in sequence.arrays().items()}
            kept["joints"] = found.truth
            # As in lifting: joints are relative to the true root, and what a network says of the root itself is noise.
            found.joints[:, root] = 0
            kept["estimated_joints"] = found.joints
            yield sequence.replace(fps=sequence.fps / self.every, **kept)
