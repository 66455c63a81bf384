"""People in 3D: every limb of every person as a shaded capsule, with a torso and a head that looks somewhere; or bones.

All parts are sorted by their depth, and the farthest is painted first. How doubt is drawn, `in_the_wild.look` says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import cv2
import numpy as np

from in_the_wild.drawing.figure import Limbs, limbs_of
from in_the_wild.drawing.head import Heads, heads_of
from in_the_wild.drawing.shapes import capsules, dashes, fill, mix
from in_the_wild.drawing.style import Style
from in_the_wild.drawing.view import Pinhole
from in_the_wild.look import DASH, DASH_GAP, DOTS_APART, FADED_MOST, Colour, Theme
from in_the_wild.skeletons import Skeleton

_NEAR = 0.2  # metres before the camera within which nothing is drawn
_BONE = 0.014  # metres, half the thickness of a bone
_TRUNK = 0.50  # metres from a grown person's hips to the shoulders, which thickness is measured by
_DIM = 0.42  # share of the floor's colour in what is farthest of a person
_DEEP = 0.9  # metres from there to what is nearest
_SHINE, _SHINE_SIZE = 0.28, 0.38  # the white in light that falls from the upper left, its share of a limb's thickness
# Metres of a grown person: a head's half width, from its middle to those of its round ends, neck; eyes; nose; torso.
_HEAD, _CROWN, _NECK = 0.083, 0.030, 0.045
_EYE, _EYES_APART, _EYES_AHEAD, _EYES_UP = 0.0165, 0.034, 0.074, 0.026
_NOSE, _NOSE_FROM, _NOSE_TO = 0.015, 0.070, 0.098
_SHOULDERS, _HIPS = 0.062, 0.078
_TORSO_DIM = 0.4  # share of the floor's colour in a torso, so that limbs stand out from it
_TORSO_LIGHT = 0.55  # share of its thickness that its lighter middle has
_TRUNK_JOINT = re.compile(r"pelvis|spine|belly|thorax|neck|shoulder|hip")
_FRONT_FIRST = 0.01  # metres by which what lies on a head is nearer than the head


@dataclass(frozen=True)
class _Parts:
    """Round-ended parts of bodies, ready to be projected.

    Attributes:
        a, b: (K, 3) metres, their ends.
        radius_a, radius_b: (K,) metres.
        colours: Of each.
        doubts: (K,) of the less certain end.
        person: (K,) whose they are, as positions among the people.
        nearer: (K,) metres by which each counts as nearer than it is.
        plain: (K,) whether it has neither outline nor shine.
    """

    a: np.ndarray
    b: np.ndarray
    radius_a: np.ndarray
    radius_b: np.ndarray
    colours: tuple[Colour, ...]
    doubts: np.ndarray
    person: np.ndarray
    nearer: np.ndarray
    plain: np.ndarray

    @classmethod
    def joined(cls, several: list[_Parts]) -> _Parts:
        """All of several."""
        arrays = {
            name: np.concatenate([getattr(one, name) for one in several])
            for name in ("a", "b", "radius_a", "radius_b", "doubts", "person", "nearer", "plain")
        }
        return cls(colours=tuple(colour for one in several for colour in one.colours), **arrays)


class Bodies:
    """Draws people of one skeleton.

    Args:
        skeleton: Which joints they have.
        style: How they look.
    """

    def __init__(self, skeleton: Skeleton, style: Style) -> None:
        self._skeleton, self._style = skeleton, style
        self._limbs: Limbs = limbs_of(skeleton)
        names = skeleton.joints
        self._full = style.body == "capsules"
        self._torso = [
            names.index(joint)
            for joint in ("left_shoulder", "right_shoulder", "right_hip", "left_hip")
            if joint in names
        ]
        inside = set(self._limbs.head) | ({names.index("neck")} if {"neck", "thorax"} <= set(names) else set())
        trunk = {j for j, joint in enumerate(names) if _TRUNK_JOINT.search(joint)} if len(self._torso) == 4 else set()
        # A drawn head and torso take the place of lines between their joints.
        pairs = zip(self._limbs.a.tolist(), self._limbs.b.tolist(), strict=True)
        self._shown = np.array([not (self._full and (inside & set(pair) or set(pair) <= trunk)) for pair in pairs])

    def draw(
        self, image: np.ndarray, camera: Pinhole, points: np.ndarray, doubts: np.ndarray, sizes: np.ndarray
    ) -> None:
        """Paint people.

        Args:
            image: Drawn into.
            camera: Of the frame.
            points: (P, J, 3) world metres.
            doubts: (P, J) in [0, 1], see `look.doubts`.
            sizes: (P,) how large each is, 1 for a grown person.
        """
        theme = self._style.theme
        several = [self._limb_parts(points, doubts, sizes, theme)]
        heads = heads_of(points, self._skeleton)
        if heads is not None:
            several.append(self._head_parts(heads, doubts, sizes, theme))
        parts = _Parts.joined(several)
        paint = _Paint(image, camera, parts, theme)
        rim = min(image.shape[:2]) / 420
        torsos = self._torsos(camera, points, doubts, sizes, rim) if self._full and len(self._torso) == 4 else []
        order = [(depth, k) for k, depth in enumerate(paint.depths)]
        order += [(depth, ~t) for t, (depth, *_) in enumerate(torsos)]
        for _, k in sorted(order, reverse=True):
            if k >= 0:
                paint.part(k)
            else:
                _, hulls, faded = torsos[~k]
                colour = mix(theme.sides["middle"], theme.floor, _TORSO_DIM + (FADED_MOST - _TORSO_DIM) * faded)
                for hull, shade in zip(
                    hulls, (theme.outline, colour, mix(colour, theme.sides["middle"], 0.2)), strict=True
                ):
                    fill(image, hull, shade)

    def _limb_parts(self, points: np.ndarray, doubts: np.ndarray, sizes: np.ndarray, theme: Theme) -> _Parts:
        limbs, people = self._limbs, len(points)
        a, b = limbs.a[self._shown], limbs.b[self._shown]
        thick = np.repeat(sizes, len(a))
        radii = [
            radii[self._shown] if self._full else np.full(len(a), _BONE) for radii in (limbs.radii_a, limbs.radii_b)
        ]
        colours = [theme.sides[side] for side, shown in zip(limbs.sides, self._shown, strict=True) if shown]
        parts = _Parts(
            a=points[:, a].reshape(-1, 3),
            b=points[:, b].reshape(-1, 3),
            radius_a=np.tile(radii[0], people) * thick,
            radius_b=np.tile(radii[1], people) * thick,
            colours=tuple(colours) * people,
            doubts=np.maximum(doubts[:, a], doubts[:, b]).ravel(),
            person=np.repeat(np.arange(people), len(a)),
            nearer=np.zeros(people * len(a)),
            plain=np.zeros(people * len(a), dtype=bool),
        )
        return parts if self._full else _Parts.joined([parts, self._joint_parts(points, doubts, sizes, theme)])

    def _joint_parts(self, points: np.ndarray, doubts: np.ndarray, sizes: np.ndarray, theme: Theme) -> _Parts:
        """A ball for each joint, which bones have."""
        people, joints = points.shape[:2]
        ball = np.where(self._limbs.small, 1.0, 1.8) * _BONE
        return _Parts(
            a=points.reshape(-1, 3),
            b=points.reshape(-1, 3),
            radius_a=(sizes[:, None] * ball).ravel(),
            radius_b=(sizes[:, None] * ball).ravel(),
            colours=tuple(theme.sides[side] for side in self._limbs.joint_sides) * people,
            doubts=doubts.ravel(),
            person=np.repeat(np.arange(people), joints),
            nearer=np.full(people * joints, _FRONT_FIRST),
            plain=np.zeros(people * joints, dtype=bool),
        )

    def _head_parts(self, heads: Heads, doubts: np.ndarray, sizes: np.ndarray, theme: Theme) -> _Parts:
        """Necks, heads, and their faces, which the heads hide from behind."""
        people = len(sizes)
        tall = sizes[:, None]
        across = np.cross(heads.up, heads.face)
        eyes = heads.centre + tall * (_EYES_AHEAD * heads.face + _EYES_UP * heads.up)
        nose_from, nose_to = (heads.centre + tall * ahead * heads.face for ahead in (_NOSE_FROM, _NOSE_TO))
        middle, dark = theme.sides["middle"], theme.outline
        doubt = doubts[:, list(self._limbs.head)].min(axis=1) if self._limbs.head else np.zeros(people)

        def part(a: np.ndarray, b: np.ndarray, radius: float, colour: Colour, nearer: float, plain: bool) -> _Parts:
            return _Parts(
                a, b, radius * sizes, radius * sizes, (colour,) * people, doubt, np.arange(people),
                np.full(people, nearer), np.full(people, plain),
            )  # fmt: skip

        if not self._full:
            return part(heads.centre, nose_to, _BONE, middle, 0.0, True)
        skull = heads.up * tall * _CROWN
        # Of a face that nothing tells, the parts shrink to a point within the head.
        apart = tall * _EYES_APART * across
        return _Parts.joined([
            part(heads.neck, heads.centre, _NECK, middle, -_FRONT_FIRST, False),
            part(heads.centre - skull, heads.centre + skull, _HEAD, middle, 0.0, False),
            *(part(eyes + side * apart, eyes + side * apart, _EYE, dark, _FRONT_FIRST, True) for side in (-1, 1)),
            part(nose_from, nose_to, _NOSE, mix(middle, dark, 0.3), _FRONT_FIRST, True),
        ])  # fmt: skip

    def _torsos(
        self, camera: Pinhole, points: np.ndarray, doubts: np.ndarray, sizes: np.ndarray, rim: float
    ) -> list[tuple[float, list[np.ndarray], float]]:
        """The hull about each person's shoulders and hips: depth; outline, body and light; and how far it fades."""
        pixels, depth = camera.project(points[:, self._torso])  # (P, 4, 2), (P, 4)
        radii = np.array([_SHOULDERS, _SHOULDERS, _HIPS, _HIPS])
        found = []
        for p in np.flatnonzero(depth.min(axis=1) > _NEAR):
            size = radii * sizes[p] * camera.focal / depth[p]
            # Light falls from the upper left.
            shapes = (
                (pixels[p], size + rim),
                (pixels[p], size),
                (pixels[p] - 0.25 * size[:, None], _TORSO_LIGHT * size),
            )
            hulls = [cv2.convexHull(capsules(at, at, wide, wide).reshape(-1, 1, 2)) for at, wide in shapes]
            found.append((float(depth[p].mean()) + _FRONT_FIRST, hulls, float(doubts[p, self._torso].max())))
        return found


