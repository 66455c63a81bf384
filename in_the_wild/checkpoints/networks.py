"""Which network a checkpoint is for, and the network: a file of ours says it, parameters tell it in an authors' one.

Whatever a plug-in's network is, it says itself how the authors' names are translated (`convert`), and its constructor
which arguments it takes; so lifters and the networks of refiners go through the same code.

It knows nothing about what networks were trained on.
"""

from __future__ import annotations

import dataclasses
import inspect
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from in_the_wild import plugins
from in_the_wild.checkpoints import shipped, torch_file
from in_the_wild.errors import Pose3DError, WeightsError, did_you_mean
from in_the_wild.parameters import without_data_parallel

# What a file of ours says of itself: how it is laid out, and the family of plug-ins that its network is in.
FORMAT = "pose3d-1"
LIFTERS, REFINERS = "lifters", "refiners"
# Where files keep their state dict; some keep one of these within another.
_KEYS = ("state_dict", "model_state_dict", "model_pos", "model", "net", "network", "weights")
# A network may take so many times the tensors and numbers of its file, and as much as costs nothing.
_TIMES, _FEW, _SMALL = 10, 100, 1_000_000
_FACTORIES = {torch.empty, torch.zeros, torch.ones, torch.full, torch.rand, torch.randn, torch.arange, torch.eye}


class NotALifterError(WeightsError):
    """Good weights of a network that lifts nothing: the message says which, and where they are of use."""


@dataclass(frozen=True)
class Checkpoint:
    """A file that was read, and the network that it is for; `fill` makes that network.

    Attributes:
        path: The file.
        family: The plug-ins that the network is one of: "lifters" or "refiners".
        model: Plug-in name of the network.
        arguments: Constructor arguments: all of them in a file of ours, those that the shapes tell in an authors' one.
        training: What a file of ours says of its training; None for an authors' file, which says nothing.
        state: Parameters and buffers under this project's names.
    """

    path: Path
    family: str
    model: str
    arguments: Mapping[str, Any]
    training: Mapping[str, Any] | None
    state: Mapping[str, Tensor] = field(repr=False)


def recognise(name_or_path: str | Path, *, model: str | None = None, family: str = LIFTERS) -> Checkpoint:
    """Read weights and find out which network they are for, without making it.

    Args:
        name_or_path: Name of shipped weights, or a file.
        model: The network that is asked for; None takes any.
        family: The plug-ins that it is one of.

    Raises:
        WeightsError: no such weights, an unsafe file, or weights of another network or of none here.
        NotALifterError: a lifter was asked for, found weights of a network that lifts nothing.
    """
    path = shipped.find(name_or_path)
    content = torch_file.read(path)
    found = _own(content, path) if content.get("format") == FORMAT else _authors(content, path, model, family)
    if found.family != family and family == LIFTERS:
        raise NotALifterError(
            f"{path.name} holds weights of {found.model}, which refines 3D poses and lifts none; "
            f"give them beside a lifter's: --refiner {found.model}:weights={path}."
        )
    if found.family != family or model not in (None, found.model):
        raise _of_another(path, found.model, asked=model or f"a {family.removesuffix('s')}", family=family)
    return found


def state_dict(path: Path) -> dict[str, Tensor]:
    """The parameters that a file holds, of whichever network, under the names that they have there.

    Raises:
        WeightsError: an unsafe file, or one that holds no parameters.
    """
    return _state_dict(torch_file.read(path), path)


