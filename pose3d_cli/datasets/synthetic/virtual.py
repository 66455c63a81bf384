"""Random virtual cameras around motion capture: endless pairs of 2D keypoints and 3D joints, made on the fly.

A batch is a function of (seed, step) alone, so a resumed training run sees the very batches it would have seen.

Rotating a camera about its centre changes no depth order and is undone by `look_at_box`, so people are put near the
optical axis and only distance, direction of view, tilt and roll are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.spatial.transform import Rotation

from in_the_wild.normalise import look_at_box
from in_the_wild.skeletons import COCO17, HUMAN36M17, Skeleton, mirror, mirror_name
from in_the_wild.steps.remap import remap_arrays
from pose3d_cli.datasets.mocap.packs import BODY22, COCO_IN_BODY22, H36M_IN_BODY22, Mocap
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
class Bodies:
    """How bodies and motions are varied.

    Attributes:
        size: Spread of overall size (0.05: 5 %).
        bone: Spread of each pair of bones.
        hips: How much wider hips are than in the sequences, and the spread of that: motion capture puts hip joints
            closer together than Human3.6M or any detector does.
        mixed: Share of windows whose upper body comes from another sequence.
        speed: Slowest and fastest playback.
        swung: Share of windows in which limbs are swung away from where the sequence has them.
        swing: Spread in degrees of that swing for an arm, a leg, and the trunk.
    """

    size: float = 0.04
    bone: float = 0.05
    hips: tuple[float, float] = (1.0, 0.0)
    mixed: float = 0.3
    speed: tuple[float, float] = (0.75, 1.35)
    swung: float = 0.0
    swing: tuple[float, float, float] = (45.0, 25.0, 15.0)


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
    """

    mocap: Mocap
    frames: int
    stride: int
    cameras: Cameras = field(default_factory=Cameras)
    bodies: Bodies = field(default_factory=Bodies)
    noise: DetectorNoise | None = None
    clean: float = 0.4
    skeleton: Skeleton = COCO17

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
        world = self._windows(size, rng)
        mixed = np.flatnonzero(rng.random(size) < self.bodies.mixed)
        if len(mixed):
            world[mixed] = graft_upper_body(legs=world[mixed], upper=self._windows(len(mixed), rng))
        swung = np.flatnonzero(rng.random(size) < self.bodies.swung)
        if len(swung):
            world[swung] = swing_limbs(world[swung], self.bodies.swing, rng)
        mirrored = rng.random(size) < 0.5
        world[mirrored] = mirror(world[mirrored], BODY22.flip)
        return rescale_bones(world, bone_scales(size, self.bodies, rng))

    def _windows(self, size: int, rng: np.random.Generator) -> np.ndarray:
        """Windows at random places and speeds, edges repeated: (B, T, 22, 3)."""
        # The square root keeps the few long dances from drowning the many short actions.
        weights = np.sqrt(self.mocap.lengths)
        sequence = rng.choice(len(weights), size, p=weights / weights.sum())
        start, last = self.mocap.starts[sequence], self.mocap.ends[sequence] - 1
        centre = start + rng.random(size) * (last - start)
        low, high = np.log(self.bodies.speed)
        step = self.stride * np.exp(rng.uniform(low, high, size)) * rng.choice([-1, 1], size, p=[0.1, 0.9])
        at = centre[:, None] + step[:, None] * (np.arange(self.frames) - self.frames // 2)  # (B, T)
        at = np.clip(at, start[:, None], last[:, None])
        before = np.minimum(at.astype(np.int64), last[:, None])
        after = np.minimum(before + 1, last[:, None])
        share = (at - before).astype(np.float32)[..., None, None]
        return self.mocap.joints[before] * (1 - share) + self.mocap.joints[after] * share


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


# The joints above the pelvis, which a graft moves together.
_UPPER = BODY22.indices(
    "spine", "thorax", "neck", "head",
    "left_shoulder", "left_elbow", "left_wrist", "right_shoulder", "right_elbow", "right_wrist",
    "nose", "left_eye", "right_eye", "left_ear", "right_ear",
)  # fmt: skip
# How upright (cosine) both bodies must be for a graft to be a possible pose.
_UPRIGHT = 0.75


def graft_upper_body(*, legs: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """The upper bodies of some windows on the legs of others, turned about the vertical to match the hips.

    Windows where either body is not upright throughout keep their own. Shapes (B, T, 22, 3), z up.
    """
    pelvis, thorax = BODY22.index("pelvis"), BODY22.index("thorax")
    right, left = BODY22.index("right_hip"), BODY22.index("left_hip")

    def upright(body: np.ndarray) -> np.ndarray:
        trunk = body[:, :, thorax] - body[:, :, pelvis]
        return (trunk[..., 2] / np.linalg.norm(trunk, axis=-1)).min(axis=1) > _UPRIGHT

    def heading(body: np.ndarray) -> np.ndarray:
        across = body[:, :, left] - body[:, :, right]
        return np.arctan2(across[..., 1], across[..., 0])

    turn = heading(legs) - heading(upper)  # (B, T)
    offset = upper[:, :, _UPPER] - upper[:, :, pelvis, None]
    cos, sin = np.cos(turn)[..., None], np.sin(turn)[..., None]
    turned = np.stack(
        [offset[..., 0] * cos - offset[..., 1] * sin, offset[..., 0] * sin + offset[..., 1] * cos, offset[..., 2]],
        axis=-1,
    )
    grafted = legs.copy()
    grafted[:, :, _UPPER] = legs[:, :, pelvis, None] + turned
    return np.where((upright(legs) & upright(upper))[:, None, None, None], grafted, legs)


# What swings about which joint: arms about the shoulder, legs about the hip, everything above the pelvis about it.
_LIMBS = tuple(
    (BODY22.index(root), BODY22.indices(*moved), kind)
    for root, moved, kind in (
        ("left_shoulder", ("left_elbow", "left_wrist"), 0),
        ("right_shoulder", ("right_elbow", "right_wrist"), 0),
        ("left_hip", ("left_knee", "left_ankle"), 1),
        ("right_hip", ("right_knee", "right_ankle"), 1),
    )
)
# A swing varies within a window by this share of its size.
_SWAY = 0.3


def swing_limbs(joints: np.ndarray, spread: tuple[float, float, float], rng: np.random.Generator) -> np.ndarray:
    """Swing arms, legs and trunk by random rotations, each with a chance of one half: poses no sequence holds.

    A limb turns rigidly about its root, by a rotation that stays about the same within a window; elbows and knees bend
    as they did.

    Args:
        joints: (B, T, 22, 3) metres.
        spread: Degrees, for arms, legs and trunk.
        rng: Where chance comes from.
    """
    out = joints.copy()
    for root, moved, kind in ((BODY22.index("pelvis"), _UPPER, 2), *_LIMBS):
        turn = _swings(len(joints), joints.shape[1], np.radians(spread[kind]), rng)  # (B, T, 3, 3)
        offset = out[:, :, moved] - out[:, :, root, None]
        out[:, :, moved] = out[:, :, root, None] + offset @ turn.swapaxes(-1, -2)
    return out


def _swings(size: int, frames: int, spread: float, rng: np.random.Generator) -> np.ndarray:
    """Random rotations (B, T, 3, 3) that vary slowly; half of the windows are not turned."""
    start, end = rng.normal(0, spread, (2, size, 1, 3)) * rng.integers(0, 2, (size, 1, 1))
    share = np.linspace(-_SWAY, _SWAY, frames)[:, None]
    vectors = start + (end - start) * share
    return Rotation.from_rotvec(vectors.reshape(-1, 3)).as_matrix().reshape(size, frames, 3, 3)


def bone_scales(size: int, bodies: Bodies, rng: np.random.Generator) -> np.ndarray:
    """Random length factors (B, 22), one per joint for the bone that ends in it; left and right bones share one."""
    scales = np.exp(rng.normal(0, bodies.bone, (size, len(BODY22))))
    wider, spread = bodies.hips
    scales[:, BODY22.indices("left_hip", "right_hip")] *= wider * np.exp(rng.normal(0, spread, (size, 1)))
    for joint, name in enumerate(BODY22.joints):
        twin = BODY22.index(mirror_name(name))
        scales[:, max(joint, twin)] = scales[:, min(joint, twin)]
    return scales * np.exp(rng.normal(0, bodies.size, (size, 1)))


def rescale_bones(joints: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Change bone lengths, keeping every direction: joints (B, T, 22, 3), factors (B, 22)."""
    out = np.empty_like(joints)
    for joint, parent in enumerate(BODY22.parent_indices):
        if parent < 0:
            out[:, :, joint] = joints[:, :, joint]
            continue
        bone = joints[:, :, joint] - joints[:, :, parent]
        out[:, :, joint] = out[:, :, parent] + bone * scales[:, None, joint, None].astype(joints.dtype)
    return out
