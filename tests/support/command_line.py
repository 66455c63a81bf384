"""What tests of commands share: a detector that finds somebody at once, and the program in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, ClassVar

import numpy as np
from typer.testing import Result

from in_the_wild.detectors.base import Detection, Detector
from in_the_wild.skeletons import COCO17

ROOT = Path(__file__).parents[2]
START = "import sys; sys.argv[0] = 'pose3d'; from pose3d_cli.main import main; main()"
Invoke = Callable[..., Result]


class FakeDetector(Detector):
    """One person who waves, in every picture; quick, and counts the pictures."""

    name = "blazepose"
    skeleton = COCO17
    pictures: ClassVar[int] = 0
    people: ClassVar[int] = 1

    def __init__(self, *, persons: int) -> None:
        self.persons = persons

    @property
    def settings(self) -> Mapping[str, Any]:
        return {"name": "fake", "persons": self.persons}

    def __call__(self, image: np.ndarray, time: float) -> Detection:
        type(self).pictures += 1
        height, width, _ = image.shape
        body = np.random.default_rng(0).uniform(-0.1, 0.1, (17, 2))
        body[COCO17.indices("left_ankle", "right_ankle"), 1] = 0.35
        body[COCO17.index("left_wrist"), 0] += 0.1 * np.sin(6 * time)
        keypoints = (body + 0.5) * (width, height)
        return Detection(
            keypoints=np.repeat(keypoints[None], self.people, axis=0).astype(np.float32),
            scores=np.ones((self.people, 17), dtype=np.float32),
        )


def start(*arguments: object, stdout: IO[str] | int = subprocess.PIPE) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", START, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=stdout,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )


def pose3d(*arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output and error output of a process of its own."""
    process = start(*arguments)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def one_error(output: str) -> str:
    """The only line of an error output, which must be an error's sentence."""
    lines = output.strip().splitlines()
    assert len(lines) == 1, output
    assert lines[0].startswith("Error: ")
    return lines[0]


def leftovers(folder: Path) -> list[str]:
    """Files that are not finished; locks of a batch stay."""
    names = [path.name for path in folder.rglob("*") if path.name.startswith(".") or ".part" in path.name]
    return [name for name in names if name != ".claims"]
