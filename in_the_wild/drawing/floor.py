"""The floor under people: its grid in metres, their shadows, and the lines from their hips down to it."""

from __future__ import annotations

import math

import cv2
import numpy as np

from in_the_wild.drawing.figure import Limbs
from in_the_wild.drawing.lettering import draw_text
from in_the_wild.drawing.shapes import capsules, fill, fixed, stroke
from in_the_wild.drawing.stage import Stage
from in_the_wild.drawing.view import Pinhole
from in_the_wild.look import Theme

_NEAR = 0.2  # metres before the camera within which nothing is drawn
_DARKEST = 150  # of 255, what a shadow takes away where a limb touches the floor
_FADES = 1.1  # metres above the floor at which a limb's shadow is a third of that
_LEVEL = 1.0  # degrees: a camera that looks down by less sees the floor as a line, and heights on a wall behind it


def draw_floor(
    image: np.ndarray, camera: Pinhole, edges: tuple[float, float, float, float], stage: Stage, theme: Theme
) -> None:
    """The floor with its grid, whose lines stay where they are in the world; seen level, a wall with heights.

    Args:
        image: Drawn into.
        camera: Of the frame.
        edges: Of the floor in the world: least x, most x, least y, most y.
        stage: What the camera is of.
        theme: The colours.
    """
    left, right, near, far = edges
    thin = max(1.0, min(stage.size) / 700)
    corners = np.array([[left, near, 0], [right, near, 0], [right, far, 0], [left, far, 0.0]])
    pixels, depth = camera.project(corners)
    if stage.view.elevation < _LEVEL:
        _draw_heights(image, camera, pixels, stage, theme)
        return
    if depth.min() < _NEAR:  # the camera stands on it
        return
    fill(image, fixed(pixels), theme.floor)
    for colour, whole in ((theme.grid, False), (theme.grid_metre, True)):
        lines = _lines(edges, stage.spacing, whole_metres=whole)
        stroke(image, camera.project(lines)[0], colour, thin)
    stroke(image, pixels[None], theme.rim, thin, closed=True)


def _lines(edges: tuple[float, float, float, float], spacing: float, *, whole_metres: bool) -> np.ndarray:
    """Grid lines on the floor, (L, 2, 3): those at whole metres, or those between them."""
    lines = []
    for axis in (0, 1):
        low, high = edges[2 * axis : 2 * axis + 2]
        at = np.arange(math.ceil(low / spacing - 1e-6), math.floor(high / spacing + 1e-6) + 1) * spacing
        at = at[(np.abs(at - np.rint(at)) < 1e-6) == whole_metres]
        ends = np.zeros((len(at), 2, 3))
        ends[:, :, axis] = at[:, None]
        ends[:, :, 1 - axis] = edges[2 - 2 * axis : 4 - 2 * axis]
        lines.append(ends)
    return np.concatenate(lines)


def _draw_heights(image: np.ndarray, camera: Pinhole, ground: np.ndarray, stage: Stage, theme: Theme) -> None:
    """Level lines every half metre above the floor, with their heights."""
    across = np.array([ground[:, 0].min(), ground[:, 0].max()]).clip(0, stage.size[0] - 1)
    text = max(8.0, min(stage.size) / 55)
    step = max(0.5, stage.spacing / 2)
    for number in range(1 + math.ceil(2.5 * stage.target_height / step)):
        height = number * step
        y = float(camera.project(np.array([*camera.target[:2], height]))[0][1])
        if y < 3 * text:
            break
        colour = theme.rim if number == 0 else theme.grid_metre if height % 1 == 0 else theme.grid
        stroke(image, np.array([[[across[0], y], [across[1], y]]]), colour, max(1.0, min(stage.size) / 700))
        if height % 1 == 0:
            draw_text(image, f"{height:g} m", across[1] - 0.6 * text, y - 0.5 * text, text, theme.quiet, "right")


def draw_shadows(image: np.ndarray, camera: Pinhole, points: np.ndarray, limbs: Limbs) -> None:
    """Darken the floor under each limb, the more the nearer it is: it shows where a person stands and jumps.

    Args:
        image: Drawn into.
        camera: Of the frame.
        points: (P, J, 3) world metres.
        limbs: Of the skeleton.
    """
    pixels, depth = camera.project(points * (1.0, 1.0, 0.0))  # (P, J, 2), (P, J)
    height = np.maximum(0.0, (points[:, limbs.a, 2] + points[:, limbs.b, 2]) / 2)  # (P, L)
    dark = np.rint(_DARKEST * np.exp(-height / _FADES)).astype(int)
    scale = camera.focal / np.maximum(depth, _NEAR)
    rows, columns = image.shape[:2]
    margin = round(0.03 * min(rows, columns))
    blur = 2 * max(1, round(min(rows, columns) / 320)) + 1
    for p in range(len(points)):
        if depth[p].min() < _NEAR:
            continue
        low = np.maximum(np.floor(pixels[p].min(axis=0)).astype(int) - margin, 0)
        high = np.minimum(np.ceil(pixels[p].max(axis=0)).astype(int) + margin, (columns, rows))
        if (high <= low).any():
            continue
        mask = np.zeros((high[1] - low[1], high[0] - low[0]), dtype=np.uint8)
        at = pixels[p] - low
        a, b = limbs.a, limbs.b
        # A shadow on the floor is seen at a slant, so it is flatter than the limb is wide.
        polygons = capsules(at[a], at[b], 0.75 * limbs.radii_a * scale[p, a], 0.75 * limbs.radii_b * scale[p, b])
        for i in np.argsort(dark[p], kind="stable"):
            cv2.fillConvexPoly(mask, polygons[i], (int(dark[p, i]),), cv2.LINE_AA, 4)
        _darken(image[low[1] : high[1], low[0] : high[0]], cv2.blur(mask, (blur, blur)))


def _darken(region: np.ndarray, shadow: np.ndarray) -> None:
    """Lay black of so much alpha over a part of a picture."""
    light = cv2.merge([255 - shadow] * 3)
    region[:, :, :3] = cv2.multiply(region[:, :, :3], light, scale=1 / 255)
    if region.shape[2] == 4:
        alpha = region[:, :, 3]
        region[:, :, 3] = cv2.add(cv2.multiply(alpha, light[:, :, 0], scale=1 / 255), shadow)


def draw_drop_lines(image: np.ndarray, camera: Pinhole, roots: np.ndarray, theme: Theme) -> None:
    """A line from each root (P, 3) down to the floor, and a ring where it meets it: where a person is."""
    feet = roots * (1.0, 1.0, 0.0)
    turn = np.linspace(0, 2 * np.pi, 25)[:-1]
    ring = 0.09 * np.stack([np.cos(turn), np.sin(turn), np.zeros_like(turn)], axis=1)
    width = max(1.0, min(image.shape[:2]) / 600)
    ends, depth = camera.project(np.stack([roots, feet], axis=1))
    for p in np.flatnonzero(depth.min(axis=1) > _NEAR):
        stroke(image, ends[p][None], theme.rim, width)
        stroke(image, camera.project(feet[p] + ring)[0][None], theme.rim, width, closed=True)
