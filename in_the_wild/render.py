"""Draw poses: the 2D skeleton over the video picture, and the 3D figures on a floor grid beside it.

    draw_overlay    2D skeletons into one picture
    Scene3D         a clip's 3D poses behind one fixed scale; draws one square panel per frame
    compose         two pictures side by side
    render_frames   all of it, one output picture for each video frame

Limbs are orange on the person's left, blue on the right, white in the middle: a pair that colour-blind people tell
apart. Pictures are (H, W, 3) uint8 RGB. It knows nothing about video files, detectors or networks.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import ConvexHull

from in_the_wild.errors import InputError
from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import Skeleton

if TYPE_CHECKING:
    from in_the_wild.video import Frame

Colour = tuple[int, int, int]

LEFT: Colour = (255, 146, 36)
RIGHT: Colour = (64, 156, 255)
MIDDLE: Colour = (236, 238, 242)
SIDE_COLOURS: dict[str, Colour] = {"left": LEFT, "right": RIGHT, "middle": MIDDLE}

BACKGROUND: Colour = (23, 26, 32)
FLOOR: Colour = (45, 50, 60)
GRID: Colour = (61, 67, 80)
GRID_METRE: Colour = (82, 90, 106)
RIM: Colour = (108, 117, 135)
TEXT: Colour = (158, 166, 182)
OUTLINE: Colour = (16, 18, 23)

# One colour per person for the id labels, far from the orange and blue of the sides.
ID_COLOURS: tuple[Colour, ...] = ((240, 228, 66), (204, 121, 167), (0, 190, 140), (200, 200, 205), (190, 150, 255))

CERTAIN = 0.5  # joints scored below this are shown as uncertain

# Limb radii in metres at each joint, for the 3D figure; joints not listed (face, fingers, toes) are thin.
_RADII: dict[str, float] = {
    "pelvis": 0.055,
    "spine": 0.052,
    "thorax": 0.050,
    "neck": 0.05,
    "head": 0.075,
    "head_top": 0.075,
    "shoulder": 0.042,
    "elbow": 0.034,
    "wrist": 0.026,
    "hip": 0.056,
    "knee": 0.044,
    "ankle": 0.032,
}
_THIN = 0.020
_CHIN = 0.060  # where the head meets the neck
_SMALL_JOINT = re.compile(r"eye|ear|mouth|pinky|index|thumb|toe|heel")
_HEAD_JOINT = re.compile(r"head|nose|eye|ear|mouth")

_SHIFT = 4  # OpenCV takes fixed-point coordinates: 4 binary digits, a sixteenth of a pixel
_FAR_PIXEL = 20_000.0  # coordinates beyond are cut off, lest the fixed-point numbers overflow
_NEAR = 0.2  # metres before the 3D camera within which nothing is drawn
_FAR_SCENE = 11.0  # metres: a fixed camera that had to stand farther off shows people so small that it rather follows
_USUAL = (0.5, 99.5)  # percentiles: positions outside are taken for outliers when the scale is chosen
_ROOM_FOR_LABEL = 0.15  # metres kept free above the people

_TURN = np.linspace(0.0, 2 * np.pi, 73)[:-1]
_CIRCLE = np.stack([np.cos(_TURN), np.sin(_TURN)], axis=1)  # (72, 2)


# Shapes


def _fixed(points: np.ndarray) -> np.ndarray:
    """Pixels (..., 2) as OpenCV's fixed-point int32. Pixel centres lie at whole numbers."""
    return np.rint(np.clip(points, -_FAR_PIXEL, _FAR_PIXEL) * (1 << _SHIFT)).astype(np.int32)


_ARC = np.linspace(-1.0, 1.0, 9)


