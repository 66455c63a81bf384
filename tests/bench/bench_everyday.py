"""The judge of weights: `bench_everyday.py [WEIGHTS...] [--clips N] [--keep FOLDER] [--worst FOLDER]`.

Clips as people film each other, on whose seeds nothing is trained, fitted or chosen, go through the default chain.
Every file of weights named lifts the same keypoints, and the whole clip is solved. Means over clips have confidence
intervals from a bootstrap over the clips, and so has the gain of each over the first one, clip by clip. Of the first,
errors are told by joint and by how far the camera looks down, and its ten worst seconds are drawn into a folder.
Keypoints may be kept in a folder, which is the user's to empty when the detector changes.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from confidence import told
from matplotlib.axes import Axes

import in_the_wild as iw
from in_the_wild import checkpoints, formats, paper
from in_the_wild.look import LIGHT
from in_the_wild.poses import Poses
from in_the_wild.refiners.whole_clip import WholeClip
from in_the_wild.skeletons import HUMAN36M17, Skeleton
from in_the_wild.steps.clean import clean
from in_the_wild.steps.lift import TrainedLifter
from pose3d_cli.datasets.synthetic.clips import Scene, make_scene
from pose3d_cli.datasets.synthetic.everyday import everyday
from pose3d_cli.metrics.against_truth import same_person
from pose3d_cli.metrics.joints3d import acceleration_error, mpjpe, p_mpjpe

CLIPS = 40
WORST = 10
PITCHES = (-90, 0, 10, 20, 90)  # degrees that the camera looks down
# Rows by which a person counts, and degrees beside a true person beyond which it is nobody's.
_FEWEST, _SOMEBODY = 25, 6.0
_SECOND = 25  # rows


@dataclass(frozen=True)
class Person:
    """One person of one clip, lifted and solved.

    Attributes:
        clip: Its seed.
        pitch: Degrees that the camera looks down.
        keypoints: What was lifted.
        found: (N, 17, 3) metres relative to the root.
        true: (N, 17, 3).
    """

    clip: int
    pitch: float
    keypoints: Poses
    found: np.ndarray
    true: np.ndarray

    @property
    def errors(self) -> np.ndarray:
        """(3,) MPJPE, P-MPJPE, mm, and acceleration error, mm per frame squared."""
        means = (measure(self.found, self.true).mean() for measure in (mpjpe, p_mpjpe, acceleration_error))
        return 1000 * np.array(list(means))


def keypoints(seed: int, scene: Scene, keep: Path) -> Poses:
    """What the default detector makes of a clip; from the folder if it is there."""
    file = keep / f"everyday_{seed}.npz"
    if not file.is_file():
        with tempfile.TemporaryDirectory() as folder:
            video, _ = make_scene(scene, Path(folder), file.stem)
            formats.write(iw.detect(video), file)
    return formats.read(file)


def people(lifter: TrainedLifter, seeds: Sequence[int], keep: Path) -> Iterator[Person]:
    """Everybody in the clips whom the detector found, and not beside him."""
    for seed in seeds:
        scene = everyday(seed)
        truth = scene.truth()["joints_camera"].astype(np.float64)
        pitch = float(np.degrees(np.arcsin(-scene.camera.R[2, 2])))
        seen = keypoints(seed, scene, keep)
        for person in seen.persons:
            own = clean(seen.of_person(person))
            if len(own) < _FEWEST:
                continue
            solved = WholeClip().seeing(own)(lifter.lift(own))
            true, apart = same_person(solved, truth)
            if np.median(apart) < _SOMEBODY:
                yield Person(seed, pitch, own, solved.keypoints.astype(np.float64), true)


def by_clip(everybody: Sequence[Person]) -> dict[int, np.ndarray]:
    """(3,) errors of each clip, the mean over its people."""
    clips = itertools.groupby(everybody, key=lambda one: one.clip)
    return {clip: np.mean([one.errors for one in some], axis=0) for clip, some in clips}


def print_parts(everybody: Sequence[Person]) -> None:
    """MPJPE by joint and by pitch."""
    each = 1000 * np.concatenate([np.linalg.norm(one.found - one.true, axis=2) for one in everybody]).mean(axis=0)
    print("by joint, mm: " + ", ".join(f"{name} {mm:.0f}" for name, mm in zip(HUMAN36M17.joints, each, strict=True)))
    for low, high in itertools.pairwise(PITCHES):
        some = [one.errors[:2] for one in everybody if low <= one.pitch < high]
        if some:
            a, b = np.mean(some, axis=0)
            print(f"camera looks down {low} to {high} degrees, {len(some)} people: {a:.1f} / {b:.1f}")


def draw_worst(everybody: Sequence[Person], folder: Path) -> None:
    """Draw the seconds with the largest error, nobody twice: the picture's keypoints, and both poses from two sides."""
    windows = []
    for one in everybody:
        second = np.convolve(mpjpe(one.found, one.true), np.full(_SECOND, 1 / _SECOND), mode="valid")
        windows.append((float(second.max()), int(second.argmax()) + _SECOND // 2, one))
    folder.mkdir(parents=True, exist_ok=True)
    for rank, (error, row, one) in enumerate(sorted(windows, key=lambda window: -window[0])[:WORST], 1):
        with paper.style():
            figure = paper.new_figure(paper.TWO_COLUMNS, paper.TWO_COLUMNS / 3)
            seen, front, side = figure.subplots(1, 3)
            skeleton = one.keypoints.skeleton
            _draw(seen, skeleton, one.keypoints.keypoints[row], paper.rgb(LIGHT.text))
            for axes, across in ((front, 0), (side, 2)):
                for pose, colour in ((one.true, LIGHT.quiet), (one.found, LIGHT.results[0])):
                    _draw(axes, HUMAN36M17, pose[row][:, (across, 1)], paper.rgb(colour))
            seen.set_title(f"Clip {one.clip}, frame {one.keypoints.frame[row]}: {1000 * error:.0f} mm")
            front.set_title("As the camera sees it")
            side.set_title("From its left; truth grey")
        paper.save(figure, folder / f"worst_{rank}.png")


def _draw(axes: Axes, skeleton: Skeleton, points: np.ndarray, colour: tuple[float, float, float]) -> None:
    """A skeleton's lines; points (J, 2), y down."""
    for a, b in skeleton.edges:
        axes.plot(*points[[a, b]].T, color=colour)
    axes.set_aspect("equal")
    axes.yaxis.set_inverted(True)


def main(names: Sequence[str], count: int, keep: Path, worst: Path | None) -> None:
    """Print everything."""
    first: list[Person] = []
    for name in names:
        lifter = TrainedLifter.of(checkpoints.load(name))
        found = list(people(lifter, range(count), keep))
        first = first or found
        before, now = by_clip(first), by_clip(found)
        print(f"{name}, {len(now)} clips, {len(found)} people, MPJPE / P-MPJPE / acceleration: {told(now.values())}")
        if found is not first:
            gains = (before[clip] - now[clip] for clip in before.keys() & now.keys())
            print(f"  less than {names[0]} by {told(gains)}", flush=True)
    print_parts(first)
    if worst is not None:
        draw_worst(first, worst)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("weights", nargs="*", default=["pstmo_coco"])
    parser.add_argument("--clips", type=int, default=CLIPS)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--worst", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        kept: Path = given.keep or Path(temporary)
        kept.mkdir(parents=True, exist_ok=True)
        main(given.weights, given.clips, kept, given.worst)