def convert(network: Any, state: Mapping[str, Tensor], path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """A network's own `convert`, of whatever parameters a file may hold.

    Args:
        network: The class of a lifter, of a refiner's network, or of a part of one.
        state: Parameters under the authors' names.
        path: The file, for errors.

    Returns:
        The state dict in the network's names, and the constructor arguments that its shapes tell.

    Raises:
        WeightsError: the parameters are not this network's.
    """
    try:
        translated, arguments = network.convert(state)
    except Pose3DError:
        raise
    except Exception as error:  # parameters with the right names in shapes that no network has
        raise WeightsError(f"{path.name} does not tell a {network.__name__} ({error}).") from error
    return translated, arguments


def save(
    path: Path, *, family: str, model: str, network: nn.Module, arguments: Mapping[str, Any], training: Any
) -> None:
    """Write a self-describing checkpoint in 16-bit floats; the file appears whole or not at all.

    Args:
        path: The file.
        family: The plug-ins that the network is one of.
        model: Plug-in name of the network.
        network: It.
        arguments: Its constructor arguments.
        training: What it was trained on, a dataclass.

    Raises:
        OutputError: the file cannot be written.
    """
    state = {
        name: value.detach().to("cpu", torch.float16) if value.is_floating_point() else value.detach().cpu()
        for name, value in network.state_dict().items()
    }
    content = {
        "format": FORMAT,
        "family": family,
        "model": model,
        "arguments": dict(arguments),
        "training": dataclasses.asdict(training),
        "state_dict": state,
    }
    torch_file.write(content, path)


def fill(checkpoint: Checkpoint, arguments: Mapping[str, Any]) -> Any:
    """Make the network of a checkpoint, with these arguments, and fill it.

    It gets no more memory than a network with the numbers of the file can need.

    Raises:
        WeightsError: arguments that the network does not know or cannot have, or parameters that do not fit it.
    """
    path, model = checkpoint.path, checkpoint.model
    network = _network(checkpoint.family, model)
    known = [name for name in inspect.signature(network).parameters if name != "self"]
    for name in arguments:
        if name not in known and checkpoint.training is not None:
            raise WeightsError(f"{path.name} was saved by a release that this one cannot read (argument {name}).")
        if name not in known:
            raise WeightsError(f'{model} has no argument "{name}". {did_you_mean(name, known)}')
    numbers = sum(value.numel() for value in checkpoint.state.values())
    _refuse_immense(checkpoint, arguments, most=max(_FEW, numbers))
    try:
        with (
            warnings.catch_warnings(),
            _Bounded(tensors=_FEW + _TIMES * len(checkpoint.state), numbers=_SMALL + _TIMES * numbers),
        ):
            warnings.simplefilter("ignore")  # torch remarks on sizes of 0
            built = network(**arguments)
    except Exception as error:  # what a constructor makes of arguments that do not go together is its own affair
        raise WeightsError(f"{path.name} does not tell a network of {model} ({error}).") from error
    load_strictly(built, checkpoint.state, path.name)
    return built


def load_strictly(network: nn.Module, state: Mapping[str, Tensor], source: str) -> None:
    """Copy a state dict into a network; every name and shape must agree.

    Raises:
        WeightsError: they do not; the message lists which keys differ.
    """
    expected = network.state_dict()
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
        raise WeightsError(f"{source} does not fit {type(network).__name__}: {shown}.")
    network.load_state_dict({name: value.to(expected[name].dtype) for name, value in state.items()}, strict=True)


def _refuse_immense(checkpoint: Checkpoint, arguments: Mapping[str, Any], *, most: int) -> None:
    """Refuse arguments that would take all memory: no size of a network exceeds the count of its numbers."""
    for name, value in arguments.items():
        for number in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(number, (int, float)) and not (math.isfinite(number) and abs(number) <= most):
                raise WeightsError(
                    f"{checkpoint.path.name} does not tell a network of {checkpoint.model} ({name} is {number}, and "
                    f"{most} is the most that it can be here)."
                )


class _Bounded(TorchFunctionMode):
    """Ends the making of a network that takes more than its file lets expect, before the memory is taken.

    Args:
        tensors: How many it may make.
        numbers: How many they may have, all of them together.
    """

    def __init__(self, *, tensors: int, numbers: int) -> None:
        super().__init__()
        self.tensors, self.numbers = tensors, numbers

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """See `torch.overrides`: called for each function of torch that is."""
        if func in _FACTORIES:
            size = (kwargs or {}).get("size", args)
            size = size[0] if size and isinstance(size[0], (tuple, list)) else size
            self.tensors -= 1
            self.numbers -= math.prod(length for length in size if isinstance(length, int))
            if min(self.tensors, self.numbers) < 0:
                raise ValueError("which would have many times the numbers that it holds")
        return func(*args, **(kwargs or {}))


def _network(family: str, model: str) -> Any:
    """The network class of a plug-in: a lifter is one itself, a refiner may have one; None where it has not."""
    plugin = plugins.load(f"in_the_wild.{family}", model)
    return plugin if family == LIFTERS else plugin.network


def _own(content: Mapping[str, Any], path: Path) -> Checkpoint:
    """What a self-describing checkpoint says of itself."""
    missing = [name for name in ("model", "arguments", "training", "state_dict") if name not in content]
    if missing:
        raise WeightsError(f"{path.name} is incomplete: it lacks {', '.join(missing)}. Save or fetch it again.")
    family, model = content.get("family", LIFTERS), content["model"]
    arguments, training = content["arguments"], content["training"]
    said = isinstance(model, str) and isinstance(arguments, dict) and isinstance(training, dict)
    if family not in (LIFTERS, REFINERS) or not said:
        raise WeightsError(
            f"{path.name} was saved by a release that this one cannot read: a lifter or refiner by name, its arguments "
            f"and its training were expected, found {family!r}, {model!r}, a {type(arguments).__name__} and a "
            f"{type(training).__name__}."
        )
    return Checkpoint(
        path=path,
        family=family,
        model=model,
        arguments=arguments,
        training=training,
        state=_tensors(content["state_dict"], path),
    )


def _authors(content: Mapping[str, Any], path: Path, asked: str | None, family: str) -> Checkpoint:
    """The network whose parameters an authors' file has."""
    state = _state_dict(content, path)
    if family == LIFTERS:
        _refuse_parts(state, path)
    if asked is not None:
        try:
            return _converted(family, asked, state, path)
        except WeightsError as error:
            refusal = error
    fitting = _fitting(family, state, path)
    if asked is not None and fitting:
        raise _of_another(path, " or ".join(one.model for one in fitting), asked=asked, family=family)
    fitting = fitting or _fitting(REFINERS if family == LIFTERS else LIFTERS, state, path)
    if len(fitting) == 1:
        return fitting[0]
    if asked is not None and not fitting:
        raise refusal
    if not fitting:
        raise WeightsError(
            f"{path.name} holds weights of no network known here: its parameters begin with "
            f"{', '.join(list(state)[:3])}; those of {', '.join(plugins.names(f'in_the_wild.{family}'))} are supported."
        )
    names = " or ".join(one.model for one in fitting)
    raise WeightsError(f"{path.name} could hold weights of {names}; say which with --model.")


def _fitting(family: str, state: Mapping[str, Tensor], path: Path) -> list[Checkpoint]:
    """The file as a checkpoint of each network of a family whose parameters it has."""
    found = []
    for name in plugins.names(f"in_the_wild.{family}"):
        if _network(family, name) is not None:
            try:
                found.append(_converted(family, name, state, path))
            except WeightsError:
                continue
    return found


def _converted(family: str, model: str, state: Mapping[str, Tensor], path: Path) -> Checkpoint:
    """The file as a checkpoint of this network.

    Raises:
        WeightsError: its parameters are not this network's.
        PluginError: there is no such plug-in.
    """
    translated, arguments = convert(_network(family, model), state, path)
    return Checkpoint(path=path, family=family, model=model, arguments=arguments, training=None, state=translated)


def _state_dict(content: Mapping[str, Any], path: Path) -> dict[str, Tensor]:
    """The tensors that a file holds, as they are or where projects keep them."""
    for _ in range(2):
        content = next((content[key] for key in _KEYS if isinstance(content.get(key), dict)), content)
    return _tensors(content, path)


def _tensors(state: object, path: Path) -> dict[str, Tensor]:
    """A state dict, once it is sure that it is one."""
    tensors = {
        name: value
        for name, value in (state.items() if isinstance(state, dict) else ())
        if isinstance(name, str) and isinstance(value, Tensor)
    }
    if not isinstance(state, dict) or len(tensors) != len(state) or not tensors:
        raise WeightsError(
            f"{path.name} is no checkpoint of a network: tensors by name were expected, as they are or under "
            f"{', '.join(_KEYS)}."
        )
    return tensors


def _of_another(path: Path, found: str, *, asked: str, family: str) -> WeightsError:
    mend = f"run with --model {found} or give other weights" if family == LIFTERS else "give other weights"
    return WeightsError(f"{path.name} holds weights of {found}, not of {asked}; {mend}.")


# A parameter's name, the authors', that tells a part of a network which is no lifter.
_REFINE_STAGE = "post_refine.0.weight"
_PRE_TRAINING = "spatial_mask_token"


def _refuse_parts(state: Mapping[str, Tensor], path: Path) -> None:
    """Tell the files of the projects that hold a part of a lifter, or what becomes one."""
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
