"""Trained lifters: a network, what it was trained on, and the file that holds both.

A file saved here says which network it is for, how to build it, and what it was trained on, so the file alone is
enough. In the authors' files the network is recognised by its parameters.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from in_the_wild.checkpoints import matching, networks, shipped
from in_the_wild.checkpoints.matching import Found
from in_the_wild.checkpoints.networks import LIFTERS, Checkpoint, fill, recognise
from in_the_wild.checkpoints.records import get
from in_the_wild.checkpoints.records.base import Record
from in_the_wild.checkpoints.training import AUTHORS, Training, described, skeleton_of
from in_the_wild.errors import InputError, WeightsError
from in_the_wild.files import sha256
from in_the_wild.lifters.base import Lifter
from in_the_wild.normalise import BOX_CHANNELS, NORMALISATIONS

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Weights:
    """A trained lifter and what it was trained on.

    Attributes:
        model: Plug-in name of the network.
        arguments: Constructor arguments of the network.
        training: What it was trained on.
        source: Where the file came from, as shown to people.
        sha256: Of the file.
        lifter: The network, in eval mode.
        recognised: What an authors' file was taken for, and by what, in a sentence; empty for one that says it itself.
    """

    model: str
    arguments: Mapping[str, Any]
    training: Training
    source: str
    sha256: str
    lifter: Lifter = field(repr=False)
    recognised: str = ""


def save(path: Path, *, model: str, lifter: Lifter, arguments: Mapping[str, Any], training: Training) -> None:
    """Write a self-describing checkpoint in 16-bit floats; the file appears whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    networks.save(path, family=LIFTERS, model=model, network=lifter, arguments=arguments, training=training)


def load(
    name_or_path: str | Path | None = None,
    *,
    model: str | None = None,
    variant: str | Record | None = None,
    arguments: Mapping[str, Any] | None = None,
    training: Training | None = None,
    device: str | torch.device = "cpu",
) -> Weights:
    """Load weights: shipped ones by name, or a file of ours or the authors'.

    An authors' file is looked up in the records of what was published, by its name or else its shapes: they say how
    its network is built and what it was trained on.

    Args:
        name_or_path: Name of shipped weights, or a file. None takes those that come with the model.
        model: The network that is asked for. None takes the one that the file is for.
        variant: Which published checkpoint an authors' file is, where its name and shapes do not tell.
        arguments: Of the network, instead of what shapes and record tell.
        training: What an authors' file was trained on, instead of what its record tells.
        device: Where the network goes.

    Raises:
        WeightsError: no such weights, an unsafe file, weights of another network or of none here (which keys differ is
            said), or arguments and training that do not fit them.
        NotALifterError: weights of a network that lifts nothing.
        InputError: none come with the model, the file can be several published checkpoints that read different things,
            or a variant of another network.
        ConfigError: no such variant.
    """
    checkpoint = recognise(shipped.default(model) if name_or_path is None else name_or_path, model=model)
    return build(checkpoint, variant=variant, arguments=arguments, training=training, device=device)


def build(
    checkpoint: Checkpoint,
    *,
    variant: str | Record | None = None,
    arguments: Mapping[str, Any] | None = None,
    training: Training | None = None,
    device: str | torch.device = "cpu",
) -> Weights:
    """Make the network of a checkpoint and fill it; for the arguments see `load`.

    Raises:
        WeightsError: arguments that the network does not know, parameters that do not fit it, or training that does
            not fit what it reads and gives.
        InputError: see `load`.
        ConfigError: see `load`.
    """
    path = checkpoint.path
    if checkpoint.training is not None and (arguments or training is not None or variant is not None):
        raise WeightsError(
            f"{path.name} says itself how its network is built and what it was trained on; "
            "leave arguments, training and variant (--variant) out."
        )
    told = {**checkpoint.arguments, **(arguments or {})}
    found = None
    if checkpoint.training is None and training is None:
        found = matching.find(checkpoint.model, told, path.name) if variant is None else _named(checkpoint, variant)
    # A network of another size is only taken to have been trained like the one that was found.
    if found is not None and found.how != "assumed":
        told = {**checkpoint.arguments, **found.variants[0].arguments, **(arguments or {})}
    lifter: Lifter = fill(checkpoint, told)
    if checkpoint.training is not None:
        training = described(Training, checkpoint.training, path.name)
    training = training or _published(found) or _usual_training(lifter)
    _check_training(lifter, training, path.name)
    _log.info("%s: weights of %s, on %s", path, checkpoint.model, device)
    return Weights(
        model=checkpoint.model,
        arguments=told,
        training=training,
        source=path.name,
        sha256=sha256(path),
        lifter=lifter.to(device).eval(),
        recognised="" if found is None else _recognised(checkpoint, found, lifter, training),
    )


def _named(checkpoint: Checkpoint, variant: str | Record) -> Found:
    """What the user says that an authors' file is."""
    record = get(variant) if isinstance(variant, str) else variant
    if record.model != checkpoint.model:
        raise InputError(
            f"{checkpoint.path.name} holds weights of {checkpoint.model}, but {record.name} is a checkpoint of "
            f"{record.model}; give another --variant, or leave it out."
        )
    return Found([record], "named")


def _published(found: Found | None) -> Training | None:
    """What the records say of the training."""
    if found is None:
        return None
    first = found.variants[0]
    variant = "" if found.how == "assumed" else found.names
    return Training(**first.training, data=found.data, licence=first.licence, variant=variant)


def _recognised(checkpoint: Checkpoint, found: Found, lifter: Lifter, training: Training) -> str:
    """One line on what an authors' file was taken for."""
    source, reads = checkpoint.path.name, f"{training.input_skeleton}, {lifter.frames} frames at {training.fps:.4g}/s"
    if found.how == "assumed":
        return (
            f"{source}: {checkpoint.model} of no published size, taken to read {reads}, as {found.names} does; "
            "if it does not, say what it is with --variant."
        )
    by = "as --variant says" if found.how == "named" else f"by its {found.how}"
    return f"{source}: {found.names} {by}; reads {reads}; trained on {training.data}."


def _usual_training(lifter: Lifter) -> Training:
    """What the authors train such a network on, by the joints that it knows."""
    if (lifter.joints, lifter.out_joints) == (15, 15):
        return dataclasses.replace(AUTHORS, input_skeleton="humaneva15", output_skeleton="humaneva15", fps=60.0)
    return AUTHORS


def _check_training(lifter: Lifter, training: Training, source: str) -> None:
    """Refuse a training that the network cannot have had."""
    reads, gives = skeleton_of(training.input_skeleton, source), skeleton_of(training.output_skeleton, source)
    if (lifter.joints, lifter.out_joints) != (len(reads), len(gives)):
        raise WeightsError(
            f"{source} reads {lifter.joints} keypoints and gives {lifter.out_joints} joints, but {reads.name} has "
            f"{len(reads)} and {gives.name} {len(gives)}; name the skeletons that it was trained on with --variant."
        )
    if training.normalisation not in NORMALISATIONS or training.fps <= 0 or training.metres <= 0:
        raise WeightsError(
            f"{source} says that it was trained at {training.fps} frames per second, in units of {training.metres} m, "
            f"with the normalisation {training.normalisation}; numbers above 0 and one of "
            f"{', '.join(NORMALISATIONS)} were expected."
        )
    numbers = BOX_CHANNELS if training.normalisation == "box" else 2
    if lifter.in_channels != numbers:
        raise WeightsError(
            f"{source} reads {lifter.in_channels} numbers per keypoint, where {numbers} were expected "
            f'(normalisation "{training.normalisation}"); give weights that read those.'
        )