class _Paint:
    """Paints parts of bodies into a picture."""

    def __init__(self, image: np.ndarray, camera: Pinhole, parts: _Parts, theme: Theme) -> None:
        self._image, self._parts, self._theme = image, parts, theme
        self._a, depth_a = camera.project(parts.a)
        self._b, depth_b = camera.project(parts.b)
        least = min(image.shape[:2])
        self._width_a = np.maximum(least / 500, parts.radius_a * camera.focal / np.maximum(depth_a, _NEAR))
        self._width_b = np.maximum(least / 500, parts.radius_b * camera.focal / np.maximum(depth_b, _NEAR))
        middle = (depth_a + depth_b) / 2
        self._seen = np.minimum(depth_a, depth_b) > _NEAR
        self.depths = (middle - parts.nearer).tolist()
        # Front and back of a person read best when the darkening is measured from the person's own middle.
        own = np.bincount(parts.person, weights=middle) / np.maximum(1, np.bincount(parts.person))
        self._back = np.clip(0.5 + (middle - own[parts.person]) / _DEEP, 0.0, 1.0).tolist()
        self._doubts = parts.doubts.tolist()
        # What is shorter has no room for dashes.
        self._long = (np.hypot(*(self._b - self._a).T) > 4 * self._width_b).tolist()
        rim = least / 420
        self._outlines = capsules(self._a, self._b, self._width_a + rim, self._width_b + rim)
        self._bodies = capsules(self._a, self._b, self._width_a, self._width_b)
        gloss = 0.3 * np.stack([self._width_a, self._width_b])[:, :, None]  # light falls from the upper left
        shine_a, shine_b = self._width_a * _SHINE_SIZE, self._width_b * _SHINE_SIZE
        self._shines = capsules(self._a - gloss[0], self._b - gloss[1], shine_a, shine_b)

    def part(self, k: int) -> None:
        """Paint one part."""
        parts, theme = self._parts, self._theme
        if not self._seen[k]:
            return
        colour = mix(parts.colours[k], theme.floor, _DIM * self._back[k])
        colour = mix(colour, theme.floor, FADED_MOST * self._doubts[k])
        if parts.plain[k]:
            fill(self._image, self._bodies[k], colour)
        elif self._doubts[k] == 1 or (self._doubts[k] > 0 and self._long[k]):
            self._dashed(k, colour)
        else:
            fill(self._image, self._outlines[k], theme.outline)
            fill(self._image, self._bodies[k], colour)
            if self._doubts[k] == 0:
                fill(self._image, self._shines[k], mix(colour, (255, 255, 255), _SHINE))

    def _dashed(self, k: int, colour: Colour) -> None:
        """An uncertain limb, as dashes of half its thickness; one that nobody saw, as dots."""
        width = 0.5 * min(self._width_a[k], self._width_b[k])
        dash, gap = (DASH, DASH_GAP + 2) if self._doubts[k] < 1 else (0.0, DOTS_APART)
        begins, ends = dashes(self._a[k], self._b[k], dash * width, gap * width)
        thick = np.full(len(begins), width)
        for one in capsules(begins, ends, thick, thick):
            fill(self._image, one, colour)


def sizes_of(points: np.ndarray, skeleton: Skeleton) -> np.ndarray:
    """How large people (N, J, 3) are by their trunks, (N,), 1 for a grown person; children are thinner in all."""
    names = skeleton.joints
    if not {"left_shoulder", "right_shoulder", "left_hip", "right_hip"} <= set(names) or not len(points):
        return np.ones(len(points))
    shoulders, hips = (
        points[:, skeleton.indices(f"left_{joint}", f"right_{joint}")].mean(axis=1) for joint in ("shoulder", "hip")
    )
    return np.clip(np.linalg.norm(shoulders - hips, axis=1) / _TRUNK, 0.3, 1.5)
