"""Linear layers by oneDNN where nothing is trained: the same product in half the time on many processors.

torch multiplies matrices of 32-bit floats by MKL, which knows the wide registers of Intel's processors alone: on an AMD
EPYC with AVX-512 it reaches 100 GFLOP/s a core. oneDNN comes with torch too, asks the processor itself, and reaches 220
there. torch takes it unasked for other number formats only. oneDNN's sums do not depend on the number of threads, as
MKL's do: a clip has the same joints, bit for bit, whoever works on it beside how many others.

It knows nothing about networks.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Rows that are multiplied are a multiple of this: oneDNN writes a program for each number of rows that it meets, and
# keeps a thousand of them, half a megabyte each. Clips of all lengths would make a process grow by hundreds.
_ROWS = 64
_AVAILABLE = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")


class Linear(nn.Linear):
    """`nn.Linear`, with the same parameters."""

    def forward(self, x: Tensor) -> Tensor:
        """(..., C_in) -> (..., C_out)."""
        return linear(x, self.weight, self.bias)


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None, *, relu: bool = False) -> Tensor:
    """`F.linear`: x (..., C_in) and weights (C_out, C_in) -> (..., C_out), and a ReLU if asked for."""
    if _AVAILABLE and _is_plain(x, weight):
        # Weights with gaps between their rows would take it a thousand times as long.
        weight, after = weight.contiguous(), "relu" if relu else "none"
        rows = x.reshape(-1, x.shape[-1])  # (M, C_in)
        missing = -len(rows) % _ROWS
        padded = torch.cat([rows, rows.new_zeros(missing, rows.shape[1])]) if missing else rows
        product: Tensor = torch.ops.mkldnn._linear_pointwise(padded, weight, bias, after, [], "")
        return product[: len(rows)].view(*x.shape[:-1], len(weight))
    product = F.linear(x, weight, bias)
    return F.relu(product) if relu else product


def _is_plain(x: Tensor, weight: Tensor) -> bool:
    """Whether a product of 32-bit floats on the CPU is all that is wanted: no gradient, no export, no other format."""
    return (
        x.device.type == "cpu"
        and x.dtype == weight.dtype == torch.float32
        and not torch.is_grad_enabled()
        and not torch.is_autocast_enabled("cpu")
        and not torch.jit.is_tracing()  # type: ignore[attr-defined]
    )
