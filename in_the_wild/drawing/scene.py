"""A clip's 3D poses behind one fixed scale, drawn on a floor grid: one square panel per frame."""

from __future__ import annotations

import math
from collections.abc import Iterable

import cv2
import numpy as np

from in_the_wild.drawing.figure import draw_label, limbs_of
from in_the_wild.drawing.rows import FrameRows
from in_the_wild.drawing.shapes import SHIFT, capsules, draw_text, fill, fixed, lettering, mix
from in_the_wild.drawing.stage import CIRCLE, Stage, placed, smooth_centres, within_reach
from in_the_wild.drawing.view import Pinhole, View3D
from in_the_wild.errors import InputError
from in_the_wild.look import CERTAIN, DARK, FADED_MOST
from in_the_wild.poses import Poses

_NEAR = 0.2  # metres before the 3D camera within which nothing is drawn
_FAR_SCENE = 11.0  # metres: a fixed camera that had to stand farther off shows people so small that it rather follows


class Scene3D:
    """A clip's 3D poses, drawn frame by frame at one scale that fits the whole clip.

    People stand where the world positions put them. Where these say nothing (every root in one place, several people)
    they are set side by side, in the order `left_to_right`. Poses a kilometre from the others are left out.

    Args:
        poses: In world space.
        view: Size and camera.
        caption: A line at the top left, such as how the root's path was found.
        clock: Whether to show the time at the top right.
        left_to_right: Ids in the order in which people without a path are set side by side; by rising id if not given.

    Raises:
        InputError: poses in another space.
    """

    def __init__(
        self,
        poses: Poses,
        view: View3D | None = None,
        *,
        caption: str = "",
        clock: bool = True,
        left_to_right: Iterable[int] = (),
    ) -> None:
        if poses.space != "world":
            raise InputError(f'The 3D view draws poses in world space, found "{poses.space}"; convert them first.')
        self.view = view or View3D()
        self._video = poses.video
        self._caption, self._clock = caption, clock
        poses = poses.rows(within_reach(poses))
        self._limbs = limbs_of(poses.skeleton)
        self._rows = FrameRows(poses)
        self._scores, self._people = poses.scores, poses.person_id
        self._points = placed(poses, tuple(left_to_right))  # (N, J, 3)

        fixed = Stage.around(self._points, np.zeros((poses.video.frames, 2)), poses.frame, self.view)
        follow = self.view.follow if len(poses) else False
        stage = fixed
        if follow or (follow is None and fixed.distance > _FAR_SCENE):
            moving = Stage.around(self._points, smooth_centres(poses, self._points), poses.frame, self.view)
            stage = moving if follow or moving.distance < 0.75 * fixed.distance else fixed
        self._stage = stage
        self._spacing = next((s for s in (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0) if stage.radius / s <= 6), 200.0)
        self._still = self.view.turn == 0 and stage is fixed
        self._background = np.empty((self.view.size, self.view.size, 3), dtype=np.uint8)
        self._background[:] = DARK.background
        self._draw_captions(self._background)
        if self._still:
            self._draw_stage(self._background, self.camera(0))

    def camera(self, frame: int) -> Pinhole:
        """The camera of a frame."""
        view, stage = self.view, self._stage
        x, y = stage.centres[min(frame, len(stage.centres) - 1)] if len(stage.centres) else (0.0, 0.0)
        return Pinhole(
            target=np.array([x, y, stage.eye_level]),
            angle=view.angle_at(self._time(frame)),
            elevation=math.radians(view.elevation),
            distance=stage.distance,
            focal=view.focal,
            centre=((view.size - 1) / 2, stage.centre_y),
        )

    def draw(self, frame: int) -> np.ndarray:
        """The panel of one frame, people or not: (S, S, 3) uint8 RGB."""
        image = self._background.copy()
        camera = self.camera(frame)
        if not self._still:
            self._draw_stage(image, camera)
        if self._clock:
            self._draw_clock(image, frame)
        rows = self._rows[frame]
        if len(rows):
            points, scores = self._points[rows], self._scores[rows]
            self._draw_shadows(image, camera, points)
            self._draw_people(image, camera, points, scores, self._people[rows])
        return image

    def _time(self, frame: int) -> float:
        times = self._video.timestamps
        if frame < len(times):
            return float(times[frame])
        return float(times[-1] if len(times) else 0.0) + (frame - len(times) + 1) / self._video.fps

    def _draw_stage(self, image: np.ndarray, camera: Pinhole) -> None:
        """The round floor with its grid, whose lines stay where they are in the world, and the axes' directions."""
        middle, radius, spacing = camera.target[:2], self._stage.radius, self._spacing
        thin = max(1, round(self.view.size / 700))
        rim = fixed(camera.project(np.column_stack([middle + radius * CIRCLE, np.zeros(len(CIRCLE))]))[0])
        fill(image, rim, DARK.floor)
        for colour, metres in ((DARK.grid, False), (DARK.grid_metre, True)):
            lines = _grid_lines(middle, radius, spacing, whole_metres=metres)  # (L, 2, 3)
            pixels = fixed(camera.project(lines)[0])
            cv2.polylines(image, list(pixels), False, colour, thin, cv2.LINE_AA, SHIFT)
        cv2.polylines(image, [rim], True, DARK.rim, thin, cv2.LINE_AA, SHIFT)
        self._draw_axes(image, camera)

    def _draw_axes(self, image: np.ndarray, camera: Pinhole) -> None:
        size = self.view.size
        origin, length = np.array([0.075 * size, 0.945 * size]), 0.042 * size
        directions = camera.axes()[:2].T  # (3, 2): where the world's x, y and z point in the picture
        for name, direction in zip("xyz", directions, strict=True):
            if np.hypot(*direction) < 0.3:  # seen end on, its letter would lie on the others
                continue
            ends = fixed(np.stack([origin, origin + length * direction]))
            cv2.polylines(image, [ends], False, DARK.rim, max(1, round(size / 500)), cv2.LINE_AA, SHIFT)
            x, y = origin + (length + 0.014 * size) * direction
            height = _small_text(size) * 0.85
            draw_text(image, name, x, y + height / 2 - 0.5, height, DARK.quiet, align="middle")

    def _draw_captions(self, image: np.ndarray) -> None:
        size, height = self.view.size, _small_text(self.view.size)
        draw_text(image, f"grid {self._spacing:g} m", 0.965 * size, 0.97 * size, height, DARK.quiet, align="right")
        if self._caption:
            room = (0.76 if self._clock else 0.93) * size
            height = min(height, height * room / max(1, lettering(self._caption, height)[3]))
            draw_text(image, self._caption, 0.035 * size, 0.035 * size + height, height, DARK.quiet)

    def _draw_clock(self, image: np.ndarray, frame: int) -> None:
        size, height = self.view.size, _small_text(self.view.size)
        minutes, hundredths = divmod(round(self._time(frame) * 100), 6000)
        clock = f"{minutes}:{hundredths // 100:02}.{hundredths % 100:02}"
        draw_text(image, clock, 0.965 * size, 0.035 * size + height, height, DARK.quiet, align="right")

    def _draw_shadows(self, image: np.ndarray, camera: Pinhole, points: np.ndarray) -> None:
        """Darken the floor under each limb, the more the nearer it is: it shows where a person stands and jumps."""
        limbs = self._limbs
        flat = points * (1.0, 1.0, 0.0)
        pixels, depth = camera.project(flat)  # (P, J, 2), (P, J)
        height = np.maximum(0.0, (points[:, limbs.a, 2] + points[:, limbs.b, 2]) / 2)  # (P, L)
        dark = np.rint(150 * np.exp(-height / 1.1)).astype(int)
        scale = camera.focal / np.maximum(depth, _NEAR)
        margin = round(0.03 * self.view.size)
        for p in range(len(points)):
            if depth[p].min() < _NEAR:
                continue
            low = np.maximum(np.floor(pixels[p].min(axis=0)).astype(int) - margin, 0)
            high = np.minimum(np.ceil(pixels[p].max(axis=0)).astype(int) + margin, self.view.size)
            if (high <= low).any():
                continue
            mask = np.zeros((high[1] - low[1], high[0] - low[0]), dtype=np.uint8)
            at = pixels[p] - low
            a, b = limbs.a, limbs.b
            # A shadow on the floor is seen at a slant, so it is flatter than the limb is wide.
            polygons = capsules(at[a], at[b], 0.75 * limbs.radii_a * scale[p, a], 0.75 * limbs.radii_b * scale[p, b])
            for i in np.argsort(dark[p], kind="stable"):
                fill(mask, polygons[i], (int(dark[p, i]),))
            blur = 2 * max(1, round(self.view.size / 320)) + 1
            light = 255 - cv2.blur(mask, (blur, blur))
            region = image[low[1] : high[1], low[0] : high[0]]
            region[:] = cv2.multiply(region, cv2.merge((light, light, light)), scale=1 / 255)

    def _draw_people(
        self, image: np.ndarray, camera: Pinhole, points: np.ndarray, scores: np.ndarray, people: np.ndarray
    ) -> None:
        """Every limb of every person as a shaded capsule, the farthest first."""
        limbs = self._limbs
        a, b = limbs.a, limbs.b
        pixels, depth = camera.project(points)  # (P, J, 2), (P, J)
        scale = camera.focal / np.maximum(depth, _NEAR)
        middle = (depth[:, a] + depth[:, b]) / 2  # (P, L)
        # Front and back of a person read best when the darkening is measured from the person's own middle.
        back = np.clip(0.5 + (middle - middle.mean(axis=1, keepdims=True)) / 0.9, 0.0, 1.0).ravel()
        weakest = np.minimum(scores[:, a], scores[:, b]).ravel()
        faded = np.clip(1.0 - weakest / CERTAIN, 0.0, 1.0)
        ends_a, ends_b = pixels[:, a].reshape(-1, 2), pixels[:, b].reshape(-1, 2)  # (P*L, 2)
        least = self.view.size / 500
        width_a = np.maximum(least, limbs.radii_a * scale[:, a]).ravel()
        width_b = np.maximum(least, limbs.radii_b * scale[:, b]).ravel()
        rim = self.view.size / 420
        outlines = capsules(ends_a, ends_b, width_a + rim, width_b + rim)
        bodies = capsules(ends_a, ends_b, width_a, width_b)
        gloss = np.stack([width_a, width_b]) * 0.3  # light falls from the upper left
        shines = capsules(ends_a - gloss[0][:, None], ends_b - gloss[1][:, None], width_a * 0.38, width_b * 0.38)
        near = np.minimum(depth[:, a], depth[:, b]).ravel() > _NEAR
        order = np.argsort(-middle.ravel(), kind="stable")
        for i in order[near[order]]:
            colour = mix(limbs.colours[i % len(a)], DARK.floor, 0.42 * back[i])
            colour = mix(colour, DARK.floor, FADED_MOST * faded[i])
            fill(image, outlines[i], DARK.outline)
            fill(image, bodies[i], colour)
            if faded[i] < 0.5:
                fill(image, shines[i], mix(colour, (255, 255, 255), 0.28))

        height = _small_text(self.view.size)
        for p, person in enumerate(people):
            if person >= 0 and depth[p].min() > _NEAR:
                head = list(limbs.head) or list(range(pixels.shape[1]))
                x, y = pixels[p, head, 0].mean(), pixels[p, head, 1].min()
                gap = float(scale[p].mean()) * 0.13 + 1.1 * height
                draw_label(image, int(person), float(x), float(y) - gap, height)


def _small_text(size: int) -> float:
    return max(6.0, size / 62)


def _grid_lines(middle: np.ndarray, radius: float, spacing: float, *, whole_metres: bool) -> np.ndarray:
    """Grid lines on the floor within a circle: (L, 2, 3); those at whole metres, or those between them."""
    lines = []
    for axis in (0, 1):
        steps = np.arange(
            math.ceil((middle[axis] - radius) / spacing), math.floor((middle[axis] + radius) / spacing) + 1
        )
        at = steps * spacing
        at = at[(np.abs(at - np.rint(at)) < 1e-6) == whole_metres]
        half = np.sqrt(np.maximum(0.0, radius**2 - (at - middle[axis]) ** 2))
        ends = np.zeros((len(at), 2, 3))
        ends[:, :, axis] = at[:, None]
        ends[:, :, 1 - axis] = middle[1 - axis] + half[:, None] * (-1.0, 1.0)
        lines.append(ends)
    return np.concatenate(lines)
