"""What all tests share, and what those of the library share with those of the program: clip, weights, detector."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
import torch
from command_line import FakeDetector

from in_the_wild import checkpoints, plugins
from in_the_wild.lifters.pstmo import PSTMO
from in_the_wild.video.write import VideoWriter
from pose3d_cli import terminal

torch.set_num_threads(1)  # tests run beside each other; small networks gain nothing from more
# Time on a shared machine says nothing about the code; the same examples every time make a failure repeatable.
hypothesis.settings.register_profile("pose3d", deadline=None, derandomize=True)
hypothesis.settings.load_profile("pose3d")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fuzz-seconds",
        type=float,
        help="how long tests/test_fuzz.py damages files, in all; the same few hundred cases per group without it",
    )


def pytest_configure() -> None:
    """A shell has what runs in its background ignore Ctrl-C, and nohup the end of a terminal; programs inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def _speaks_as_usual() -> Iterator[None]:
    """How a test asked the program to speak ends with the test."""
    yield
    terminal.speak(terminal.Manner())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The lines that tests leave under "told", such as the counts of the fuzz test."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, told in getattr(report, "user_properties", []):
                if name == "told" and report.when == "call":
                    terminalreporter.write_line(told)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakeDetector]:
    """Let the commands find the fake detector instead of BlazePose."""
    load = plugins.load
    monkeypatch.setattr(
        plugins, "load", lambda family, name: FakeDetector if family.endswith("detectors") else load(family, name)
    )
    monkeypatch.setattr(FakeDetector, "pictures", 0)
    return FakeDetector


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
