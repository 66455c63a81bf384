"""Lifters as .onnx files, for programs that run networks without torch and without this one.

    keypoints (B, T, J_in, C_in) -> joints (B, T_out, J_out, 3), float32, for any B

What a checkpoint says of itself, such a file says as well: JSON in its metadata, under the key `METADATA`. Before it is
written, onnxruntime runs it beside torch.

It knows nothing about videos: keypoints are normalised already (`in_the_wild.normalise`), nothing is mirrored.
"""

from __future__ import annotations

import dataclasses
import json
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from in_the_wild.checkpoints import Weights
from in_the_wild.errors import OutputError
from in_the_wild.files import whole_file
from in_the_wild.lifters.base import Lifter
from in_the_wild.plugins import back_end
from in_the_wild.runtime import onnxruntime
from in_the_wild.skeletons import get_skeleton
from in_the_wild.versions import __version__

METADATA = "pose3d"
INPUT, OUTPUT = "keypoints", "joints"

_OPSET = 17  # the first that has layer norm
# What onnxruntime and torch may differ by, and the sizes of the batches that are compared.
_MOST_MM = 0.1
_BATCHES = (1, 3)
# One is special to the exporter's broadcasting, so the network is traced with another number of windows.
_TRACED_BATCH = 2


@dataclass(frozen=True)
class Exported:
    """A file that was written.

    Attributes:
        reads: Shape of its input but for the batch: T, J_in, C_in.
        gives: Shape of its output but for the batch: T_out, J_out, 3.
        difference_mm: By how much its joints differed from torch's at most, in millimetres, on random windows.
    """

    reads: tuple[int, ...]
    gives: tuple[int, ...]
    difference_mm: float


def export(weights: Weights, path: Path) -> Exported:
    """Write a lifter that is on the CPU as an .onnx file; it appears whole and checked, or not at all.

    Args:
        weights: The lifter, and what it was trained on.
        path: Where the file goes.

    Raises:
        PluginError: onnx or onnxruntime is not installed.
        OutputError: the network has an operation that ONNX lacks, gives other joints there than in torch, or the file
            cannot be written.
    """
    onnx = back_end("onnx", install="onnx")
    runtime = onnxruntime()
    windows = _windows(weights.lifter, _TRACED_BATCH)
    with torch.no_grad():
        gives = tuple(weights.lifter(windows).shape[1:])
    model = onnx.load_from_string(_traced(weights, windows))
    # A shape that the exporter could not follow is known here.
    for axis, size in zip(model.graph.output[0].type.tensor_type.shape.dim[1:], gives, strict=True):
        axis.dim_value = size
    model.metadata_props.add(key=METADATA, value=json.dumps(_description(weights)))
    content = model.SerializeToString()
    difference = _difference_mm(weights, content, runtime)
    if not difference <= _MOST_MM:
        raise OutputError(
            f"{weights.source} is not exported: the joints of {weights.model} were expected to be the same in "
            f"onnxruntime {runtime.__version__} as in torch {torch.__version__}, found {difference:.3g} mm between "
            "them; try another release of either."
        )
    with whole_file(path) as file:
        file.write(content)
    return Exported(reads=tuple(windows.shape[1:]), gives=gives, difference_mm=difference)


def _description(weights: Weights) -> dict[str, Any]:
    """What the file says of itself; the first names are those of `weights.Training`."""
    lifter, training = weights.lifter, weights.training
    reads, gives = get_skeleton(training.input_skeleton), get_skeleton(training.output_skeleton)
    return {
        **dataclasses.asdict(training),
        "input_joints": reads.joints,
        "input_flip": reads.flip,
        "output_joints": gives.joints,
        "output_flip": gives.flip,
        "frames": lifter.frames,
        "every_frame": lifter.every_frame,
        "output_frame": None if lifter.every_frame else lifter.output_frame,
        "model": weights.model,
        "arguments": dict(weights.arguments),
        "source": weights.source,
        "sha256": weights.sha256,
        "pose3d": __version__,
    }


def _windows(lifter: Lifter, count: int) -> Tensor:
    """Random windows (B, T, J_in, C_in), always the same."""
    generator = torch.Generator().manual_seed(count)
    return torch.randn(count, lifter.frames, lifter.joints, lifter.in_channels, generator=generator)


def _traced(weights: Weights, windows: Tensor) -> bytes:
    """The content of an .onnx file of what the lifter does with windows (B, T, J_in, C_in)."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), _Exportable():
        # Of the newer exporter, which needs one more package, and of sizes that are fixed by the window's length.
        warnings.simplefilter("ignore")
        path = Path(folder) / "traced.onnx"
        try:
            torch.onnx.export(
                weights.lifter,
                (windows,),
                str(path),
                input_names=[INPUT],
                output_names=[OUTPUT],
                dynamic_axes={INPUT: {0: "batch"}, OUTPUT: {0: "batch"}},
                opset_version=_OPSET,
                dynamo=False,
            )
        except (RuntimeError, TypeError, ValueError) as error:  # the errors of torch's exporter have no family
            raise OutputError(
                f"{weights.source} is not exported: {weights.model} has an operation that torch {torch.__version__} "
                f"cannot write as ONNX ({str(error).splitlines()[0]}); run it with pose3d instead."
            ) from error
        return path.read_bytes()


def _difference_mm(weights: Weights, content: bytes, runtime: ModuleType) -> float:
    """How far joints are from torch's at most, in millimetres, whatever the number of windows; NaN where one is."""
    options = runtime.SessionOptions()
    options.log_severity_level = 4  # what goes wrong is said by the exception
    differences = []
    try:
        session = runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        for count in _BATCHES:
            windows = _windows(weights.lifter, count)
            (joints,) = session.run([OUTPUT], {INPUT: windows.numpy()})
            with torch.no_grad():
                expected = weights.lifter(windows).numpy()
            differences.append(np.abs(joints - expected).max())
    except Exception as error:  # onnxruntime's errors have no family of their own
        raise OutputError(
            f"{weights.source} is not exported: {weights.model} was expected to run in onnxruntime "
            f"{runtime.__version__}, which fails ({str(error).splitlines()[0]}); run it with pose3d instead."
        ) from error
    return float(np.max(differences)) * weights.training.metres * 1000


class _Exportable(TorchFunctionMode):
    """While it is entered, operations that torch's exporter cannot write for any batch are made of others."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Sequence[type], args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        """Called by torch instead of every function of its own."""
        return _SAME.get(func, func)(*args, **(kwargs or {}))


def _split(x: Tensor, size: int, dim: int = 0) -> tuple[Tensor, ...]:
    """Work on pieces of a batch only spares a processor's cache, and how many there would be is not known yet."""
    return (x,) if dim == 0 else x.split(size, dim)


def _unflatten(x: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """Takes sizes that depend on the batch, which the exporter's own fixes."""
    dim %= x.ndim
    return x.reshape(*x.shape[:dim], *sizes, *x.shape[dim + 1 :])


def _unfold(x: Tensor, dim: int, size: int, step: int) -> Tensor:
    """Of a dimension whose length is known: all taps in one look-up."""
    count = (int(x.shape[dim]) - size) // step + 1
    taps = torch.arange(count)[:, None] * step + torch.arange(size)  # (count, size)
    return _unflatten(x.index_select(dim, taps.flatten()), dim, (count, size)).movedim(dim + 1, -1)


_SAME: dict[Callable[..., Any], Callable[..., Any]] = {
    Tensor.split: _split,
    Tensor.unflatten: _unflatten,
    Tensor.unfold: _unfold,
}
