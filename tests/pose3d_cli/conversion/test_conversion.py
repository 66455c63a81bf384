"""Conversion from TensorFlow.js to TFLite: a small graph with all that MoveNet is made of, beside the same in torch."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from in_the_wild.detectors._litert import Network
from in_the_wild.errors import WeightsError
from pose3d_cli.conversion import movenet, tfjs

PICTURE = "StatefulPartitionedCall/sub_1"
ROOT = Path(__file__).parents[3]


class Graph:
    """A graph model in the making, as its two files hold it."""

    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = [{"name": PICTURE, "op": "Sub"}]
        self.entries: list[dict[str, Any]] = []
        self.weights = b""
        self._random = np.random.default_rng(3)

    def weight(self, name: str, *shape: int) -> None:
        """Random numbers in half precision."""
        values = self._random.normal(0, 0.4, shape).astype(np.float16)
        quantization = {"dtype": "float16", "original_dtype": "float32"}
        self.entries.append({"name": name, "shape": shape, "dtype": "float32", "quantization": quantization})
        self.nodes.append({"name": name, "op": "Const"})
        self.weights += values.tobytes()

    def node(self, op: str, name: str, inputs: Sequence[str], **attributes: Any) -> None:
        self.nodes.append({"op": op, "name": name, "input": list(inputs), "attr": attributes})

    def convolution(self, op: str, name: str, inputs: Sequence[str], *, stride: int, fused: Sequence[str] = ()) -> None:
        self.node(
            op,
            name,
            inputs,
            strides={"list": {"i": ["1", str(stride), str(stride), "1"]}},
            padding={"s": coded("SAME")},
            fused_ops={"list": {"s": [coded(part) for part in fused]}},
        )

    def read(self) -> tfjs.GraphModel:
        document = {"modelTopology": {"node": self.nodes}, "weightsManifest": [{"weights": self.entries}]}
        return tfjs.read(json.dumps(document).encode(), self.weights)


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.fixture
def graph() -> Graph:
    graph = Graph()
    graph.weight("first", 3, 3, 3, 8)
    graph.weight("first_bias", 8)
    graph.weight("each", 3, 3, 8, 1)
    graph.weight("each_bias", 8)
    graph.weight("bare", 5, 5, 8, 1)
    graph.weight("last", 1, 1, 8, 4)
    graph.weight("last_bias", 4)
    graph.convolution("_FusedConv2D", "a", [PICTURE, "first", "first_bias"], stride=2, fused=["BiasAdd", "Relu6"])
    graph.convolution(
        "FusedDepthwiseConv2dNative", "b", ["a", "each", "each_bias"], stride=2, fused=["BiasAdd", "Relu"]
    )
    graph.node("ResizeBilinear", "c", ["b", "any size"])
    graph.node("AddV2", "d", ["c", "a"])
    graph.convolution("DepthwiseConv2dNative", "e", ["d", "bare"], stride=1)
    graph.convolution("_FusedConv2D", "f", ["e", "last", "last_bias"], stride=1, fused=["BiasAdd"])
    return graph


def same(x: Tensor, kernel: Tensor, bias: Tensor | None, *, stride: int, groups: int = 1) -> Tensor:
    """TensorFlow's SAME padding, which puts an odd pixel at the end."""
    pads: list[int] = []
    for side, reach in ((x.shape[3], kernel.shape[3]), (x.shape[2], kernel.shape[2])):
        pad = max(0, (-(-side // stride) - 1) * stride + reach - side)
        pads += [pad // 2, pad - pad // 2]
    return functional.conv2d(functional.pad(x, pads), kernel, bias, stride=stride, groups=groups)


def in_torch(model: tfjs.GraphModel, picture: np.ndarray) -> dict[str, np.ndarray]:
    weights = {name: torch.from_numpy(values.astype(np.float32)) for name, values in model.weights.items()}
    x = torch.from_numpy(picture).permute(0, 3, 1, 2)
    a = same(x, weights["first"].permute(3, 2, 0, 1), weights["first_bias"], stride=2).clamp(0, 6)
    b = same(a, weights["each"].permute(2, 3, 0, 1), weights["each_bias"], stride=2, groups=8).relu()
    d = functional.interpolate(b, scale_factor=2, mode="bilinear", align_corners=False) + a
    e = same(d, weights["bare"].permute(2, 3, 0, 1), None, stride=1, groups=8)
    f = same(e, weights["last"].permute(3, 2, 0, 1), weights["last_bias"], stride=1)
    return {name: value.permute(0, 2, 3, 1).numpy() for name, value in (("maps", f), ("sums", d))}


def test_a_network_gives_what_its_graph_says_at_any_size(graph: Graph, tmp_path: Path) -> None:
    model = graph.read()
    file = tmp_path / "network.tflite"
    file.write_bytes(movenet.convert(model, movenet.Part(32, {"maps": "f", "sums": "d"})))
    network = Network(file)
    assert network.shape == (1, 32, 32, 3)
    for height, width in ((32, 32), (64, 96), (32, 64), (32, 32)):
        picture = np.random.default_rng(height).uniform(-1, 1, (1, height, width, 3)).astype(np.float32)
        found, wanted = network(picture), in_torch(model, picture)
        assert found.keys() == wanted.keys()
        for name, values in wanted.items():
            np.testing.assert_allclose(found[name], values, atol=1e-5)


def test_weights_are_kept_once_and_in_half_precision(graph: Graph) -> None:
    small = movenet.convert(graph.read(), movenet.Part(32, {"maps": "f"}))
    graph.weight("unused", 1000)
    assert movenet.convert(graph.read(), movenet.Part(32, {"maps": "f"})) == small
    weights = sum(values.nbytes for name, values in graph.read().weights.items() if name != "unused")
    assert weights < len(small) < weights + 6000


def test_what_movenet_has_not_is_refused(graph: Graph) -> None:
    graph.node("Softmax", "g", ["f"])
    with pytest.raises(WeightsError, match="g is Softmax"):
        movenet.convert(graph.read(), movenet.Part(32, {"maps": "g"}))


def test_weights_of_another_graph_are_refused(graph: Graph) -> None:
    weights = graph.weights
    graph.weights = weights[:-2]
    with pytest.raises(WeightsError, match="end before last_bias"):
        graph.read()
    graph.weights = weights + b"\0"
    with pytest.raises(WeightsError, match=f"{len(weights)} bytes of weights, found {len(weights) + 1}"):
        graph.read()


def test_another_archive_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "models.tgz"
    with tarfile.open(archive, "w:gz") as file:
        file.addfile(tarfile.TarInfo("package/models/movenet-thunder.bin"), io.BytesIO())
    with pytest.raises(WeightsError, match="has the sha256"):
        movenet.main(archive, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["models.tgz"]


@pytest.mark.parametrize("name", movenet.PARTS)
def test_the_shipped_networks_have_the_parts_that_are_kept(name: str) -> None:
    network = Network(ROOT / "assets" / f"movenet_{name}.tflite")
    part = movenet.PARTS[name]
    assert network.shape == (1, part.side, part.side, 3)
    found = network(np.zeros(network.shape, np.float32))
    assert found.keys() == part.heads.keys()
    assert {values.shape[1:3] for values in found.values()} == {(part.side // 4, part.side // 4)}
