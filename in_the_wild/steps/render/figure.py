"""What a skeleton looks like: the colours of its sides, how thick its limbs are, and a person's id on a label.

Limbs are orange on the person's left, blue on the right, white in the middle: a pair that colour-blind people tell
apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from in_the_wild.colours import SIDE_COLOURS
from in_the_wild.skeletons import Skeleton
from in_the_wild.steps.render.shapes import Colour, capsules, draw_text, fill, lettering

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


@dataclass(frozen=True)
class Limbs:
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
def limbs_of(skeleton: Skeleton) -> Limbs:
    """The limbs of a skeleton, ready to draw."""

    def edge_side(a: int, b: int) -> str:
        sides = {skeleton.side(a), skeleton.side(b)} - {"middle"}
        return sides.pop() if len(sides) == 1 else "middle"

    def radius(joint: int) -> float:
        return _RADII.get(re.sub(r"^(left|right)_", "", skeleton.joints[joint]), _THIN)

    drawn = {joint for edge in skeleton.edges for joint in edge}
    # Markers that no line leads to are dots.
    edges = [*skeleton.edges, *((joint, joint) for joint in range(len(skeleton)) if joint not in drawn)]
    return Limbs(
        a=np.array([a for a, _ in edges]),
        b=np.array([b for _, b in edges]),
        colours=tuple(SIDE_COLOURS[edge_side(a, b)] for a, b in edges),
        joint_colours=tuple(SIDE_COLOURS[skeleton.side(j)] for j in range(len(skeleton))),
        radii_a=np.array([_CHIN if skeleton.joints[b].startswith("head") else radius(a) for a, b in edges]),
        radii_b=np.array([radius(b) for _, b in edges]),
        small=np.array([bool(_SMALL_JOINT.search(joint)) for joint in skeleton.joints]),
        head=tuple(j for j, joint in enumerate(skeleton.joints) if _HEAD_JOINT.search(joint)),
    )


def draw_label(image: np.ndarray, person: int, x: float, y: float, height: float) -> None:
    """A person's id on a pill centred at x, y, kept inside the picture."""
    text = str(person)
    *_, width = lettering(text, height)
    radius = height * 0.95
    half = max(0.0, width / 2 - radius * 0.25)
    picture_height, picture_width = image.shape[:2]
    x = min(max(x, half + radius + 1), picture_width - half - radius - 2)
    y = min(max(y, radius + 1), picture_height - radius - 2)
    ends = np.array([[x - half, y]]), np.array([[x + half, y]])
    for grow, colour in ((height * 0.16, OUTLINE), (0.0, ID_COLOURS[person % len(ID_COLOURS)])):
        size = np.array([radius + grow])
        fill(image, capsules(*ends, size, size)[0], colour)
    draw_text(image, text, x, y + height / 2, height, OUTLINE, align="middle")
