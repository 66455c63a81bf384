"""Networks in .tflite files, run by LiteRT on the CPU; shared by several detectors.

LiteRT opens no connection. It knows nothing about people and keypoints.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from in_the_wild.errors import WeightsError, printable
from in_the_wild.files import sha256
from in_the_wild.plugins import back_end
from in_the_wild.threads import allowed

_INSTALL = "ai-edge-litert"
# Beyond four threads a network of this size gains nothing, and decoding and drawing want some as well.
_MOST_THREADS = 4


class Network:
    """A network of one input.

    Args:
        path: A .tflite file.
        threads: It may use; None takes all cores up to four.

    Attributes:
        path: The file.
        shape: Of its input.

    Raises:
        PluginError: LiteRT is not installed.
        WeightsError: the file is no network that LiteRT can run, or has not one input.
    """

    def __init__(self, path: Path, *, threads: int | None = None) -> None:
        litert = back_end("ai_edge_litert.interpreter", install=_INSTALL)
        self.path = path
        try:
            with _quiet_stderr():
                self._interpreter = litert.Interpreter(model_path=str(path), num_threads=threads or cores())
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError, OSError) as error:
            raise WeightsError(
                f"{printable(path)} is no network that LiteRT can run: a .tflite file was expected "
                f"({str(error).splitlines()[0]}). Give another."
            ) from error
        inputs = self._interpreter.get_input_details()
        if len(inputs) != 1:
            raise WeightsError(f"{path.name} must have one input, found {len(inputs)}. Give another.")
        self._input: int = inputs[0]["index"]
        self.shape: tuple[int, ...] = tuple(int(side) for side in inputs[0]["shape"])
        self._outputs: Mapping[str, int] = {one["name"]: one["index"] for one in self._interpreter.get_output_details()}

    def __call__(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """Run it on float32 of its input's shape; the outputs by name.

        An input of another shape is taken where the network can: it then expects that one from there on.
        """
        if values.shape != self.shape:
            self._interpreter.resize_tensor_input(self._input, values.shape)
            self._interpreter.allocate_tensors()
            self.shape = values.shape
        self._interpreter.set_tensor(self._input, values)
        self._interpreter.invoke()
        return {name: self._interpreter.get_tensor(index) for name, index in self._outputs.items()}


def version() -> str:
    """Release of LiteRT.

    Raises:
        PluginError: it is not installed.
    """
    return str(back_end("ai_edge_litert", install=_INSTALL).__version__)


def cores() -> int:
    """How many threads a network may use."""
    return min(allowed(), _MOST_THREADS)


def about(path: Path) -> dict[str, str]:
    """What tells a file of weights from others, for `Detector.settings`."""
    return {"file": path.name, "sha256": sha256(path)}


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Send the process's error output to nowhere for a moment: LiteRT notes there which delegate it takes.

    No level of its log that can be set from Python keeps that back.
    """
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # there is no error output to keep clean
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
