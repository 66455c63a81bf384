"""Lifters of published size beside the authors' code: `python tests/bench/bench_lifters.py [--authors DIR]`.

DIR holds clones of the authors' repositories (P-STMO, StridedTransformer-Pose3D, STCFormer, MixSTE); none of their code
is here. Both sides run in this process with the same random weights, by turns, in eval mode and float32 without flip,
and the median of the rounds counts. Their side is one window at a time, as their scripts evaluate video; ours is a
sequence of frames through `Lifter.over`, or a few windows at once. The last column is for networks that answer for
every frame: the authors keep one frame of each window, we all of them, from windows that overlap by half. Without DIR
only our side is measured. Ends with exit code 1 where a result differs by more than 0.1 mm or a speed-up misses its
aim.
"""

from __future__ import annotations

import argparse
import sys
import time
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from in_the_wild import checkpoints, plugins, windows
from in_the_wild.defaults import OVERLAP
from in_the_wild.lifters.base import Lifter

SAME = 1e-4  # metres
ROUNDS = 5


@dataclass(frozen=True)
class Case:
    """A published network.

    Attributes:
        name: Of the row.
        model: Our plug-in.
        folder: The authors' repository.
        build: Makes the authors' network; their modules are importable when it is called.
        layout: Brings windows (B, T, J, 2) to what their forward takes.
        answer: Brings what it gives to (B, T_out, J, 3).
        windows: How many windows our side takes at once.
        aim: How many times faster per window ours should be.
    """

    name: str
    model: str
    folder: str
    frames: int
    build: Callable[[], nn.Module]
    layout: Callable[[Tensor], Tensor]
    answer: Callable[[object], Tensor]
    windows: int
    aim: float


def _options(**values: object) -> types.SimpleNamespace:
    return types.SimpleNamespace(n_joints=17, out_joints=17, **values)


def _pstmo() -> nn.Module:
    from model.stmo import Model  # the authors'

    return Model(_options(layers=3, channel=256, d_hid=512, frames=243, stride_num=[3, 3, 3, 3, 3]))


def _strided() -> nn.Module:
    from model.strided_transformer import Model

    return Model(_options(layers=3, channel=256, d_hid=512, frames=351, stride_num=[3, 9, 13]))


def _stcformer() -> nn.Module:
    from model.stcformer import Model

    return Model(_options(layers=6, d_hid=256, frames=81))


def _mixste() -> nn.Module:
    from common.model_cross import MixSTE2

    return MixSTE2(num_frame=243, num_joints=17, in_chans=2, embed_dim_ratio=512, depth=8, num_heads=8, mlp_ratio=2.0,
                   qkv_bias=True, qk_scale=None, drop_path_rate=0)  # fmt: skip


CASES = (
    Case(
        name="P-STMO-S 243",
        model="pstmo",
        folder="P-STMO",
        frames=243,
        build=_pstmo,
        layout=lambda x: x.permute(0, 3, 1, 2).unsqueeze(-1),
        answer=lambda out: out[0][..., 0].permute(0, 2, 3, 1),  # type: ignore[index]
        windows=64,
        aim=3.0,
    ),
    Case(
        name="StridedTransformer 351",
        model="strided_transformer",
        folder="StridedTransformer-Pose3D",
        frames=351,
        build=_strided,
        layout=lambda x: x,
        answer=lambda out: out[0],  # type: ignore[index]
        windows=64,
        aim=3.0,
    ),
    Case(
        name="STCFormer 81",
        model="stcformer",
        folder="STCFormer",
        frames=81,
        build=_stcformer,
        layout=lambda x: x,
        answer=lambda out: out,  # type: ignore[return-value,arg-type]
        windows=8,
        aim=1.5,
    ),
    Case(
        name="MixSTE 243",
        model="mixste",
        folder="MixSTE",
        frames=243,
        build=_mixste,
        layout=lambda x: x,
        answer=lambda out: out,  # type: ignore[return-value,arg-type]
        windows=1,
        aim=1.3,
    ),
)


@contextmanager
def authors_modules(folder: Path) -> Iterator[None]:
    """Make one repository's modules importable, and forget them afterwards: all call theirs `model` or `common`."""
    stand_ins = _stand_ins()
    before = set(sys.modules)
    sys.modules.update({name: module for name, module in stand_ins.items() if name not in sys.modules})
    sys.path.insert(0, str(folder))
    to_cuda = Tensor.cuda
    Tensor.cuda = lambda self, *_, **__: self  # type: ignore[method-assign]  # STCFormer asks for a GPU when it is made
    try:
        yield
    finally:
        Tensor.cuda = to_cuda  # type: ignore[method-assign]
        sys.path.remove(str(folder))
        for name in set(sys.modules) - before:
            if name.partition(".")[0] in ("model", "common", "timm"):
                del sys.modules[name]


