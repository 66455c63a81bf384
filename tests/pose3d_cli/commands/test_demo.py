"""`pose3d demo`: a film and errors against the truth."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import Invoke


@pytest.mark.slow
def test_demo(cli: Invoke, tiny: Path, tmp_path: Path) -> None:
    done = cli("demo", "-o", tmp_path / "demo", "--weights", tiny)
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "demo/overlay.mp4").is_file()
    (frames,) = re.findall(r"limbs, (\d+) frames", done.stdout)
    assert int(frames) > 250
    errors = {name: tuple(map(float, found)) for name, *found in re.findall(
        r"(pose3d|BlazePose)[^│]*│ +([\d.]+) │ +([\d.]+) │", done.stdout)}  # fmt: skip
    # BlazePose finds the figure; a network that has learnt nothing does not.
    assert errors["BlazePose"][1] < 120
    assert errors["pose3d"][1] > errors["BlazePose"][1]
