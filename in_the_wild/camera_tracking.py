"""Camera tracking: how a camera turned and zoomed from look to look, by what stands still in its pictures.

Corners beside the people are followed from one picture to the next (Shi and Tomasi, "Good features to track", CVPR
1994; Lucas and Kanade). What they do together, by RANSAC, is the camera's: one that turns and zooms moves near and far
alike. One that is carried along does not, which is told, and cannot be undone. Small errors of many looks add up: every
now and then corners are followed from the first picture of the shot, too, and what looks where it did has not moved.

It knows nothing about people but where they are.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from scipy.spatial.transform import Rotation

from in_the_wild.camera_motion import NOTE, Step

_SIDE = 320  # pixels of the longer side of the pictures that are compared
_SMALLEST = 160  # of a picture that tells anything
_CORNERS, _FEWEST = 200, 16
_AROUND = 0.15  # share of a person's box that is left out around it
_NEAR = 1.5  # pixels within which a corner moves with the camera
_SPREAD = 0.5  # share of the picture's width that they span: what moves by itself, and was not found, spans less
_TOGETHER = 0.5  # share of the corners that do, at least, where the camera is known
# What is believed to be motion and no drift: degrees from one end to the other, and ratios of focal lengths. Cameras on
# a tripod came to 0.1 degrees and 1.003.
_TURNED, _ZOOMED = 1.5, 1.05
_AGAIN_S = 2.0  # seconds after which a picture is compared with the shot's first
_CARRIED = 0.3  # share of the looks at which corners did not move together, from which the camera is carried along
_STILL: Step = (0.0, 0.0, 0.0, 1.0)


class CameraTracker:
    """Follows the camera through looks in order."""

    def __init__(self) -> None:
        self._seconds: list[float] = []
        self._steps: list[Step] = []
        self._starts: list[float] = []
        self._apart = 0
        self._before: np.ndarray | None = None
        self._beside: np.ndarray | None = None
        # The shot's first picture, what is beside people in it, when it was last compared with, and the steps since it.
        self._first: np.ndarray | None = None
        self._beside_first: np.ndarray | None = None
        self._compared = 0.0
        self._moved: Step = _STILL

    def cut(self) -> None:
        """Another shot begins."""
        self._before = None

    def add(self, seconds: float, image: np.ndarray, people: np.ndarray) -> None:
        """The next look; one at an earlier time is left out, and one that is too small to tell.

        Args:
            seconds: Its time.
            image: (H, W, 3) uint8 RGB.
            people: (P, J, 2) keypoints in it, pixels.
        """
        if max(image.shape[:2]) < _SMALLEST or (self._seconds and seconds <= self._seconds[-1]):
            return
        grey, scale = _small(image)
        beside = _without_people(people * scale, grey.shape)
        step = _STILL
        if self._before is None or self._before.shape != grey.shape:
            self._starts.append(seconds)
            self._first, self._beside_first, self._compared, self._moved = grey, beside, seconds, _STILL
        elif (corners := _followed(self._before, grey, self._beside)) is not None:
            here, there, together = corners
            found = _turn(here, there, together, np.array(grey.shape[::-1]))
            self._apart += found is None
            step = found or _STILL
        if seconds - self._compared >= _AGAIN_S:
            step = self._compared_step(grey, step)
            self._compared = seconds
        self._moved = _after(self._moved, step)
        self._seconds.append(seconds)
        self._steps.append(step)
        self._before, self._beside = grey, beside

    def _compared_step(self, grey: np.ndarray, step: Step) -> Step:
        """A step without what errors add up to, where the camera looks where it did in the shot's first picture."""
        assert self._first is not None
        corners = _followed(self._first, grey, self._beside_first)
        whole = None if corners is None else _turn(*corners, np.array(grey.shape[::-1]))
        if whole is None or not _is_small(whole):
            return step
        x, y, z = (there - here for there, here in zip(whole[:3], self._moved[:3], strict=True))
        less: Step = (x, y, z, whole[3] / self._moved[3])
        # What repeats itself, such as tiles, looks the same a tile farther on: errors of many looks are smaller.
        return less if _is_small(less) else step

    def notes(self) -> dict[str, Any]:
        """What happened, for the notes of the keypoints, JSON types only; nothing where the camera stands."""
        if len(self._steps) < 2:
            return {}
        steps = np.array(self._steps)
        shots = np.split(steps, np.searchsorted(self._seconds, self._starts[1:]))
        turned = max(float(np.degrees(np.ptp(np.cumsum(shot[:, :3], axis=0), axis=0)).max()) for shot in shots)
        zoomed = max(float(np.exp(np.ptp(np.cumsum(np.log(shot[:, 3]))))) for shot in shots)
        if turned < _TURNED and zoomed < _ZOOMED:
            return {}
        return {
            NOTE: {
                "seconds": np.round(self._seconds, 4).tolist(),
                "steps": np.round(steps, 6).tolist(),
                "shots": np.round(self._starts, 4).tolist(),
                "turned": round(turned, 1),
                "zoomed": round(zoomed, 2),
                "carried": self._apart > _CARRIED * len(steps),
            }
        }


