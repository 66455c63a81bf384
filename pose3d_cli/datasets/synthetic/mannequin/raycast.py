"""Round cones to pixels: each is met by rays, parts meet in a z-buffer, visible pixels are shaded once afterwards.

Rays are (x, y, 1), so the ray parameter is the depth itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pose3d_cli.datasets.synthetic.mannequin.camera import Camera
from pose3d_cli.datasets.synthetic.mannequin.cones import RoundCone
from pose3d_cli.datasets.synthetic.mannequin.vectors import Array

NEAR = 0.15  # metres; parts closer to the camera than this are left out


@dataclass(frozen=True)
class Table:
    """All parts (N) as arrays in camera space, mapped by their shapes: what the intersection and the shading read."""

    person: NDArray[np.intp]  # (N,)
    shape: Array  # (N, 3, 3)
    start: Array  # (N, 3) first centre, mapped
    axis: Array  # (N, 3) from the first centre to the second, mapped
    radii: Array  # (N, 2)
    box: Array  # (N, 4) bounds x0, y0, x1, y1 on the plane z = 1; NaN for parts too near the camera
    colour: NDArray[np.float32]  # (N, 2, 3)
    plane: NDArray[np.float32]  # (N, 3)
    cloth: NDArray[np.float32]  # (N,)
    stripes: NDArray[np.float32]  # (N, 2) how many per metre, and the offset
    scale: NDArray[np.float32]  # (N, 3) metres per unit of the mapped axes
    slender: NDArray[np.bool_]  # (N,) thin for its distance: the intersection needs double precision

    @classmethod
    def of(cls, bodies: Sequence[Sequence[RoundCone]], camera: Camera) -> Table:
        """The parts of some bodies as a camera sees them."""
        parts = [part for body in bodies for part in body]
        shape = np.stack([part.shape for part in parts]) @ camera.R.T
        ends = np.stack([[part.a, part.b] for part in parts]) @ camera.R.T + camera.t  # (N, 2, 3)
        mapped = np.einsum("nij,nkj->nki", shape, ends)
        radii = np.array([[part.ra, part.rb] for part in parts])
        colour = np.array([[p.colour, p.colour if p.colour2 is None else p.colour2] for p in parts])
        # Planes are given in world axes; mapped coordinates want them through the inverse of the map.
        inverse = np.linalg.inv(np.stack([part.shape for part in parts]))
        plane = np.einsum("nji,nj->ni", inverse, np.stack([part.plane for part in parts]))
        return cls(
            person=np.repeat(np.arange(len(bodies)), [len(body) for body in bodies]),
            shape=shape,
            start=mapped[:, 0],
            axis=mapped[:, 1] - mapped[:, 0],
            radii=radii,
            box=_bounds(shape, ends, radii),
            colour=colour.astype(np.float32),
            plane=plane.astype(np.float32),
            cloth=np.array([part.cloth for part in parts], dtype=np.float32),
            stripes=np.array([[part.stripes, part.offset] for part in parts], dtype=np.float32),
            slender=radii.min(axis=1) < 0.008 * np.linalg.norm(mapped[:, 0], axis=-1),
            scale=(1 / np.linalg.norm(shape, axis=-1)).astype(np.float32),
        )


def _bounds(shape: Array, ends: Array, radii: Array) -> Array:
    """Exact projected box of every part (N, 4) on the plane z = 1, from the outlines of its two end ellipsoids."""
    inverse = np.linalg.inv(shape)
    spread = np.einsum("nij,nkj->nik", inverse, inverse)[:, None] * radii[:, :, None, None] ** 2  # (N, 2, 3, 3)
    outline = spread - ends[..., :, None] * ends[..., None, :]  # dual conic of the outline
    near = ends[..., 2] - np.sqrt(spread[..., 2, 2])
    low, high = np.empty((*near.shape, 2)), np.empty((*near.shape, 2))
    for i in range(2):
        root = np.sqrt(np.maximum(outline[..., i, 2] ** 2 - outline[..., i, i] * outline[..., 2, 2], 0.0))
        first, second = ((outline[..., i, 2] + sign * root) / outline[..., 2, 2] for sign in (1, -1))
        low[..., i], high[..., i] = np.minimum(first, second), np.maximum(first, second)
    box = np.concatenate([low.min(axis=1), high.max(axis=1)], axis=-1)
    box[near.min(axis=1) < NEAR] = np.nan
    return box


def draw(
    image: NDArray[np.uint8],
    table: Table,
    *,
    camera: Camera,
    light: Array,
    supersample: int,
    behind: NDArray[np.float32] | None = None,
) -> NDArray[np.uint8]:
    """Draw parts into a picture (H, W, 3), at `supersample` times its size, and return it.

    `behind` (H, W) is the depth in metres of what the picture shows already: what lies farther away stays hidden.
    """
    focal = np.array([camera.K[0, 0], camera.K[1, 1]])
    centre = camera.K[:2, 2]
    boxes = table.box * np.tile(focal, 2) + np.tile(centre, 2)  # pixels
    limit = np.array([camera.width, camera.height])
    with np.errstate(invalid="ignore", divide="ignore"):  # rays that miss, or run along the side
        seen = (boxes[:, 2] > 0) & (boxes[:, 3] > 0) & (boxes[:, 0] < limit[0]) & (boxes[:, 1] < limit[1])
    if not seen.any():
        return image
    # Only the window of the picture that the people cover is drawn, at `supersample` times its size.
    x0, y0 = np.clip(np.floor(boxes[seen, :2].min(axis=0)) - 1, 0, limit).astype(int)
    x1, y1 = np.clip(np.ceil(boxes[seen, 2:].max(axis=0)) + 1, 0, limit).astype(int)
    width, height = (x1 - x0) * supersample, (y1 - y0) * supersample
    columns = ((np.arange(width) + 0.5) / supersample + x0 - centre[0]) / focal[0]
    rows = ((np.arange(height) + 0.5) / supersample + y0 - centre[1]) / focal[1]

    if behind is None:
        depth = np.full((height, width), np.inf, dtype=np.float32)
    else:
        depth = behind[y0:y1, x0:x1].repeat(supersample, axis=0).repeat(supersample, axis=1)
    spans = (boxes - np.tile([x0, y0], 2)) * supersample
    owner = _meet(table, np.flatnonzero(seen), spans, depth, columns, rows)

    mask = owner >= 0
    layer = np.zeros((height, width, 3), dtype=np.float32)
    v, u = np.nonzero(mask)
    layer[v, u] = _shade(
        table,
        owner[v, u],
        depth[v, u],
        columns[u],
        rows[v],
        light=(camera.R @ light).astype(np.float32),
        up=camera.R[:, 2].astype(np.float32),
    )
    layer *= _contact_shadow(table, owner, depth, pixels_per_unit=float(focal[0]) * supersample)[..., None]

    size = (x1 - x0, y1 - y0)
    colour = cv2.resize(layer * mask[..., None], size, interpolation=cv2.INTER_AREA)
    cover = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)[..., None]
    under = image[y0:y1, x0:x1].astype(np.float32)
    image[y0:y1, x0:x1] = np.clip(colour * 255 + under * (1 - cover) + 0.5, 0, 255).astype(np.uint8)
    return image


def _meet(
    table: Table, parts: NDArray[np.intp], boxes: Array, depth: NDArray[np.float32], columns: Array, rows: Array
) -> NDArray[np.int16]:
    """The z-buffer: which part each ray (column, row, 1) meets first, (h, w), -1 for none.

    `boxes` (N, 4) bound all parts in the buffer's pixels. `depth` (h, w) says how far the rays reach, and then where
    they end.
    """
    height, width = depth.shape
    owner = np.full((height, width), -1, dtype=np.int16)
    for n in parts:
        left, top, right, bottom = boxes[n]
        u0, u1 = _span(left, right, width)
        v0, v1 = _span(top, bottom, height)
        if u0 >= u1 or v0 >= v1:
            continue
        # Small things far away lose their outline to rounding in single precision; they are few pixels.
        precision = np.float64 if table.slender[n] else np.float32
        hit = intersect(table, n, columns[u0:u1].astype(precision), rows[v0:v1].astype(precision))
        window = depth[v0:v1, u0:u1]
        nearer = hit < window
        np.copyto(window, hit, where=nearer)
        owner[v0:v1, u0:u1][nearer] = n
    return owner


def _contact_shadow(
    table: Table, owner: NDArray[np.int16], depth: NDArray[np.float32], *, pixels_per_unit: float
) -> NDArray[np.float32]:
    """Factor (h, w) that darkens surfaces just behind a nearer edge of one person: it parts an arm from a chest."""
    relief = np.zeros_like(depth)
    nearest = np.inf
    person = np.where(owner >= 0, table.person[owner], -1)
    for p in np.unique(person[person >= 0]):
        own = person == p
        distance = float(np.median(depth[own]))
        nearest = min(nearest, distance)
        relief[own] = np.clip(depth[own] - distance, -0.5, 0.5)
    relief[person < 0] = 0.5
    if not np.isfinite(nearest):
        return np.ones_like(depth)
    reach = max(3, int(0.05 * pixels_per_unit / nearest) | 1)
    around = np.asarray(cv2.blur(relief, (reach, reach)), dtype=np.float32)
    return np.float32(1) - np.clip(np.float32(2.2) * (relief - around), 0, 0.35)


def _span(low: float, high: float, size: int) -> tuple[int, int]:
    return max(0, int(np.floor(low))), min(size, int(np.ceil(high)))


def intersect(table: Table, n: int, columns: NDArray[np.floating], rows: NDArray[np.floating]) -> NDArray[np.floating]:
    """Depth (h, w) at which the rays (column, row, 1) enter part n; infinite where they miss."""
    m, start, axis = table.shape[n], table.start[n], table.axis[n]
    ra, rb = table.radii[n]
    x, y = columns[None, :], rows[:, None]

    def along(vector: Array) -> NDArray[np.floating]:
        wx, wy, w1 = (float(w) for w in vector @ m)
        return (wx * x + w1) + wy * y

    gram = [[float(g) for g in row] for row in m.T @ m]
    length2 = (gram[0][0] * x * x + 2 * gram[0][2] * x + gram[2][2]) + (
        gram[1][1] * y * y + 2 * gram[1][2] * y + (2 * gram[0][1]) * (x * y)
    )
    with np.errstate(invalid="ignore", divide="ignore"):  # rays that miss, or run along the side
        toward = along(start)  # minus m3 of the usual derivation: the eye is at the origin
        hit = (toward - np.sqrt(toward * toward - length2 * float(start @ start - ra * ra))) / length2
        slope = ra - rb
        d2 = float(axis @ axis - slope * slope)
        if d2 > 1e-9:
            end = start + axis
            toward_end = along(end)
            other = (toward_end - np.sqrt(toward_end * toward_end - length2 * float(end @ end - rb * rb))) / length2
            hit = np.fmin(hit, other)
            m1 = -float(axis @ start)
            m2 = along(axis)
            k2 = d2 * length2 - m2 * m2
            k1 = (float(slope * ra) - m1) * m2 - d2 * toward
            k0 = float(d2 * (start @ start) - m1 * m1 + 2 * m1 * slope * ra - (axis @ axis) * ra * ra)
            side = -(np.sqrt(k1 * k1 - k0 * k2) + k1) / k2
            where = m1 - float(ra * slope) + side * m2
            hit = np.fmin(hit, np.where((where > 0) & (where < d2), side, np.nan))
    return np.nan_to_num(hit, copy=False, nan=np.inf)


def _shade(
    table: Table,
    owner: NDArray[np.int16],
    depth: NDArray[np.float32],
    x: Array,
    y: Array,
    *,
    light: NDArray[np.float32],
    up: NDArray[np.float32],
) -> NDArray[np.float32]:
    """RGB (N, 3) of visible points: Lambert, sky and fill light, cloth folds, two colours or stripes."""
    maps, starts, axes, radii = (a.astype(np.float32) for a in (table.shape, table.start, table.axis, table.radii))
    slopes = radii[:, 0] - radii[:, 1]
    spans = np.maximum((axes * axes).sum(-1) - slopes * slopes, 1e-9)
    rays = np.stack([x, y, np.ones_like(x)], axis=-1).astype(np.float32)
    shape, axis = maps[owner], axes[owner]
    local = np.einsum("nij,nj->ni", shape, rays * depth[:, None]) - starts[owner]
    along = (axis * local).sum(-1) - (radii[:, 0] * slopes)[owner]
    fraction = np.clip(along / spans[owner], 0, 1)
    normal = np.einsum("nij,ni->nj", shape, local - fraction[:, None] * axis)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True) + 1e-9

    second = (table.plane.astype(np.float32)[owner] * local).sum(-1) > 1
    metric = local * table.scale[owner]
    count, offset = table.stripes[owner].T
    second |= np.sin(2 * np.pi * count * (metric[:, 2] + offset)) > 0.4
    colour = table.colour[owner, second.astype(int)]

    folds = np.sin(metric @ np.array([31.0, 17.0, 43.0], dtype=np.float32)) * np.sin(
        metric @ np.array([-23.0, 38.0, 19.0], dtype=np.float32)
    )
    lamp = np.clip(normal @ light, 0, 1)
    sky = 0.5 + 0.5 * (normal @ up)
    fill = np.clip(-normal[:, 2], 0, 1)
    shading = 0.52 * lamp + 0.28 * sky + 0.36 * fill
    shading *= 1 + 0.08 * table.cloth[owner] * folds
    return np.clip(colour * shading[:, None], 0, 1)
