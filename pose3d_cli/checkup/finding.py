"""A check, and what it found; knows nothing about what is checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
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
        rests_on: The parts without which it cannot work, whatever is right with itself.
    """

    part: str
    look: Callable[[], str]
    mend: str = ""
    needed: bool = True
    rests_on: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What came of a check.

    Attributes:
        part: Of the program or the machine.
        state: Whether it works, is not there, or is there and fails.
        found: In a few words.
        mend: The line that mends it; empty where nothing needs to be.
        needed: See `Check`.
        waits_for: The part that has to work first; empty where there is none.
    """

    part: str
    state: State
    found: str
    mend: str
    needed: bool
    waits_for: str = ""

    @property
    def bad(self) -> bool:
        """Whether pose3d does not work as long as this does not."""
        return self.needed and self.state != "works"

    @property
    def cause(self) -> bool:
        """Whether pose3d does not work because of it, rather than because of another part."""
        return self.bad and not self.waits_for


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


def blamed(finding: Finding, check: Check, others: Mapping[str, Finding]) -> Finding:
    """A finding of what fails because of another part, as the fault of that one.

    Args:
        finding: What came of the check.
        check: The check.
        others: All findings, by part.
    """
    if finding.state == "works":
        return finding
    broken = next((part for part in check.rests_on if part in others and others[part].state != "works"), "")
    return replace(finding, found=f"waits for {broken}", mend="", waits_for=broken) if broken else finding