def _capsules(a: np.ndarray, b: np.ndarray, radius_a: np.ndarray, radius_b: np.ndarray) -> np.ndarray:
    """Outlines of round-ended limbs: the hull of a circle about `a` and one about `b`.

    Args:
        a, b: (L, 2) pixels.
        radius_a, radius_b: (L,) pixels.

    Returns:
        (L, 18, 2) int32 fixed-point polygons.
    """
    along = b - a
    length = np.hypot(along[:, 0], along[:, 1])
    heading = np.arctan2(along[:, 1], along[:, 0])
    # The straight sides touch both circles: they leave the larger one later than at its full width.
    spread = np.arccos(np.clip((radius_a - radius_b) / np.maximum(length, 1e-6), -1.0, 1.0))
    angles_b = heading[:, None] + spread[:, None] * _ARC  # (L, 9)
    angles_a = heading[:, None] + math.pi + (math.pi - spread[:, None]) * _ARC
    angles = np.concatenate([angles_b, angles_a], axis=1)  # (L, 18)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=-1)  # (L, 18, 2)
    circle[:, :9] = b[:, None] + circle[:, :9] * radius_b[:, None, None]
    circle[:, 9:] = a[:, None] + circle[:, 9:] * radius_a[:, None, None]
    return _fixed(circle)


def _fill(image: np.ndarray, polygon: np.ndarray, colour: tuple[int, ...]) -> None:
    """Fill a polygon of `_fixed` points, antialiased."""
    cv2.fillConvexPoly(image, polygon, colour, cv2.LINE_AA, _SHIFT)


def _mix(colour: Colour, other: Colour, share: float) -> Colour:
    """`colour` with a share in 0..1 of `other`."""
    r, g, b = (round(x + (y - x) * share) for x, y in zip(colour, other, strict=True))
    return r, g, b


def _text(image: np.ndarray, text: str, x: float, y: float, height: float, colour: Colour, align: str = "left") -> None:
    """One line of text with capitals `height` pixels high, its base line at `y`."""
    font, scale, thickness, width = _lettering(text, height)
    x -= {"left": 0.0, "middle": width / 2, "right": width}[align]
    cv2.putText(image, text, (round(x), round(y)), font, scale, colour, thickness, cv2.LINE_AA)


@lru_cache(maxsize=512)
def _lettering(text: str, height: float) -> tuple[int, float, int, int]:
    """OpenCV's font, scale and line thickness for capitals of this height, and the text's width in pixels."""
    font = cv2.FONT_HERSHEY_DUPLEX if height >= 9 else cv2.FONT_HERSHEY_SIMPLEX  # double strokes clog when small
    scale, thickness = height / 21.0, max(1, round(height / 9))  # Hershey capitals are 21 units high
    (width, _), _ = cv2.getTextSize(text, font, scale, thickness)
    return font, scale, thickness, width


def _draw_label(image: np.ndarray, person: int, x: float, y: float, height: float) -> None:
    """A person's id on a pill centred at x, y, kept inside the picture."""
    text = str(person)
    *_, width = _lettering(text, height)
    radius = height * 0.95
    half = max(0.0, width / 2 - radius * 0.25)
    picture_height, picture_width = image.shape[:2]
    x = min(max(x, half + radius + 1), picture_width - half - radius - 2)
    y = min(max(y, radius + 1), picture_height - radius - 2)
    ends = np.array([[x - half, y]]), np.array([[x + half, y]])
    for grow, colour in ((height * 0.16, OUTLINE), (0.0, ID_COLOURS[person % len(ID_COLOURS)])):
        size = np.array([radius + grow])
        _fill(image, _capsules(*ends, size, size)[0], colour)
    _text(image, text, x, y + height / 2, height, OUTLINE, align="middle")


# What a skeleton looks like


