"""An empty place to stand in: a floor, and a wall or an open horizon, with the textures that a detector meets."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pose3d_cli.datasets.synthetic.mannequin.camera import Camera
from pose3d_cli.datasets.synthetic.mannequin.look import random_colour


def textured_background(
    camera: Camera, rng: np.random.Generator, *, wall: float | None = None, supersample: int = 2
) -> NDArray[np.uint8]:
    """An empty place seen by `camera`: a floor at height 0, and a wall or an open horizon. (H, W, 3) uint8 RGB.

    `wall` is the distance in metres from the camera to the wall ahead; by default 7 to 12 m, or none at all. It is
    drawn at `supersample` times its size.
    """
    width, height = camera.width * supersample, camera.height * supersample
    x = ((np.arange(width) + 0.5) / supersample - camera.K[0, 2]) / camera.K[0, 0]
    y = ((np.arange(height) + 0.5) / supersample - camera.K[1, 2]) / camera.K[1, 1]
    rays = np.stack(np.broadcast_arrays(x[None, :], y[:, None], 1.0), axis=-1).astype(np.float32)
    rays = rays @ camera.R.astype(np.float32)  # world
    eye = camera.position.astype(np.float32)

    far = 60.0
    heading = np.arctan2(camera.R[2, 1], camera.R[2, 0]) + rng.uniform(-0.35, 0.35)
    indoors = wall is not None or rng.uniform() < 0.7
    distance = float(rng.uniform(7, 12)) if wall is None else wall
    outward = np.array([np.cos(heading), np.sin(heading)], dtype=np.float32)
    with np.errstate(divide="ignore", invalid="ignore"):
        to_floor = np.where(rays[..., 2] < -1e-4, -eye[2] / rays[..., 2], np.inf)
        facing = rays[..., :2] @ outward
        to_wall = np.where(facing > 1e-4, distance / facing, np.inf) if indoors else np.full_like(to_floor, np.inf)

    sky_top, sky_low = np.array([0.45, 0.62, 0.85]), np.array([0.82, 0.88, 0.93])
    elevation = np.clip(rays[..., 2] / np.linalg.norm(rays, axis=-1), 0, 1)[..., None]
    picture = (sky_low + (sky_top - sky_low) * np.sqrt(elevation)).astype(np.float32)
    picture *= 0.92 + 0.12 * _noise(rays[..., 0] / (0.2 + elevation[..., 0]), rays[..., 1], rng)[..., None]

    on_floor = to_floor < np.minimum(to_wall, far)
    point = eye + rays * np.where(on_floor, to_floor, 0)[..., None]
    picture = np.where(on_floor[..., None], _floor_texture(point[..., 0], point[..., 1], rng), picture)
    on_wall = to_wall < to_floor
    point = eye + rays * np.where(on_wall, to_wall, 0)[..., None]
    across = point[..., 1] * outward[0] - point[..., 0] * outward[1]
    picture = np.where(on_wall[..., None], _wall_texture(across, point[..., 2], rng), picture)

    reached = np.minimum(to_floor, to_wall)
    haze = np.clip(np.where(np.isfinite(reached), reached, far) / far, 0, 1)[..., None] * (0.0 if indoors else 0.9)
    haze = np.where((on_floor | on_wall)[..., None], haze, 0)
    picture = picture * (1 - haze) + sky_low * haze
    small = cv2.resize(picture.astype(np.float32), (camera.width, camera.height), interpolation=cv2.INTER_AREA)
    return np.clip(small * 255 + 0.5, 0, 255).astype(np.uint8)


def _floor_texture(x: NDArray[np.float32], y: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    base = np.asarray(random_colour(rng, brightest=0.75), dtype=np.float32)
    base = 0.5 * base + 0.5 * base.mean()  # floors are rarely colourful
    grain = 0.86 + 0.28 * _noise(x * 1.7, y * 1.7, rng)
    kind = rng.choice(["tiles", "planks", "ground"])
    if kind == "tiles":
        size = rng.uniform(0.4, 0.9)
        cells = np.floor(x / size) + np.floor(y / size)
        grain = grain * np.where(cells % 2 == 0, 1.0, rng.uniform(0.8, 0.97))
        grain = grain * np.where((x % size < 0.015) | (y % size < 0.015), 0.75, 1.0)
    elif kind == "planks":
        row = np.floor(y / 0.16)
        grain = grain * (0.88 + 0.24 * np.mod(np.sin(row * 12.9898) * 43758.55, 1.0))
        grain = grain * (0.94 + 0.12 * _noise(x * 1.2 + row * 7.3, y * 22.0, rng))
        grain = grain * np.where(y % 0.16 < 0.008, 0.65, 1.0)
    else:
        grain = grain * (0.8 + 0.4 * _noise(x * 9.0, y * 9.0, rng))
    return base * grain[..., None]


def _wall_texture(
    across: NDArray[np.float32], up: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float32]:
    base = np.asarray(random_colour(rng, brightest=0.9), dtype=np.float32)
    base = 0.45 * base + 0.55 * max(0.45, float(base.mean()))
    shade = 0.9 + 0.2 * _noise(across * 0.8, up * 0.8, rng)
    if rng.uniform() < 0.5:
        row = np.floor(up / 0.13)
        shift = across + 0.15 * (row % 2)
        mortar = (up % 0.13 < 0.014) | (shift % 0.30 < 0.014)
        brick = 0.9 + 0.2 * np.mod(np.sin(row * 3.1 + np.floor(shift / 0.30) * 78.2) * 43758.5, 1.0)
        shade = shade * np.where(mortar, 1.12, brick)
    wall = base * shade[..., None]
    wall = np.where((up < 0.12)[..., None], wall * 0.6, wall)  # skirting board
    for _ in range(rng.integers(1, 5)):
        # Pictures, doors, windows: rectangles with something in them.
        left, bottom = rng.uniform(-7, 6), rng.choice([0.0, rng.uniform(0.7, 1.6)])
        wide = rng.uniform(0.5, 1.8)
        tall = 2.1 if bottom == 0 else rng.uniform(0.5, 1.3)
        colour = np.asarray(random_colour(rng), dtype=np.float32)
        inside = (across > left) & (across < left + wide) & (up > bottom) & (up < bottom + tall)
        frame = 0.05
        core = (
            (across > left + frame)
            & (across < left + wide - frame)
            & (up > bottom + frame)
            & (up < bottom + tall - frame)
        )
        content = colour * (0.7 + 0.5 * _noise(across * 2.5, up * 2.5, rng))[..., None]
        wall = np.where(core[..., None], content, np.where(inside[..., None], 0.35 * colour + 0.1, wall))
    return wall


def _noise(x: NDArray[np.float32], y: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Smooth noise in about 0..1 at the coordinates x, y, in five octaves; repeats after 64 units."""
    lattice = rng.uniform(size=(64, 64)).astype(np.float32)
    lattice = np.pad(lattice, ((0, 1), (0, 1)), mode="wrap")
    total = np.zeros(np.broadcast_shapes(x.shape, y.shape), dtype=np.float32)
    for octave in range(5):
        u = np.mod(x * 2**octave + 13.7 * octave, 64).astype(np.float32)
        v = np.mod(y * 2**octave + 5.1 * octave, 64).astype(np.float32)
        total += 0.5 ** (octave + 1) * cv2.remap(lattice, u, v, cv2.INTER_LINEAR)
    return total / 0.97
