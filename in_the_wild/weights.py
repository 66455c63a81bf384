"""Checkpoints: save self-describing ones, load those and the authors' own, never running code from a file.

A checkpoint saved here says which network it is for, how to build it, and what it was trained on, so the file alone is
enough. Files are read with `torch.load(weights_only=True)`: a pickle that would run code is refused.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.resources
import pickle
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from in_the_wild import plugins
from in_the_wild.errors import WeightsError, did_you_mean
from in_the_wild.files import whole_file
from in_the_wild.lifters.base import Lifter

_FORMAT = "pose3d-1"
_ASSETS = "in_the_wild.assets"
_LIFTERS = "in_the_wild.lifters"


@dataclass(frozen=True)
class Training:
    """What weights were trained on, as far as lifting must know it.

    Attributes:
        input_skeleton: Keypoints the network reads.
        output_skeleton: Joints it gives.
        fps: Frames per second it was trained at.
        normalisation: How pixels become its input, a name in `in_the_wild.normalise.NORMALISATIONS`.
        data: Training data, in words.
        licence: Licence and acknowledgement of the weights, in words.
    """

    input_skeleton: str = "coco17"
    output_skeleton: str = "human36m17"
    fps: float = 50.0
    normalisation: str = "image"
    data: str = "not said by the file"
    licence: str = "not said by the file"


# What the authors trained their published files on; a file of theirs does not say it.
AUTHORS = Training(normalisation="h36m", data="the authors' (not said by the file)", licence="the authors'")


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
    """

    model: str
    arguments: Mapping[str, Any]
    training: Training
    source: str
    sha256: str
    lifter: Lifter = field(repr=False)


def save(path: Path, *, model: str, lifter: Lifter, arguments: Mapping[str, Any], training: Training) -> None:
    """Write a self-describing checkpoint in 16-bit floats; the file appears whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    state = {
        name: value.detach().to("cpu", torch.float16) if value.is_floating_point() else value.detach().cpu()
        for name, value in lifter.state_dict().items()
    }
    save_whole(
        {
            "format": _FORMAT,
            "model": model,
            "arguments": dict(arguments),
            "training": dataclasses.asdict(training),
            "state_dict": state,
        },
        path,
    )


def save_whole(content: Mapping[str, Any], path: Path) -> None:
    """`torch.save` that leaves either the whole file or the old one.

    Raises:
        OutputError: the file cannot be written.
    """
    with whole_file(path) as file:
        torch.save(dict(content), file)


def names() -> list[str]:
    """The weights that come with the program."""
    folder = importlib.resources.files(_ASSETS)
    return sorted(item.name.removesuffix(".pt") for item in folder.iterdir() if item.name.endswith(".pt"))


def find(name_or_path: str) -> Path:
    """The file of shipped weights, or of a path.

    Raises:
        WeightsError: neither a file nor a name of shipped weights.
    """
    path = Path(name_or_path)
    if path.is_file():
        return path
    if name_or_path in names():
        return Path(str(importlib.resources.files(_ASSETS) / f"{name_or_path}.pt"))
    raise WeightsError(
        f'Weights "{name_or_path}" are neither a file nor come with the program. {did_you_mean(name_or_path, names())}'
    )


def read(path: Path) -> dict[str, Any]:
    """Read a checkpoint's dictionary on the CPU, refusing anything but tensors and plain containers.

    Raises:
        WeightsError: not a checkpoint, or one that holds more than data.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch remarks on pickles that it did not write; the error says enough
            content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise WeightsError(
            f"{path} is not loaded: a checkpoint of tensors alone was expected, found a file that is damaged or "
            "would run code when opened. Ask its author for a state dict."
        ) from error
    except Exception as error:  # bytes that are no checkpoint make torch's reader stumble in any way
        raise WeightsError(
            f"{path} is not a checkpoint: a file saved by torch.save was expected. Give another."
        ) from error
    if not isinstance(content, dict):
        raise WeightsError(f"{path} is no checkpoint: a dictionary was expected, found {type(content).__name__}.")
    return content


def load(name_or_path: str, *, model: str | None = None, device: str | torch.device = "cpu") -> Weights:
    """Load weights: shipped ones by name, or a file of ours or the authors'.

    Args:
        name_or_path: Name of shipped weights, or a file.
        model: The network that is asked for. None takes what the file says; the authors' files say nothing.
        device: Where the network goes.

    Raises:
        WeightsError: no such weights, an unsafe file, or weights of another network (which keys differ is said).
    """
    path = find(name_or_path)
    content = read(path)
    if content.get("format") == _FORMAT:
        model, arguments, training, lifter = _own(content, path, model)
    elif model is None:
        raise WeightsError(f"{path.name} does not say which network it is for; name it with --model.")
    else:
        network = plugins.load(_LIFTERS, model)
        state, arguments = network.convert(_state_dict(content, path))
        lifter, training = network(**arguments), AUTHORS
        load_strictly(lifter, state, path.name)
    return Weights(
        model=model,
        arguments=arguments,
        training=training,
        source=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        lifter=lifter.to(device).eval(),
    )


def _own(content: Mapping[str, Any], path: Path, asked: str | None) -> tuple[str, dict[str, Any], Training, Lifter]:
    """Rebuild the network of a self-describing checkpoint."""
    missing = [name for name in ("model", "arguments", "training", "state_dict") if name not in content]
    if missing:
        raise WeightsError(f"{path.name} is incomplete: it lacks {', '.join(missing)}. Save or fetch it again.")
    model = str(content["model"])
    if asked is not None and model != asked:
        raise WeightsError(
            f"{path.name} holds weights of {model}, not of {asked}; run with --model {model} or give other weights."
        )
    try:
        training, lifter = (
            Training(**content["training"]),
            plugins.load(_LIFTERS, model)(**content["arguments"]),
        )
    except TypeError as error:
        raise WeightsError(f"{path.name} was saved by a release that this one cannot read ({error}).") from error
    load_strictly(lifter, content["state_dict"], path.name)
    return model, dict(content["arguments"]), training, lifter


def _state_dict(content: Mapping[str, Any], path: Path) -> Mapping[str, Tensor]:
    """The tensors of a file that is a bare state dict, or holds one under a usual key."""
    for key in ("state_dict", "model_pos", "model"):
        if isinstance(content.get(key), dict):
            content = content[key]
            break
    tensors = {str(name): value for name, value in content.items() if isinstance(value, Tensor)}
    if len(tensors) != len(content) or not tensors:
        raise WeightsError(f"{path.name} is no checkpoint of a network: tensors by name were expected.")
    return tensors


def load_strictly(lifter: torch.nn.Module, state: Mapping[str, Tensor], source: str) -> None:
    """Copy a state dict into a network; every name and shape must agree.

    Raises:
        WeightsError: they do not; the message lists which keys differ.
    """
    expected = lifter.state_dict()
    differences = [
        *(f"missing {name}" for name in expected if name not in state),
        *(f"unexpected {name}" for name in state if name not in expected),
        *(
            f"{name} is {tuple(value.shape)} instead of {tuple(expected[name].shape)}"
            for name, value in state.items()
            if name in expected and value.shape != expected[name].shape
        ),
    ]
    if differences:
        shown = "; ".join(differences[:6]) + (f"; and {len(differences) - 6} more" if len(differences) > 6 else "")
        raise WeightsError(f"{source} does not fit {type(lifter).__name__}: {shown}.")
    lifter.load_state_dict({name: value.to(expected[name].dtype) for name, value in state.items()}, strict=True)
