"""What every file format promises: poses into a file, poses out of one, or both.

It knows nothing about which formats there are.
"""

from __future__ import annotations

from abc import ABC
from pathlib import Path
from typing import ClassVar

from in_the_wild.errors import InputError
from in_the_wild.formats._preview import Preview
from in_the_wild.poses import Poses


class Format(ABC):
    """A kind of file, or of folder, that poses are kept in.

    A format that is written alone says `reads = False` and has no `read`; one that is read alone says `writes = False`.
    What its constructor takes are its settings, "csv:layout=wide"; all of them have defaults.

    Attributes:
        title: What it is, in a few words that lists and help show.
        suffixes: How its files' names end, the usual one first: (".npz",).
        reads: Whether poses are read from such files.
        writes: Whether poses are written into such files.
    """

    title: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    reads: ClassVar[bool] = True
    writes: ClassVar[bool] = True

    @classmethod
    def name(cls) -> str:
        """What people type: the name of its file."""
        return cls.__module__.rpartition(".")[2]

    @classmethod
    def recognises(cls, preview: Preview) -> bool:
        """Whether a file or a folder is one of this format by its content, whatever its name.

        Args:
            preview: What can be seen of it at little cost.
        """
        del preview  # some formats have no mark of their own, and their files are told by the name's end
        return False

    def read(self, path: Path) -> Poses:
        """Read poses.

        Raises:
            InputError: the file cannot be read, is of another kind, or says too little.
        """
        raise InputError(f"Files of {self.title} are written alone, {path} cannot be read; give another file.")

    @classmethod
    def custom(cls) -> str:
        """In which space, axes and units such files are written unless others are asked for, in words."""
        return "as they are"

    @property
    def coordinates(self) -> str:
        """In which space, axes and units these settings write, in words."""
        return self.custom()

    @property
    def written_space(self) -> str:
        """The space that poses are brought into before they are written; "" writes them in theirs."""
        return ""

    def files(self, poses: Poses, path: Path) -> list[Path]:
        """The files that `write` makes: the path alone, unless the format holds one person in a file."""
        del poses
        return [path]

    def write(self, poses: Poses, path: Path) -> None:
        """Write poses; the file appears whole or not at all.

        Raises:
            InputError: poses that such files cannot hold.
            OutputError: the file cannot be written.
        """
        del poses
        raise InputError(f"Files of {self.title} are read alone, {path} cannot be written; choose another suffix.")