@dataclass(frozen=True)
class _Limbs:
    """A skeleton's edges as arrays, ready to draw.

    Attributes:
        a, b: (L,) joint positions of each limb's ends.
        colours: Colour of each limb.
        joint_colours: Colour of each joint.
        radii_a, radii_b: (L,) metres.
        small: (J,) true for face, fingers and toes, which are drawn smaller in the overlay.
        head: Joint positions of the head.
    """

    a: np.ndarray
    b: np.ndarray
    colours: tuple[Colour, ...]
    joint_colours: tuple[Colour, ...]
    radii_a: np.ndarray
    radii_b: np.ndarray
    small: np.ndarray
    head: tuple[int, ...]


@lru_cache(maxsize=16)
def _limbs(skeleton: Skeleton) -> _Limbs:
    def edge_side(a: int, b: int) -> str:
        sides = {skeleton.side(a), skeleton.side(b)} - {"middle"}
        return sides.pop() if len(sides) == 1 else "middle"

    def radius(joint: int) -> float:
        return _RADII.get(re.sub(r"^(left|right)_", "", skeleton.joints[joint]), _THIN)

    edges = skeleton.edges
    return _Limbs(
        a=np.array([a for a, _ in edges]),
        b=np.array([b for _, b in edges]),
        colours=tuple(SIDE_COLOURS[edge_side(a, b)] for a, b in edges),
        joint_colours=tuple(SIDE_COLOURS[skeleton.side(j)] for j in range(len(skeleton))),
        radii_a=np.array([_CHIN if skeleton.joints[b].startswith("head") else radius(a) for a, b in edges]),
        radii_b=np.array([radius(b) for _, b in edges]),
        small=np.array([bool(_SMALL_JOINT.search(joint)) for joint in skeleton.joints]),
        head=tuple(j for j, joint in enumerate(skeleton.joints) if _HEAD_JOINT.search(joint)),
    )


# 2D over the video


def draw_overlay(
    image: np.ndarray, keypoints: np.ndarray, scores: np.ndarray, people: np.ndarray, skeleton: Skeleton
) -> None:
    """Draw the 2D skeletons of one frame into `image`.

    Joints scored 0, and limbs that end in one, are left out. Joints scored below 0.5 are hollow rings on thin limbs.

    Args:
        image: (H, W, 3) uint8 RGB, drawn into.
        keypoints: (P, J, 2) pixels.
        scores: (P, J) in [0, 1].
        people: (P,) track ids, shown on a label by the head; -1 gets none.
        skeleton: Which joints these are.
    """
    limbs = _limbs(skeleton)
    picture = min(image.shape[:2])
    label_height = max(6.0, picture / 55)
    for points, score, person in zip(np.asarray(keypoints, dtype=np.float64), scores, people, strict=True):
        seen = score > 0
        if not seen.any():
            continue
        corner = points[seen].min(axis=0)
        extent = float(max((points[seen].max(axis=0) - corner).max(), 1.0))
        # Thick lines would bury people far away, so they scale with the person up to what suits the picture.
        radius = float(np.clip(0.008 * extent, 0.9, max(1.1, picture / 210)))
        _draw_skeleton(image, points, score, limbs, radius)
        if person >= 0:
            head = [j for j in limbs.head if seen[j]]
            x = float(points[head, 0].mean() if head else points[seen, 0].mean())
            y = float(points[head, 1].min() if head else corner[1])
            _draw_label(image, int(person), x, y - 0.09 * extent - 1.3 * label_height, label_height)


