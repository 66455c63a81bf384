"""Who hides whom: how much of each mannequin a camera sees, and which of their joints.

It knows nothing about colours, motion or files.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pose3d_cli.datasets.synthetic.mannequin.body import body_parts
from pose3d_cli.datasets.synthetic.mannequin.camera import Camera, project
from pose3d_cli.datasets.synthetic.mannequin.look import Look
from pose3d_cli.datasets.synthetic.mannequin.raycast import Table, intersect
from pose3d_cli.datasets.synthetic.mannequin.vectors import Array


def visibility(
    joints: ArrayLike, face: ArrayLike, points: ArrayLike, *, camera: Camera, looks: Sequence[Look], margin: float = 1.0
) -> tuple[Array, NDArray[np.bool_]]:
    """How much of each person is neither outside the picture nor behind somebody else.

    Args:
        joints: (P, 17, 3) world metres, Human3.6M-17 order.
        face: (P, 5, 3) nose, left eye, right eye, left ear, right ear.
        points: (P, J, 3) world metres: joints of each person to be told whether they are seen.
        camera: Who sees them.
        looks: One for each person.
        margin: Pictures beside the picture that a person is followed to; somebody beyond is not seen at all.

    Returns:
        (P,) in [0, 1] the share of a person's outline that is seen; (P, J) whether each joint is seen, through the
        person's own body but not through others.
    """
    around = _depths(joints, face, camera=camera, looks=looks, margin=margin)
    top, left = round(margin * camera.height), round(margin * camera.width)
    depth = around[:, top : top + camera.height, left : left + camera.width]  # (P, H, W) of the picture alone
    before = [np.delete(depth, p, axis=0).min(axis=0, initial=np.inf) for p in range(len(depth))]  # others' depth
    seen = [np.isfinite(own) & (own <= others) for own, others in zip(depth, before, strict=True)]
    share = np.array([mask.sum() for mask in seen]) / np.isfinite(around).sum(axis=(1, 2)).clip(1)

    points = np.asarray(points, dtype=np.float64)
    away = points @ camera.R[2] + camera.t[2]  # (P, J) metres
    pixels = np.nan_to_num(np.floor(project(points, camera)), nan=-1.0).astype(int)
    in_picture = ((pixels >= 0) & (pixels < (camera.width, camera.height))).all(axis=-1)
    x, y = (np.clip(pixels[..., i], 0, size - 1) for i, size in enumerate((camera.width, camera.height)))
    uncovered = [away[p] <= others[y[p], x[p]] for p, others in enumerate(before)]
    return share, in_picture & np.array(uncovered, dtype=bool).reshape(in_picture.shape)


def _depths(
    joints: ArrayLike, face: ArrayLike, *, camera: Camera, looks: Sequence[Look], margin: float
) -> NDArray[np.float32]:
    """(P, H, W) metres to each person alone, infinite beside them, on the picture and the margin around it."""
    bodies = [body_parts(j, f, look) for j, f, look in zip(np.asarray(joints), np.asarray(face), looks, strict=True)]
    rows, columns = (
        ((np.arange(-round(margin * size), size + round(margin * size)) + 0.5) - camera.K[i, 2]) / camera.K[i, i]
        for i, size in ((1, camera.height), (0, camera.width))
    )
    depth = np.full((len(bodies), len(rows), len(columns)), np.inf, dtype=np.float32)
    if not bodies:
        return depth
    table = Table.of(bodies, camera)
    for n, (left, top, right, bottom) in enumerate(table.box):
        if not np.isfinite(left):  # too near the camera
            continue
        u0, u1 = np.searchsorted(columns, (left, right))
        v0, v1 = np.searchsorted(rows, (top, bottom))
        if u0 < u1 and v0 < v1:
            window = depth[table.person[n], v0:v1, u0:u1]
            with np.errstate(invalid="ignore", divide="ignore"):  # rays that miss, or run along the side
                np.minimum(window, intersect(table, n, columns[u0:u1], rows[v0:v1]), out=window)
    return depth
