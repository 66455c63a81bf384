"""A check, and what it found; knows nothing about what is checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

State = Literal["works", "missing", "fails"]


class Trouble(Exception):
    """What a check knows to be wrong.

    Args:
        found: In a few words.
        mend: The line that mends it; None takes the check's own, empty says that there is nothing to do.
        missing: Whether it is not there at all, which is no trouble for what is not needed.
    """

    def __init__(self, found: str, mend: str | None = None, *, missing: bool = False) -> None:
        super().__init__(found)
        self.found, self.mend, self.missing = found, mend, missing


@dataclass(frozen=True)
class Check:
    """Something that is tried.

    Attributes:
        part: Of the program or the machine.
        look: Tries it and says what it found; raises anything at all where it does not work.
        mend: The line that usually mends it.
        needed: Whether videos cannot be turned into poses without it.
    """

    part: str
    look: Callable[[], str]
    mend: str = ""
    needed: bool = True


@dataclass(frozen=True)
class Finding:
    """What came of a check.

    Attributes:
        part: Of the program or the machine.
        state: Whether it works, is not there, or is there and fails.
        found: In a few words.
        mend: The line that mends it; empty where nothing needs to be.
        needed: See `Check`.
    """

    part: str
    state: State
    found: str
    mend: str
    needed: bool

    @property
    def bad(self) -> bool:
        """Whether pose3d does not work because of it."""
        return self.needed and self.state != "works"


def examine(check: Check) -> Finding:
    """Run a check; whatever it raises is its finding."""
    try:
        return Finding(check.part, "works", check.look(), "", check.needed)
    except Trouble as trouble:
        state: State = "missing" if trouble.missing else "fails"
        mend = check.mend if trouble.mend is None else trouble.mend
        return Finding(check.part, state, trouble.found, mend, check.needed)
    except Exception as error:  # a broken package fails in any way
        said = (str(error) or type(error).__name__).splitlines()[0]
        return Finding(check.part, "fails", said, check.mend, check.needed)
