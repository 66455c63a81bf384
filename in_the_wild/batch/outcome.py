"""What came of one clip, as plain data: it travels between processes and machines, and fills a row of the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from in_the_wild import stores
from in_the_wild.batch.clip import Clip
from in_the_wild.result import Result

# Worked on now; finished by an earlier run; without a result; worked on by another run at this moment.
Status = Literal["done", "kept", "failed", "busy"]


@dataclass(frozen=True)
class Outcome:
    """What came of one clip.

    Attributes:
        source: What was read, as it was named.
        name: What it is called for short.
        folder: Where its files are, see `Clip.folder`; None where nothing is written.
        status: What happened.
        frames: Decoded frames.
        people: Ids of the people lifted.
        took: Seconds in all.
        seconds: Per stage; a stage that was taken from an earlier run is absent.
        files: The files written, by name.
        warnings: Sentences for the user.
        error: Why there is no result, in a sentence.
        trace: Where in the program the error came from.
        store: The address of the folder, where it lies in a store.
        has_picture: Whether a small picture of it lies there.
    """

    source: str
    name: str
    folder: Path | None
    status: Status
    frames: int = 0
    people: tuple[int, ...] = ()
    took: float = 0.0
    seconds: Mapping[str, float] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    error: str | None = None
    trace: str = ""
    store: str | None = None
    has_picture: bool = False

    @property
    def where(self) -> str | None:
        """The folder or its address, as it is told."""
        if self.store is not None:
            return stores.shown(self.store)
        return None if self.folder is None else str(self.folder)

    @classmethod
    def of(cls, result: Result, took: float) -> Outcome:
        """Of a result, which took so many seconds in all."""
        return cls(
            source=str(result.video),
            name=result.video.name,
            folder=result.folder,
            status="done",
            frames=result.frames,
            people=tuple(result.persons),
            took=took,
            seconds=dict(result.seconds),
            files=tuple(result.files),
            warnings=tuple(result.warnings),
        )

    @classmethod
    def without_result(cls, clip: Clip, error: str, *, status: Status = "failed", trace: str = "") -> Outcome:
        """Of a clip that has none."""
        return cls(clip.source, clip.name, clip.folder, status, error=error, trace=trace, store=clip.store)
