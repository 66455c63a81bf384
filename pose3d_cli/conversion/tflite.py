"""TFLite files, written operation by operation: what convolutional networks for pictures are made of.

    https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs

Weights are kept as 16-bit floats, from which LiteRT makes 32-bit ones when it loads a file. It knows nothing about
where networks come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

_IDENTIFIER = b"TFL3"
_SCHEMA_VERSION = 3
_CODES, _OPTIONS, _TYPES = schema.BuiltinOperator, schema.BuiltinOptions, schema.TensorType
_ACTIVATIONS = {
    "": schema.ActivationFunctionType.NONE,
    "Relu": schema.ActivationFunctionType.RELU,
    "Relu6": schema.ActivationFunctionType.RELU6,
}
_PADDINGS = {"SAME": schema.Padding.SAME, "VALID": schema.Padding.VALID}
_HALF_FLOATS_VERSION = 3  # of DEQUANTIZE: the first that takes them


@dataclass(frozen=True)
class Tensor:
    """A value in a network: its number in the file, and its shape."""

    index: int
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Convolution:
    """How a window goes over a picture, and what follows.

    Attributes:
        stride: Pixels from one place to the next.
        padding: "SAME" or "VALID".
        activation: "Relu", "Relu6" or "" for none.
    """

    stride: int = 1
    padding: str = "SAME"
    activation: str = ""


class Writer:
    """A network in the making. Pictures are (1, H, W, C); H and W may be others when the network is run.

    Args:
        name: Of its input.
        shape: Of its input.
    """

    def __init__(self, name: str, shape: Sequence[int]) -> None:
        self._model = schema.ModelT()
        self._model.version = _SCHEMA_VERSION
        self._model.operatorCodes = []
        self._model.buffers = [schema.BufferT()]  # the first stands for values that are not known yet
        self._graph = schema.SubGraphT()
        self._graph.tensors, self._graph.operators, self._graph.outputs = [], [], []
        self._model.subgraphs = [self._graph]
        self.input = self._tensor(tuple(shape), name=name)
        self._graph.inputs = [self.input.index]

    def convolution(self, x: Tensor, weights: np.ndarray, bias: np.ndarray, how: Convolution) -> Tensor:
        """A convolution with weights (height, width, channels in, channels out)."""
        options = schema.Conv2DOptionsT()
        kernel = weights.transpose(3, 0, 1, 2)
        return self._convolve(_CODES.CONV_2D, x, (kernel, bias), how, _as_told(options, how))

    def depthwise(self, x: Tensor, weights: np.ndarray, bias: np.ndarray, how: Convolution) -> Tensor:
        """A convolution of each channel for itself with weights (height, width, channels, 1)."""
        options = schema.DepthwiseConv2DOptionsT()
        options.depthMultiplier = 1
        kernel = weights.transpose(3, 0, 1, 2)
        return self._convolve(_CODES.DEPTHWISE_CONV_2D, x, (kernel, bias), how, _as_told(options, how))

    def add(self, a: Tensor, b: Tensor) -> Tensor:
        """The sum of two values of one shape."""
        return self._operation(_CODES.ADD, [a, b], a.shape, schema.AddOptionsT())

    def doubled(self, x: Tensor) -> Tensor:
        """A picture of twice the height and width, interpolated linearly between the middles of pixels.

        The size is computed, so that the picture's may be another when the network is run.
        """
        _, height, width, channels = x.shape
        shape = self._operation(_CODES.SHAPE, [x], (4,), _shape_options(), kind=_TYPES.INT32)
        bounds = [self._constant(np.array([value], np.int32)) for value in (1, 3, 1)]
        sides = self._operation(
            _CODES.STRIDED_SLICE, [shape, *bounds], (2,), schema.StridedSliceOptionsT(), kind=_TYPES.INT32
        )
        two = self._constant(np.array([2, 2], np.int32))
        size = self._operation(_CODES.MUL, [sides, two], (2,), schema.MulOptionsT(), kind=_TYPES.INT32)
        options = schema.ResizeBilinearOptionsT()
        options.halfPixelCenters = True
        return self._operation(_CODES.RESIZE_BILINEAR, [x, size], (1, 2 * height, 2 * width, channels), options)

    def output(self, x: Tensor, name: str) -> None:
        """Give a value out under a name."""
        self._graph.tensors[x.index].name = name.encode()
        self._graph.outputs.append(x.index)

    def to_bytes(self) -> bytes:
        """The file."""
        builder = flatbuffers.Builder()
        builder.Finish(self._model.Pack(builder), _IDENTIFIER)
        return bytes(builder.Output())

    def _convolve(
        self, code: int, x: Tensor, weights: tuple[np.ndarray, np.ndarray], how: Convolution, options: Any
    ) -> Tensor:
        kernel, bias = (self._constant(values) for values in weights)
        _, height, width, _ = x.shape
        reach = (0, 0) if how.padding == "SAME" else (kernel.shape[1] - 1, kernel.shape[2] - 1)
        sides = (-(-(side - less) // how.stride) for side, less in zip((height, width), reach, strict=True))
        return self._operation(code, [x, kernel, bias], (1, *sides, bias.shape[0]), options)

    def _constant(self, values: np.ndarray) -> Tensor:
        """Numbers of the network's own; floats are halved, and made whole again in front of their first use."""
        if values.dtype.kind != "f":
            return self._tensor(values.shape, kind=_TYPES.INT32, values=values)
        half = self._tensor(values.shape, kind=_TYPES.FLOAT16, values=values.astype(np.float16))
        return self._operation(_CODES.DEQUANTIZE, [half], half.shape, schema.DequantizeOptionsT())

    def _tensor(
        self, shape: tuple[int, ...], *, name: str = "", kind: int = _TYPES.FLOAT32, values: np.ndarray | None = None
    ) -> Tensor:
        tensor = schema.TensorT()
        tensor.shape, tensor.type, tensor.name, tensor.buffer = list(shape), kind, name.encode(), 0
        if values is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(values.tobytes(), np.uint8)
            tensor.buffer = len(self._model.buffers)
            self._model.buffers.append(buffer)
        self._graph.tensors.append(tensor)
        return Tensor(len(self._graph.tensors) - 1, shape)

    def _operation(
        self, code: int, inputs: Sequence[Tensor], shape: tuple[int, ...], options: Any, *, kind: int = _TYPES.FLOAT32
    ) -> Tensor:
        result = self._tensor(shape, kind=kind)
        operator = schema.OperatorT()
        operator.opcodeIndex = self._code(code)
        operator.inputs, operator.outputs = [one.index for one in inputs], [result.index]
        operator.builtinOptionsType = getattr(_OPTIONS, type(options).__name__.removesuffix("T"))
        operator.builtinOptions = options
        self._graph.operators.append(operator)
        return result

    def _code(self, code: int) -> int:
        """The number of a kind of operation in the file."""
        for number, known in enumerate(self._model.operatorCodes):
            if known.builtinCode == code:
                return number
        entry = schema.OperatorCodeT()
        entry.builtinCode = entry.deprecatedBuiltinCode = code
        entry.version = _HALF_FLOATS_VERSION if code == _CODES.DEQUANTIZE else 1
        self._model.operatorCodes.append(entry)
        return len(self._model.operatorCodes) - 1


def _as_told(options: Any, how: Convolution) -> Any:
    """Options of either convolution."""
    options.padding = _PADDINGS[how.padding]
    options.strideH = options.strideW = how.stride
    options.dilationHFactor = options.dilationWFactor = 1
    options.fusedActivationFunction = _ACTIVATIONS[how.activation]
    return options


def _shape_options() -> schema.ShapeOptionsT:
    options = schema.ShapeOptionsT()
    options.outType = _TYPES.INT32
    return options