def _is_small(step: Step) -> bool:
    """Whether a turn and a zoom are no more than errors may add up to."""
    return float(np.degrees(np.abs(step[:3]).max())) < _TURNED and 1 / _ZOOMED < step[3] < _ZOOMED


def _after(moved: Step, step: Step) -> Step:
    """What a step makes of small ones before it."""
    x, y, z = (before + more for before, more in zip(moved[:3], step[:3], strict=True))
    return x, y, z, moved[3] * step[3]


def _small(image: np.ndarray) -> tuple[np.ndarray, float]:
    """A small grey picture, and its scale."""
    scale = _SIDE / max(image.shape[:2])
    # Pixels that are left out cost nothing, and corners are followed as well as in averages of all of them.
    return cv2.cvtColor(cv2.resize(image, None, fx=scale, fy=scale), cv2.COLOR_RGB2GRAY), scale


def _without_people(people: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """(H, W) uint8, 255 where nobody is."""
    mask = np.full(shape, 255, np.uint8)
    for points in people:
        low, high = points.min(axis=0), points.max(axis=0)
        margin = _AROUND * (high - low).max()
        (x0, y0), (x1, y1) = np.clip([low - margin, high + margin], 0, (shape[1], shape[0])).astype(int)
        mask[y0:y1, x0:x1] = 0
    return mask


def _followed(
    before: np.ndarray, after: np.ndarray, beside: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Corners (K, 2) of a picture, where they are in the next, and which (K,) move as one; None where there are few."""
    corners = cv2.goodFeaturesToTrack(before, _CORNERS, 0.01, 7, mask=beside)
    if corners is None or len(corners) < _FEWEST:
        return None
    moved, found, _ = cv2.calcOpticalFlowPyrLK(before, after, corners, np.empty_like(corners), winSize=(15, 15))
    known = found.ravel() == 1
    here, there = corners[known, 0].astype(np.float64), moved[known, 0].astype(np.float64)
    if len(here) < _FEWEST:
        return None
    plane, chosen = cv2.findHomography(here, there, cv2.RANSAC, _NEAR)
    return None if plane is None else (here, there, chosen.ravel() == 1)


def _turn(here: np.ndarray, there: np.ndarray, with_it: np.ndarray, size: np.ndarray) -> Step | None:
    """The turn and zoom that move corners (K, 2) to where they are next, from those that move as one; None where they
    do not move as a camera that turns lets them."""
    focal, centre = float(size.max()), size / 2
    zoom = 1.0
    for _ in range(3):
        one = _rays(here, focal, centre)
        other = _rays(there, focal * zoom, centre)
        turn, _ = Rotation.align_vectors(other[with_it], one[with_it])
        seen = turn.apply(one)
        flat = seen[:, :2] / seen[:, 2:] * focal
        zoom = float(((there - centre)[with_it] * flat[with_it]).sum() / (flat[with_it] ** 2).sum())
    off = np.linalg.norm(zoom * flat - (there - centre), axis=1)
    with_camera = off < _NEAR
    spread = np.ptp(here[with_camera], axis=0)[0] if with_camera.any() else 0.0
    if with_camera.sum() < _FEWEST or with_camera.mean() < _TOGETHER or spread < _SPREAD * size[0]:
        return None
    x, y, z = turn.as_rotvec()
    return float(x), float(y), float(z), zoom


def _rays(pixels: np.ndarray, focal: float, centre: np.ndarray) -> np.ndarray:
    """(K, 3) unit directions of pixels (K, 2)."""
    flat = np.concatenate([(pixels - centre) / focal, np.ones((len(pixels), 1))], axis=1)
    rays: np.ndarray = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    return rays
