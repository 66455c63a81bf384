"""Pixels into what a lifter's weights were trained on, and joints back from there into the video's camera.

Three kinds, chosen by the weights:

- "image": x and y over half the picture's width, centred (VideoPose3D `normalize_screen_coordinates`).
- "h36m": the same with 1000x1002 pixels whatever the video, as the authors' in-the-wild scripts do.
- "box": a virtual camera that looks at the person. The window's keypoints become rays by the focal length, the rays are
  turned until the middle of the person's box lies on the optical axis, and scaled by the box. The network so sees every
  person as if filmed straight on, and its joints are turned back by the same rotation. Rotating a camera about its
  centre is exact for any focal length; only an assumed focal length makes the angle of the turn approximate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NORMALISATIONS = ("image", "h36m", "box")
# The kinds that treat every frame alone, whatever window it stands in.
PER_FRAME = ("image", "h36m")

# Numbers per keypoint that "box" gives: x, y, score, logarithm of the box's angular size.
BOX_CHANNELS = 4
# A keypoint below this score does not shape the box.
_SEEN = 0.1
# Brings the logarithm of usual angular sizes (a person 5 m away: 0.35) near zero.
_LOG_SIZE_CENTRE = 1.0

_H36M_SIZE = (1000, 1002)


@dataclass(frozen=True)
class Normalised:
    """Windows as the network reads them.

    Attributes:
        inputs: (B, T, J, C) float32; C is 2 for "image" and "h36m", 4 for "box".
        rotation: (B, 3, 3) from the video's camera to the one the network predicts in.
    """

    inputs: np.ndarray
    rotation: np.ndarray


def screen(pixels: np.ndarray, *, width: float, height: float) -> np.ndarray:
    """Pixels (..., 2) -> [-1, 1] across the width, aspect ratio kept (VideoPose3D `common/camera.py`)."""
    return pixels / width * 2 - np.array([1, height / width])


def unscreen(normalised: np.ndarray, *, width: float, height: float) -> np.ndarray:
    """The inverse of `screen`: (..., 2) -> pixels."""
    return (normalised + np.array([1, height / width])) * width / 2


def normalise(
    pixels: np.ndarray, scores: np.ndarray, *, kind: str, width: float, height: float, focal: float
) -> Normalised:
    """Windows of pixels -> network inputs by one of NORMALISATIONS.

    Args:
        pixels: (B, T, J, 2).
        scores: (B, T, J) in [0, 1]; only "box" reads them.
        kind: "image", "h36m" or "box".
        width: Picture width in pixels.
        height: Picture height in pixels.
        focal: Focal length in pixels; only "box" reads it.
    """
    if kind == "box":
        rays = (pixels - np.array([width, height]) / 2) / focal
        return look_at_box(rays, scores)
    if kind == "h36m":
        width, height = _H36M_SIZE
    inputs = screen(pixels, width=width, height=height).astype(np.float32)
    return Normalised(inputs, np.broadcast_to(np.eye(3, dtype=np.float32), (len(pixels), 3, 3)))


def look_at_box(rays: np.ndarray, scores: np.ndarray) -> Normalised:
    """Turn rays into the virtual camera that looks at the person, and scale them by the box.

    The box is taken over keypoints seen, per frame; its centre and its longer side are averaged over the window.

    Args:
        rays: (B, T, J, 2) x/z and y/z in camera space.
        scores: (B, T, J) in [0, 1]; keypoints of score 0 are put at the box's centre.

    Returns:
        Inputs (B, T, J, 4) of x, y (the box about spans [-1, 1]), score, log of angular size; and the rotation.
    """
    seen = scores >= _SEEN
    seen |= ~seen.any(axis=(1, 2), keepdims=True)
    centre, _ = _box(rays, seen)
    rotation = _rotation_to_axis(centre)  # (B, 3, 3)
    homogeneous = np.concatenate([rays, np.ones_like(rays[..., :1])], axis=-1)
    turned = homogeneous @ rotation[:, None].swapaxes(-1, -2)
    turned = turned[..., :2] / np.maximum(turned[..., 2:], 0.05)
    _, size = _box(turned, seen)
    size = np.maximum(size, 1e-6)[:, None, None]  # (B, 1, 1)
    inputs = np.empty((*scores.shape, BOX_CHANNELS), np.float32)
    inputs[..., :2] = turned * (2 / size[..., None]) * (scores > 0)[..., None]
    inputs[..., 2] = scores
    inputs[..., 3] = np.log(size) + _LOG_SIZE_CENTRE
    return Normalised(inputs, rotation.astype(np.float32))


def _box(points: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centre (B, 2) and longer side (B,) of the box around seen points (B, T, J, 2), averaged over frames."""
    low = np.where(seen[..., None], points, np.inf).min(axis=2)  # (B, T, 2)
    high = np.where(seen[..., None], points, -np.inf).max(axis=2)
    counts = seen.any(axis=2)  # (B, T)
    low, high = (np.where(counts[..., None], edge, 0) for edge in (low, high))
    frames = counts.sum(axis=1)  # (B,)
    centre = ((low + high) / 2).sum(axis=1) / frames[:, None]
    size = (high - low).max(axis=-1).sum(axis=1) / frames
    return centre, size


def _rotation_to_axis(direction: np.ndarray) -> np.ndarray:
    """The smallest rotations (B, 3, 3) that bring the rays (x, y, 1) of `direction` (B, 2) onto the z axis."""
    x, y = direction[:, 0], direction[:, 1]
    norm = np.sqrt(x * x + y * y + 1)
    x, y, z = x / norm, y / norm, 1 / norm
    # Rodrigues' formula about the axis (y, -x, 0), with cos = z.
    k = 1 / (1 + z)
    return np.stack(
        [
            np.stack([1 - k * x * x, -k * x * y, -x], axis=-1),
            np.stack([-k * x * y, 1 - k * y * y, -y], axis=-1),
            np.stack([x, y, z], axis=-1),
        ],
        axis=-2,
    )
