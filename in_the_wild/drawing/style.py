"""How poses are drawn: on which ground, as which bodies, with which trails.

It knows nothing about cameras, panels or films.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from in_the_wild.errors import InputError, did_you_mean
from in_the_wild.look import DARK, THEMES, Colour, Theme

Background = Literal["dark", "light", "transparent"]
Body = Literal["capsules", "bones"]


@dataclass(frozen=True)
class Style:
    """How poses are drawn.

    Attributes:
        background: "dark" or "light"; or "transparent", which leaves out all but people, their shadows and labels, for
            whoever lays them over something else.
        body: "capsules", shaded limbs with a torso and a head; or "bones", the skeleton's own lines.
        trails: Joints whose paths are drawn.
        trail: Seconds that a path goes back.

    Raises:
        InputError: no such background or body, or a trail that ends before it begins.
    """

    background: Background = "dark"
    body: Body = "capsules"
    trails: tuple[str, ...] = ()
    trail: float = 1.0

    def __post_init__(self) -> None:
        for what, value, known in (
            ("background", self.background, get_args(Background)),
            ("body", self.body, get_args(Body)),
        ):
            if value not in known:
                raise InputError(f'There is no {what} "{value}". {did_you_mean(value, known)}')
        if not self.trail > 0:
            raise InputError(f"Trails must go back by more than 0 seconds, found {self.trail:g}.")

    @property
    def transparent(self) -> bool:
        """Whether there is nothing behind people."""
        return self.background == "transparent"

    @property
    def theme(self) -> Theme:
        """The colours."""
        return THEMES.get(self.background, DARK)

    @property
    def ground(self) -> Colour | None:
        """What pictures are filled with; None leaves them empty."""
        return None if self.transparent else self.theme.background


USUAL = Style()
