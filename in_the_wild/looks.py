"""Looks: the frames of a video that a detector looks at.

A good detector that looks less often tells more of a motion than a weak one that looks at everything, and at less cost:
between looks people move smoothly, and what two looks say together is steadier than what each says alone. The numbers
here were chosen by the figures of docs/models.md.

It knows nothing about detectors, nor how frames between looks are filled. Light to import: options are checked by it.
"""

from __future__ import annotations

from dataclasses import dataclass

from in_the_wild.errors import InputError

RATE = 10.0  # looks a second, where nobody says more
_LOOKS_MISSED = 2.5  # intervals between looks up to which the frames between are filled
_LEAST_RATE, _MOST_RATE = 1.0, 240.0
_INSTANT = 1e-6  # seconds: what time is measured to


@dataclass(frozen=True)
class Looks:
    """When a detector looks. It always looks at the first and the last frame of every shot.

    Attributes:
        rate: Looks a second, in as even steps as the frames allow; None: at every frame.
        adaptive: Look in between where looks disagree with those around them.
        every: Instead: frames 0, N, 2N ..., and what is between is not filled.

    Raises:
        InputError: a rate or an `every` that cannot be.
    """

    rate: float | None = RATE
    adaptive: bool = True
    every: int | None = None

    def __post_init__(self) -> None:
        if self.every is not None and self.every < 1:
            raise InputError(f"Every first frame or fewer can be looked at, found every={self.every}.")
        if self.rate is not None and not _LEAST_RATE <= self.rate <= _MOST_RATE:
            raise InputError(
                f"From {_LEAST_RATE:g} to {_MOST_RATE:g} looks a second can be taken, found looks={self.rate:g}."
            )

    @classmethod
    def parse(cls, text: str, *, every: int | None = None) -> Looks:
        """What a person says: "auto", "every" for every frame, or a number of looks a second.

        >>> Looks.parse("15")
        Looks(rate=15.0, adaptive=False, every=None)

        Args:
            text: What is said.
            every: See `Looks`; it goes before the text.

        Raises:
            InputError: none of these.
        """
        if every is not None:
            if not isinstance(every, int):
                raise InputError(f"every is a whole number of frames from 1, found {every!r}.")
            return cls(rate=None, adaptive=False, every=every)
        if text == "auto":
            return cls()
        if text == "every":
            return cls(rate=None, adaptive=False)
        try:
            return cls(rate=float(text), adaptive=False)
        except ValueError:
            raise InputError(
                f'How often to look is auto, every, or a number of looks a second such as 12; found "{text}".'
            ) from None

    def __str__(self) -> str:
        """As `parse` reads it."""
        if self.every is not None:
            return f"every {self.every}"
        return "every" if self.rate is None else "auto" if self.adaptive else f"{self.rate:g}"

    @property
    def longest_gap(self) -> float:
        """Seconds between two looks at a person up to which the frames between are filled: one look may have failed."""
        return 0.0 if self.rate is None else _LOOKS_MISSED / self.rate

    def due(self, *, frames: int, seconds: float, period: float) -> bool:
        """Whether to look again.

        Args:
            frames: Since the last look.
            seconds: Since the last look.
            period: Seconds from one frame to the next.
        """
        if self.every is not None:
            return frames >= self.every
        return self.rate is None or seconds + period / 2 >= 1 / self.rate - _INSTANT


USUAL = Looks()