def _stand_ins() -> dict[str, types.ModuleType]:
    """What the authors import and do not use in eval mode; timm itself would bring torchvision."""

    class DropPath(nn.Module):
        def __init__(self, drop_prob: float = 0.0) -> None:
            super().__init__()

        def forward(self, x: Tensor) -> Tensor:
            return x

    contents: dict[str, dict[str, object]] = {
        "local_attention": {"LocalAttention": None},
        "timm": {},
        "timm.data": {"IMAGENET_DEFAULT_MEAN": (), "IMAGENET_DEFAULT_STD": ()},
        "timm.models": {},
        "timm.models.helpers": {"load_pretrained": None},
        "timm.models.layers": {"DropPath": DropPath, "to_2tuple": None, "trunc_normal_": nn.init.trunc_normal_},
        "timm.models.registry": {"register_model": lambda function: function},
    }
    modules = {}
    for name, members in contents.items():
        modules[name] = types.ModuleType(name)
        for member, value in members.items():
            setattr(modules[name], member, value)
    return modules


def authors_network(case: Case, authors: Path) -> nn.Module:
    """The authors' network with random weights and batch statistics, in eval mode."""
    with authors_modules(authors / case.folder):
        network = case.build()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d):
            assert module.running_mean is not None
            assert module.running_var is not None
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.normal_(module.running_mean, 0, 0.1)
    return network.eval()


def our_network(case: Case, theirs: nn.Module | None) -> Lifter:
    """Our network, with the authors' weights where there are any."""
    network = plugins.load("in_the_wild.lifters", case.model)
    if theirs is None:
        lifter: Lifter = network(frames=case.frames)
    else:
        state, arguments = network.convert(theirs.state_dict())
        lifter = network(**{**arguments, "frames": case.frames})
        checkpoints.load_strictly(lifter, state, "the authors' network")
    return lifter.eval()


@dataclass(frozen=True)
class Row:
    """Seconds per window and per output frame, by turns; GFLOP per window."""

    case: Case
    theirs: float | None
    ours: float
    frames_out: int
    gflop: float
    difference: float


@torch.no_grad()
def measure(case: Case, authors: Path | None) -> Row:
    """One row of the table."""
    torch.manual_seed(0)
    theirs = None if authors is None else authors_network(case, authors)
    lifter = our_network(case, theirs)
    count = case.windows
    if lifter.every_frame:
        sequence = torch.randn(count * case.frames, 17, 2) * 0.3
        look = torch.from_numpy(windows.consecutive(len(sequence), frames=case.frames))
    else:
        sequence = torch.randn(count, 17, 2) * 0.3
        look = torch.from_numpy(windows.centred(count, frames=case.frames))
    one = case.layout(sequence[look[:1]])

    def our_side() -> Tensor:
        return lifter.over(sequence, look)

    def their_side() -> Tensor:
        assert theirs is not None
        return case.answer(theirs(one))

    with torch.enable_grad(), FlopCounterMode(display=False) as counter:  # it does not count what oneDNN does
        lifter(sequence[look[:1]])
    difference = 0.0
    if theirs is not None:
        expected = torch.cat(
            [case.answer(theirs(case.layout(sequence[look[i : i + 1]]))) for i in range(min(count, 4))]
        )
        difference = float((our_side()[: len(expected)] - expected).abs().max())
    seconds: dict[str, list[float]] = {"ours": [], "theirs": []}
    for _ in range(ROUNDS):
        if theirs is not None:
            repeats = max(1, count // 4)
            seconds["theirs"].append(_clock(their_side, repeats) / repeats)
        seconds["ours"].append(_clock(our_side, 1) / count)
    return Row(
        case=case,
        theirs=float(np.median(seconds["theirs"])) if theirs is not None else None,
        ours=float(np.median(seconds["ours"])),
        frames_out=case.frames if lifter.every_frame else 1,
        gflop=counter.get_total_flops() / 1e9,
        difference=difference,
    )


def _clock(work: Callable[[], Tensor], repeats: int) -> float:
    began = time.perf_counter()
    for _ in range(repeats):
        work()
    return time.perf_counter() - began


def per_frame(row: Row) -> str:
    """Of an every-frame lifter: milliseconds per video frame, and how many times the authors' rate that is."""
    if row.frames_out == 1:
        return "-"
    seconds = row.ours / (row.frames_out * (1 - OVERLAP))
    return f"{seconds * 1e3:.2f}" + ("" if row.theirs is None else f", {row.theirs / seconds:.0f}x")


def peak() -> float:
    """GFLOP/s of a large float32 matrix product here, now."""
    a = torch.randn(2048, 2048)
    best = min(_clock(lambda: a @ a, 1) for _ in range(10))
    return 2 * 2048**3 / best / 1e9


def main() -> int:
    """Print the table; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--authors", type=Path, help="folder of the authors' repositories")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"{options.threads} threads, a matrix product reaches {peak():.0f} GFLOP/s")
    print(
        "network | GFLOP/window | authors ms/window | ours ms/window | ratio | ours GFLOP/s | max diff m | "
        "per video frame, overlap 0.5: ours ms, ratio"
    )
    missed = False
    for case in CASES:
        row = measure(case, options.authors)
        ratio = None if row.theirs is None else row.theirs / row.ours
        print(
            f"{case.name} | {row.gflop:.2f} | {'-' if row.theirs is None else f'{row.theirs * 1e3:.1f}'} "
            f"| {row.ours * 1e3:.1f} | {'-' if ratio is None else f'{ratio:.2f}'} | {row.gflop / row.ours:.0f} "
            f"| {row.difference:.1e} | {per_frame(row)}",
            flush=True,
        )
        missed |= row.difference > SAME or (ratio is not None and ratio < case.aim)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
