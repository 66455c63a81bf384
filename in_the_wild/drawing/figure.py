"""What a skeleton looks like: which limbs have which side and thickness, and a person's id on a label."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from in_the_wild.drawing.lettering import draw_text, text_width
from in_the_wild.drawing.shapes import capsules, fill, stroke
from in_the_wild.look import CHIN, Colour, Theme, radius
from in_the_wild.skeletons import Skeleton

_SMALL_JOINT = re.compile(r"eye|ear|mouth|pinky|index|thumb|toe|heel")
_HEAD_JOINT = re.compile(r"head|nose|eye|ear|mouth|face")


@dataclass(frozen=True)
class Limbs:
    """A skeleton's edges as arrays, ready to draw.

    Attributes:
        a, b: (L,) joint positions of each limb's ends.
        sides: Of each limb: "left", "right" or "middle".
        joint_sides: Of each joint.
        radii_a, radii_b: (L,) metres, of a grown person.
        small: (J,) true for face, fingers and toes, which are drawn smaller in the overlay.
        head: Joint positions of the head.
    """

    a: np.ndarray
    b: np.ndarray
    sides: tuple[str, ...]
    joint_sides: tuple[str, ...]
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

    drawn = {joint for edge in skeleton.edges for joint in edge}
    # Markers that no line leads to are dots.
    edges = [*skeleton.edges, *((joint, joint) for joint in range(len(skeleton)) if joint not in drawn)]
    names = skeleton.joints
    return Limbs(
        a=np.array([a for a, _ in edges]),
        b=np.array([b for _, b in edges]),
        sides=tuple(edge_side(a, b) for a, b in edges),
        joint_sides=tuple(skeleton.side(j) for j in range(len(skeleton))),
        radii_a=np.array([CHIN if names[b].startswith("head") else radius(names[a]) for a, b in edges]),
        radii_b=np.array([radius(names[b]) for _, b in edges]),
        small=np.array([bool(_SMALL_JOINT.search(joint)) for joint in names]),
        head=tuple(j for j, joint in enumerate(names) if _HEAD_JOINT.search(joint)),
    )


def draw_label(image: np.ndarray, person: int, at: tuple[float, float], height: float, theme: Theme) -> None:
    """A person's id on a pill centred at x, y, kept inside the picture."""
    text = str(person)
    round_end = height * 0.95
    half = max(0.0, text_width(text, height) / 2 - round_end * 0.25)
    picture_height, picture_width = image.shape[:2]
    x = min(max(at[0], half + round_end + 1), picture_width - half - round_end - 2)
    y = min(max(at[1], round_end + 1), picture_height - round_end - 2)
    ends = np.array([[x - half, y]]), np.array([[x + half, y]])
    for grow, colour in ((height * 0.16, theme.outline), (0.0, theme.people[person % len(theme.people)])):
        size = np.array([round_end + grow])
        fill(image, capsules(*ends, size, size)[0], colour)
    draw_text(image, text, x, y + height / 2, height, theme.label, align="middle")


def draw_lines(image: np.ndarray, pixels: np.ndarray, skeleton: Skeleton, colour: Colour, width: float) -> None:
    """The skeletons of people (P, J, 2) as thin lines of one colour."""
    limbs = limbs_of(skeleton)
    stroke(image, np.stack([pixels[:, limbs.a], pixels[:, limbs.b]], axis=2).reshape(-1, 2, 2), colour, width)
