"""`report.csv`: a row for each clip of a batch, with what was found, what it took and what went wrong.

It knows nothing about how any of it was made.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from in_the_wild.batch.outcome import Outcome
from in_the_wild.files import whole_file

REPORT = "report.csv"


def write(outcomes: Sequence[Outcome], folder: Path) -> Path:
    """Write the report of a batch into its folder.

    Args:
        outcomes: In the order of the rows.
        folder: Where the clips' own folders are.

    Raises:
        OutputError: it cannot be written.
    """
    stages = list(dict.fromkeys(stage for one in outcomes for stage in one.seconds))
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(
        ["file", "status", "frames", "people", *(f"{one}_seconds" for one in stages), "warnings", "error", "folder"]
    )
    for one in outcomes:
        took = [f"{one.seconds[stage]:.3f}" if stage in one.seconds else "" for stage in stages]
        has_result = one.error is None
        counts = [one.frames, len(one.people)] if has_result else ["", ""]
        folder_name = "" if one.folder is None or not has_result else one.folder.name
        rows.writerow([one.source, one.status, *counts, *took, " ".join(one.warnings), one.error or "", folder_name])
    with whole_file(folder / REPORT) as file:
        file.write(text.getvalue().encode(errors="backslashreplace"))
    return folder / REPORT
