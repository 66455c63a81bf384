"""What many tests of the program share: clips, weights and a quick detector; motion to train on, and to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import packs as packs_of_our_own
import pytest
import torch
from command_line import FakeDetector, Invoke
from typer.testing import CliRunner, Result

from in_the_wild import checkpoints, plugins
from in_the_wild.lifters.pstmo import PSTMO
from in_the_wild.video.write import VideoWriter
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
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakeDetector]:
    """Let the commands find the fake detector instead of mediapipe's."""
    load = plugins.load
    monkeypatch.setattr(
        plugins, "load", lambda family, name: FakeDetector if family.endswith("detectors") else load(family, name)
    )
    monkeypatch.setattr(FakeDetector, "pictures", 0)
    return FakeDetector


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


@pytest.fixture(scope="session")
def flat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 grey pictures of 64x48."""
    path = tmp_path_factory.mktemp("flat") / "flat.mp4"
    with VideoWriter(path, width=64, height=48, fps=25) as writer:
        for _ in range(12):
            writer.write(np.full((48, 64, 3), 90, dtype=np.uint8))
    return path


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small P-STMO that has learnt nothing."""
    path = tmp_path_factory.mktemp("weights") / "tiny.pt"
    arguments: dict[str, Any] = {"frames": 9, "channels": 16, "hidden": 32, "layers": 1, "in_channels": 4}
    training = checkpoints.Training(fps=25.0, normalisation="box", data="nothing", licence="Apache-2.0")
    torch.manual_seed(0)
    checkpoints.save(path, model="pstmo", lifter=PSTMO(**arguments), arguments=arguments, training=training)
    return path
