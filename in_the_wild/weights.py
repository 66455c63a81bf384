"""Checkpoints: save self-describing ones, load those and the authors' own, never running code from a file.

A checkpoint saved here says which network it is for, how to build it, and what it was trained on, so the file alone is
enough. In the authors' files the network is recognised by its parameters.

Files are read with `torch.load(weights_only=True)`: a pickle that would run code is refused. VideoPose3D and MixSTE
store the state of numpy's random generator along; it is read past without calling numpy.
"""

from __future__ import annotations

import dataclasses
import importlib.resources
import inspect
import pickle
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from in_the_wild import plugins
from in_the_wild.errors import WeightsError, did_you_mean
from in_the_wild.files import sha256, whole_file
from in_the_wild.lifters.base import Lifter, without_data_parallel
from in_the_wild.normalise import BOX_CHANNELS
from in_the_wild.skeletons import get_skeleton

_FORMAT = "pose3d-1"
_ASSETS = "in_the_wild.assets"
_LIFTERS = "in_the_wild.lifters"
_FAMILY = "lifters"


@dataclass(frozen=True)
class Training:
    """What weights were trained on, as far as lifting must know it.

    Attributes:
        input_skeleton: Keypoints the network reads.
        output_skeleton: Joints it gives.
        fps: Frames per second it was trained at.
        normalisation: How pixels become its input, a name in `in_the_wild.normalise.NORMALISATIONS`.
        metres: Metres in one unit of what the network gives; 0.001 where it was trained in millimetres.
        data: Training data, in words.
        licence: Licence and acknowledgement of the weights, in words.
        variant: The published checkpoint that they are, a file name of `configs/lifters`; empty for any other.
    """

    input_skeleton: str = "coco17"
    output_skeleton: str = "human36m17"
    fps: float = 50.0
    normalisation: str = "image"
    metres: float = 1.0
    data: str = "not said by the file"
    licence: str = "not said by the file"
    variant: str = ""


# What an authors' file was trained on as far as nobody says more: Human3.6M, as nearly all that they published.
AUTHORS = Training(input_skeleton="human36m17", data="the authors' (not said by the file)", licence="the authors'")


class NotALifterError(WeightsError):
    """Good weights of a network that lifts nothing: the message says which, and where they are of use."""


@dataclass(frozen=True)
class Checkpoint:
    """A file that was read, and the network that it is for; `build` makes that network.

    Attributes:
        path: The file.
        model: Plug-in name of the network.
        arguments: Constructor arguments: all of them in a file of ours, those that the shapes tell in an authors' one.
        training: What a file of ours says of itself; None for an authors' file, which says nothing.
        state: Parameters and buffers under this project's names.
    """

    path: Path
    model: str
    arguments: Mapping[str, Any]
    training: Training | None
    state: Mapping[str, Tensor] = field(repr=False)


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
            "family": _FAMILY,
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

    The state of numpy's random generator is left out; what else is in a dictionary that holds one stays.

    Raises:
        WeightsError: not a checkpoint, or one that holds more than data.
    """
    try:
        with warnings.catch_warnings(), _allowing_only(_STAND_INS):
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
    return {name: value for name, value in content.items() if not isinstance(value, _Forgotten)}


class _Forgotten:
    """Stands for what numpy would make of a pickle: takes any arguments and any state, and keeps nothing."""

    def __init__(self, *arguments: object) -> None:
        del arguments

    def __setstate__(self, state: object) -> None:
        del state


@contextmanager
def _allowing_only(stand_ins: Sequence[type]) -> Iterator[None]:
    """Let torch's reader call these beside its own; what other packages of the process allowed it is put aside."""
    others = torch.serialization.get_safe_globals()
    torch.serialization.clear_safe_globals()
    torch.serialization.add_safe_globals(list(stand_ins))
    try:
        yield
    finally:
        torch.serialization.clear_safe_globals()
        torch.serialization.add_safe_globals(others)


def _stand_in(full_name: str) -> type[_Forgotten]:
    """A class that torch's reader takes for the one of this name."""
    module, _, name = full_name.rpartition(".")
    return type(name, (_Forgotten,), {"__module__": module, "__qualname__": name})


