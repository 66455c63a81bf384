"""Trained networks of refiners: a network that makes sparse poses dense, what it was trained on, the file of both."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from in_the_wild.checkpoints import networks
from in_the_wild.checkpoints.networks import REFINERS
from in_the_wild.checkpoints.training import described, skeleton_of
from in_the_wild.errors import WeightsError
from in_the_wild.files import sha256
from in_the_wild.poses import SPACES
from in_the_wild.skeletons import HUMAN36M17
from in_the_wild.sparse import NORMALISATIONS, TASKS, SparseNetwork, Trained, Training


def save(path: Path, *, model: str, network: SparseNetwork, arguments: Mapping[str, Any], training: Training) -> None:
    """Write a self-describing checkpoint in 16-bit floats; the file appears whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    networks.save(path, family=REFINERS, model=model, network=network, arguments=arguments, training=training)


def load(name_or_path: str | Path, *, model: str | None = None, device: str = "cpu") -> Trained:
    """Load weights: shipped ones by name, or a file of ours or the authors'.

    The authors' files do not say what they were trained on: 51 numbers per frame are taken for Human3.6M joints at 50
    frames per second, anything else for arrays.

    Args:
        name_or_path: Name of shipped weights, or a file.
        model: The refiner that is asked for. None takes the one that the file is for.
        device: Where the network goes.

    Raises:
        WeightsError: no such weights, an unsafe file, or weights of another network (which keys differ is said).
    """
    checkpoint = networks.recognise(name_or_path, model=model, family=REFINERS)
    path = checkpoint.path
    network: SparseNetwork = networks.fill(checkpoint, checkpoint.arguments)
    if checkpoint.training is not None:
        training = described(Training, checkpoint.training, path.name)
    else:
        training = Training(data="the authors' (not said by the file)", licence="the authors'")
        if network.coordinates == len(HUMAN36M17) * SPACES["camera"]:
            training = dataclasses.replace(training, space="camera", skeleton=HUMAN36M17.name)
    _check(training, network, path.name)
    return Trained(
        network=network.to(device).eval(),
        arguments=checkpoint.arguments,
        training=training,
        source=path.name,
        sha256=sha256(path),
        device=device,
        model=checkpoint.model,
    )


def _check(training: Training, network: SparseNetwork, source: str) -> None:
    """Refuse weights whose description does not fit their network."""
    if training.task not in TASKS or training.space not in ("", "image", "camera") or not training.fps > 0:
        raise WeightsError(
            f"{source} was trained to {training.task} in {training.space or 'no'} space at {training.fps} frames per "
            f"second; {' or '.join(TASKS)} in image or camera space was expected."
        )
    if training.normalisation not in NORMALISATIONS:
        raise WeightsError(
            f"{source} has the normalisation {training.normalisation}; {' or '.join(NORMALISATIONS)} was expected. "
            "Give weights that this release can read."
        )
    if training.space:
        width = len(skeleton_of(training.skeleton, source)) * SPACES[training.space]
        if width != network.coordinates:
            raise WeightsError(
                f"{source} says {training.skeleton} in {training.space} space, {width} numbers per frame, "
                f"but its network has {network.coordinates}."
            )
    predicts = training.task == "predict"
    if predicts != (0 < training.past < network.frames) or (predicts and (training.past - 1) % network.interval):
        raise WeightsError(
            f"{source} says {training.past} past frames for the task {training.task}; a network that predicts reads "
            f"the last of them, one in {network.interval}, and has {network.frames} frames in all."
        )
