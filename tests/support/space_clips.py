"""Clips of 1 to 3 people before a camera of known place: what a detector says of them, and what is true.

    for clip in clips(40, motion): ...

People of motion capture move about one floor, before a camera that stands 0.5 to 4 m above it and is tilted by up to 30
degrees. Keypoints are exact projections with the errors of the default detector as they were recorded; no picture is
drawn. In a panning clip the camera turns about its centre, and follows the first person; how it turns is in the notes,
as following corners would tell it without an error.

It knows nothing about lifters.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

from in_the_wild.camera_motion import NOTE
from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import COCO17
from pose3d_cli.datasets.mocap.packs import COCO_IN_BODY22, H36M_IN_BODY22, Mocap
from pose3d_cli.datasets.synthetic.noise import DetectorNoise, NoiseBank
from pose3d_cli.datasets.synthetic.virtual import camera_rotations, facing

WIDTH, HEIGHT = 1280, 720
_LONGEST_S, _SHORTEST_S = 8.0, 3.0
_STEEPEST = 30.0  # degrees
_INSIDE = 0.98  # of the keypoints, at least, are in the picture
_APART = 0.5  # metres, nearest that two people come
_STRETCH = 54  # frames that a detector's errors are drawn for at a time


@dataclass(frozen=True)
class SpaceClip:
    """People before a camera.

    Attributes:
        keypoints: COCO keypoints with ids 0 to P - 1, as a detector gives them.
        joints: (P, T, 17, 3) Human3.6M joints, world metres: z up, the floor at 0.
        rotation: (T, 3, 3) from the world to the camera.
        centre: (3,) world metres, where the camera is.
        focal: Pixels.
    """

    keypoints: Poses
    joints: np.ndarray
    rotation: np.ndarray
    centre: np.ndarray
    focal: float

    @property
    def camera(self) -> np.ndarray:
        """(P, T, 17, 3) the joints, metres in camera space."""
        return _seen_from(self.joints, self.rotation, self.centre)

    def in_world(self, points: np.ndarray) -> np.ndarray:
        """Points (T, J, 3) of the camera of every frame, metres in the world."""
        there: np.ndarray = points @ self.rotation + self.centre
        return there


def clips(count: int, motion: Mocap, *, panning: bool = False, first: int = 0) -> Iterator[SpaceClip]:
    """So many clips; the same number gives the same clip.

    Args:
        count: How many.
        motion: Whose motion.
        panning: Whether the camera turns after the first person.
        first: The number of the first of them.
    """
    bank = NoiseBank.load(str(importlib.resources.files("in_the_wild.assets") / "blazepose_noise.npz"))
    # What was recorded, and nothing beside it.
    noise = DetectorNoise(offset=0, drift=0, jitter=0, guessed=0, unseen=0, bank=bank, measured=1)
    for number in range(first, first + count):
        yield _clip(number, motion, noise, panning=panning)


def _clip(number: int, motion: Mocap, noise: DetectorNoise, *, panning: bool) -> SpaceClip:
    for attempt in range(10_000):
        random = np.random.default_rng((number, attempt))
        bodies = _people(1 + number % 3, motion, random)  # (P, T, 22, 3)
        rotation, centre, focal = _camera(bodies, random)
        rotations = np.broadcast_to(rotation, (bodies.shape[1], 3, 3))
        if panning:
            rotations = _following(bodies[0], rotation, centre, motion.fps)
        camera = _seen_from(bodies, rotations, centre)
        if camera[..., 2].min() < 0.8:
            continue
        pixels = camera[..., COCO_IN_BODY22, :2] / camera[..., COCO_IN_BODY22, 2:] * focal + (WIDTH / 2, HEIGHT / 2)
        if ((pixels >= 0) & (pixels < (WIDTH, HEIGHT))).all(axis=-1).mean() >= _INSIDE:
            keypoints = _detected(pixels, camera, noise, random, motion.fps, name=f"space_{number}")
            if panning:
                keypoints = keypoints.with_meta(**_told(rotations, focal, motion.fps))
            return SpaceClip(keypoints, bodies[:, :, H36M_IN_BODY22], rotations, centre, focal)
    raise AssertionError(f"No camera sees all of the people of clip {number}.")


# --------------------------------------------------------------------------------------------------------------- people


def _people(count: int, motion: Mocap, random: np.random.Generator) -> np.ndarray:
    """People (P, T, 22, 3) who move about one floor for as long as the shortest motion lasts, turned anyhow."""
    long = np.flatnonzero(motion.lengths >= _SHORTEST_S * motion.fps)
    drawn = random.choice(long, count, replace=len(long) < count)
    frames = int(min(_LONGEST_S * motion.fps, motion.lengths[drawn].min()))
    while True:
        bodies = np.stack([_somebody(motion.sequence(s), frames, random) for s in drawn])
        hips = bodies[:, :, 0, :2]
        between = np.linalg.norm(hips[:, None] - hips[None], axis=-1).min(axis=-1)
        if between[~np.eye(count, dtype=bool)].min(initial=np.inf) >= _APART:
            return bodies


def _somebody(joints: np.ndarray, frames: int, random: np.random.Generator) -> np.ndarray:
    start = int(random.integers(len(joints) - frames + 1))
    body = joints[start : start + frames].astype(np.float64)
    turn = random.uniform(0, 2 * np.pi)
    body = body @ np.array([[np.cos(turn), np.sin(turn), 0], [-np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    body[..., :2] += random.uniform(-2, 2, 2) - body[:, 0, :2].mean(axis=0)
    return body


# -------------------------------------------------------------------------------------------------------------- cameras


def _camera(bodies: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float]:
    """Rotation (3, 3), centre (3,) and focal length of a camera that looks about where people are."""
    height, distance = random.uniform(0.5, 4.0), random.uniform(2.5, 9.0)
    azimuth = random.uniform(0, 2 * np.pi)
    focal = WIDTH / 2 / np.tan(np.radians(random.uniform(45, 75)) / 2)
    middle = bodies[:, :, 0].mean(axis=(0, 1))
    ahead = np.array([-np.sin(azimuth), np.cos(azimuth)])
    centre = np.array([*(middle[:2] - distance * ahead), height])
    pitch = np.degrees(np.arctan2(height - 0.9, distance)) + random.normal(0, 4)
    angles = np.radians([azimuth, np.clip(pitch, -_STEEPEST, _STEEPEST), np.clip(random.normal(0, 3), -10, 10)])
    azimuths, pitches, rolls = angles[:, None]
    # With azimuth 0 the camera looks along +y, and to the left of it with greater ones.
    return camera_rotations(azimuth=azimuths, pitch=pitches, roll=rolls)[0], centre, focal


def _following(body: np.ndarray, rotation: np.ndarray, centre: np.ndarray, fps: float) -> np.ndarray:
    """(T, 3, 3) rotations of a camera that turns about the vertical after somebody (T, 22, 3), a little late."""
    way = gaussian_filter1d(body[:, 0, :2], 0.4 * fps, axis=0, mode="nearest") - centre[:2]
    turn = np.unwrap(np.arctan2(way[:, 1], way[:, 0]))
    turn -= turn.mean()
    cos, sin, zero = np.cos(turn), np.sin(turn), np.zeros_like(turn)
    back = np.stack([cos, sin, zero, -sin, cos, zero, zero, zero, zero + 1], axis=-1).reshape(-1, 3, 3)
    return rotation @ back


def _told(rotations: np.ndarray, focal: float, fps: float) -> dict[str, Any]:
    """The note of rotations (T, 3, 3), of every third frame."""
    looks = np.unique([*range(0, len(rotations), 3), len(rotations) - 1])
    seen = Rotation.from_matrix(rotations[looks])
    turns = np.concatenate([np.zeros((1, 3)), (seen[1:] * seen[:-1].inv()).as_rotvec()])
    turns[:, :2] *= focal / WIDTH
    steps = np.concatenate([turns, np.ones((len(looks), 1))], axis=1)
    return {NOTE: {"seconds": (looks / fps).tolist(), "steps": steps.tolist(), "shots": [0.0], "turned": 0.0,
                   "zoomed": 1.0, "carried": False}}  # fmt: skip


def _seen_from(points: np.ndarray, rotation: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """World points (P, T, J, 3) in the camera of every frame."""
    return np.einsum("tij,ptkj->ptki", rotation, points - centre)


# ------------------------------------------------------------------------------------------------------------ detecting


def _detected(
    pixels: np.ndarray, camera: np.ndarray, noise: DetectorNoise, random: np.random.Generator, fps: float, *, name: str
) -> Poses:
    """What a detector says of pixels (P, T, 17, 2) of bodies (P, T, 22, 3) in camera space."""
    people, frames = pixels.shape[:2]
    found, scores = pixels.copy(), np.zeros(pixels.shape[:3])
    for person in range(people):
        for start in range(0, frames, _STRETCH):
            part = slice(start, start + _STRETCH)
            way = facing(camera[person, None, part])
            (found[person, part],), (scores[person, part],) = noise.apply(pixels[person, None, part], way, random)
    return Poses(
        keypoints=found.reshape(-1, 17, 2),
        scores=scores.reshape(-1, 17),
        frame=np.tile(np.arange(frames), people),
        person_id=np.repeat(np.arange(people), frames),
        skeleton=COCO17,
        space="image",
        video=Source(name, WIDTH, HEIGHT, fps, np.arange(frames) / fps),
    )
