"""The mean of two sets of weights of one network: what a stage learnt, and what it would have forgotten.

    python -m pose3d_cli.training.mean runs/before/best.pt runs/after/last.pt --share 0.5 -o mean.pt

Weights that a stage began with and those that it ended with lie in one valley, and between them can be better than
either. The file says of itself what the second one says.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from in_the_wild import checkpoints
from in_the_wild.errors import InputError, WeightsError
from in_the_wild.files import refuse_overwriting

_STATE = "state_dict"


def mean(before: Mapping[str, Tensor], after: Mapping[str, Tensor], share: float) -> dict[str, Tensor]:
    """Every number between those of two networks, `share` of the way to the second; whole numbers are the second's.

    Raises:
        WeightsError: they are of different networks.
    """
    if {name: value.shape for name, value in before.items()} != {name: value.shape for name, value in after.items()}:
        raise WeightsError("Weights of one network were expected, found two whose parameters differ.")
    return {
        name: torch.lerp(before[name].float(), value.float(), share).to(value.dtype)
        if value.is_floating_point()
        else value
        for name, value in after.items()
    }


def main(before: Path, after: Path, share: float, output: Path) -> None:
    """Write the mean of two files of our own.

    Raises:
        InputError: a share that is not between 0 and 1.
        WeightsError: files of others, or of different networks.
        OutputError: the file cannot be written, or is one of those that are read.
    """
    if not 0 <= share <= 1:
        raise InputError(f"A share from 0 to 1 was expected, found {share:g}.")
    refuse_overwriting(output, [before, after])
    first, second = (checkpoints.read(path) for path in (before, after))
    for path, content in ((before, first), (after, second)):
        if _STATE not in content:
            raise WeightsError(f"{path} is no checkpoint that pose3d has written.")
    checkpoints.write({**second, _STATE: mean(first[_STATE], second[_STATE], share)}, output)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument("--output", "-o", type=Path, required=True)
    given = parser.parse_args()
    main(given.before, given.after, given.share, given.output)
