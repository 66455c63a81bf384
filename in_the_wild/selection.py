"""Whom to keep of the people in a video: what `--persons`, `--roi` and `--max-people` say.

    Selection("largest")                        one person of each shot
    Selection("moving", max_people=2)           the two who move most
    Selection(roi=(0, 0, 640, 720))             everybody in the left half of 1280 x 720
    Selection("ids:0,2")                        these two

It is light to import, so that a command line is checked at once. It knows nothing about poses; `steps.choose` applies
it to them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from in_the_wild.errors import InputError, did_you_mean

# What people are ranked by, and that nobody is left out.
Order = Literal["largest", "centre", "longest", "moving"]
ORDERS: tuple[Order, ...] = get_args(Order)
WORDS = ("all", *ORDERS)
# x, y, width, height in pixels of the picture as displayed.
Roi = tuple[float, float, float, float]

_IDS = re.compile(r"ids:\d+(,\d+)*")


@dataclass(frozen=True)
class Selection:
    """Whom to keep, in each shot of a video.

    Attributes:
        persons: "all"; the one who is "largest" (picture area times seconds), nearest to the "centre" of the picture,
            seen for the "longest" time, or "moving" most; a number N for the N largest; or "ids:0,2" for these ids.
        roi: x, y, width, height in pixels: only people whose trunk is in there most of the time. None: everywhere.
        max_people: Keep the first so many by the order that `persons` says, by size where it says none. None: one of an
            order, all otherwise.

    Raises:
        InputError: a value that says none of these.
    """

    persons: str | int = "all"
    roi: Roi | None = None
    max_people: int | None = None

    def __post_init__(self) -> None:
        persons = str(self.persons)
        if persons.isdecimal() and int(persons) >= 1:
            object.__setattr__(self, "persons", int(persons))
        elif persons not in WORDS and not _IDS.fullmatch(persons):
            raise InputError(
                f'"{persons}" is neither {", ".join(WORDS)}, a whole number from 1, nor ids such as ids:0,2. '
                f"{did_you_mean(persons, WORDS)}"
            )
        if self.roi is not None and not (len(self.roi) == 4 and min(self.roi[2:]) > 0):
            raise InputError(f"A region is x,y,width,height in pixels with a size above zero, found {self.roi}.")
        if self.max_people is not None and self.max_people < 1:
            raise InputError(f"At most so many people is a whole number from 1, found {self.max_people}.")

    @classmethod
    def of(cls, persons: Persons) -> Selection:
        """What a caller gave, as a selection."""
        return persons if isinstance(persons, Selection) else cls(persons)

    @property
    def ids(self) -> tuple[int, ...] | None:
        """The ids that are named; None where none are."""
        if not isinstance(self.persons, str) or not self.persons.startswith("ids:"):
            return None
        return tuple(int(id_) for id_ in self.persons.removeprefix("ids:").split(","))

    @property
    def order(self) -> Order:
        """What people are ranked by."""
        return next((order for order in ORDERS if order == self.persons), "largest")

    @property
    def most(self) -> int | None:
        """How many people of each shot are kept; None: all of them."""
        if isinstance(self.persons, int):
            return self.persons if self.max_people is None else min(self.persons, self.max_people)
        return 1 if self.max_people is None and self.persons in ORDERS else self.max_people

    @property
    def is_everybody(self) -> bool:
        """Whether nobody is left out."""
        return self.ids is None and self.roi is None and self.most is None

    @property
    def settings(self) -> dict[str, Any]:
        """As JSON types, for a record of what was asked for."""
        roi = None if self.roi is None else list(self.roi)
        return {"persons": self.persons, "roi": roi, "max_people": self.max_people}


EVERYBODY = Selection()
# A selection as it is given: in full, or as what its `persons` says.
Persons = str | int | Selection


def parse_roi(text: str) -> Roi:
    """The region that a text says.

    >>> parse_roi("0,0,640,720")
    (0.0, 0.0, 640.0, 720.0)

    Raises:
        InputError: a text that is not four numbers, or a region without size.
    """
    try:
        x, y, width, height = (float(number) for number in text.split(","))
    except ValueError:
        raise InputError(f'A region is x,y,width,height in pixels, such as 0,0,640,720, found "{text}".') from None
    return cast(Roi, Selection(roi=(x, y, width, height)).roi)