def _draw_skeleton(image: np.ndarray, points: np.ndarray, score: np.ndarray, limbs: _Limbs, radius: float) -> None:
    """One person's 2D limbs, then joints; `radius` is half of a limb's width in pixels."""
    weakest = np.minimum(score[limbs.a], score[limbs.b])  # (L,)
    small = limbs.small[limbs.b]
    width = radius * np.where(weakest < CERTAIN, 0.45, np.where(small, 0.65, 1.0))
    outline = width + np.where(weakest < CERTAIN, 0.0, max(0.8, 0.4 * radius))
    a, b = points[limbs.a], points[limbs.b]
    drawn = [int(i) for i in np.argsort(weakest, kind="stable") if weakest[i] > 0]
    dark, bright = _capsules(a, b, outline, outline), _capsules(a, b, width, width)
    for i in drawn:
        if weakest[i] >= CERTAIN:
            _fill(image, dark[i], OUTLINE)
    for i in drawn:
        _fill(image, bright[i], limbs.colours[i])

    certain = score >= CERTAIN
    size = radius * np.where(limbs.small, 0.9, 1.5) * np.where(certain, 1.0, 1.2)
    outline = size + 0.4 * radius
    # A capsule from a point to itself is a disc; OpenCV's own small circles look like diamonds.
    dark, bright = _capsules(points, points, outline, outline), _capsules(points, points, size, size)
    for j in np.flatnonzero(score > 0):
        if certain[j]:
            _fill(image, dark[j], OUTLINE)
            _fill(image, bright[j], limbs.joint_colours[j])
        else:
            ring = max(1, round(0.45 * radius))
            cv2.polylines(image, [bright[j]], True, limbs.joint_colours[j], ring, cv2.LINE_AA, _SHIFT)


# 3D


@dataclass(frozen=True)
class View3D:
    """How the 3D panel looks at the scene.

    Attributes:
        size: Width and height of the panel in pixels.
        angle: Degrees about the vertical; at 0 it looks the way the video's camera does, above it from further left.
        turn: Degrees by which the camera swings to either side of `angle`; 0 keeps it fixed.
        period: Seconds of one whole swing.
        elevation: Degrees by which it looks down.
        field_of_view: Degrees.
        follow: Whether the camera goes along with the people, at the same scale throughout. None lets it, when people
            walk so far that they would be drawn too small otherwise.

    Raises:
        InputError: a value out of range.
    """

    size: int = 640
    angle: float = 0.0
    turn: float = 35.0
    period: float = 12.0
    elevation: float = 14.0
    field_of_view: float = 28.0
    follow: bool | None = None

    def __post_init__(self) -> None:
        if self.size < 32:
            raise InputError(f"The 3D panel must be at least 32 pixels wide, found {self.size}.")
        if self.period <= 0:
            raise InputError(f"The period of the turning camera must be above 0 seconds, found {self.period:g}.")
        if not 0 <= self.elevation <= 80:
            raise InputError(f"The 3D view's elevation must lie in 0..80 degrees, found {self.elevation:g}.")
        if not 5 <= self.field_of_view <= 100:
            raise InputError(f"The 3D view's field of view must lie in 5..100 degrees, found {self.field_of_view:g}.")

    def angle_at(self, seconds: float) -> float:
        """The camera's angle in radians at a time of the video; `angle` itself at time 0."""
        return math.radians(self.angle + self.turn * math.sin(2 * math.pi * seconds / self.period))

    @property
    def focal(self) -> float:
        """Focal length in pixels."""
        return self.size / 2 / math.tan(math.radians(self.field_of_view) / 2)


