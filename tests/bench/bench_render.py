"""How fast films are drawn and encoded, for each layout at 720p and 1080p: `python tests/bench/bench_render.py`.

Drawn on one core, pictures of the video included; encoded by libx264 as films are, on all cores. Prints frames per
second, medians of several runs, and ends with exit code 1 where drawing at 1080p is slower than encoding.

    --encoder   the same with the graphics card that films are encoded by, where there is one that works
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from in_the_wild import plugins
from in_the_wild.drawing.film import LAYOUTS, Drawing
from in_the_wild.layouts.base import Layout, Moment, Shown, Take
from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import HUMAN36M17
from in_the_wild.steps.render import size_of
from in_the_wild.video.kinds import Encoding
from in_the_wild.video.write import VideoWriter

FRAMES, RUNS = 100, 5
FPS = 25.0


def walking(seconds: np.ndarray, *, x: float) -> np.ndarray:
    """A person walking on the spot towards the video's camera, (T, 17, 3) metres in world space."""
    beat = 2 * np.pi * 0.9 * seconds
    still = np.zeros_like(seconds)

    def below(upper: np.ndarray, length: float, angle: np.ndarray) -> np.ndarray:
        return upper + length * np.stack([still, -np.sin(angle), -np.cos(angle)], axis=1)

    def at(across: float, height: float) -> np.ndarray:
        return np.stack([still + across, still, still + height + 0.03 * np.cos(2 * beat)], axis=1)

    joints = {"pelvis": at(x, 0.95), "spine": at(x, 1.18), "thorax": at(x, 1.43), "neck": at(x, 1.55)}
    joints["head"] = at(x, 1.67)
    for side, sign, phase in (("left", 1, 0.0), ("right", -1, np.pi)):
        swing = 0.5 * np.sin(beat + phase)
        bend = 0.1 + 0.5 * np.maximum(0.0, np.cos(beat + phase))
        joints[f"{side}_hip"] = at(x + sign * 0.13, 0.95)
        joints[f"{side}_knee"] = below(joints[f"{side}_hip"], 0.44, swing)
        joints[f"{side}_ankle"] = below(joints[f"{side}_knee"], 0.45, swing - bend)
        joints[f"{side}_shoulder"] = at(x + sign * 0.15, 1.41)
        joints[f"{side}_elbow"] = below(joints[f"{side}_shoulder"], 0.28, -swing)
        joints[f"{side}_wrist"] = below(joints[f"{side}_elbow"], 0.25, 0.5 - swing)
    return np.stack([joints[joint] for joint in HUMAN36M17.joints], axis=1)


def table(people: int, *, width: int, height: int) -> tuple[Poses, Poses]:
    """The same walk of several people in image and in world space."""
    times = np.arange(FRAMES) / FPS
    world = np.concatenate([walking(times, x=1.2 * p) for p in range(people)])
    focal, distance = 1.1 * width, 4.5
    scale = focal / (world[..., 1] + distance)
    image = np.stack([width / 2 + scale * world[..., 0], height / 2 - scale * (world[..., 2] - 1.0)], axis=-1)
    frame, person = np.tile(np.arange(FRAMES), people), np.repeat(np.arange(people), FRAMES)
    video = Source("walk.mp4", width, height, FPS, times)
    scores = np.ones(world.shape[:2])
    return (
        Poses(image, scores, frame, person, HUMAN36M17, "image", video),
        Poses(world, scores, frame, person, HUMAN36M17, "world", video),
    )


def median(job: Callable[[], None]) -> float:
    """Frames per second of a job on all frames: the median of several runs after a first one."""
    job()
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        job()
        seconds.append(time.perf_counter() - start)
    return FRAMES / statistics.median(seconds)


def drawn(layout: Layout, moments: list[Moment]) -> Callable[[], None]:
    """Draws all frames."""

    def job() -> None:
        for _ in layout.pictures(moments):
            pass

    return job


def encoded(pictures: list[np.ndarray], folder: Path, *, hardware: bool) -> Callable[[], None]:
    """Encodes as many pictures as there are frames, going round these."""
    height, width = pictures[0].shape[:2]

    def job() -> None:
        encoding = Encoding(hardware=hardware)
        with VideoWriter(folder / "film.mp4", width=width, height=height, fps=FPS, encoding=encoding) as writer:
            for frame in range(FRAMES):
                writer.write(pictures[frame % len(pictures)])

    return job


def main() -> int:
    """Measure everything; 1 where a goal is missed."""
    cv2.setNumThreads(1)
    hardware = "--encoder" in sys.argv[1:]
    missed = 0
    print("layout    people  height  picture      drawn/s  encoded/s")
    with tempfile.TemporaryDirectory() as folder:
        for name in plugins.names(LAYOUTS):
            layout: type[Layout] = plugins.load(LAYOUTS, name)
            for people, height in ((1, 720), (1, 1080), (4, 1080)):
                width = height * 16 // 9
                poses2d, poses3d = table(people, width=width, height=height)
                takes = (Take(poses3d, poses2d),) * (2 if layout.several else 1)
                shown = Shown(takes, has_video=True)
                size = size_of(layout, shown, Drawing(height=height))
                noise = np.random.default_rng(0).integers(0, 255, (height // 4, width // 4, 3), dtype=np.uint8)
                picture = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
                moments = [Moment(frame, picture) for frame in range(FRAMES)]
                lay = layout(shown, size)
                fps = median(drawn(lay, moments))
                if layout.still:
                    print(f"{name:<10}{people:>6}{height:>8}  {size[0]}x{size[1]:<8}{1 / (FRAMES / fps):8.1f} sheets/s")
                    continue
                some = [one for one, _ in zip(lay.pictures(moments), range(25), strict=False)]
                speed = median(encoded(some, Path(folder), hardware=hardware))
                verdict = "" if fps >= speed else "  slower than encoding"
                missed += bool(verdict and height == 1080)
                print(
                    f"{name:<10}{people:>6}{height:>8}  {size[0]}x{size[1]:<8}{fps:8.0f}{speed:11.0f}{verdict}",
                    flush=True,
                )
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
