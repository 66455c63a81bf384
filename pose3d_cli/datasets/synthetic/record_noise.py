"""Record what a detector does to people of known pose: the bank of measured noise that training draws from.

The training subjects' motion moves mannequins in scenes drawn at random; the detector looks at the pictures as at any
video, frames between looks are filled and scores steadied as in `pose3d run`, and what a lifter would read is compared
with the exact projection. The bank keeps differences, scores and facing directions alone, no motion.

    python -m pose3d_cli.datasets.synthetic.record_noise --data FOLDER_OF_PACKS --out assets/blazepose_noise.npz

A recording that was stopped goes on where its file ends; more stretches are added by asking for more.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import typer

from in_the_wild import plugins
from in_the_wild.arrays import load_npz
from in_the_wild.detectors.base import Detector
from in_the_wild.files import whole_file
from in_the_wild.looks import RATE
from in_the_wild.poses import Poses
from in_the_wild.skeletons import COCO17
from in_the_wild.steps.detect import Finder
from in_the_wild.steps.fill import fill
from in_the_wild.steps.remap import remap
from pose3d_cli.datasets.mocap import packs as mocap
from pose3d_cli.datasets.synthetic.bodies import Bodies
from pose3d_cli.datasets.synthetic.scenes import RandomScene, random_scene
from pose3d_cli.datasets.synthetic.virtual import VirtualWindows, facing

# Bodies as the last stages of training have them, so that a body looks as wide as the joints that are aimed for. But no
# limbs are swung to where nobody has them: a detector's errors on such people are a third larger.
BODIES = Bodies(bone=0.06, hips=(1.08, 0.08), mixed=0.3)
# Above this distance from the truth (box lengths, mean of the keypoints in the picture) the detector looked at
# something else.
_LOST = 0.25
# When left and right exchanged fit this much better, the detector took back for front: no error that adds to a pose.
_SWAPPED = 0.6
# Above this distance of the keypoints that a detector claims to see, by their scores, it has somebody else's limbs.
_ASTRAY = 0.15
_CLAIMED = 0.3
# Seconds from one look to the next beyond which a look is missing, and with it what the detector made of the person.
_MISSED = 1.5 / RATE
# Scenes after which the bank is written.
_SAVE_EVERY = 20


@dataclass(frozen=True)
class Stretch:
    """Consecutive frames of one recording.

    Attributes:
        residuals: (T, 17, 2) box lengths.
        scores: (T, 17) as a lifter reads them.
        facing: (T,) radians.
        kind: Of the scene.
    """

    residuals: np.ndarray
    scores: np.ndarray
    facing: np.ndarray
    kind: str


@dataclass(frozen=True)
class Drawn:
    """A frame of a scene, whose picture is drawn when somebody looks at it."""

    scene: RandomScene
    index: int
    time: float

    @property
    def thumbnail(self) -> np.ndarray:
        """None: cuts are not looked for."""
        return np.zeros(0, np.uint8)

    @property
    def image(self) -> np.ndarray:
        """(H, W, 3) uint8 RGB."""
        return self.scene.picture(self.index)


class _Film(NamedTuple):
    """What the detector's step is told of drawn pictures."""

    path: Path
    width: int
    height: int
    fps: float


def look(scene: RandomScene, detector: Detector, *, fps: float) -> Poses:
    """COCO keypoints of a scene's first person at the detector's looks, one row per look, where there is any.

    Args:
        scene: What is looked at.
        detector: Looks.
        fps: Frame rate of the scene.
    """
    frames = (Drawn(scene, t, t / fps) for t in range(len(scene.people)))
    film = _Film(Path("mannequin"), scene.camera.width, scene.camera.height, fps)
    found = Finder(detector).find(frames, film)
    return nearest(remap(found.poses, COCO17), scene.keypoints)


def nearest(found: Poses, truth: np.ndarray) -> Poses:
    """Of each frame's people the one who is nearest to true keypoints (T, 17, 2)."""
    error = np.linalg.norm(found.keypoints - truth[found.frame], axis=-1).mean(axis=1)
    order = np.lexsort((error, found.frame))
    _, first = np.unique(found.frame[order], return_index=True)
    return found.rows(order[first]).replace(person_id=np.zeros(len(first), np.int64))


