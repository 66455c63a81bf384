"""Cuts are found where shots are joined, and nowhere else: on pictures made here, the demo, and real clips."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from fakes import Film

from in_the_wild import plugins
from in_the_wild.cuts import CutDetector, jump_cuts
from in_the_wild.detectors.base import Detector
from in_the_wild.looks import Looks
from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import COCO17
from in_the_wild.steps.detect import Finder
from in_the_wild.steps.track import track_ids
from in_the_wild.video.read import Frame, VideoReader

SHARED = Path(__file__).parents[3] / "shared"
CLIPS = [*sorted((SHARED / "data" / "video").glob("*.mp4")), *sorted((SHARED / "cases").glob("*/*.mp4"))]
DEMO = Path(__file__).parents[2] / "assets" / "demo.mp4"

HEIGHT, WIDTH, FRAMES = 36, 64, 20


# ------------------------------------------------------------------------------------------------- shots made here


def shot(seed: int, *, pan: float = 0.0, walk: float = 0.3) -> np.ndarray:
    """(FRAMES, 36, 64, 3) uint8: a place, over which the camera pans, and somebody who walks, pixels a frame."""
    random = np.random.default_rng(seed)
    place = cv2.GaussianBlur(random.uniform(0, 255, (HEIGHT, 4 * WIDTH, 3)).astype(np.float32), (0, 0), 8)
    place = (place - place.mean()) * 60 / place.std() + random.uniform(80, 170)
    pictures = []
    for i in range(FRAMES):
        across = int(pan * i)
        picture = place[:, across : across + WIDTH] + random.normal(scale=1.0, size=(HEIGHT, WIDTH, 3))
        left = 20 + int(walk * i)
        picture[10:30, left : left + 6] = (200, 60, 40)
        pictures.append(picture.clip(0, 255).astype(np.uint8))
    return np.array(pictures)


def cuts_of(*shots: np.ndarray) -> list[int]:
    detector = CutDetector()
    for picture in np.concatenate(shots):
        detector.add(picture)
    return detector.cuts()


SHOTS = [shot(seed, pan=pan) for seed, pan in enumerate((0, 0, 1, 3, 0.5, 0))]


@pytest.mark.parametrize(("a", "b"), list(itertools.permutations(range(len(SHOTS)), 2)))
def test_a_splice_is_a_cut_at_its_frame(a: int, b: int) -> None:
    assert cuts_of(SHOTS[a], SHOTS[b]) == [FRAMES]


def test_every_splice_of_a_film() -> None:
    assert cuts_of(*SHOTS) == [FRAMES * i for i in range(1, len(SHOTS))]


def test_one_mixed_frame_between_two_shots() -> None:
    mixed = ((SHOTS[0][-1].astype(int) + SHOTS[2][0]) // 2).astype(np.uint8)[None]
    assert cuts_of(SHOTS[0], mixed, SHOTS[2]) == [FRAMES + 1]


def test_a_fade_through_black_to_another_shot() -> None:
    down = np.linspace(1, 0, FRAMES)[:, None, None, None]
    (cut,) = cuts_of((SHOTS[0] * down).astype(np.uint8), (SHOTS[1] * down[::-1]).astype(np.uint8))
    assert abs(cut - FRAMES) <= 4


@pytest.mark.parametrize("level", [0, 255])
def test_a_title_on_one_colour_between_two_shots(level: int) -> None:
    assert cuts_of(SHOTS[0], np.full_like(SHOTS[0], level), SHOTS[1]) == [2 * FRAMES]


def flash(pictures: np.ndarray, count: int) -> np.ndarray:
    pictures = pictures.copy()
    pictures[8 : 8 + count] = 255 - (255 - pictures[8 : 8 + count]) // 4
    return pictures


def switched(pictures: np.ndarray, gain: float) -> np.ndarray:
    return np.concatenate([pictures[:10], (pictures[10:] * gain).clip(0, 255).astype(np.uint8)])


def black(pictures: np.ndarray, count: int) -> np.ndarray:
    return np.concatenate([pictures[:8], np.zeros_like(pictures[:count]), pictures[8 + count :]])


def fading(pictures: np.ndarray) -> np.ndarray:
    return (pictures * np.abs(np.linspace(-1, 1, len(pictures)))[:, None, None, None]).astype(np.uint8)


@pytest.mark.parametrize(
    "change",
    [
        lambda pictures: pictures,
        lambda pictures: flash(pictures, 1),
        lambda pictures: flash(pictures, 3),
        lambda pictures: switched(pictures, 0.4),
        lambda pictures: switched(pictures, 1.5),
        lambda pictures: black(pictures, 1),
        lambda pictures: black(pictures, 6),
        fading,
        lambda pictures: np.repeat(pictures[::2], 2, axis=0),
        lambda pictures: np.concatenate([pictures[:6], np.repeat(pictures[6:7], 5, axis=0), pictures[11:]]),
        lambda pictures: np.delete(pictures, [9, 10, 11], axis=0),
    ],
    ids=[
        "nothing",
        "flash",
        "long flash",
        "lamp off",
        "lamp on",
        "lost",
        "long lost",
        "fade",
        "pulldown",
        "freeze",
        "gap",
    ],
)
@pytest.mark.parametrize("pan", [0.0, 0.5, 1.5])
def test_no_cut_within_a_shot(change: Callable[[np.ndarray], np.ndarray], pan: float) -> None:
    assert cuts_of(change(shot(7, pan=pan))) == []


@pytest.mark.parametrize("frames", [0, 1, 2, 3])
def test_hardly_any_frames_have_no_cut(frames: int) -> None:
    assert cuts_of(np.concatenate([SHOTS[0][:1], SHOTS[1]])[:frames]) == []


# --------------------------------------------------------------------------------------------------- jump cuts


def standing(x: np.ndarray, *, people: int = 1) -> Poses:
    """Somebody, 100 pixels tall, whose every joint is `x` pixels (T,) to the right; others stand still."""
    random = np.random.default_rng(0)
    figure = random.uniform(0, 100, (len(COCO17), 2))
    keypoints = np.array(
        [figure + np.array([x[i] if who == 0 else 300.0 * who, 0]) for i in range(len(x)) for who in range(people)]
    )
    return Poses(
        keypoints=keypoints,
        scores=np.full(keypoints.shape[:2], 0.9),
        frame=np.repeat(np.arange(len(x)), people),
        person_id=np.full(len(keypoints), -1),
        skeleton=COCO17,
        space="image",
        video=Source(path="x", width=640, height=480, fps=25.0, timestamps=np.arange(len(x)) / 25),
    )


def test_everybody_leaps_at_a_jump_cut() -> None:
    leap = np.where(np.arange(20) < 10, 0.0, 40.0) + 0.5 * np.arange(20)
    assert jump_cuts(standing(leap), [10]) == [10]
    assert jump_cuts(standing(leap), [9, 12]) == []
    assert jump_cuts(standing(leap, people=2), [10]) == []  # somebody does not


def test_where_nobody_looked_around_the_pictures_must_be_sure() -> None:
    leap = np.where(np.arange(20) < 10, 0.0, 20.0) + 5 * np.arange(20)
    poses = standing(leap)
    sparse = poses.rows(poses.frame % 5 == 0)
    assert jump_cuts(sparse, [10]) == []
    assert jump_cuts(sparse, [10], stark=[10]) == [10]
    assert jump_cuts(standing(0 * leap).rows(poses.frame % 5 == 0), [10], stark=[10]) == []


def test_a_sudden_step_is_no_jump_cut() -> None:
    """Whoever moves fast moves in more frames than one."""
    assert jump_cuts(standing(np.cumsum(np.where(abs(np.arange(20) - 10) < 3, 15.0, 0.0))), [8, 10, 12]) == []


def test_nobody_confirms_no_jump_cut() -> None:
    nobody = standing(np.zeros(20)).rows(np.zeros(20, bool))
    assert jump_cuts(nobody, [10]) == []


@cache
def blazepose() -> Detector:
    built: Detector = plugins.load("in_the_wild.detectors", "blazepose")(persons=1, model="lite")
    return built


@pytest.mark.slow
def test_a_jump_cut_in_the_demo_ends_the_track() -> None:
    """The same room, and the same person at the same place in another pose."""
    frames = list(VideoReader(DEMO).pictures(thumbnails=True))
    joined = [*frames[:30], *frames[150:180]]
    numbered = [Frame(i, i / 30, frame.image, frame.thumbnail) for i, frame in enumerate(joined)]
    detector = CutDetector()
    seen = Finder(blazepose(), Looks.parse("every")).find(detector.watch(numbered), Film(Path("x"), 854, 480, 30.0))
    found = seen.poses
    cuts = detector.cuts(found)
    assert cuts == [30]
    assert detector.cuts(found.rows(found.frame % 5 == 0)) == cuts
    ids = track_ids(found, cuts=cuts)
    assert {(int(id_), frame >= 30) for id_, frame in zip(ids, found.frame, strict=True)} == {(0, False), (1, True)}


# --------------------------------------------------------------------------------------------------- real clips


def cuts_in(path: Path) -> list[int]:
    """From thumbnails alone: of pictures that nobody looks at nothing is made."""
    detector = CutDetector()
    assert sum(1 for _ in detector.watch(VideoReader(path).pictures(on_demand=True, thumbnails=True))) > 0
    return detector.cuts()


def test_the_demo_has_no_cut() -> None:
    assert cuts_in(DEMO) == []


@pytest.mark.slow
@pytest.mark.skipif(not CLIPS, reason="the clips of ../shared are not here")
@pytest.mark.parametrize("path", CLIPS, ids=lambda path: path.stem)
def test_real_clips_have_the_cuts_that_one_sees(path: Path) -> None:
    """The pictures alone: that people leap in cut_far.mp4 is told with them, as above."""
    assert cuts_in(path) == ([20, 40] if path.stem == "scene_cuts" else [])
