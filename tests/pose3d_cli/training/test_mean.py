"""The mean of two sets of weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from in_the_wild import checkpoints
from in_the_wild.errors import InputError, OutputError, WeightsError
from in_the_wild.lifters.videopose3d import VideoPose3D
from pose3d_cli.training import mean


def write(path: Path, *, channels: int = 8, data: str = "") -> dict[str, torch.Tensor]:
    """Weights of a small network drawn anew, and what they are."""
    arguments: dict[str, Any] = {"filter_widths": [3, 3], "channels": channels}
    lifter = VideoPose3D(**arguments)
    training = checkpoints.Training(data=data)
    checkpoints.save(path, model="videopose3d", lifter=lifter, arguments=arguments, training=training)
    state: dict[str, torch.Tensor] = checkpoints.read(path)["state_dict"]
    return state


def test_a_mean_lies_between_and_says_what_the_second_says(tmp_path: Path) -> None:
    before, after = write(tmp_path / "a.pt", data="little"), write(tmp_path / "b.pt", data="much")
    mean.main(tmp_path / "a.pt", tmp_path / "b.pt", 0.25, tmp_path / "mean.pt")
    assert checkpoints.load(str(tmp_path / "mean.pt")).training.data == "much"
    found = checkpoints.read(tmp_path / "mean.pt")["state_dict"]
    assert found.keys() == after.keys()
    for name, value in found.items():
        assert value.dtype == after[name].dtype
        if value.is_floating_point():
            expected = 0.75 * before[name].float() + 0.25 * after[name].float()
            torch.testing.assert_close(value.float(), expected, atol=1e-3, rtol=1e-3)


def test_what_has_no_mean_is_refused(tmp_path: Path) -> None:
    one, other, wide, theirs = (tmp_path / f"{name}.pt" for name in ("one", "other", "wide", "theirs"))
    for path, channels in ((one, 8), (other, 8), (wide, 16)):
        write(path, channels=channels)
    torch.save({"model": {}}, theirs)
    with pytest.raises(WeightsError, match="of one network were expected"):
        mean.main(one, wide, 0.5, tmp_path / "mean.pt")
    with pytest.raises(WeightsError, match="no checkpoint that pose3d has written"):
        mean.main(one, theirs, 0.5, tmp_path / "mean.pt")
    with pytest.raises(InputError, match="share from 0 to 1 was expected, found 2"):
        mean.main(one, other, 2, tmp_path / "mean.pt")
    with pytest.raises(OutputError, match="written over the input"):
        mean.main(one, other, 0.5, other)
