"""What was measured on the mocap benchmark, as it comes with the program: one entry for each trained network.

It knows nothing about how errors are measured.
"""

from __future__ import annotations

import importlib.resources
import json
from dataclasses import MISSING, dataclass, fields
from pathlib import Path

from in_the_wild.errors import InputError

_BENCHMARK = "benchmark.json"


@dataclass(frozen=True)
class Benchmarked:
    """Weights measured on the mocap benchmark: one entry of `benchmark.json`.

    Attributes:
        model: Plug-in name of the network.
        config: The configuration that trained it.
        weights: Name of the shipped weights, or the sha256 of the file.
        parameters: How many.
        cpu_minutes: CPU time that its training took, all stages together; None where it was not taken.
        ms_per_frame: Time to lift one frame; None where it was not taken.
        mpjpe: Millimetres.
        p_mpjpe: Millimetres.
        mpjve: Millimetres per frame; None where it was not taken.
        protocol: The benchmark's version, what it was read from and how it was lifted, in words.
        date: When it was measured.
        machine: On what the times were taken.
        uses_truth: Whether the errors were made with ground truth, which no video has.
    """

    model: str
    config: str
    weights: str
    parameters: int
    mpjpe: float
    p_mpjpe: float
    protocol: str
    date: str
    machine: str
    cpu_minutes: float | None = None
    ms_per_frame: float | None = None
    mpjve: float | None = None
    uses_truth: bool = False


def load(file: Path | None = None) -> list[Benchmarked]:
    """All entries; none where the file does not come with the program.

    Args:
        file: Another one than the program's.

    Raises:
        InputError: a file that does not hold such measurements.
    """
    file = file or Path(str(importlib.resources.files("in_the_wild.assets") / _BENCHMARK))
    if not file.is_file():
        return []
    known = [one.name for one in fields(Benchmarked)]
    needed = [one.name for one in fields(Benchmarked) if one.default is MISSING]
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(entries, list) or not all(set(needed) <= set(entry) <= set(known) for entry in entries):
            raise ValueError
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            f"{file} does not hold measurements: a list was expected whose entries have {', '.join(needed)}, and "
            f"possibly {', '.join(name for name in known if name not in needed)}."
        ) from error
    return [Benchmarked(**entry) for entry in entries]
