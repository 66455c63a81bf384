"""Which stages of a run are finished while the run is not, so that one that was killed goes on where it was.

    unfinished.json    beside the results until `run.json` takes its place: what they are made of and how, as a stamp,
                       and of each finished stage what the run knew at its end

It is written whole after every stage, like all results; a stage that was broken off has left nothing. It knows nothing
about what the stages do.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from in_the_wild.files import whole_file
from in_the_wild.leftovers import UNFINISHED
from in_the_wild.result import Result


@dataclass
class Stages:
    """The finished stages of one run.

    Attributes:
        folder: Where its results are; None where nothing is written.
        stamp: Tells from others what is worked on and how.
        ends: What was known at the end of each stage, by its name, in their order.
    """

    folder: Path | None
    stamp: str
    ends: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path | None, stamp: str) -> Stages:
        """Those that an earlier run of the same stamp left; none where there are none that can be read."""
        stages = cls(folder, stamp)
        try:
            left = json.loads((folder / UNFINISHED).read_text(encoding="utf-8")) if folder is not None else {}
            if left.get("stamp") == stamp:
                stages.ends = {stage: _checked(end) for stage, end in left["stages"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            stages.ends = {}
        return stages

    def take(self, stage: str, result: Result) -> bool:
        """Go on from the end of a stage, if it is finished and its files are there: the result knows what it knew then.

        What comes after a stage that is not finished is not, either.
        """
        end = self.ends.get(stage)
        if end is None or self.folder is None or not all((self.folder / name).is_file() for name in end["files"]):
            self._forget_from(stage)
            return False
        result.files, result.warnings, result.cleaned = list(end["files"]), list(end["warnings"]), dict(end["cleaned"])
        return True

    def _forget_from(self, stage: str) -> None:
        names = list(self.ends)
        for name in names[names.index(stage) :] if stage in self.ends else ():
            del self.ends[name]

    def finish(self, stage: str, result: Result) -> None:
        """A stage is finished.

        Raises:
            OutputError: it cannot be noted.
        """
        if self.folder is None:
            return
        self.ends[stage] = {
            "files": list(result.files),
            "warnings": list(result.warnings),
            "cleaned": dict(result.cleaned),
        }
        with whole_file(self.folder / UNFINISHED) as file:
            file.write((json.dumps({"stamp": self.stamp, "stages": self.ends}, indent=2) + "\n").encode())

    def close(self) -> None:
        """All are finished, and `run.json` says so."""
        if self.folder is not None:
            (self.folder / UNFINISHED).unlink(missing_ok=True)


def _checked(end: Any) -> dict[str, Any]:
    """What was known at the end of a stage, if it is of the right kinds.

    Raises:
        ValueError: it is not.
    """
    files, warnings, cleaned = end["files"], end["warnings"], end["cleaned"]
    if not all(isinstance(one, str) and Path(one).name == one for one in files):
        raise ValueError("names of files were expected")
    if not (all(isinstance(one, str) for one in warnings) and all(isinstance(one, int) for one in cleaned.values())):
        raise ValueError("sentences and counts were expected")
    return {"files": list(files), "warnings": list(warnings), "cleaned": dict(cleaned)}
