"""The colours of people in pictures that are painted here."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.testing import assert_allclose
from walkers import pose

from in_the_wild.appearance import COLOURS, appearance
from in_the_wild.skeletons import COCO17, SKELETONS

SHIRT, TROUSERS, WALL = (200, 40, 30), (20, 60, 140), (120, 160, 120)


def picture(points: np.ndarray) -> np.ndarray:
    """(360, 640, 3) A painted person before a wall."""
    image = np.full((360, 640, 3), WALL, dtype=np.uint8)
    trunk = points[COCO17.indices("left_shoulder", "right_shoulder", "right_hip", "left_hip")]
    for side in ("left", "right"):
        hip, knee = points[COCO17.indices(f"{side}_hip", f"{side}_knee")].astype(int)
        cv2.line(image, hip.tolist(), knee.tolist(), TROUSERS, 17)
    cv2.fillPoly(image, [trunk.astype(np.int32)], SHIRT)
    return image


def lab(colour: tuple[int, int, int]) -> np.ndarray:
    return cv2.cvtColor(np.array([[colour]], dtype=np.float32) / 255, cv2.COLOR_RGB2Lab)[0, 0]


PERSON = pose(300, 30, 280, 0.3)
SURE = np.full((1, 17), 0.9)


def test_trunk_and_thighs() -> None:
    found = appearance(picture(PERSON), PERSON[None], SURE, skeleton=COCO17)
    assert found.shape == (1, COLOURS)
    assert_allclose(found[0], np.concatenate([lab(SHIRT), lab(TROUSERS)]), atol=0.5)


def test_jitter_and_stripes_hardly_matter() -> None:
    image, random = picture(PERSON), np.random.default_rng(0)
    image[::9] = 255
    jittering = PERSON + random.normal(scale=3, size=(20, 17, 2))
    found = appearance(image, jittering, np.repeat(SURE, 20, axis=0), skeleton=COCO17)
    assert_allclose(np.median(found, axis=0), np.concatenate([lab(SHIRT), lab(TROUSERS)]), atol=0.5)


def test_what_is_not_seen_has_no_colour() -> None:
    unsure = SURE.copy()
    unsure[:, COCO17.index("left_shoulder")] = 0.1
    found = appearance(picture(PERSON), PERSON[None], unsure, skeleton=COCO17)[0]
    assert np.isnan(found[:3]).all()
    assert_allclose(found[3:], lab(TROUSERS), atol=0.5)
    for x in (-400, 500):  # outside the picture
        assert np.isnan(appearance(picture(PERSON), PERSON[None] + [x, 0], SURE, skeleton=COCO17)).all()


def test_one_leg_is_enough() -> None:
    unsure = SURE.copy()
    unsure[:, COCO17.indices("left_knee", "left_ankle")] = 0.1
    found = appearance(picture(PERSON), PERSON[None], unsure, skeleton=COCO17)[0]
    assert_allclose(found[3:], lab(TROUSERS), atol=0.5)


def test_nobody() -> None:
    assert appearance(picture(PERSON), np.zeros((0, 17, 2)), np.zeros((0, 17)), skeleton=COCO17).shape == (0, COLOURS)


@pytest.mark.parametrize("skeleton", SKELETONS.values(), ids=SKELETONS.keys())
def test_any_skeleton(skeleton: object) -> None:
    count = len(skeleton)  # type: ignore[arg-type]
    points = np.random.default_rng(0).uniform(50, 300, (2, count, 2))
    found = appearance(picture(PERSON), points, np.ones((2, count)), skeleton=skeleton)  # type: ignore[arg-type]
    assert found.shape == (2, COLOURS)