# All that a pickled `numpy.random.RandomState` names, by the releases of numpy.
_STAND_INS = tuple(
    _stand_in(name)
    for name in (
        "numpy.random.__RandomState_ctor",  # before 1.17
        "numpy.random.mtrand.__RandomState_ctor",
        "numpy.random.mtrand.RandomState",
        "numpy.random._pickle.__randomstate_ctor",  # from 1.17 on
        "numpy.random._pickle.__bit_generator_ctor",  # from 1.24 on
        "numpy.random._mt19937.MT19937",
        "numpy.core.multiarray._reconstruct",
        "numpy._core.multiarray._reconstruct",  # from 2.0 on
        "numpy.ndarray",
        "numpy.dtype",
    )
)


def load(
    name_or_path: str,
    *,
    model: str | None = None,
    arguments: Mapping[str, Any] | None = None,
    training: Training | None = None,
    device: str | torch.device = "cpu",
) -> Weights:
    """Load weights: shipped ones by name, or a file of ours or the authors'.

    Args:
        name_or_path: Name of shipped weights, or a file.
        model: The network that is asked for. None takes the one that the file is for.
        arguments: Of the network, instead of what an authors' file tells: a window length that no shape shows, say.
        training: What an authors' file was trained on. None takes `AUTHORS`, or HumanEva-I for 15 keypoints.
        device: Where the network goes.

    Raises:
        WeightsError: no such weights, an unsafe file, weights of another network or of none here (which keys differ is
            said), or arguments and training that do not fit them.
        NotALifterError: weights of a network that lifts nothing.
    """
    return build(recognise(name_or_path, model=model), arguments=arguments, training=training, device=device)


def recognise(name_or_path: str, *, model: str | None = None) -> Checkpoint:
    """Read weights and find out which network they are for, without making it.

    Args:
        name_or_path: Name of shipped weights, or a file.
        model: The network that is asked for; None takes any.

    Raises:
        WeightsError: no such weights, an unsafe file, or weights of another network or of none here.
        NotALifterError: weights of a network that lifts nothing.
    """
    path = find(name_or_path)
    content = read(path)
    if content.get("format") == _FORMAT:
        return _own(content, path, model)
    state = _state_dict(content, path)
    _refuse_other_parts(state, path)
    known = plugins.names(_LIFTERS)
    fitting: dict[str, Checkpoint] = {}
    refusals: dict[str, WeightsError] = {}
    # The one that is asked for goes first; an unknown name of one is an error of its own.
    for name in known if model is None else [model, *(other for other in known if other != model)]:
        try:
            translated, arguments = plugins.load(_LIFTERS, name).convert(state)
        except WeightsError as error:
            refusals[name] = error
            continue
        fitting[name] = Checkpoint(path=path, model=name, arguments=arguments, training=None, state=translated)
        if name == model:
            return fitting[name]
    if model is not None and fitting:
        raise _of_another(path, found=" or ".join(fitting), asked=model)
    if model is not None:
        raise refusals[model]
    if not fitting:
        raise WeightsError(
            f"{path.name} holds weights of no network known here: its parameters begin with "
            f"{', '.join(list(state)[:3])}; those of {', '.join(known)} are supported."
        )
    if len(fitting) > 1:
        raise WeightsError(f"{path.name} could hold weights of {' or '.join(fitting)}; say which with --model.")
    (only,) = fitting.values()
    return only


def build(
    checkpoint: Checkpoint,
    *,
    arguments: Mapping[str, Any] | None = None,
    training: Training | None = None,
    device: str | torch.device = "cpu",
) -> Weights:
    """Make the network of a checkpoint and fill it; for the arguments see `load`.

    Raises:
        WeightsError: arguments that the network does not know, parameters that do not fit it, or training that does
            not fit what it reads and gives.
    """
    path, model = checkpoint.path, checkpoint.model
    if checkpoint.training is not None and (arguments or training is not None):
        raise WeightsError(
            f"{path.name} says itself how its network is built and what it was trained on; "
            "leave arguments and training (--variant) out."
        )
    network = plugins.load(_LIFTERS, model)
    known = [name for name in inspect.signature(network).parameters if name != "self"]
    chosen = {**checkpoint.arguments, **(arguments or {})}
    for name in chosen:
        if name not in known and checkpoint.training is not None:
            raise WeightsError(f"{path.name} was saved by a release that this one cannot read (argument {name}).")
        if name not in known:
            raise WeightsError(f'{model} has no argument "{name}". {did_you_mean(name, known)}')
    try:
        lifter: Lifter = network(**chosen)
    except TypeError as error:
        raise WeightsError(f"{path.name} does not tell a network of {model} ({error}).") from error
    load_strictly(lifter, checkpoint.state, path.name)
    training = checkpoint.training or training or _usual_training(lifter)
    _check_training(lifter, training, path.name)
    return Weights(
        model=model,
        arguments=chosen,
        training=training,
        source=path.name,
        sha256=sha256(path),
        lifter=lifter.to(device).eval(),
    )


