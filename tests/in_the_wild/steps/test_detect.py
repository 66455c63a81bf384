"""Detection: the step, with detectors that are made up here."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from fakes import Film

from in_the_wild.appearance import COLOURS
from in_the_wild.detectors.base import Detection, Detector
from in_the_wild.errors import InputError, VideoError
from in_the_wild.looks import Looks
from in_the_wild.poses import Poses
from in_the_wild.skeletons import COCO17
from in_the_wild.steps.detect import Finder

ALWAYS = Looks.parse("every")
VIDEO = Film(Path("clip.mp4"), 64, 48, 29.97)


def detect(frames: Iterable[Frame], detector: Detector, video: Film, *, looks: Looks = ALWAYS, **more: Any) -> Poses:
    seen = Finder(detector, looks).find(frames, video, **more)
    assert seen.own_3d is None
    return seen.poses


def detect_with_world(
    frames: Iterable[Frame], detector: Detector, video: Film, *, looks: Looks = ALWAYS, **more: Any
) -> tuple[Poses, Poses]:
    seen = Finder(detector, looks).find(frames, video, own_3d=True, **more)
    assert seen.own_3d is not None
    return seen.poses, seen.own_3d


@dataclass(frozen=True)
class Frame:
    index: int
    time: float
    image: np.ndarray
    thumbnail: np.ndarray = field(default_factory=lambda: np.zeros((0, 0, 3), np.uint8))


class Counting(Detector):
    """Finds as many people as the first pixel says, all joints at (frame's time, number of the person)."""

    name = "counting"
    skeleton = COCO17
    persons = 9

    def __init__(self, *, with_world: bool = True) -> None:
        self.with_world = with_world
        self.resets = 0

    @property
    def settings(self) -> Mapping[str, Any]:
        return {"name": self.name}

    def reset(self) -> None:
        self.resets += 1

    def __call__(self, image: np.ndarray, time: float) -> Detection:
        people = int(image[0, 0, 0])
        keypoints = np.zeros((people, 17, 2), dtype=np.float32)
        keypoints[..., 0] = time
        keypoints[..., 1] = np.arange(people)[:, None]
        world = np.concatenate([keypoints, keypoints[..., :1]], axis=-1)
        return Detection(keypoints, np.full((people, 17), 0.5), world if self.with_world else None)


def frames(people: list[int]) -> Iterator[Frame]:
    for index, count in enumerate(people):
        yield Frame(index, index * 0.04, np.full((48, 64, 3), count, dtype=np.uint8))


# --------------------------------------------------------------------------------------------------------- the step


def test_one_row_per_person_per_frame() -> None:
    done: list[int] = []
    detector = Counting()
    poses = detect(frames([1, 0, 3, 2]), detector, VIDEO, progress=done.append)
    assert poses.frame.tolist() == [0, 2, 2, 2, 3, 3]
    assert poses.keypoints[:, 0, 1].tolist() == [0, 0, 1, 2, 0, 1]
    np.testing.assert_allclose(poses.keypoints[:, 0, 0], poses.seconds, rtol=1e-6)
    assert set(poses.person_id) == {-1}
    assert (poses.space, poses.skeleton) == ("image", COCO17)
    assert (poses.video.path, poses.video.fps, poses.video.frames) == ("clip.mp4", 29.97, 4)
    assert poses.meta["detector"] == {"name": "counting"}
    assert done == [1, 2, 3, 4]
    assert detector.resets == 1


def test_the_detectors_own_3d_has_the_same_rows() -> None:
    poses, world = detect_with_world(frames([1, 0, 2]), Counting(), VIDEO)
    assert world.space == "camera"
    assert (world.frame == poses.frame).all()
    np.testing.assert_array_equal(world.keypoints[..., :2], poses.keypoints)
    with pytest.raises(InputError, match="counting gives no 3D"):
        detect_with_world(frames([1]), Counting(with_world=False), VIDEO)


def test_every_row_has_the_colours_of_its_picture() -> None:
    people = [2, 0, 40, 3]
    seen = Finder(Counting(), ALWAYS).find(frames(people), VIDEO)
    greys = appearance_of_grey(np.repeat(people, people))
    assert seen.appearance.shape == (len(seen.poses), COLOURS)
    np.testing.assert_allclose(seen.appearance, greys, atol=0.1)
    assert len(Finder(Counting(), ALWAYS).find(frames([0, 0]), VIDEO).appearance) == 0


def appearance_of_grey(values: np.ndarray) -> np.ndarray:
    """(N, COLOURS) L*, 0, 0 twice of grey values (N,) 0..255."""
    grey = np.repeat(values.astype(np.float32)[None, :, None] / 255, 3, axis=2)
    return np.tile(cv2.cvtColor(grey, cv2.COLOR_RGB2Lab)[0], 2)


@pytest.mark.parametrize("people", [[], [0, 0, 0]])
def test_nobody_is_a_table_without_rows(people: list[int]) -> None:
    poses, world = detect_with_world(frames(people), Counting(), VIDEO)
    assert (len(poses), len(world), poses.video.frames) == (0, 0, len(people))


@pytest.mark.parametrize(("every", "count", "looked"), [(1, 3, [0, 1, 2]), (3, 7, [0, 3, 6]), (3, 9, [0, 3, 6, 8]),
                                                        (50, 2, [0, 1]), (50, 1, [0]), (2, 0, [])])  # fmt: skip
def test_every_so_many_th_frame_and_the_last_are_looked_at(every: int, count: int, looked: list[int]) -> None:
    done: list[int] = []
    how = Looks.parse("auto", every=every)
    poses, world = detect_with_world(frames([1] * count), Counting(), VIDEO, looks=how, progress=done.append)
    assert poses.frame.tolist() == world.frame.tolist() == poses.meta["looks"] == looked
    np.testing.assert_allclose(poses.keypoints[:, 0, 0], poses.seconds, rtol=1e-6)
    assert poses.video.frames == count
    assert done == list(range(1, count + 1))


def test_at_a_rate_looks_are_as_even_as_frames_allow() -> None:
    poses = detect(frames([1] * 14), Counting(), VIDEO, looks=Looks.parse("8"))
    assert poses.frame.tolist() == poses.meta["looks"] == [0, 3, 6, 9, 12, 13]


class Swinging(Counting):
    """Somebody whose arm is swung at one time."""

    at = 0.4

    def __call__(self, image: np.ndarray, time: float) -> Detection:
        keypoints = np.random.default_rng(0).uniform(0, 40, (1, 17, 2)).astype(np.float32)
        keypoints[0, 5:11] += 20 * max(0.0, 1 - abs(time - self.at) / 0.2)
        return Detection(keypoints, np.full((1, 17), 0.9, np.float32))


def test_where_somebody_is_fast_it_looks_in_between() -> None:
    poses = detect(frames([1] * 30), Swinging(), VIDEO, looks=Looks(rate=6.0))
    regular = detect(frames([1] * 30), Swinging(), VIDEO, looks=Looks(rate=6.0, adaptive=False)).meta["looks"]
    assert regular == [0, 4, 8, 12, 16, 20, 24, 28, 29]
    between = sorted(set(poses.meta["looks"]) - set(regular))
    assert between == [2, 6, 10, 14, 18]  # from 0.2 seconds to 0.6 and a little around
    assert set(regular) <= set(poses.meta["looks"])


def test_a_cut_is_looked_at_from_both_sides_and_nobody_is_followed_over_it() -> None:
    rng = np.random.default_rng(0)
    shots = [rng.integers(0, 255, (36, 64, 3)).astype(np.uint8) for _ in range(2)]
    thumbnails = [shots[i >= 17] + np.uint8(i % 2) for i in range(40)]
    film = (Frame(i, i / 25, np.full((48, 64, 3), 1, np.uint8), thumbnail) for i, thumbnail in enumerate(thumbnails))
    detector = Counting()
    poses = detect(film, detector, VIDEO, looks=Looks.parse("4"))
    assert poses.meta["cuts"] == [17]
    assert poses.meta["looks"] == [0, 6, 12, 16, 17, 23, 29, 35, 39]
    assert detector.resets == 2


def test_frames_must_all_be_there() -> None:
    with pytest.raises(InputError, match="expected number 2, found 3"):
        detect([frame for frame in frames([1, 1, 1, 1]) if frame.index != 2], Counting(), VIDEO)


def test_an_error_of_the_video_comes_through_and_ends_the_thread() -> None:
    def broken() -> Iterator[Frame]:
        yield from frames([1, 1])
        raise VideoError("the disk is gone")

    before = threading.active_count()
    with pytest.raises(VideoError, match="the disk is gone"):
        detect(broken(), Counting(), VIDEO)
    assert threading.active_count() == before


def test_an_error_of_the_detector_ends_the_thread() -> None:
    class Failing(Counting):
        def __call__(self, image: np.ndarray, time: float) -> Detection:
            raise MemoryError

    before = threading.active_count()
    with pytest.raises(MemoryError):
        detect(frames([1] * 50), Failing(), VIDEO)
    assert threading.active_count() == before
