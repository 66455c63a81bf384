"""Does a run warn where it should, and only there: `python tests/bench/bench_cautions.py`.

Nothing is to be said of ten good clips: the demo, the three mannequin clips, and everyday clips of one person all of
whom is in the picture all the time. Of each bad one, made of the demo or of two people who cross, its own reason is to
be told in one sentence. Ends with exit code 1 where that is not so.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from bench_unseen import cropped_demo

import in_the_wild as iw
from in_the_wild.cautions import NOTE, Reason
from in_the_wild.video.read import VideoReader
from in_the_wild.video.write import VideoWriter
from pose3d_cli.datasets.synthetic import clips
from pose3d_cli.datasets.synthetic.clips import Scene
from pose3d_cli.datasets.synthetic.everyday import everyday

GOOD = 10
_SMALLER, _SLOWER = 6, 4  # times
_TABLE = 0.62  # share of the picture's height from which a table hides everything
_WOOD = (96, 74, 56)


def good(folder: Path) -> Iterator[tuple[str, Path]]:
    """Clips of which nothing is to be said."""
    named = ((name, clips.scene(name)) for name in ("demo", *clips.EVALUATION_CLIPS))
    others = ((f"everyday {seed}", everyday(seed)) for seed in range(100))
    whole = (one for one in others if is_whole(one[1]))
    for name, scene in itertools.islice(itertools.chain(named, whole), GOOD):
        yield name, clips.make_scene(scene, folder, name)[0]


def is_whole(scene: Scene) -> bool:
    """Whether there is one person, all of whom is in the picture all the time."""
    pixels = scene.truth()["keypoints17"]
    inside = (pixels >= 0) & (pixels < (scene.camera.width, scene.camera.height))
    return pixels.shape[1] == 1 and bool(inside.all())


def bad(folder: Path) -> Iterator[tuple[Reason, Path]]:
    """Clips by what is to be said of them."""
    yield "out of the picture", next(cropped_demo(folder)).video
    demo, _ = clips.make("demo", folder)
    yield "unseen", changed(demo, folder / "table.mp4", behind_a_table)
    yield "tiny person", changed(demo, folder / "tiny.mp4", smaller)
    yield "low frame rate", changed(demo, folder / "slow.mp4", lambda picture: picture, every=_SLOWER)
    yield "people crossing", clips.make("two_people", folder)[0]


def changed(video: Path, file: Path, change: Callable[[np.ndarray], np.ndarray], *, every: int = 1) -> Path:
    """A video with every so many-th of its pictures changed."""
    reader = VideoReader(video)
    height, width, _ = change(np.zeros((reader.info.height, reader.info.width, 3), np.uint8)).shape
    with VideoWriter(file, width=width, height=height, fps=reader.info.fps / every) as writer:
        for frame in reader:
            if frame.index % every == 0:
                writer.write(change(frame.image))
    return file


def behind_a_table(picture: np.ndarray) -> np.ndarray:
    """A picture with its lower part covered."""
    covered = picture.copy()
    covered[round(_TABLE * len(picture)) :] = _WOOD
    return covered


def smaller(picture: np.ndarray) -> np.ndarray:
    """A picture of even sides, so many times smaller."""
    height, width = (size // _SMALLER // 2 * 2 for size in picture.shape[:2])
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)


def told(video: Path) -> dict[str, set[int | None]]:
    """Of whom each reason is told."""
    reasons: dict[str, set[int | None]] = {}
    for caution in iw.run(video).meta.get(NOTE, []):
        reasons.setdefault(caution["why"], set()).add(caution["person"])
    return reasons


def main() -> int:
    """Print what is told; the exit code."""
    wrong = 0
    with tempfile.TemporaryDirectory() as temporary:
        for name, video in good(Path(temporary)):
            reasons = told(video)
            wrong += bool(reasons)
            print(f"good, {name}: {', '.join(reasons) or 'nothing'}", flush=True)
        for reason, video in bad(Path(temporary)):
            reasons = told(video)
            wrong += reason not in reasons
            print(f"bad, {reason}: {', '.join(reasons) or 'nothing'}", flush=True)
    print(f"{wrong} wrong")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
