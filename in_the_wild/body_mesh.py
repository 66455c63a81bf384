"""A simple body about a figure at rest: a rounded piece for every bone, as triangles that move with it.

Its sides are told apart by colour. Sizes are an adult's, to the scale of the figure's bones. It knows nothing about
files.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from in_the_wild.directions import frames, unit
from in_the_wild.rig import NAMES, PARENTS, Rig

SIDES = ("left", "right", "middle")
# Corners around a piece, and rings of each of its two rounded ends.
_AROUND, _RINGS = 16, 5
# Of each bone where its piece begins and ends, as shares of its length, and the radii there, metres of an adult.
_SHAPES: dict[str, tuple[float, float, float, float]] = {
    "spine": (0.1, 1.0, 0.1, 0.105),
    "chest": (0.1, 0.75, 0.11, 0.125),
    "neck": (0.0, 0.6, 0.052, 0.05),
    "shoulder": (0.35, 0.95, 0.06, 0.055),
    "upper_arm": (0.0, 1.0, 0.05, 0.04),
    "forearm": (0.0, 1.0, 0.04, 0.03),
    "hand": (0.15, 0.75, 0.03, 0.035),
    "thigh": (0.0, 1.0, 0.08, 0.055),
    "shin": (0.0, 1.0, 0.055, 0.038),
    "foot": (0.0, 0.9, 0.045, 0.032),
}
# Half of the hips, the head above the joint that it turns about, and a nose, so that one sees where it looks.
_HIPS, _HEAD, _NOSE = 0.105, 0.09, 0.02
# The length of an adult's thigh and shin, metres.
_LEG = 0.83


@dataclass(frozen=True)
class _Piece:
    """A rounded piece of a body: two spheres, and what is between them."""

    bone: int
    start: np.ndarray
    end: np.ndarray
    radii: np.ndarray


@dataclass(frozen=True)
class BodyMesh:
    """A body at rest.

    Attributes:
        vertices: (V, 3) in the rig's units and axes, the hips at 0.
        normals: (V, 3).
        bones: (V,) which bone each moves with.
        triangles: By side, "left", "right" and "middle", (F, 3) corners, counter-clockwise from outside.
    """

    vertices: np.ndarray
    normals: np.ndarray
    bones: np.ndarray
    triangles: dict[str, np.ndarray]


def rest_places(rig: Rig) -> np.ndarray:
    """(B, 3) where each bone starts in a figure at rest, the hips at 0."""
    places = np.zeros_like(rig.offsets)
    for b, parent in enumerate(PARENTS):
        if parent >= 0:
            places[b] = places[parent] + rig.offsets[b]
    return places


def body_mesh(rig: Rig, forward: np.ndarray) -> BodyMesh:
    """A body about a figure.

    Args:
        rig: The figure.
        forward: (3,) where it looks at rest.
    """
    sphere, is_end, faces = _sphere()
    pieces = _pieces(rig, forward)
    places: list[np.ndarray] = []
    triangles: dict[str, list[np.ndarray]] = {side: [] for side in SIDES}
    for number, piece in enumerate(pieces):
        way = unit(piece.end - piece.start)
        # Of a sphere that looks along x, turned to look along the piece, each half goes to one end.
        normals = sphere @ frames(way, np.roll(way, 1)).T
        radius, centre = np.where(is_end, piece.radii[1], piece.radii[0]), np.where(is_end, piece.end, piece.start)
        places.append(np.stack([centre + radius * normals, normals]))
        triangles[_side(piece.bone)].append(faces + number * len(sphere))
    vertices, normals = np.concatenate(places, axis=1)
    bones = np.repeat([piece.bone for piece in pieces], len(sphere))
    return BodyMesh(vertices, normals, bones, {side: np.concatenate(found) for side, found in triangles.items()})


def _pieces(rig: Rig, forward: np.ndarray) -> list[_Piece]:
    at = rest_places(rig)
    leg = rig.ends[NAMES.index("left_thigh")] + rig.ends[NAMES.index("left_shin")]
    scale = float(np.linalg.norm(leg)) / _LEG
    pieces = []
    for b, name in enumerate(NAMES):
        if shape := _SHAPES.get(name.removeprefix("left_").removeprefix("right_")):
            start, end = (at[b] + share * rig.ends[b] for share in shape[:2])
            pieces.append(_Piece(b, start, end, scale * np.array(shape[2:])))
    head, hips = NAMES.index("head"), NAMES.index("hips")
    pieces.append(_round(hips, at[NAMES.index("left_thigh")], at[NAMES.index("right_thigh")], scale * _HIPS))
    up = 0.03 * scale * unit(rig.ends[head])
    skull = at[head] + 0.5 * rig.ends[head] - 0.015 * scale * forward
    pieces.append(_round(head, skull - up, skull + up, scale * _HEAD))
    nose = skull + (_HEAD + 0.005) * scale * forward
    pieces.append(_round(head, nose - 0.6 * up, nose, scale * _NOSE))
    return pieces


def _round(bone: int, start: np.ndarray, end: np.ndarray, radius: float) -> _Piece:
    return _Piece(bone, start, end, np.full(2, radius))


def _side(bone: int) -> str:
    side = NAMES[bone].partition("_")[0]
    return side if side in SIDES else "middle"


def _sphere() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A sphere about x, cut in the middle: (V, 3) directions, (V, 1) which are of the far half, (F, 3) corners."""
    half = np.linspace(0, np.pi / 2, _RINGS + 1)[1:]  # without the pole, with the equator
    polar = np.concatenate([np.pi - half, half[::-1]])
    around = np.linspace(0, 2 * np.pi, _AROUND, endpoint=False)
    x, r = np.cos(polar)[:, None] + 0 * around, np.sin(polar)[:, None]
    rings = np.stack([x, r * np.cos(around), r * np.sin(around)], axis=-1).reshape(-1, 3)
    directions = np.concatenate([[[-1.0, 0, 0]], rings, [[1.0, 0, 0]]])
    here, following = 1 + np.arange(_AROUND), 1 + np.roll(np.arange(_AROUND), -1)
    last = len(directions) - 1
    near_cap = np.stack([np.zeros_like(here), following, here], axis=1)
    last_ring = last - _AROUND - 1
    far_cap = np.stack([np.full_like(here, last), last_ring + here, last_ring + following], axis=1)
    bands = [
        np.concatenate(
            [
                np.stack([here, following, following + _AROUND], axis=1),
                np.stack([here, following + _AROUND, here + _AROUND], axis=1),
            ]
        )
        + ring * _AROUND
        for ring in range(len(polar) - 1)
    ]
    is_end = np.arange(len(directions)) > len(rings) // 2
    return directions, is_end[:, None], np.concatenate([near_cap, *bands, far_cap])