@dataclass(frozen=True)
class Pinhole:
    """A camera that looks at a point of the world (x right, y away from the video's camera, z up) without roll.

    Attributes:
        target: (3,) metres, the point that is projected to `centre`.
        angle: Radians about the vertical; at 0 it looks along +y, with +x to the right.
        elevation: Radians by which it looks down.
        distance: Metres from the target.
        focal: Pixels.
        centre: Pixels at which the target appears.
    """

    target: np.ndarray
    angle: float
    elevation: float
    distance: float
    focal: float
    centre: tuple[float, float]

    def axes(self) -> np.ndarray:
        """(3, 3): the camera's right, down and forward directions in the world, one a row."""
        return _camera_axes(self.angle, self.elevation)

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Points (..., 3) in world metres to pixels (..., 2) and depths (...) in metres."""
        seen = (points - self.target) @ self.axes().T
        depth = seen[..., 2] + self.distance
        scale = self.focal / np.maximum(depth, 1e-3)
        return seen[..., :2] * scale[..., None] + np.asarray(self.centre), depth


def _camera_axes(angle: float, elevation: float) -> np.ndarray:
    sin_a, cos_a, sin_e, cos_e = math.sin(angle), math.cos(angle), math.sin(elevation), math.cos(elevation)
    right = (cos_a, -sin_a, 0.0)
    down = (-sin_a * sin_e, -cos_a * sin_e, -cos_e)
    forward = (sin_a * cos_e, cos_a * cos_e, -sin_e)
    return np.array((right, down, forward))


class _FrameRows:
    """Finds the rows of a frame without searching the table."""

    def __init__(self, poses: Poses) -> None:
        self._order = np.argsort(poses.frame, kind="stable")
        self._starts = np.searchsorted(poses.frame[self._order], np.arange(poses.video.frames + 1))

    def __getitem__(self, frame: int) -> np.ndarray:
        if not 0 <= frame < len(self._starts) - 1:
            return self._order[:0]
        return self._order[self._starts[frame] : self._starts[frame + 1]]


class Scene3D:
    """A clip's 3D poses, drawn frame by frame at one scale that fits the whole clip.

    People stand where the world positions put them. Where these say nothing (every root in one place, several people)
    they are set side by side, in the order `left_to_right`.

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
        self._limbs = _limbs(poses.skeleton)
        self._rows = _FrameRows(poses)
        self._scores, self._people = poses.scores, poses.person_id
        self._points = _placed(poses, tuple(left_to_right))  # (N, J, 3)

        fixed = _Stage.around(self._points, np.zeros((poses.video.frames, 2)), poses.frame, self.view)
        follow = self.view.follow if len(poses) else False
        stage = fixed
        if follow or (follow is None and fixed.distance > _FAR_SCENE):
            moving = _Stage.around(self._points, _smooth_centres(poses, self._points), poses.frame, self.view)
            stage = moving if follow or moving.distance < 0.75 * fixed.distance else fixed
        self._stage = stage
        self._spacing = next((s for s in (0.5, 1.0, 2.0, 5.0) if stage.radius / s <= 6), 10.0)
        self._still = self.view.turn == 0 and stage is fixed
        self._background = np.empty((self.view.size, self.view.size, 3), dtype=np.uint8)
        self._background[:] = BACKGROUND
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
        rim = _fixed(camera.project(np.column_stack([middle + radius * _CIRCLE, np.zeros(len(_CIRCLE))]))[0])
        _fill(image, rim, FLOOR)
        for colour, metres in ((GRID, False), (GRID_METRE, True)):
            lines = _grid_lines(middle, radius, spacing, whole_metres=metres)  # (L, 2, 3)
            pixels = _fixed(camera.project(lines)[0])
            cv2.polylines(image, list(pixels), False, colour, thin, cv2.LINE_AA, _SHIFT)
        cv2.polylines(image, [rim], True, RIM, thin, cv2.LINE_AA, _SHIFT)
        self._draw_axes(image, camera)

    def _draw_axes(self, image: np.ndarray, camera: Pinhole) -> None:
        size = self.view.size
        origin, length = np.array([0.075 * size, 0.945 * size]), 0.042 * size
        directions = camera.axes()[:2].T  # (3, 2): where the world's x, y and z point in the picture
        for name, direction in zip("xyz", directions, strict=True):
            if np.hypot(*direction) < 0.3:  # seen end on, its letter would lie on the others
                continue
            ends = _fixed(np.stack([origin, origin + length * direction]))
            cv2.polylines(image, [ends], False, RIM, max(1, round(size / 500)), cv2.LINE_AA, _SHIFT)
            x, y = origin + (length + 0.014 * size) * direction
            height = _small_text(size) * 0.85
            _text(image, name, x, y + height / 2 - 0.5, height, TEXT, align="middle")

    def _draw_captions(self, image: np.ndarray) -> None:
        size, height = self.view.size, _small_text(self.view.size)
        _text(image, f"grid {self._spacing:g} m", 0.965 * size, 0.97 * size, height, TEXT, align="right")
        if self._caption:
            room = (0.76 if self._clock else 0.93) * size
            height = min(height, height * room / max(1, _lettering(self._caption, height)[3]))
            _text(image, self._caption, 0.035 * size, 0.035 * size + height, height, TEXT)

    def _draw_clock(self, image: np.ndarray, frame: int) -> None:
        size, height = self.view.size, _small_text(self.view.size)
        minutes, hundredths = divmod(round(self._time(frame) * 100), 6000)
        clock = f"{minutes}:{hundredths // 100:02}.{hundredths % 100:02}"
        _text(image, clock, 0.965 * size, 0.035 * size + height, height, TEXT, align="right")

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
            polygons = _capsules(at[a], at[b], 0.75 * limbs.radii_a * scale[p, a], 0.75 * limbs.radii_b * scale[p, b])
            for i in np.argsort(dark[p], kind="stable"):
                _fill(mask, polygons[i], (int(dark[p, i]),))
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
        outlines = _capsules(ends_a, ends_b, width_a + rim, width_b + rim)
        bodies = _capsules(ends_a, ends_b, width_a, width_b)
        gloss = np.stack([width_a, width_b]) * 0.3  # light falls from the upper left
        shines = _capsules(ends_a - gloss[0][:, None], ends_b - gloss[1][:, None], width_a * 0.38, width_b * 0.38)
        near = np.minimum(depth[:, a], depth[:, b]).ravel() > _NEAR
        order = np.argsort(-middle.ravel(), kind="stable")
        for i in order[near[order]]:
            colour = _mix(limbs.colours[i % len(a)], FLOOR, 0.42 * back[i])
            colour = _mix(colour, FLOOR, 0.62 * faded[i])
            _fill(image, outlines[i], OUTLINE)
            _fill(image, bodies[i], colour)
            if faded[i] < 0.5:
                _fill(image, shines[i], _mix(colour, (255, 255, 255), 0.28))

        height = _small_text(self.view.size)
        for p, person in enumerate(people):
            if person >= 0 and depth[p].min() > _NEAR:
                head = list(limbs.head) or list(range(pixels.shape[1]))
                x, y = pixels[p, head, 0].mean(), pixels[p, head, 1].min()
                gap = float(scale[p].mean()) * 0.13 + 1.1 * height
                _draw_label(image, int(person), float(x), float(y) - gap, height)


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


