"""What every reader of a data set promises: the files that it needs, and labelled sequences of what is in them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from in_the_wild.errors import InputError
from pose3d_cli.datasets.prepared.sequences import Description, Labelled


@dataclass
class Reader(ABC):
    """One data set in the layout that its authors, or the papers, give it away in.

    Settings are fields with defaults, plain values each: `pose3d prepare NAME --set` and `pose3d datasets` find them
    there. Making a reader reads nothing.

    Attributes:
        source: Folder of the data set.
        layout: One sentence: which files are expected where, as `pose3d datasets` says it.
    """

    layout: ClassVar[str]

    source: Path

    @abstractmethod
    def files(self) -> list[Path]:
        """The files that are read, those that are missing included."""

    @abstractmethod
    def describe(self) -> Description:
        """What the prepared set says of itself, without the sources' checksums."""

    @abstractmethod
    def count(self) -> int:
        """How many sequences `read` will give; for progress alone, and read from no more than names or headers."""

    @abstractmethod
    def read(self) -> Iterator[Labelled]:
        """Every sequence, one at a time.

        Raises:
            InputError: a file that is damaged, hostile, or not of this layout.
        """

    def notes(self) -> list[str]:
        """Sentences on what the user should know of what is read, such as what is left out of it."""
        return []

    def require(self) -> None:
        """Check that every file is there.

        Raises:
            InputError: some are missing; the message names them.
        """
        missing = [str(file.relative_to(self.source)) for file in self.files() if not file.is_file()]
        if missing:
            shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
            raise InputError(f"{self.source} lacks {shown}. Expected: {self.layout}")