def _usual_training(lifter: Lifter) -> Training:
    """What the authors train such a network on, by the joints that it knows."""
    if (lifter.joints, lifter.out_joints) == (15, 15):
        return dataclasses.replace(AUTHORS, input_skeleton="humaneva15", output_skeleton="humaneva15", fps=60.0)
    return AUTHORS


def _check_training(lifter: Lifter, training: Training, source: str) -> None:
    """Refuse a training that the network cannot have had."""
    reads, gives = get_skeleton(training.input_skeleton), get_skeleton(training.output_skeleton)
    if (lifter.joints, lifter.out_joints) != (len(reads), len(gives)):
        raise WeightsError(
            f"{source} reads {lifter.joints} keypoints and gives {lifter.out_joints} joints, but {reads.name} has "
            f"{len(reads)} and {gives.name} {len(gives)}; name the skeletons that it was trained on with --variant."
        )
    numbers = BOX_CHANNELS if training.normalisation == "box" else 2
    if lifter.in_channels != numbers:
        raise WeightsError(
            f"{source} reads {lifter.in_channels} numbers per keypoint, where {numbers} were expected "
            f'(normalisation "{training.normalisation}"); give weights that read those.'
        )


def _own(content: Mapping[str, Any], path: Path, asked: str | None) -> Checkpoint:
    """What a self-describing checkpoint says of itself."""
    missing = [name for name in ("model", "arguments", "training", "state_dict") if name not in content]
    family = content.get("family", _FAMILY)
    model = str(content.get("model", "?"))
    if family != _FAMILY:
        raise NotALifterError(_for_a_refiner(path, model))
    if missing:
        raise WeightsError(f"{path.name} is incomplete: it lacks {', '.join(missing)}. Save or fetch it again.")
    if asked is not None and model != asked:
        raise _of_another(path, found=model, asked=asked)
    try:
        training = Training(**content["training"])
    except TypeError as error:
        raise WeightsError(f"{path.name} was saved by a release that this one cannot read ({error}).") from error
    return Checkpoint(
        path=path,
        model=model,
        arguments=dict(content["arguments"]),
        training=training,
        state=content["state_dict"],
    )


def _of_another(path: Path, *, found: str, asked: str) -> WeightsError:
    return WeightsError(
        f"{path.name} holds weights of {found}, not of {asked}; run with --model {found} or give other weights."
    )


def _for_a_refiner(path: Path, name: str) -> str:
    return (
        f"{path.name} holds weights of {name}, which refines 3D poses and lifts none; "
        f"give them beside a lifter's: --refiner {name}:weights={path}."
    )


# A parameter's name, the authors', that tells a network which is no lifter.
_REFINE_STAGE = "post_refine.0.weight"
_PRE_TRAINING = "spatial_mask_token"
_MIXSYNTHFORMER = "l_interp.weight"


def _refuse_other_parts(state: Mapping[str, Tensor], path: Path) -> None:
    """Tell the files of the six projects that hold something else than a lifter."""
    names = without_data_parallel(state)
    if _REFINE_STAGE in names:
        raise NotALifterError(
            f"{path.name} holds the refine stage of P-STMO, StridedTransformer or STCFormer, which reads the true "
            "depth of the root and the camera; a video has neither, so pose3d run cannot use it. Give the file of the "
            "network (no_refine_...) here, and this one to pose3d evaluate --refine-module."
        )
    if _PRE_TRAINING in names:
        raise NotALifterError(
            f"{path.name} holds P-STMO's pre-training (stage I), which has no 3D head yet; give the file of stage II, "
            "or train on from this one: pose3d train --start-from."
        )
    if _MIXSYNTHFORMER in names:
        raise NotALifterError(_for_a_refiner(path, "mixsynthformer"))


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
