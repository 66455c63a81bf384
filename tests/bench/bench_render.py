"""How fast the pictures are drawn, on one core: `python tests/bench/bench_render.py`.

Prints frames per second, the median of several runs, and ends with exit code 1 where a goal is missed.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import cv2
import numpy as np

from in_the_wild.drawing.overlay import draw_overlay
from in_the_wild.drawing.scene import Scene3D
from in_the_wild.drawing.view import View3D
from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import HUMAN36M17
from in_the_wild.steps.render import render_frames
from in_the_wild.video.read import Frame

FRAMES, RUNS = 200, 7
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


def rate(draw_all: Callable[[], None]) -> float:
    """Frames per second: the median of several runs over all frames."""
    draw_all()
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        draw_all()
        seconds.append(time.perf_counter() - start)
    return FRAMES / statistics.median(seconds)


def panel(people: int, view: View3D) -> Callable[[], None]:
    """Draws the 3D view alone."""
    scene = Scene3D(table(people, width=1280, height=720)[1], view)

    def draw_all() -> None:
        for frame in range(FRAMES):
            scene.draw(frame)

    return draw_all


def overlay() -> Callable[[], None]:
    """Draws the 2D skeleton alone, on 1280x720."""
    poses, _ = table(1, width=1280, height=720)
    picture = np.full((720, 1280, 3), 90, dtype=np.uint8)

    def draw_all() -> None:
        for row in range(FRAMES):
            here = slice(row, row + 1)
            draw_overlay(picture, poses.keypoints[here], poses.scores[here], poses.person_id[here], poses.skeleton)

    return draw_all


def whole(width: int, height: int) -> Callable[[], None]:
    """Scales the video's pictures, draws on them, and sets the 3D view beside them."""
    poses2d, poses3d = table(1, width=width, height=height)
    picture = np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8)

    def draw_all() -> None:
        for _ in render_frames((Frame(i, i / FPS, picture) for i in range(FRAMES)), poses2d, poses3d):
            pass

    return draw_all


def main() -> int:
    """Measure everything; 1 where a goal is missed."""
    cv2.setNumThreads(1)
    cases = [
        ("3D view 640x640, one person, turning camera", 300, panel(1, View3D(size=640))),
        ("3D view 640x640, one person, fixed camera", 300, panel(1, View3D(size=640, turn=0.0))),
        ("3D view 640x640, four people, turning camera", 0, panel(4, View3D(size=640))),
        ("overlay 1280x720, one person", 300, overlay()),
        ("whole picture from 1280x720", 0, whole(1280, 720)),
        ("whole picture from 1920x1080", 0, whole(1920, 1080)),
    ]
    missed = 0
    for name, goal, draw_all in cases:
        fps = rate(draw_all)
        verdict = "" if not goal else f"goal {goal}: {'reached' if fps >= goal else 'MISSED'}"
        missed += bool(goal and fps < goal)
        print(f"{name:<46}{fps:8.0f} frames/s  {verdict}")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
