"""Are error bars honest: `python tests/bench/bench_error_bars.py [--keep FOLDER] [--plot FILE]`.

Joints of clips that error bars were not fitted to, the demo, the three mannequin clips and ten everyday clips, are
sorted by the error that is expected of them: a row of the table says how far they are off in truth. Those that are told
some 50 mm are to be 40 to 60 mm off, or the exit code is 1. The clips are drawn anew unless their results are kept in a
folder; with --plot the table is drawn as a reliability diagram.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import in_the_wild as iw
from in_the_wild import formats, paper
from in_the_wild.arrays import load_npz
from in_the_wild.error_bars import with_error_bars
from in_the_wild.look import LIGHT
from pose3d_cli.datasets.synthetic import clips
from pose3d_cli.datasets.synthetic.everyday import everyday
from pose3d_cli.metrics.against_truth import same_person

EVERYDAY = 10
EDGES = (0, 20, 30, 40, 50, 60, 80, 100, 130, 180, np.inf)  # millimetres that are expected
ABOUT_50, GOAL = (40, 60), (40.0, 60.0)


def made(folder: Path) -> Iterator[tuple[str, iw.Poses, np.ndarray]]:
    """Every clip: its name, what `pose3d run` finds in it, and the truth (T, P, 17, 3) in camera space."""
    scenes = {name: clips.scene(name) for name in ("demo", *clips.EVALUATION_CLIPS)}
    scenes |= {f"everyday {seed}": everyday(seed) for seed in range(EVERYDAY)}
    for name, scene in scenes.items():
        poses, truth = folder / f"{name}.npz", folder / f"{name}_truth.npz"
        if not poses.is_file():
            video, truth = clips.make_scene(scene, folder, name)
            formats.write(iw.run(video), poses)
            video.unlink()
        joints = load_npz(truth, expected="the truth of a clip")["joints_camera"]
        yield name, with_error_bars(formats.read(poses)), joints


def errors(poses: iw.Poses, truth: np.ndarray) -> np.ndarray:
    """(R, 2) expected and true millimetres of all joints but the root."""
    rows = []
    for person in poses.persons:
        one = poses.of_person(person)
        true, _ = same_person(one, truth)
        off = 1000 * np.linalg.norm(one.keypoints - true, axis=2)
        others = np.arange(len(one.skeleton)) != one.skeleton.root
        rows.append(np.stack([np.asarray(one.error_mm)[:, others].ravel(), off[:, others].ravel()], axis=1))
    return np.concatenate(rows)


def table(found: np.ndarray) -> np.ndarray:
    """(B, 3) of each bin: how many joints, what is expected of them, and what is true, on average."""
    where = np.digitize(found[:, 0], EDGES) - 1
    bins = [found[where == b] for b in range(len(EDGES) - 1)]
    return np.array([(len(one), *one.mean(axis=0)) for one in bins if len(one)])


def draw(rows: np.ndarray, path: Path) -> None:
    """The reliability diagram: what lies on the line is honest."""
    with paper.style():
        figure = paper.new_figure(paper.ONE_COLUMN, paper.ONE_COLUMN)
        axes = figure.subplots()
        most = rows[:, 1:].max() * 1.05
        axes.plot([0, most], [0, most], color=paper.rgb(LIGHT.quiet), label="Honest")
        axes.scatter(rows[:, 1], rows[:, 2], s=8 + 120 * rows[:, 0] / rows[:, 0].max(), label="Joints")
        axes.set(xlabel="Expected error (mm)", ylabel="True error (mm)", xlim=(0, most), ylim=(0, most), aspect="equal")
        axes.legend()
    paper.save(figure, path)


def main(folder: Path, plot: Path | None) -> int:
    """Print the table; the exit code."""
    found = []
    for name, poses, truth in made(folder):
        found.append(errors(poses, truth))
        expected, true = found[-1].mean(axis=0)
        print(f"{name}: {expected:.0f} mm expected on average, {true:.0f} true", flush=True)
    joints = np.concatenate(found)
    rows = table(joints)
    print("joints, mm expected, mm true")
    for count, expected, true in rows:
        print(f"{count:7.0f} {expected:6.0f} {true:6.0f}")
    if plot is not None:
        draw(rows, plot)
    some = joints[(joints[:, 0] > ABOUT_50[0]) & (joints[:, 0] < ABOUT_50[1])]
    reached = GOAL[0] <= some[:, 1].mean() <= GOAL[1]
    print(f"told {some[:, 0].mean():.0f} mm: {some[:, 1].mean():.0f} mm, {'honest' if reached else 'not honest'}")
    return int(not reached)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--plot", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        sys.exit(main(given.keep or Path(temporary), given.plot))
