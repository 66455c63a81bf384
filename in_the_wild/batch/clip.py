"""One clip of a batch: what is read, where its results go, and what is done about results that are there.

It is plain data, so that it travels to other processes and machines. It knows nothing about how poses are made of it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from in_the_wild.files import cache_folder
from in_the_wild.keypoints import Keypoints
from in_the_wild.result import Output
from in_the_wild.video.footage import Video


@dataclass(frozen=True)
class Clip:
    """The work of one video, or of one file of keypoints.

    Attributes:
        given: What is read.
        output: Where its files go, the folder being its own, and which; None writes nothing.
        resumes: Whether its folder is kept from other runs meanwhile, and whether a result of the same video and
            settings is kept; else all but the keypoints is made anew.
        skip_existing: Whether any finished result in the folder will do, whatever it was made of and how.
        waits: Whether it waits for another run that works on the folder, or leaves it to that one.
    """

    given: Video | Keypoints
    output: Output | None = None
    resumes: bool = True
    skip_existing: bool = False
    waits: bool = False

    @property
    def name(self) -> str:
        """What it is called for short."""
        return self.given.name

    @property
    def source(self) -> str:
        """What is read, as it was named."""
        return str(self.given.path if isinstance(self.given, Keypoints) else self.given.footage)

    @property
    def folder(self) -> Path | None:
        """Where its results go; its name, where that is in a store."""
        return None if self.output is None else self.output.folder

    @property
    def store(self) -> str | None:
        """The address of its folder, where that is in a store."""
        return None if self.output is None else self.output.store

    @property
    def where(self) -> str | None:
        """The folder or its address, as it is told."""
        return None if self.output is None else self.output.where

    def near(self) -> Clip:
        """The same, with the folder of this machine that its files are made in: of a store's, one of its address's own.

        That one stays until all is put into the store, so that a run that was killed goes on where it was.
        """
        if self.output is None or self.output.store is None:
            return self
        root, _, name = self.output.store.rpartition("/")
        folder = cache_folder() / "stores" / hashlib.sha256(root.encode()).hexdigest()[:16] / name
        return replace(self, output=replace(self.output, folder=folder, store=None))
