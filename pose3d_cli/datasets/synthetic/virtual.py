"""Random virtual cameras around motion capture: endless pairs of 2D keypoints and 3D joints, made on the fly.

A batch is a function of (seed, step) alone, so a resumed training run sees the very batches it would have seen.

Rotating a camera about its centre changes no depth order and is undone by `look_at_box`, so people are put near the
optical axis and only distance, direction of view, tilt and roll are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from in_the_wild.normalise import look_at_box
from in_the_wild.skeletons import COCO17, HUMAN36M17, Skeleton, mirror
from in_the_wild.steps.remap import remap_arrays
from pose3d_cli.datasets.mocap.packs import BODY22, COCO_IN_BODY22, H36M_IN_BODY22, Mocap, rescale_bones
from pose3d_cli.datasets.synthetic import bodies as vary
from pose3d_cli.datasets.synthetic.bodies import Bodies
from pose3d_cli.datasets.synthetic.noise import DetectorNoise

# Nearest a point may come to the camera, metres.
_NEAR = 0.3


@dataclass(frozen=True)
class Cameras:
    """What cameras are drawn from.

    Attributes:
        distance: Metres from camera to person, nearest and farthest; drawn evenly in the logarithm.
        pitch: Mean and spread in degrees; positive looks down.
        roll: Spread in degrees.
        focal_error: Spread of the logarithm of true over assumed focal length.
    """

    distance: tuple[float, float] = (1.8, 10.0)
    pitch: tuple[float, float] = (8.0, 15.0)
    roll: float = 15.0
    focal_error: float = 0.15


@dataclass(frozen=True)
class Views:
    """Windows of motion as cameras see them.

    Attributes:
        camera: (B, T, 22, 3) joints, metres in camera space.
        exact: (B, T, 17, 2) COCO keypoints as x/z and y/z.
        rays: (B, T, 17, 2) the same as a detector gives them.
        scores: (B, T, 17) its scores.
    """

    camera: np.ndarray
    exact: np.ndarray
    rays: np.ndarray
    scores: np.ndarray


@dataclass(frozen=True)
class VirtualWindows:
    """Training windows from motion capture.

    Attributes:
        mocap: Where motion comes from.
        frames: T, window length.
        stride: Motion capture frames from one window frame to the next (50 frames/s by 2 gives 25).
        cameras: Camera distribution.
        bodies: Body variation.
        noise: Detector noise, None for clean keypoints.
        clean: Share of windows that stay clean where there is noise.
        skeleton: What the COCO keypoints of a detector are brought to before the network sees them.
        chances: (F,) how often each frame of the motion capture is the middle of a window, see
            `pose3d_cli.datasets.mocap.chances`; None draws sequences by the square root of their length.
    """

    mocap: Mocap
    frames: int
    stride: int
    cameras: Cameras = field(default_factory=Cameras)
    bodies: Bodies = field(default_factory=Bodies)
    noise: DetectorNoise | None = None
    clean: float = 0.4
    skeleton: Skeleton = COCO17
    chances: np.ndarray | None = None

    def batch(self, size: int, *, seed: int, step: int) -> tuple[np.ndarray, np.ndarray]:
        """One batch.

        Returns:
            Inputs (B, T, J, 4) keypoints as `look_at_box` gives them, and targets (B, T, 17, 3) Human3.6M joints,
            root-relative metres in the camera that looks at the box.
        """
        rng = np.random.default_rng((seed, step))
        views = self.views(size, rng)
        rays = views.rays * np.exp(rng.normal(0, self.cameras.focal_error, (size, 1, 1, 1)))
        seen = look_at_box(*remap_arrays(rays, views.scores, COCO17, self.skeleton))
        joints = views.camera[..., H36M_IN_BODY22, :]
        joints = joints - joints[:, :, HUMAN36M17.root, None]
        target = joints @ seen.rotation[:, None].swapaxes(-1, -2)
        return seen.inputs, target.astype(np.float32)

    def views(self, size: int, rng: np.random.Generator) -> Views:
        """Varied windows of motion, each seen by a camera of its own."""
        world = self.motion(size, rng)  # (B, T, 22, 3) z up
        rotation = camera_rotations(
            azimuth=rng.uniform(0, 2 * np.pi, size),
            pitch=np.radians(rng.normal(*self.cameras.pitch, size)),
            roll=np.radians(rng.normal(0, self.cameras.roll, size)),
        )
        middle = world[:, :, BODY22.root].mean(axis=1) + rng.normal(0, 0.15, (size, 3))
        near, far = np.log(self.cameras.distance)
        distance = np.exp(rng.uniform(near, far, size))
        camera = (world - middle[:, None, None]) @ rotation[:, None].swapaxes(-1, -2)
        camera[..., 2] = np.maximum(camera[..., 2] + distance[:, None, None], _NEAR)
        exact = camera[..., COCO_IN_BODY22, :2] / camera[..., COCO_IN_BODY22, 2:]  # (B, T, 17, 2)
        rays, scores = exact, np.ones(exact.shape[:-1], np.float32)
        if self.noise is not None:
            rays = exact.copy()
            noisy = rng.random(size) >= self.clean
            rays[noisy], scores[noisy] = self.noise.apply(rays[noisy], facing(camera[noisy]), rng)
        return Views(camera=camera, exact=exact, rays=rays, scores=scores)

    def motion(self, size: int, rng: np.random.Generator) -> np.ndarray:
        """Varied windows of motion: (B, T, 22, 3) metres, z up."""
        bodies = self.bodies
        world = self._windows(size, rng)
        mixed = np.flatnonzero(rng.random(size) < bodies.mixed)
        if len(mixed):
            world[mixed] = vary.graft_upper_body(legs=world[mixed], upper=self._windows(len(mixed), rng))
        # Chance is asked for nothing that a configuration leaves out, so that older ones see the batches they saw.
        if bodies.seated:
            seated = rng.random(size) < bodies.seated
            world[seated] = vary.seat(world[seated], rng)
        swung = np.flatnonzero(rng.random(size) < bodies.swung)
        if len(swung):
            world[swung] = vary.swing_limbs(world[swung], bodies.swing, rng)
        if bodies.bent:
            bent = rng.random(size) < bodies.bent
            world[bent] = vary.bend_limbs(world[bent], bodies.bend, rng)
        mirrored = rng.random(size) < 0.5
        world[mirrored] = mirror(world[mirrored], BODY22.flip)
        return rescale_bones(world, vary.bone_scales(size, bodies, rng))

    def _windows(self, size: int, rng: np.random.Generator) -> np.ndarray:
        """Windows at random places and speeds, edges repeated: (B, T, 22, 3)."""
        centre, sequence = self._places(size, rng)
        start, last = self.mocap.starts[sequence], self.mocap.ends[sequence] - 1
        low, high = np.log(self.bodies.speed)
        step = self.stride * np.exp(rng.uniform(low, high, size)) * rng.choice([-1, 1], size, p=[0.1, 0.9])
        at = centre[:, None] + step[:, None] * (np.arange(self.frames) - self.frames // 2)  # (B, T)
        at = np.clip(at, start[:, None], last[:, None])
        before = np.minimum(at.astype(np.int64), last[:, None])
        after = np.minimum(before + 1, last[:, None])
        share = (at - before).astype(np.float32)[..., None, None]
        return self.mocap.joints[before] * (1 - share) + self.mocap.joints[after] * share

    def _places(self, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Middles of windows (B,), in frames of the motion capture, and the sequences (B,) that they are in."""
        if self.chances is not None:
            centre = np.searchsorted(self._up_to, rng.random(size), side="right")
            return centre, np.searchsorted(self.mocap.ends, centre, side="right")
        # The square root keeps the few long dances from drowning the many short actions.
        weights = np.sqrt(self.mocap.lengths)
        sequence = rng.choice(len(weights), size, p=weights / weights.sum())
        start, last = self.mocap.starts[sequence], self.mocap.ends[sequence] - 1
        return start + rng.random(size) * (last - start), sequence

    @cached_property
    def _up_to(self) -> np.ndarray:
        """(F,) the chance of a window whose middle is this frame or one before."""
        assert self.chances is not None
        return np.asarray(np.cumsum(self.chances[:-1]))


