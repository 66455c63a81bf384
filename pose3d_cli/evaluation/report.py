"""What an evaluation found, and its files: text, CSV, JSON and LaTeX.

    table.txt     the tables, with what they were made from above them
    errors.csv    one figure a line: slice, name, metric, value, frames
    errors.json   all of it, and where it came from
    table.tex     the tables for a paper, with booktabs

It knows nothing about networks or data sets.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from in_the_wild.files import whole_file
from pose3d_cli.evaluation.protocol import AVERAGE, ReleasedErrors
from pose3d_cli.evaluation.slices import ALL, UNITS, Row, select
from pose3d_cli.evaluation.tables import Table
from pose3d_cli.metrics import pck3d

FORMAT = "pose3d-errors-2"


@dataclass(frozen=True)
class Report:
    """What an evaluation found.

    Attributes:
        caption: Lines that say what the figures were made from.
        main_tables: Those that one looks at first.
        tables: All.
        rows: All figures.
        record: Where they came from, and the main ones, for JSON.
    """

    caption: Sequence[str]
    main_tables: Sequence[Table] = field(repr=False)
    tables: Sequence[Table] = field(repr=False)
    rows: Sequence[Row] = field(repr=False)
    record: Mapping[str, Any] = field(repr=False)


def score_record(scored: pck3d.Evaluation) -> dict[str, Any]:
    """MPI-INF-3DHP's own scores in full, for JSON."""
    return {
        "sequences": {name: asdict(score) for name, score in scored.sequences.items()},
        "scenes": {name: asdict(score) for name, score in scored.scenes.items()},
        "activities": {name: asdict(score) for name, score in scored.activities.items()},
        "weighted": asdict(scored.weighted),
        "plain": asdict(scored.plain),
    }


def error_record(rows: Sequence[Row], released: ReleasedErrors | None) -> dict[str, Any]:
    """The figures that one looks for first, for JSON: as released and whole, of the actions and all frames."""
    found = select(rows, "all")

    def values(one: Mapping[str, Row]) -> dict[str, float]:
        return {metric: row.value for metric, row in one.items()}

    return {
        "released": None if released is None else asdict(released),
        "whole": {
            "actions": {name: values(one) for name, one in select(rows, "action").items()},
            "average": values(found[AVERAGE]),
            "all": values(found[ALL]),
        },
    }


def released_rows(released: ReleasedErrors) -> list[Row]:
    """The authors' figures as rows of slices "released action" and "released average"."""
    rows = [
        Row("released action", name, metric, value, released.frames[name])
        for name, one in released.actions.items()
        for metric, value in one.items()
    ]
    frames = sum(released.frames.values())
    return rows + [
        Row("released average", AVERAGE, metric, value, frames) for metric, value in released.average.items()
    ]


def write(report: Report, folder: Path) -> list[Path]:
    """Write the four files into a folder, which is made if need be.

    Returns:
        The files.

    Raises:
        OutputError: they cannot be written.
    """
    whole = {
        "format": FORMAT,
        "caption": list(report.caption),
        **report.record,
        "units": UNITS,
        "rows": [asdict(row) for row in report.rows],
    }
    contents = {
        "table.txt": text(report.tables, report.caption),
        "errors.csv": _csv(report.rows),
        "errors.json": json.dumps(_without_nan(whole), indent=1, allow_nan=False) + "\n",
        "table.tex": latex(report.tables, report.caption),
    }
    for name, content in contents.items():
        with whole_file(folder / name) as file:
            file.write(content.encode())
    return [folder / name for name in contents]


def text(tables: Sequence[Table], caption: Sequence[str]) -> str:
    """The tables as plain text, columns aligned."""
    lines = [*caption]
    for table in tables:
        widths = [max(len(cells[c]) for cells in (table.columns, *table.rows)) for c in range(len(table.columns))]
        shown = [
            "  ".join(
                cell.ljust(width) if c == 0 else cell.rjust(width)
                for c, (cell, width) in enumerate(zip(cells, widths, strict=True))
            ).rstrip()
            for cells in (table.columns, *table.rows)
        ]
        lines += ["", table.title, shown[0], "-" * max(map(len, shown)), *shown[1:]]
    return "\n".join(lines) + "\n"


def latex(tables: Sequence[Table], caption: Sequence[str]) -> str:
    """The tables as LaTeX, each a `table` of its own; needs the package booktabs."""
    said = escape(" ".join(caption))
    parts = ["% needs \\usepackage{booktabs}"]
    for table in tables:
        columns = "l" + "r" * (len(table.columns) - 1)
        body = [" & ".join(map(escape, cells)) + r" \\" for cells in table.rows]
        parts.append(
            "\n".join(
                [
                    r"\begin{table}",
                    r"\centering",
                    rf"\caption{{{escape(table.title)}. {said}}}",
                    rf"\begin{{tabular}}{{{columns}}}",
                    r"\toprule",
                    " & ".join(map(escape, table.columns)) + r" \\",
                    r"\midrule",
                    *body,
                    r"\bottomrule",
                    r"\end{tabular}",
                    r"\end{table}",
                ]
            )
        )
    return "\n\n".join(parts) + "\n"


_ESCAPES = {
    "\\": r"\textbackslash{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "²": r"\textsuperscript{2}",
    "|": r"\textbar{}",
}


def escape(plain: str) -> str:
    """Text as LaTeX prints it unchanged."""
    return re.sub("|".join(map(re.escape, _ESCAPES)), lambda found: _ESCAPES[found.group()], plain)


def _csv(rows: Sequence[Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["slice", "name", "metric", "value", "frames"])
    writer.writerows([row.slice, row.name, row.metric, repr(row.value), row.frames] for row in rows)
    return out.getvalue()


def _without_nan(value: Any) -> Any:
    """The same with None where a number is none: JSON has no word for it."""
    if isinstance(value, Mapping):
        return {key: _without_nan(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(one) for one in value]
    return None if isinstance(value, float) and math.isnan(value) else value
