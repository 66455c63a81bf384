"""Memory while training on a prepared set that is larger than it should ever need: run by `make bench`.

A set of our own motion is prepared twice, small and large (--gigabytes); a network is trained on each for some hundred
steps in a process of its own. What the process holds itself (anonymous pages) must neither grow with the steps nor with
the set; pages of the memory-mapped files are the system's, which takes them back whenever it wants.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
from pathlib import Path

import labelled
import numpy as np

from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.datasets.prepared.sequences import Description, Writer

_STEPS, _FIRST = 400, 100
# Megabytes that may come and go.
_SLACK = 48


def main() -> None:
    """Measure, print, and fail where memory grows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=4.0, help="size of the large set")
    gigabytes = parser.parse_args().gigabytes
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, size in (("small", 0.02), ("large", gigabytes)):
            path = _prepare(Path(folder) / name, size * 1e9)
            held = sum(file.stat().st_size for file in path.iterdir()) / 1e6
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                found[name] = pool.apply(_train, (path, Path(folder) / f"{name}_run"))
            early, late, files = found[name]
            print(
                f"{name}: {held:.0f} MB of data; held {early:.0f} MB after {_FIRST} steps, {late:.0f} after {_STEPS}; "
                f"{files:.0f} MB of files were mapped in"
            )
    grown = max(late - early for early, late, _ in found.values())
    more = found["large"][1] - found["small"][1]
    print(f"grown by {grown:.0f} MB with the steps, by {more:.0f} MB with the set; {_SLACK} MB are allowed")
    if max(grown, more) > _SLACK:
        sys.exit("memory is not flat")


def _prepare(folder: Path, size: float) -> Path:
    """A set of about so many bytes: one walk, again and again."""
    walk = labelled.sequence("walk", "S1", "train", labelled.CAMERAS[0], azimuth=0.3)
    many = {
        name: np.tile(values.astype(np.float32), (500, *[1] * (values.ndim - 1)))
        for name, values in walk.arrays().items()
    }
    description = Description("own", keypoint_skeleton=HUMAN36M17.name, joint_skeleton=HUMAN36M17.name)
    repeats = max(1, round(size / sum(values.nbytes for values in many.values())))
    with Writer(folder, description) as writer:
        for number in range(repeats):
            writer.add(walk.replace(name=str(number), **many))
        writer.add(walk.replace(name="test", split="test"))
    return folder


def _train(data: Path, folder: Path) -> tuple[float, float, float]:
    """Megabytes of anonymous memory early and late in a run, and of the files' pages at its end."""
    from own_task import Heard

    from pose3d_cli.training import loop, tasks

    held: dict[int, float] = {}

    def on_step(step: int) -> None:
        if step in (_FIRST, _STEPS):
            held[step] = _status("RssAnon")

    values = {
        "task": "lift",
        "model": "videopose3d",
        "arguments": {"filter_widths": [3, 3, 3], "channels": 128},
        "loss": "mpjpe",
        "training": {"input_skeleton": "human36m17"},
        "data": {"train": {"split": "train"}, "test": {"split": "test"}},
        "windows": {},
        "batch": 256,
        "seed": 0,
        "schedule": {"steps": _STEPS, "check_every": _STEPS, "save_every": _STEPS},
        "test": {"every": 10},
    }
    loop.train(tasks.build(values, source=data, name="memory"), folder, Heard(on_step=on_step))
    return held[_FIRST], held[_STEPS], _status("RssFile")


def _status(name: str) -> float:
    """A line of this process's status, megabytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1e3 for line in lines if line.startswith(name))


if __name__ == "__main__":
    main()
