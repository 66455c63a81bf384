"""The tables of the README, from what ships: `readme_tables.py [VIDEO...] [--data FOLDER] [--rounds N] [--write]`.

Accuracy is that of `bench_clips.py` and of `pose3d evaluate` on a folder of motion capture packs, speed that of
`bench_profile.py` on the demo and on videos given, such as the skater. A row is found by its first cell; one for which
nothing was given stays as it is, and is told. Nothing else should run meanwhile.
"""

from __future__ import annotations

import argparse
import importlib.resources
import itertools
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

import bench_clips
import bench_profile
import numpy as np

import in_the_wild as iw
from in_the_wild import defaults
from in_the_wild.files import whole_file
from pose3d_cli.metrics.against_truth import Errors

README = Path(__file__).parents[2] / "README.md"
DATA = Path("../shared/data/mocap")
# Rows by what their first cell begins with -> the cells that are measured, by their number from 0.
Rows = dict[str, dict[int, str]]
CLIPS, WALKING, ALL = "three rendered clips", "walking in the held-out motion capture", "all of it: subjects"
# Of what a video's rows are about, with each of `bench_profile.SETTINGS`.
SPEED: Mapping[str, tuple[str, str, str]] = {
    "demo": ("demo, 854x480", "the same without film and page", "the same with `--detector blazepose:model=lite`"),
    "skater": ("a figure skater", "the same without film and page", ""),
}
STAGES = ("detect", "lift", "refine", "render")


def told(mpjpe: float, p_mpjpe: float) -> str:
    """A cell."""
    return f"{mpjpe:.1f} / {p_mpjpe:.1f} mm"


def clips() -> Rows:
    """The three clips through the whole chain, and the detector's own 3D."""
    chain = bench_clips.Chain(iw.load_lifter("pstmo_coco"), defaults.DETECTOR, ())
    with tempfile.TemporaryDirectory() as folder:
        found = [bench_clips.measure(name, Path(folder), chain) for name in bench_clips.clips.EVALUATION_CLIPS]
    owns = [one.own for one in found if one.own is not None]
    return {CLIPS: {2: f"**{_mean([one.ours for one in found])}**", 3: _mean(owns)}}


def _mean(some: Sequence[Errors]) -> str:
    mpjpe, p_mpjpe = np.mean([(one.mpjpe, one.p_mpjpe) for one in some], axis=0)
    return told(mpjpe, p_mpjpe)


def held_out(data: Path) -> Rows:
    """Subjects that nothing was trained on, as `pose3d evaluate` measures."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "held_out.json"
        command = ["evaluate", "pstmo_coco", "--data", str(data), "-o", str(file), "--quiet"]
        subprocess.run([sys.executable, "-m", "pose3d_cli.main", *command], check=True, stdout=subprocess.DEVNULL)
        errors = json.loads(file.read_text())["errors"]
    found = {WALKING: errors["walk"], ALL: errors["all frames"]}
    return {row: {2: f"**{told(one['mpjpe'], one['p_mpjpe'])}**"} for row, one in found.items()}


def rate(per_second: float) -> str:
    """A cell."""
    return f"{per_second:.0f}" if per_second < 1000 else f"{float(f'{per_second:.2g}'):.0f}"


def speed(video: Path, rounds: int) -> Iterator[dict[int, str]]:
    """Frames a second in all and by stage, medians, with each setting."""
    for setting, profiles in bench_profile.rounds_of(video, rounds).items():
        frames = profiles[0].frames
        ends = [(one.costs[bench_profile.START, ""], one.costs[bench_profile.ALL, ""]) for one in profiles]
        whole = median(end.seconds - start.seconds for start, end in ends)
        rates = {1: rate(frames / whole)}
        for column, stage in enumerate(STAGES, 2):
            seconds = median(one.costs[stage, ""].seconds for one in profiles)
            if stage != "render" or setting.shown:
                rates[column] = rate(frames / seconds)
        yield rates


def rewritten(text: str, measured: Rows, *, after: str = "") -> str:
    """A text whose tables have these rows, the first of each name after a row of another one.

    Raises:
        LookupError: there is no such row.
    """
    for name, cells in measured.items():
        begin = text.index(f"\n| {after}") if after else 0
        found = re.compile(rf"^\| {re.escape(name)}.*\|$", re.MULTILINE).search(text, begin)
        if found is None:
            raise LookupError(f'The README has no row "{name}".')
        given = found[0].strip("|").split("|")
        row = "|".join(f" {cells[at]} " if at in cells else cell for at, cell in enumerate(given))
        text = f"{text[: found.start()]}|{row}|{text[found.end() :]}"
    return text


def main(videos: Sequence[Path], data: Path, rounds: int, *, write: bool) -> None:
    """Measure, and print the rows; with `write` they go into the README."""
    text = rewritten(README.read_text(encoding="utf-8"), clips())
    if data.is_dir():
        text = rewritten(text, held_out(data))
    else:
        print(f"No motion capture packs in {data}: their rows stay as they are.", file=sys.stderr)
    demo = Path(str(importlib.resources.files("in_the_wild.assets") / "demo.mp4"))
    given = {video.stem: video for video in (demo, *videos)}
    for name, (first, *others) in SPEED.items():
        if name not in given:
            print(f"No {name}.mp4 was given: its rows stay as they are.", file=sys.stderr)
            continue
        for row, cells in zip((first, *others), speed(given[name], rounds), strict=True):
            if row:
                text = rewritten(text, {row: cells}, after="" if row == first else first)
    if write:
        with whole_file(README) as file:
            file.write(text.encode())
    for line in text.splitlines():
        if line.startswith(tuple(f"| {row}" for row in rows())):
            print(line)


def rows() -> list[str]:
    """What is looked for."""
    return [row for row in (CLIPS, WALKING, ALL, *itertools.chain(*SPEED.values())) if row]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("videos", nargs="*", type=Path)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    main(**vars(parser.parse_args()))
