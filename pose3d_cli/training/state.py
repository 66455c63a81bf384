"""Where a run is: `state.pt` in its folder, from which it goes on after it was stopped or killed.

A state of another run is refused, and so is one that an earlier release has left.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from in_the_wild import checkpoints
from in_the_wild.errors import InputError
from in_the_wild.files import guarded

FILE = "state.pt"
EXPECTED = "a run that goes on from here"
# Changes with what a state holds.
_FORMAT = "pose3d-run-2"


@dataclass
class Progress:
    """How far a run is.

    Attributes:
        step: Steps that are done.
        best: Held-out errors of the best weights, by name, the one that they are chosen by first; empty before any.
        waited: Evaluations since then.
        losses: Of the steps since the last evaluation.
    """

    step: int = 0
    best: dict[str, float] = field(default_factory=dict)
    waited: int = 0
    losses: list[float] = field(default_factory=list)

    @property
    def error(self) -> float | None:
        """The lowest error so far; None before any."""
        return next(iter(self.best.values()), None)

    def is_best(self, errors: Mapping[str, float]) -> bool:
        """Take note of an evaluation; whether its first error is lower than any before."""
        self.waited += 1
        lowest = math.inf if self.error is None else self.error
        if not next(iter(errors.values())) < lowest:
            return False
        self.best, self.waited = dict(errors), 0
        return True


def save(folder: Path, progress: Progress, *, setting: Mapping[str, Any], optimisation: Mapping[str, Any]) -> None:
    """Write the state, whole or not at all.

    Args:
        folder: Of the run.
        progress: How far it is.
        setting: What makes it this run and no other, in what JSON knows.
        optimisation: What its next step depends on.

    Raises:
        OutputError: the file cannot be written.
    """
    checkpoints.write({"format": _FORMAT, "setting": setting, **asdict(progress), **optimisation}, folder / FILE)


def read(folder: Path, *, setting: Mapping[str, Any]) -> tuple[Progress, dict[str, Any]] | None:
    """The progress of a run and what its next step depends on; None where no state was saved.

    A run whose learning rate is constant until its last steps (`Schedule.decay`, "trapezoid") may go on to another end,
    as long as the rate has not begun to fall.

    Raises:
        InputError: the state in the folder is of another run, or of another release.
        WeightsError: the file cannot be read.
    """
    file = folder / FILE
    if not file.is_file():
        return None
    content = checkpoints.read(file)
    mend = "choose another output folder, or delete that file to start again."
    if content.get("format") != _FORMAT:
        raise InputError(f"{file} was saved by a release that this one cannot read; {mend}")
    with guarded(file, expected=EXPECTED):
        theirs, ours = (one["schedule"]["steps"] for one in (content["setting"], setting))
        may_differ = _ENDS if _is_end_open(content, setting) else ()
        if theirs != ours and not may_differ:
            if all(one["schedule"]["decay"] == "trapezoid" for one in (content["setting"], setting)):
                mend = (
                    f"the learning rate may not have begun to fall by step {content['step']} in either: set another "
                    f"schedule.cooldown, or {mend}"
                )
            raise InputError(f"{file} belongs to a run of {theirs} steps, this one has {ours}; {mend}")
        found = _first_difference(content["setting"], setting, may_differ=may_differ)
        if found is not None:
            name, theirs, ours = found
            raise InputError(f"{file} belongs to a run with {name} {theirs}, this one has {ours}; {mend}")
        best = {str(name): float(error) for name, error in content["best"].items()}
        losses = [float(loss) for loss in content["losses"]]
        return Progress(int(content["step"]), best, int(content["waited"]), losses), content


# What says where a trapezoid ends.
_ENDS = tuple(f"{group}schedule.{name}" for group in ("", "configuration.") for name in ("steps", "cooldown"))


def _is_end_open(content: Mapping[str, Any], setting: Mapping[str, Any]) -> bool:
    """Whether the learning rate falls at the end alone, and has not begun to in either run."""
    schedules = [one["schedule"] for one in (content["setting"], setting)]
    return all(
        one["decay"] == "trapezoid" and int(content["step"]) <= one["steps"] - one["cooldown"] for one in schedules
    )


def _first_difference(
    a: Any, b: Any, name: str = "", *, may_differ: Collection[str] = ()
) -> tuple[str, str, str] | None:
    """Where two nested mappings differ first, as a dotted name, and what each has there."""
    if name in may_differ:
        return None
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        for key in {**a, **b}:
            inner = f"{name}.{key}" if name else str(key)
            found = _first_difference(a.get(key), b.get(key), inner, may_differ=may_differ)
            if found is not None:
                return found
        return None
    return None if a == b else (name, json.dumps(a), json.dumps(b))
