"""Files of torch: read without running what they hold, written whole or not at all.

Files are read with `torch.load(weights_only=True)`: a pickle that would run code is refused. VideoPose3D and MixSTE
store the state of numpy's random generator along; it is read past without calling numpy. What a file asks for is looked
up before (`audit`), so that neither does it take more memory than its size allows.

It knows nothing about networks.
"""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from in_the_wild.checkpoints.audit import RANDOM_STATE, RefusedError, audit
from in_the_wild.errors import WeightsError
from in_the_wild.files import regular_file, whole_file


def write(content: Mapping[str, Any], path: Path) -> None:
    """`torch.save` that leaves either the whole file or the old one.

    Raises:
        OutputError: the file cannot be written.
    """
    with whole_file(path) as file:
        torch.save(dict(content), file)


def read(path: Path) -> dict[str, Any]:
    """Read a checkpoint's dictionary on the CPU, refusing anything but tensors and plain containers.

    The state of numpy's random generator is left out; what else is in a dictionary that holds one stays.

    Raises:
        WeightsError: no file, not a checkpoint, a damaged one, or one that holds more than data.
    """
    path = regular_file(path, expected="a checkpoint", error=WeightsError)
    try:
        with warnings.catch_warnings(), _allowing_only(_STAND_INS):
            warnings.simplefilter("ignore")  # torch remarks on pickles that it did not write; the error says enough
            audit(path)
            content = torch.load(path, map_location="cpu", weights_only=True)
    except RefusedError as error:
        raise WeightsError(
            f"{path} is not loaded: a checkpoint of tensors alone was expected, found {error}."
        ) from error
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


_STAND_INS = tuple(_stand_in(name) for name in RANDOM_STATE)