def _placed(poses: Poses, left_to_right: tuple[int, ...]) -> np.ndarray:
    """World keypoints (N, J, 3), people side by side where all of their roots lie in one place."""
    points = poses.keypoints.astype(np.float64)
    roots = points[:, poses.skeleton.root, :2]
    people = sorted(poses.persons, key=lambda p: (left_to_right.index(p) if p in left_to_right else math.inf, p))
    if len(people) < 2 or (roots.max(axis=0) - roots.min(axis=0)).max() > 0.01:
        return points
    for place, person in enumerate(people):
        points[poses.person_id == person, :, 0] += (place - (len(people) - 1) / 2) * 1.3
    return points


def _smooth_centres(poses: Poses, points: np.ndarray) -> np.ndarray:
    """Where the people are on the floor, (T, 2) metres, smoothed over about a second and going on through gaps."""
    frames = poses.video.frames
    count = np.bincount(poses.frame, minlength=frames)
    known = np.flatnonzero(count)
    centres = np.empty((frames, 2))
    for axis in (0, 1):
        total = np.bincount(poses.frame, weights=points[:, :, axis].mean(axis=1), minlength=frames)
        centres[:, axis] = np.interp(np.arange(frames), known, total[known] / count[known])
    centres = np.clip(centres, *np.percentile(centres[known], _USUAL, axis=0))
    return gaussian_filter1d(centres, sigma=0.6 * poses.video.fps, axis=0, mode="nearest")


