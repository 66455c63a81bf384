"""Linear layers by oneDNN: torch's own product, and only where nothing else than a product is wanted."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from in_the_wild.linear import Linear, linear

LARGE, SMALL, EMPTY = (3, 200, 64), (5, 64), (0, 64)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    "x", [torch.randn(LARGE), torch.randn(SMALL), torch.randn(EMPTY), torch.randn(200, 3, 64).transpose(0, 1)]
)
def test_it_is_the_same_product(x: torch.Tensor, bias: bool) -> None:
    torch.manual_seed(0)
    layer = Linear(64, 128, bias=bias)
    with torch.no_grad():
        expected = F.linear(x.double(), layer.weight.double(), layer.bias.double() if bias else None)
        torch.testing.assert_close(layer(x).double(), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("x", [torch.randn(LARGE), torch.randn(SMALL)])
def test_a_relu_after_it(x: torch.Tensor) -> None:
    weight, bias = torch.randn(128, 64), torch.randn(128)
    with torch.no_grad():
        torch.testing.assert_close(
            linear(x, weight, bias, relu=True), F.relu(F.linear(x, weight, bias)), rtol=1e-5, atol=1e-5
        )


def test_weights_may_have_gaps() -> None:
    x, weight = torch.randn(LARGE), torch.randn(128, 128)[:, ::2]
    with torch.no_grad():
        torch.testing.assert_close(linear(x, weight), F.linear(x, weight), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("rows", [1, 9, 27, 81, 300])
def test_the_number_of_threads_changes_nothing(rows: int) -> None:
    torch.manual_seed(0)
    x, weight, bias = torch.randn(rows, 256), torch.randn(256, 256), torch.randn(256)
    before = torch.get_num_threads()
    products = []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            with torch.no_grad():
                products.append(linear(x, weight, bias))
    finally:
        torch.set_num_threads(before)
    assert torch.equal(*products)


def test_gradients_flow() -> None:
    torch.manual_seed(0)
    x, weight, bias = (torch.randn(*size, requires_grad=True) for size in (LARGE, (128, 64), (128,)))
    linear(x, weight, bias).square().sum().backward()
    for leaf in (x, weight, bias):
        assert leaf.grad is not None
        assert leaf.grad.abs().sum() > 0


def test_other_formats_stay_what_they_are() -> None:
    x, weight = torch.randn(LARGE), torch.randn(128, 64)
    with torch.no_grad():
        assert linear(x.double(), weight.double()).dtype == torch.float64
        assert linear(x.bfloat16(), weight.bfloat16()).dtype == torch.bfloat16
        with torch.autocast("cpu"):
            assert linear(x, weight).dtype == torch.bfloat16


@pytest.mark.filterwarnings("ignore:`torch.jit.trace:DeprecationWarning")
def test_a_trace_holds_torchs_own_product() -> None:
    layer = Linear(64, 128)
    with torch.no_grad():
        traced = torch.jit.trace(layer, torch.randn(LARGE))
    assert "mkldnn" not in str(traced.inlined_graph)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux what a process holds")
def test_rows_of_all_numbers_do_not_make_a_process_grow() -> None:
    """Each number of rows would cost half a megabyte for good."""
    weight = torch.ones(512, 256)

    def held() -> float:
        return int(Path("/proc/self/status").read_text().split("RssAnon:")[1].split()[0]) / 1024  # megabytes

    def multiply(rows: int) -> None:
        with torch.inference_mode():
            linear(torch.ones(rows, 256), weight)

    for rows in range(64, 1025, 64):
        multiply(rows)
    before = held()
    for rows in range(65, 1024, 8):
        multiply(rows)
    assert held() - before < 20
