"""What the default weights were never trained on: as the configuration has it, and as assets/README.md says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import pytest

from pose3d_cli import config

TOP = Path(__file__).parents[2]
DATA = TOP.parent / "shared/data"
CONFIGURATION = config.load("pstmo_coco_27", [])

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"needs the motion capture packs in {DATA}")


def takes() -> Iterator[tuple[str, str, str, float]]:
    """Pack, take, subject and minutes of every sequence there is."""
    for path in sorted(DATA.glob("mocap*/*.npz")):
        with np.load(path) as pack:
            meta, fps = json.loads(str(pack["meta"])), float(pack["fps"])
        for entry in meta["sequences"]:
            yield path.stem, f"{path.stem}/{entry['name']}", str(entry["subject"]), entry["frames"] / fps / 60


def held_out(take: str, subject: str) -> bool:
    """Told without the code that training tells it with."""
    patterns = CONFIGURATION["hold_out_takes"]
    return subject in CONFIGURATION["hold_out"] or any(fnmatchcase(take, pattern) for pattern in patterns)


def test_the_table_of_what_is_held_out_is_true() -> None:
    table = (TOP / "assets/README.md").read_text(encoding="utf-8").partition("| pack | minutes | held out |")[2]
    said = {
        row[1]: (float(row[2]), float(row[3]))
        for row in re.finditer(r"^\| `(\w+)` \| ([\d.]+) \| ([\d.]+)", table.partition("\n\n")[0], re.M)
    }
    found: dict[str, np.ndarray] = {}
    for pack, take, subject, minutes in takes():
        found[pack] = found.get(pack, np.zeros(2)) + minutes * np.array([1, held_out(take, subject)])
    assert said.keys() == found.keys()
    for pack, both in found.items():
        assert said[pack] == pytest.approx(both, abs=0.051), pack


def test_every_pattern_holds_a_take_out() -> None:
    names = [take for _, take, _, _ in takes()]
    for pattern in CONFIGURATION["hold_out_takes"]:
        assert any(fnmatchcase(name, pattern) for name in names), pattern


@pytest.mark.slow
def test_nothing_held_out_is_trained_on() -> None:
    from pose3d_cli.datasets.mocap import packs

    trained = packs.load(
        sorted(DATA.glob("mocap*/*.npz")),
        without=[*CONFIGURATION["hold_out"], *CONFIGURATION["hold_out_takes"]],
        fps=CONFIGURATION["motion_fps"],
        common_bones=True,
    )
    assert sorted(trained.names) == sorted(take for _, take, subject, _ in takes() if not held_out(take, subject))
