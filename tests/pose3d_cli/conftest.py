"""Motion capture that several tests of the program train on, or look at through virtual cameras."""

from __future__ import annotations

from pathlib import Path

import packs as packs_of_our_own
import pytest

from pose3d_cli.datasets.mocap import packs as mocap
from pose3d_cli.datasets.mocap.packs import Mocap


@pytest.fixture(scope="session")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a pack of our own motion, in the layout of the real ones: y up, 50 frames/s, two subjects."""
    folder = tmp_path_factory.mktemp("packs")
    packs_of_our_own.write(folder / "own.npz", {"walk": "1", "squat": "1", "wave": "9"})
    return folder


@pytest.fixture(scope="session")
def clips(packs: Path) -> Mocap:
    """What is in it."""
    return mocap.load([packs / "own.npz"])
