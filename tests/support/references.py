"""Numbers from the authors' own code, and the tolerance they are to be met within.

A few files stand in `tests/reference`; the whole set is read from `../shared/reference` where a checkout has it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from in_the_wild import checkpoints
from in_the_wild.lifters.pstmo import PSTMO

HERE = Path(__file__).parents[1] / "reference"
SHARED = Path(__file__).parents[3] / "shared" / "reference"


def files(pattern: str) -> list[Path]:
    """Every reference file of a pattern, shipped or shared, each once."""
    found = {path.name: path for folder in (SHARED, HERE) for path in sorted(folder.glob(pattern))}
    return [found[name] for name in sorted(found)]


def load(name: str) -> dict[str, np.ndarray]:
    """One reference file; the test is skipped where it is not to be had."""
    for folder in (HERE, SHARED):
        if (folder / name).is_file():
            with np.load(folder / name, allow_pickle=False) as file:
                return {key: file[key] for key in file.files}
    pytest.skip(f"{name} is in neither tests/reference nor ../shared/reference")


def state_dict(arrays: dict[str, np.ndarray], prefix: str = "sd/") -> dict[str, torch.Tensor]:
    """The weights of a reference network under the authors' names."""
    return {key.removeprefix(prefix): torch.tensor(value) for key, value in arrays.items() if key.startswith(prefix)}


def assert_equal(actual: np.ndarray | torch.Tensor, expected: np.ndarray) -> None:
    """Networks and geometry: largest difference at most 1e-5 of the largest value plus 1e-6."""
    actual = np.asarray(actual)
    assert actual.shape == expected.shape
    assert np.abs(actual - expected).max() <= 1e-5 * np.abs(expected).max() + 1e-6


def pstmo(arrays: dict[str, np.ndarray]) -> PSTMO:
    """The reference network of P-STMO, in eval mode."""
    state, arguments = PSTMO.convert(state_dict(arrays))
    lifter = PSTMO(**arguments)
    checkpoints.load_strictly(lifter, state, "reference")
    return lifter.eval()
