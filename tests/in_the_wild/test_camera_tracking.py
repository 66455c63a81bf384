"""A camera that turns and zooms before a wall: how far is told; one that stands says nothing."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from in_the_wild.camera_motion import NOTE, Step, told, turns_at, zooms_at
from in_the_wild.camera_tracking import CameraTracker, _turn

WIDTH, HEIGHT, LOOKS = 320, 180, 12
NOBODY = np.zeros((0, 17, 2))


@cache
def wall() -> np.ndarray:
    """(H, W) texture, wider than any picture of it."""
    noise = np.random.default_rng(0).normal(size=(700, 1200))
    smooth = cv2.GaussianBlur(noise, (0, 0), 3)
    return (127 + 127 * smooth / np.abs(smooth).max()).astype(np.uint8)


def picture(turn: Rotation, zoom: float) -> np.ndarray:
    """What a camera with a focal length of the picture's longer side sees of the wall."""
    texture = wall()
    far = np.array([[WIDTH, 0, 600], [0, WIDTH, 350], [0, 0, 1.0]])
    near = np.array([[WIDTH * zoom, 0, WIDTH / 2], [0, WIDTH * zoom, HEIGHT / 2], [0, 0, 1.0]])
    plane = near @ turn.as_matrix() @ np.linalg.inv(far)
    seen = cv2.warpPerspective(texture, plane, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
    return np.repeat(seen[..., None], 3, axis=2)


def tracked(turns: list[Rotation], zooms: np.ndarray) -> CameraTracker:
    tracker = CameraTracker()
    for k, (turn, zoom) in enumerate(zip(turns, zooms, strict=True)):
        tracker.add(k / 10, picture(turn, zoom), NOBODY)
    return tracker


def test_a_camera_that_stands_says_nothing() -> None:
    notes = tracked([Rotation.identity()] * LOOKS, np.ones(LOOKS)).notes()
    assert notes == {}
    assert turns_at(notes, np.zeros(3), focal=1.0) is None
    assert told(notes) == []


def test_errors_of_many_looks_do_not_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A camera that stands for half a minute, and at each look seems to turn a little to the same side."""

    def askew(*given: Any) -> Step | None:
        found = _turn(*given)
        return None if found is None else (found[0], found[1] + np.radians(0.01), found[2], 1.0002 * found[3])

    monkeypatch.setattr("in_the_wild.camera_tracking._turn", askew)
    assert tracked([Rotation.identity()] * 300, np.ones(300)).notes() == {}
    monkeypatch.setattr("in_the_wild.camera_tracking._AGAIN_S", np.inf)
    drifted = tracked([Rotation.identity()] * 300, np.ones(300)).notes()[NOTE]
    assert (drifted["turned"], drifted["zoomed"]) == (pytest.approx(3.0, abs=0.2), pytest.approx(1.06, abs=0.01))


def test_a_wall_of_tiles_does_not_look_the_same_again() -> None:
    """Turned by a tile, a camera sees what it saw at first, and has turned nevertheless."""
    tracker = CameraTracker()
    rng = np.random.default_rng(0)
    tile = cv2.GaussianBlur(np.tile(rng.normal(size=(40, 40)), (3, 3)), (0, 0), 2)[40:80, 40:80]
    tiles = (127 + 127 * np.tile(tile, (10, 10)) / np.abs(tile).max()).astype(np.uint8)
    for k in range(42):
        aside = min(2 * k, 40)
        seen = tiles[:HEIGHT, aside : aside + WIDTH]
        tracker.add(k / 10, np.repeat(seen[..., None], 3, axis=2), NOBODY)
    assert tracker.notes()[NOTE]["turned"] == pytest.approx(np.degrees(40 / WIDTH), abs=0.7)
    assert float(np.abs(np.sum(tracker.notes()[NOTE]["steps"], axis=0)[1])) > 0.1  # radians, and has not turned back


def test_turns_and_zooms_are_told_as_they_were() -> None:
    turns = [Rotation.from_euler("yx", [2.0 * k, 0.4 * k], degrees=True) for k in range(LOOKS)]
    zooms = 1.02 ** np.arange(LOOKS)
    notes = json.loads(json.dumps(tracked(turns, zooms).notes()))
    seconds = np.array([0.0, (LOOKS - 1) / 10])
    found, ratio = turns_at(notes, seconds, focal=1.0), zooms_at(notes, seconds)
    assert found is not None
    assert ratio is not None
    assert np.degrees((Rotation.from_matrix(found[1]) * turns[-1].inv()).magnitude()) < 1.0
    assert ratio[1] == pytest.approx(zooms[-1], rel=0.03)
    assert "The camera turned by 2" in told(notes)[0]


def test_a_longer_lens_turns_less_for_the_same_pictures() -> None:
    notes = {NOTE: {"seconds": [0, 1], "steps": [[0, 0, 0, 1], [0, 0.1, 0, 1]], "shots": [0], "turned": 5.7,
                    "zoomed": 1.0, "carried": False}}  # fmt: skip
    angles = [Rotation.from_matrix(turns_at(notes, np.array([1.0]), focal=focal)).magnitude()[0] for focal in (1, 2)]
    assert np.allclose(angles, [0.1, 0.05])


def test_every_shot_begins_anew() -> None:
    steps = [[0, 0, 0, 1], [0, 0.1, 0, 1.1], [0, 0.3, 0, 2.0], [0, 0.1, 0, 1.1]]
    notes = {NOTE: {"seconds": [0, 1, 2, 3], "steps": steps, "shots": [0, 2], "turned": 20, "zoomed": 1.2,
                    "carried": True}}  # fmt: skip
    found = turns_at(notes, np.array([1.0, 2.0, 2.5]), focal=1.0)
    assert np.allclose(Rotation.from_matrix(found).magnitude(), [0.1 / 1.1, 0, 0.05 / 1.05], atol=5e-3)
    assert np.array_equal(np.round(np.array(zooms_at(notes, np.array([1.0, 2.0, 3.0]))), 9), [1.1, 1.0, 1.1])
    assert "carried along" in told(notes)[0]


def test_turns_of_several_shots_are_not_added_up() -> None:
    tracker = CameraTracker()
    for k in range(2 * LOOKS):
        if k == LOOKS:
            tracker.cut()
        tracker.add(k / 10, picture(Rotation.from_euler("y", 1.0 * (k % LOOKS), degrees=True), 1.0), NOBODY)
    note = tracker.notes()[NOTE]
    assert note["shots"] == [0.0, LOOKS / 10]
    assert note["turned"] == pytest.approx(LOOKS - 1, abs=0.5)


def test_people_are_no_background() -> None:
    tracker = CameraTracker()
    standing, crowd = picture(Rotation.identity(), 1.0), np.array([[[0.0, 0.0], [WIDTH, HEIGHT]]])
    for k in range(LOOKS):
        tracker.add(k / 10, np.roll(standing, 3 * k, axis=1), crowd)
    assert tracker.notes() == {}
