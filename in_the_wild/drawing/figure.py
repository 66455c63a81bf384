"""What a skeleton looks like: the colours of its sides, how thick its limbs are, and a person's id on a label.

Limbs are orange on the person's left, blue on the right, white in the middle: a pair that colour-blind people tell
apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from in_the_wild.drawing.shapes import capsules, draw_text, fill, lettering
from in_the_wild.look import CHIN, DARK, Colour, radius
from in_the_wild.skeletons import Skeleton

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

    drawn = {joint for edge in skeleton.edges for joint in edge}
    # Markers that no line leads to are dots.
    edges = [*skeleton.edges, *((joint, joint) for joint in range(len(skeleton)) if joint not in drawn)]
    return Limbs(
        a=np.array([a for a, _ in edges]),
        b=np.array([b for _, b in edges]),
        colours=tuple(DARK.sides[edge_side(a, b)] for a, b in edges),
        joint_colours=tuple(DARK.sides[skeleton.side(j)] for j in range(len(skeleton))),
        radii_a=np.array(
            [CHIN if skeleton.joints[b].startswith("head") else radius(skeleton.joints[a]) for a, b in edges]
        ),
        radii_b=np.array([radius(skeleton.joints[b]) for _, b in edges]),
        small=np.array([bool(_SMALL_JOINT.search(joint)) for joint in skeleton.joints]),
        head=tuple(j for j, joint in enumerate(skeleton.joints) if _HEAD_JOINT.search(joint)),
    )


def draw_label(image: np.ndarray, person: int, x: float, y: float, height: float) -> None:
    """A person's id on a pill centred at x, y, kept inside the picture."""
    text = str(person)
    *_, width = lettering(text, height)
    round_end = height * 0.95
    half = max(0.0, width / 2 - round_end * 0.25)
    picture_height, picture_width = image.shape[:2]
    x = min(max(x, half + round_end + 1), picture_width - half - round_end - 2)
    y = min(max(y, round_end + 1), picture_height - round_end - 2)
    ends = np.array([[x - half, y]]), np.array([[x + half, y]])
    for grow, colour in ((height * 0.16, DARK.outline), (0.0, DARK.people[person % len(DARK.people)])):
        size = np.array([round_end + grow])
        fill(image, capsules(*ends, size, size)[0], colour)
    draw_text(image, text, x, y + height / 2, height, DARK.outline, align="middle")