@dataclass(frozen=True)
class _Stage:
    """The scale and place of a clip's scene.

    Attributes:
        centres: (T, 2) metres, the floor's middle in each frame.
        radius: Metres of the round floor.
        eye_level: Height in metres of the point that the camera turns about.
        distance: Metres from that point to the camera.
        centre_y: Pixels from the top at which that point appears.
    """

    centres: np.ndarray
    radius: float
    eye_level: float
    distance: float
    centre_y: float

    @classmethod
    def around(cls, points: np.ndarray, centres: np.ndarray, frame: np.ndarray, view: View3D) -> _Stage:
        """The nearest camera that keeps the floor and (all but outliers of) the people in the picture all the time."""
        flat = (points - np.pad(centres[frame], ((0, 0), (0, 1)))[:, None]).reshape(-1, 3)
        if not len(flat):
            flat = np.array([[0.0, 0.0, 1.8]])
        # One wild estimate of a root must not shrink everything else.
        low, high = np.percentile(flat, _USUAL, axis=0) + np.array([[-0.15], [0.15]])
        flat = np.clip(flat, low, high)
        on_floor = cv2.convexHull(flat[:, :2].astype(np.float32))
        (x, y), reach = cv2.minEnclosingCircle(on_floor)
        radius, middle = max(0.8, reach + 0.3), np.array([x, y, 0.0])
        rim = np.pad(radius * _CIRCLE, ((0, 0), (0, 1)))
        body = flat - middle
        if len(body) > 100:
            body = body[ConvexHull(body, qhull_options="QJ").vertices]  # QJ: also for points in one plane
        above = body + np.array([0.0, 0.0, _ROOM_FOR_LABEL])
        eye_level = max(0.9, float(high[2]) / 2)
        cloud = np.concatenate([rim, body, above]) - (0.0, 0.0, eye_level)
        sweep = np.radians(view.angle + view.turn * np.linspace(-1, 1, 13))
        seen = np.stack([cloud @ _camera_axes(a, math.radians(view.elevation)).T for a in sweep]).reshape(-1, 3)
        distance, top, bottom = _fit(seen, width=0.93 * view.size / view.focal, height=0.85 * view.size / view.focal)
        # The scene hangs in the middle of what the texts at the top and bottom leave free.
        centre_y = 0.505 * view.size - view.focal * (top + bottom) / 2
        return cls(centres + middle[:2], radius, eye_level, distance, centre_y)


def _fit(seen: np.ndarray, *, width: float, height: float) -> tuple[float, float, float]:
    """The least distance from which points fit.

    Args:
        seen: (K, 3) metres right, down and away, from the point that the camera looks at.
        width, height: Of the picture, in units of the focal length.

    Returns:
        The distance, and the highest and lowest point at that distance in units of the focal length.
    """

    def span(distance: float) -> tuple[float, float, float]:
        flat = seen[:, :2] / (seen[:, 2:] + distance)
        return 2 * float(np.abs(flat[:, 0]).max()), float(flat[:, 1].min()), float(flat[:, 1].max())

    near = 1.0 - float(seen[:, 2].min())
    far = near + 4 * float(np.abs(seen).max()) / min(width, height)
    for _ in range(40):
        distance = (near + far) / 2
        across, top, bottom = span(distance)
        near, far = (near, distance) if across <= width and bottom - top <= height else (distance, far)
    _, top, bottom = span(far)
    return far, top, bottom


# Side by side


