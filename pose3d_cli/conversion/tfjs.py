"""TensorFlow.js graph models, as they are published: NAME.json holds the graph, NAME.bin the weights.

    https://github.com/tensorflow/tfjs/blob/master/tfjs-converter/README.md

It knows nothing about what the nodes of a graph compute.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from in_the_wild.errors import WeightsError


@dataclass(frozen=True)
class Node:
    """One step of a graph.

    Attributes:
        name: Its own, which is that of its result as well.
        op: What it computes, by TensorFlow's name.
        inputs: Names of nodes and of weights.
        attributes: As the file has them: protocol buffers as JSON.
    """

    name: str
    op: str
    inputs: tuple[str, ...]
    attributes: Mapping[str, Any]

    @property
    def stride(self) -> int:
        """Pixels from one place to the next, the same along both sides of a picture."""
        _, down, right, _ = (int(step) for step in self.attributes["strides"]["list"]["i"])
        assert down == right, f"{self.name} goes {down} down and {right} to the right"
        return down

    @property
    def padding(self) -> str:
        """What a window does at the picture's edges, by TensorFlow's name: SAME or VALID."""
        return _text(self.attributes["padding"]["s"])

    @property
    def fused(self) -> tuple[str, ...]:
        """What follows a convolution in the same node, in this order."""
        return tuple(_text(part) for part in self.attributes.get("fused_ops", {}).get("list", {}).get("s", ()))


@dataclass(frozen=True)
class GraphModel:
    """A graph with its weights.

    Attributes:
        nodes: By name; weights are none of them.
        weights: By name: arrays in the precision of the file.
    """

    nodes: Mapping[str, Node]
    weights: Mapping[str, np.ndarray]


def read(graph: bytes, weights: bytes) -> GraphModel:
    """Read a model.

    Args:
        graph: What NAME.json holds.
        weights: What NAME.bin holds.

    Raises:
        WeightsError: the weights are not those of the graph.
    """
    document = json.loads(graph)
    arrays: dict[str, np.ndarray] = {}
    start = 0
    for entry in (entry for group in document["weightsManifest"] for entry in group["weights"]):
        stored = np.dtype(entry.get("quantization", entry)["dtype"])
        count = math.prod(entry["shape"])
        if start + count * stored.itemsize > len(weights):
            raise WeightsError(f"The weights end before {entry['name']}; give those that belong to this graph.")
        arrays[entry["name"]] = np.frombuffer(weights, stored, count, start).reshape(entry["shape"])
        start += count * stored.itemsize
    if start < len(weights):
        raise WeightsError(
            f"The graph has {start} bytes of weights, found {len(weights)}; give those that belong to it."
        )
    nodes = (
        Node(
            name=node["name"],
            op=node["op"],
            inputs=tuple(node.get("input", ())),
            attributes=node.get("attr", {}),
        )
        for node in document["modelTopology"]["node"]
    )
    return GraphModel({node.name: node for node in nodes if node.name not in arrays}, arrays)


def _text(encoded: str) -> str:
    return base64.b64decode(encoded).decode()
