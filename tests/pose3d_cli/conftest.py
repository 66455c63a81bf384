"""What many tests of the program share: clips, weights and a quick detector; motion to train on, and to look at."""

from __future__ import annotations

from pathlib import Path

import packs as packs_of_our_own
import pytest
from command_line import Invoke
from typer.testing import CliRunner, Result

from pose3d_cli.datasets.mocap import packs as mocap
from pose3d_cli.datasets.mocap.packs import Mocap
from pose3d_cli.datasets.synthetic import clips as synthetic
from pose3d_cli.main import app


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


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch) -> Invoke:
    monkeypatch.setenv("COLUMNS", "200")

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return invoke


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 pictures of 320x240 of a mannequin who waves."""
    return synthetic.make("one_person", tmp_path_factory.mktemp("clip"))[0]