def compose(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Two pictures side by side, as high as the higher one and with even sizes, which H.264 wants."""
    height = max(left.shape[0], right.shape[0])
    width = left.shape[1] + right.shape[1]
    if left.shape[0] == right.shape[0] and height % 2 == 0 and width % 2 == 0:
        return np.concatenate([left, right], axis=1)
    joined = np.empty((height + height % 2, width + width % 2, 3), dtype=np.uint8)
    joined[:] = BACKGROUND
    joined[: left.shape[0], : left.shape[1]] = left
    joined[: right.shape[0], left.shape[1] : width] = right
    return joined


def picture_size(video: Source, *, min_height: int = 360, max_height: int = 720) -> tuple[int, int]:
    """Even (width, height) in pixels at which a video is shown: its shape, its height within limits."""
    height = min(max(video.height, min_height), max_height)
    height -= height % 2
    width = round(video.width * height / video.height / 2) * 2
    return max(2, width), height


def output_size(
    video: Source, *, with_video: bool = True, min_height: int = 360, max_height: int = 720
) -> tuple[int, int]:
    """Even (width, height) in pixels of every picture that `render_frames` gives."""
    width, height = picture_size(video, min_height=min_height, max_height=max_height)
    return (width + height if with_video else height), height


def render_frames(
    frames: Iterable[Frame] | None,
    poses2d: Poses | None,
    poses3d: Poses,
    *,
    view: View3D | None = None,
    caption: str = "",
    clock: bool = True,
    min_height: int = 360,
    max_height: int = 720,
) -> Iterator[np.ndarray]:
    """The video with its overlay and the 3D view beside it, one picture for each video frame.

    Args:
        frames: The video's pictures with their index; None for the 3D view alone, one picture for each timestamp.
        poses2d: In image space, drawn over the video; None for none.
        poses3d: In world space.
        view: The 3D camera; its size is set to the height of the output.
        caption: A line at the top of the 3D view.
        clock: Whether to show the time.
        min_height, max_height: The video is scaled so that its height lies within.

    Yields:
        (H', W', 3) uint8 RGB, every one of `output_size`.

    Raises:
        InputError: poses in another space, or pictures of another shape than the video the poses were found in.
    """
    if poses2d is not None and poses2d.space != "image":
        raise InputError(f'The overlay draws poses in image space, found "{poses2d.space}".')
    video = poses3d.video
    width, height = picture_size(video, min_height=min_height, max_height=max_height)
    scene = Scene3D(
        poses3d,
        dataclasses.replace(view or View3D(), size=height),
        caption=caption,
        clock=clock,
        left_to_right=_left_to_right(poses2d) if poses2d is not None else (),
    )
    if frames is None:
        for index in range(video.frames):
            yield scene.draw(index)
        return
    rows = _FrameRows(poses2d) if poses2d is not None else None
    for frame in frames:
        picture = _scaled(frame.image, width, height, video)
        if poses2d is not None and rows is not None:
            here = rows[frame.index]
            scale = (width / video.width, height / video.height)
            keypoints = (poses2d.keypoints[here] + 0.5) * scale - 0.5
            draw_overlay(picture, keypoints, poses2d.scores[here], poses2d.person_id[here], poses2d.skeleton)
        yield compose(picture, scene.draw(frame.index))


def _left_to_right(poses2d: Poses) -> list[int]:
    """Ids ordered by where people are in the picture on average."""
    across = poses2d.keypoints[:, :, 0].mean(axis=1)
    return sorted(poses2d.persons, key=lambda person: float(across[poses2d.person_id == person].mean()))


def _scaled(image: np.ndarray, width: int, height: int, video: Source) -> np.ndarray:
    """A copy of the picture, drawable, at the size it is shown at."""
    rows, columns = image.shape[:2]
    if abs(columns * video.height - rows * video.width) > 0.03 * rows * video.width:
        raise InputError(
            f"The poses were found in a video of {video.width}x{video.height} pixels, these pictures have "
            f"{columns}x{rows}; give the video that the poses come from."
        )
    if (columns, rows) == (width, height):
        return np.array(image)
    # Down to a half, bilinear leaves no pixel out either, in a fifth of the time.
    method = cv2.INTER_AREA if rows > 2 * height else cv2.INTER_LINEAR
    return cv2.resize(image, (width, height), interpolation=method)
