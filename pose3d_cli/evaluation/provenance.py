"""Where figures come from: the program, the weights and the data, in words for people and as records for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from in_the_wild.checkpoints import Weights
from pose3d_cli.datasets.prepared.sequences import Dataset, base_action

# Packages whose releases stand beside the figures.
PACKAGES = ("torch", "numpy", "scipy")


def weights_record(loaded: Weights) -> dict[str, Any]:
    """What weights say of themselves."""
    return {
        "source": loaded.source,
        "sha256": loaded.sha256,
        "model": loaded.model,
        "arguments": dict(loaded.arguments),
        "parameters": sum(parameter.numel() for parameter in loaded.lifter.parameters()),
        **asdict(loaded.training),
    }


def data_record(dataset: Dataset, *, split: str, frames: int) -> dict[str, Any]:
    """What a prepared set says of itself, and what of it was tested."""
    sequences = list(dataset)
    return {
        **asdict(dataset.description),
        "sha256": dict(dataset.digests),
        "split": split,
        "subjects": sorted({sequence.subject for sequence in sequences}),
        "actions": sorted({base_action(sequence.action) for sequence in sequences}),
        "cameras": sorted({sequence.camera.name for sequence in sequences}),
        "sequences": len(sequences),
        "frames": frames,
    }


def data_caption(dataset: Dataset, *, split: str, frames: int) -> str:
    """One line on what was tested and against what."""
    said = dataset.description
    truth = f"{said.truth} of {said.name}" if said.truth else said.name
    where = f", {split}" if split else ""
    return (
        f"Data: {said.name}{where}, {len(dataset)} sequences, {frames} frames. Inputs: {said.inputs or 'not named'} "
        f"({said.keypoint_skeleton or 'no keypoints'}). Ground truth: {truth} ({said.joint_skeleton or 'keypoints'})."
    )
