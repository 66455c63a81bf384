"""Joints that no picture shows: `python tests/bench/bench_unseen.py [--packs FOLDER] [--films FOLDER]`.

The demo cropped to the knees, as at a desk, and to the chest; people of motion capture that nothing was trained on, who
sit, who stand behind furniture, and who are cut off by the picture's edge. Each goes through `pose3d run`. Printed are
the errors of joints that are in the picture and of those that are not, relative to the root, and the scores of the
latter, beside how often those in the picture score as low. Without motion capture packs only the demo is measured.
"""

from __future__ import annotations

import argparse
import importlib.resources
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bench_scenes import HELD_OUT, PACKS

import in_the_wild as iw
from in_the_wild.arrays import load_npz
from in_the_wild.skeletons import HUMAN36M17
from in_the_wild.video.read import VideoReader
from in_the_wild.video.write import VideoWriter
from pose3d_cli.datasets.mocap import packs as mocap
from pose3d_cli.datasets.mocap.packs import H36M_IN_BODY22
from pose3d_cli.datasets.synthetic.bodies import Bodies
from pose3d_cli.datasets.synthetic.scenes import random_scene
from pose3d_cli.datasets.synthetic.virtual import VirtualWindows
from pose3d_cli.metrics.against_truth import same_person

FRAMES, STRIDE, SEEDS = 61, 2, 6
DEMO_FRAMES = range(100, 200)  # in which the demo's person is in the middle of the picture
_ASPECT = 10 / 7
_LOW = 0.1  # what no joint that was never seen is to score above
_SURE = 0.5  # below which joints are drawn as doubtful
_FEWEST = 20


@dataclass(frozen=True)
class Case:
    """A clip of one person.

    Attributes:
        kind: What hides the person.
        video: The file.
        joints: (T, 17, 3) true Human3.6M joints, metres in camera space.
        seen: (T, 17) which of them are in the picture.
    """

    kind: str
    video: Path
    joints: np.ndarray
    seen: np.ndarray


def cropped_demo(folder: Path) -> Iterator[Case]:
    """The demo cut off at the knees, and at the chest."""
    assets = importlib.resources.files("in_the_wild.assets")
    reader = VideoReader(Path(str(assets / "demo.mp4")))
    truth = load_npz(Path(str(assets / "demo_truth.npz")), expected="the truth of the demo")
    pixels, joints = truth["keypoints17"][DEMO_FRAMES, 0], truth["joints_camera"][DEMO_FRAMES, 0]
    for kind, lowest in {"at a desk": "left_knee", "a bust": "spine"}.items():
        top = max(0, int(pixels[..., 1].min()) - 30)
        bottom = int(np.median(pixels[:, HUMAN36M17.index(lowest), 1])) - 10
        height = (bottom - top) // 2 * 2
        width = round(height * _ASPECT / 2) * 2
        left = int(np.clip(np.median(pixels[:, 0, 0]) - width / 2, 0, reader.info.width - width))
        file = folder / f"{kind.replace(' ', '_')}.mp4"
        with VideoWriter(file, width=width, height=height, fps=reader.info.fps) as writer:
            for frame in reader:
                if frame.index in DEMO_FRAMES:
                    writer.write(np.ascontiguousarray(frame.image[top : top + height, left : left + width]))
        there = pixels - (left, top)
        yield Case(kind, file, joints, ((there >= 0) & (there < (width, height))).all(axis=-1))


def rendered(packs: Path, folder: Path) -> Iterator[Case]:
    """Scenes drawn at random."""
    motion = mocap.load(sorted(packs.glob("*.npz")), only=HELD_OUT)
    usual = VirtualWindows(motion, frames=FRAMES, stride=STRIDE)
    seated = VirtualWindows(motion, frames=FRAMES, stride=STRIDE, bodies=Bodies(seated=1.0))
    kinds = {
        "sitting": (seated, "whole"),
        "behind furniture": (usual, "behind furniture"),
        "cut off": (usual, "cut off"),
    }
    for kind, (windows, drawn) in kinds.items():
        for seed in range(SEEDS):
            scene = random_scene(windows, np.random.default_rng((4, seed)), kind=drawn)
            file = folder / f"{kind.replace(' ', '_')}_{seed}.mp4"
            with VideoWriter(file, width=scene.camera.width, height=scene.camera.height,
                             fps=motion.fps / STRIDE) as writer:  # fmt: skip
                for t in range(FRAMES):
                    writer.write(scene.picture(t))
            yield Case(kind, file, scene.joints[:, H36M_IN_BODY22], scene.shown[:, H36M_IN_BODY22])


def measure(case: Case, films: Path | None) -> np.ndarray | None:
    """(R, 4) of joints but the root: whether in the picture, millimetres off, score, whether ever in the picture.

    None where nobody was found.
    """
    poses = iw.run(case.video)
    if films is not None:
        iw.render(poses, films / case.video.name, video=case.video)
    if not poses.persons:
        return None
    one = poses.of_person(max(poses.persons, key=lambda person: int((poses.person_id == person).sum())))
    if len(one) < _FEWEST:
        return None
    true, _ = same_person(one, case.joints[:, None])
    off = 1000 * np.linalg.norm(one.keypoints - true, axis=2)
    others = np.arange(len(one.skeleton)) != one.skeleton.root
    seen = case.seen[one.frame]
    ever = np.repeat(case.seen.any(axis=0, keepdims=True), len(one), axis=0)
    columns = [column[:, others] for column in (seen, off, one.scores, ever)]
    return np.stack([column.ravel() for column in columns], axis=1)


def main(packs: Path, folder: Path, films: Path | None) -> None:
    """Print a line for each kind of case."""
    found: dict[str, list[np.ndarray]] = {}
    for cases in (cropped_demo(folder), rendered(packs, folder) if any(packs.glob("*.npz")) else ()):
        for case in cases:
            if (rows := measure(case, films)) is not None:
                found.setdefault(case.kind, []).append(rows)
    print("mm off, joints in the picture / not in it; scores of the former: share up to 0.1, below 0.5; of the latter: "
          "mean, share above 0.1, and of those that never are in it")  # fmt: skip
    for kind, parts in found.items():
        seen, off, score, ever = np.concatenate(parts).T
        hidden = seen == 0
        line = (
            f"{kind} ({len(parts)} clips, {hidden.mean():.0%} of joints not in the picture): {off[~hidden].mean():.0f}"
        )
        if hidden.any():
            line += f" / {off[hidden].mean():.0f}"
        line += f"; {(score[~hidden] <= _LOW).mean():.1%}, {(score[~hidden] < _SURE).mean():.1%}"
        if hidden.any():
            line += f"; {score[hidden].mean():.2f}, {(score[hidden] > _LOW).mean():.0%}"
        if (ever == 0).any():
            line += f", {(score[ever == 0] > _LOW).mean():.0%}"
        print(line)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--packs", type=Path, default=PACKS)
    parser.add_argument("--films", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        main(given.packs, Path(temporary), given.films)