def is_person(found: Poses, truth: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Which rows (N,) are of the person at all, and not taken back for front.

    Args:
        found: Rows in COCO-17.
        truth: (T, 17, 2) true keypoints, pixels.
        inside: (T, 17) which of them lie in the picture.
    """
    true, seen = truth[found.frame], inside[found.frame]
    box = np.ptp(true, axis=1).max(axis=-1)

    def error(keypoints: np.ndarray) -> np.ndarray:
        off: np.ndarray = np.linalg.norm(keypoints - true, axis=-1)
        return (off * seen).sum(axis=1) / np.maximum(seen.sum(axis=1), 1) / box

    straight, swapped = error(found.keypoints), error(found.keypoints[:, list(COCO17.flip)])
    kept: np.ndarray = seen.any(axis=1) & (straight < _LOST) & (swapped > _SWAPPED * straight)
    return kept


def record(scene: RandomScene, detector: Detector, *, fps: float) -> list[Stretch]:
    """What a detector makes of a scene: the stretches in which it has the person."""
    found = look(scene, detector, fps=fps)
    found = found.rows(is_person(found, scene.keypoints, scene.inside))
    return compare(fill(found, max_gap=_MISSED), scene) if len(found) else []


def compare(found: Poses, scene: RandomScene) -> list[Stretch]:
    """Residuals of one person's keypoints in COCO-17 against a scene's truth, a stretch where no frame is missing."""
    truth = scene.keypoints[found.frame]
    residuals = (found.keypoints - truth) / np.ptp(truth, axis=1).max(axis=-1)[:, None, None]
    kept = is_own(residuals, found.scores)
    residuals, scores, frame = residuals[kept], found.scores[kept], found.frame[kept]
    towards = facing(scene.joints[frame, None])
    return [Stretch(residuals[a:b], scores[a:b], towards[a:b], scene.kind) for a, b in runs(frame)]


def is_own(residuals: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """In which frames (T,) the keypoints that a detector claims to see are the person's, and nobody else's in part."""
    claimed = scores >= _CLAIMED
    off = (np.linalg.norm(residuals, axis=-1) * claimed).sum(axis=1) / np.maximum(claimed.sum(axis=1), 1)
    own: np.ndarray = off < _ASTRAY
    return own


def runs(frame: np.ndarray) -> list[tuple[int, int]]:
    """Where frames follow one another without a gap: (start, end) positions."""
    breaks = np.flatnonzero(np.diff(frame) != 1) + 1
    edges = [0, *breaks.tolist(), len(frame)]
    return [(a, b) for a, b in itertools.pairwise(edges) if b > a]


def main(
    data: Annotated[Path, typer.Option(help="Folder of motion capture packs (*.npz).")],
    out: Annotated[Path, typer.Option(help="The bank to write, or to go on with.")],
    hold_out: Annotated[str, typer.Option(help="Subjects that are not used, with commas.")] = "05,08,13,14",
    scenes: Annotated[int, typer.Option(help="How many recordings.")] = 600,
    frames: Annotated[int, typer.Option(help="Frames of each.")] = 37,
    shortest: Annotated[int, typer.Option(help="Stretch that is kept, frames.")] = 15,
    detector: Annotated[str, typer.Option(help="Detector plug-in.")] = "blazepose",
    people: Annotated[int, typer.Option(help="The most people that it looks for.")] = 3,
) -> None:
    """Record a detector's noise on rendered people."""
    packs = mocap.load(sorted(data.glob("*.npz")), without=hold_out.split(","))
    motion = VirtualWindows(packs, frames=frames, stride=2, bodies=BODIES)
    kept, done = read(out) if out.is_file() else ([], 0)
    with plugins.load("in_the_wild.detectors", detector)(persons=people) as model:
        for seed in range(done, scenes):
            scene = random_scene(motion, np.random.default_rng(seed))
            kept += [one for one in record(scene, model, fps=packs.fps / 2) if len(one.scores) >= shortest]
            if (seed + 1) % _SAVE_EVERY == 0 or seed + 1 == scenes:
                write(out, kept, scenes=seed + 1)
                typer.echo(f"{seed + 1}/{scenes} scenes, {len(kept)} stretches", err=True)


def read(path: Path) -> tuple[list[Stretch], int]:
    """The stretches of a bank, and how many scenes they are from."""
    found = load_npz(path, expected="a bank that this recorder wrote")
    pieces = zip(found["starts"], found["ends"], found["kind"], strict=True)
    residuals, scores, towards = (found[name] for name in ("residuals", "scores", "facing"))
    stretches = [Stretch(residuals[a:b], scores[a:b], towards[a:b], str(kind)) for a, b, kind in pieces]
    return stretches, int(found["scenes"])


def write(path: Path, stretches: list[Stretch], *, scenes: int) -> None:
    """Write a bank as `NoiseBank.load` and `read` read it."""
    ends = np.cumsum([len(one.scores) for one in stretches])
    arrays = {
        name: np.concatenate([getattr(one, name) for one in stretches]).astype(np.float16)
        for name in ("residuals", "scores", "facing")
    }
    with whole_file(path) as file:
        np.savez_compressed(
            file,
            **arrays,
            starts=ends - [len(one.scores) for one in stretches],
            ends=ends,
            kind=np.array([one.kind for one in stretches]),
            scenes=np.array(scenes),
        )


if __name__ == "__main__":
    typer.run(main)
