"""How tall somebody says that people are.

It is light to import, so that a command line is checked at once. It knows nothing about files and refiners.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from in_the_wild.errors import InputError

NOTE = "heights"  # that of who is how tall, by person id
# Metres, of people from their first steps on.
_SHORTEST, _TALLEST = 0.5, 2.6


@dataclass(frozen=True)
class Heights:
    """Metres that people are tall.

    >>> Heights.parse("1.80,2:1.65").of(2)
    1.65

    Attributes:
        everybody: Of those who are not named; None where nobody says.
        named: By person id.

    Raises:
        InputError: a height that nobody has.
    """

    everybody: float | None = None
    named: Mapping[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for metres in (self.everybody, *self.named.values()):
            if metres is not None and not _SHORTEST <= metres <= _TALLEST:
                meant = f"; did you mean {metres / 100:.2f}?" if _SHORTEST <= metres / 100 <= _TALLEST else "."
                raise InputError(
                    f"A height in metres from {_SHORTEST} to {_TALLEST} was expected, found {metres:g}{meant}"
                )

    @classmethod
    def parse(cls, text: str) -> Heights:
        """Of "1.80", everybody's height, "0:1.80,2:1.65", those of persons by their ids, or both.

        Raises:
            InputError: a text that says none of these.
        """
        everybody, named = None, {}
        for part in text.split(","):
            person, colon, metres = part.rpartition(":")
            try:
                if colon:
                    named[int(person)] = float(metres)
                else:
                    everybody = float(metres)
            except ValueError:
                raise InputError(
                    f'A height is metres, such as 1.80, or those of persons, such as 0:1.80,2:1.65; found "{text}".'
                ) from None
        return cls(everybody, named)

    def of(self, person: int) -> float | None:
        """Metres that a person is tall; None where nobody says."""
        return self.named.get(person, self.everybody)
