"""Which network a checkpoint is for: said by a file of ours, told by the parameters in an authors' one.

It knows nothing about what networks were trained on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from in_the_wild import plugins
from in_the_wild.checkpoints import shipped, torch_file
from in_the_wild.checkpoints.training import Training
from in_the_wild.errors import WeightsError
from in_the_wild.lifters.base import without_data_parallel

# What a file of ours says of itself: how it is laid out, and the family of plug-ins that its network is in.
FORMAT = "pose3d-1"
LIFTERS = "lifters"
_PACKAGE = f"in_the_wild.{LIFTERS}"


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


def recognise(name_or_path: str | Path, *, model: str | None = None) -> Checkpoint:
    """Read weights and find out which network they are for, without making it.

    Args:
        name_or_path: Name of shipped weights, or a file.
        model: The network that is asked for; None takes any.

    Raises:
        WeightsError: no such weights, an unsafe file, or weights of another network or of none here.
        NotALifterError: weights of a network that lifts nothing.
    """
    path = shipped.find(name_or_path)
    content = torch_file.read(path)
    if content.get("format") == FORMAT:
        return _own(content, path, model)
    state = _state_dict(content, path)
    _refuse_other_parts(state, path)
    known = plugins.names(_PACKAGE)
    fitting: dict[str, Checkpoint] = {}
    refusals: dict[str, WeightsError] = {}
    # The one that is asked for goes first; an unknown name of one is an error of its own.
    for name in known if model is None else [model, *(other for other in known if other != model)]:
        try:
            translated, arguments = plugins.load(_PACKAGE, name).convert(state)
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


def _own(content: Mapping[str, Any], path: Path, asked: str | None) -> Checkpoint:
    """What a self-describing checkpoint says of itself."""
    missing = [name for name in ("model", "arguments", "training", "state_dict") if name not in content]
    family = content.get("family", LIFTERS)
    model = str(content.get("model", "?"))
    if family != LIFTERS:
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