def camera_rotations(*, azimuth: np.ndarray, pitch: np.ndarray, roll: np.ndarray) -> np.ndarray:
    """World (z up) to camera (x right, y down, z away) rotations (B, 3, 3); angles in radians.

    At azimuth 0 the camera looks along world +y with world +x to its right; pitch looks down, roll turns clockwise.
    """
    zero, one = np.zeros_like(azimuth), np.ones_like(azimuth)

    def rows(*values: np.ndarray) -> np.ndarray:
        return np.stack(values, axis=-1).reshape(-1, 3, 3)

    ca, sa, cp, sp = np.cos(azimuth), np.sin(azimuth), np.cos(pitch), np.sin(pitch)
    cr, sr = np.cos(roll), np.sin(roll)
    level = rows(ca, sa, zero, zero, zero, -one, -sa, ca, zero)
    tilt = rows(one, zero, zero, zero, cp, -sp, zero, sp, cp)
    turn = rows(cr, -sr, zero, sr, cr, zero, zero, zero, one)
    return turn @ tilt @ level


def facing(joints: np.ndarray) -> np.ndarray:
    """Which way the body faces, as seen: (B,) radians, 0 towards the camera, positive towards the picture's right.

    Args:
        joints: (B, T, 22, 3) in camera space; the middle frame counts.
    """
    middle = joints[:, joints.shape[1] // 2]
    left, right = (middle[:, BODY22.index(name)] for name in ("left_hip", "right_hip"))
    across = left - right
    up = middle[:, BODY22.index("thorax")] - middle[:, BODY22.index("pelvis")]
    forward = np.cross(across, up)
    return np.arctan2(forward[:, 0], -forward[:, 2])
