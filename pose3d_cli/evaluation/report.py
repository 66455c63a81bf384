"""What an evaluation found, as tables for people and files for programs: text, CSV, JSON and LaTeX.

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
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from in_the_wild.files import whole_file
from pose3d_cli.evaluation.protocol import AVERAGE, Published
from pose3d_cli.evaluation.slices import ALL, UNITS, Row, select
from pose3d_cli.metrics import pck3d

FORMAT = "pose3d-errors-1"
# How metrics are called in headings, and digits behind the point.
_HEADINGS = {
    "mpjpe": ("MPJPE", 1),
    "p_mpjpe": ("P-MPJPE", 1),
    "n_mpjpe": ("N-MPJPE", 1),
    "mpjve": ("MPJVE", 2),
    "acceleration": ("acceleration", 2),
    "pck150": ("PCK", 1),
    "auc": ("AUC", 1),
}
_IN = "in mm, MPJVE in mm/frame, acceleration in mm/frame², PCK and AUC in percent"
_PUBLISHED = "*"


@dataclass(frozen=True)
class Table:
    """One table, ready to be shown.

    Attributes:
        title: What it is of.
        columns: Headings; the first column holds names, all others numbers.
        rows: Cells.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def action_table(rows: Sequence[Row], published: Published | None) -> Table:
    """Errors per action, as the authors count (columns with an asterisk) beside the sensible ones."""
    by_action, whole = select(rows, "action"), select(rows, "all")
    metrics = [metric for metric in _HEADINGS if metric in whole[ALL]]
    theirs = [] if published is None else [metric for metric in _HEADINGS if metric in published.average]
    counted: Mapping[str, Mapping[str, float]] = {}
    if published is not None and theirs:
        counted = {**published.actions, AVERAGE: published.average}
    lines = []
    for name, found in {**by_action, **{name: whole[name] for name in (AVERAGE, ALL)}}.items():
        lines.append(
            (
                name,
                str(found["mpjpe"].frames),
                *(_number(metric, counted.get(name, {}).get(metric)) for metric in theirs),
                *(_number(metric, found[metric].value if metric in found else None) for metric in metrics),
            )
        )
    headings = (
        *(_HEADINGS[metric][0] + _PUBLISHED for metric in theirs),
        *(_HEADINGS[metric][0] for metric in metrics),
    )
    return Table(f"Errors per action, {_IN}", ("action", "frames", *headings), tuple(lines))


def slice_tables(rows: Sequence[Row]) -> list[Table]:
    """A table for every other slice, but seconds."""
    shown = [row.slice for row in rows if not row.slice.startswith("published")]
    cuts = [cut for cut in dict.fromkeys(shown) if cut not in ("all", "action", "second")]
    tables = []
    for cut in cuts:
        found = select(rows, cut)
        metrics = [metric for metric in _HEADINGS if any(metric in one for one in found.values())]
        lines = [
            (
                name,
                str(one["mpjpe"].frames),
                *(_number(metric, one[metric].value if metric in one else None) for metric in metrics),
            )
            for name, one in found.items()
        ]
        columns = (cut, "frames", *(_HEADINGS[metric][0] for metric in metrics))
        tables.append(Table(f"Errors per {cut}, {_IN}", columns, tuple(lines)))
    return tables


def score_tables(scored: pck3d.Evaluation) -> list[Table]:
    """MPI-INF-3DHP's own tables: PCK and AUC of each sequence, scene and activity, and the PCK of groups of joints."""
    sequences = {
        **scored.sequences,
        **scored.scenes,
        "average, weighted by frames": scored.weighted,
        "average, not weighted": scored.plain,
    }
    return [
        _score_table("MPI-INF-3DHP's evaluation per sequence", "sequence", sequences),
        *([_score_table("MPI-INF-3DHP's evaluation per activity", "activity", scored.activities)]
          if scored.activities else []),
    ]  # fmt: skip


def _score_table(title: str, what: str, scores: Mapping[str, pck3d.Score]) -> Table:
    groups = next(iter(scores.values())).pck
    order = [pck3d.TOTAL, *(group for group in groups if group != pck3d.TOTAL)]
    lines = [
        (
            name,
            str(score.frames),
            _number("mpjpe", score.mpjpe[pck3d.AVERAGE]),
            _number("auc", score.auc[pck3d.TOTAL]),
            *(_number("pck150", score.pck[group]) for group in order),
        )
        for name, score in scores.items()
    ]
    headings = ("MPJPE", "AUC", "PCK", *order[1:])
    return Table(
        f"{title}: MPJPE in mm, AUC and PCK in percent, PCK of groups of joints",
        (what, "frames", *headings),
        tuple(lines),
    )


def score_record(scored: pck3d.Evaluation) -> dict[str, Any]:
    """The same in full, for JSON."""
    return {
        "sequences": {name: asdict(score) for name, score in scored.sequences.items()},
        "scenes": {name: asdict(score) for name, score in scored.scenes.items()},
        "activities": {name: asdict(score) for name, score in scored.activities.items()},
        "weighted": asdict(scored.weighted),
        "plain": asdict(scored.plain),
    }


def error_record(rows: Sequence[Row], published: Published | None) -> dict[str, Any]:
    """The figures that one looks for first, for JSON: as published and sensible, of the actions and all frames."""
    found = select(rows, "all")

    def values(one: Mapping[str, Row]) -> dict[str, float]:
        return {metric: row.value for metric, row in one.items()}

    return {
        "published": None if published is None else asdict(published),
        "sensible": {
            "actions": {name: values(one) for name, one in select(rows, "action").items()},
            "average": values(found[AVERAGE]),
            "all": values(found[ALL]),
        },
    }


def published_rows(published: Published) -> list[Row]:
    """The authors' figures as rows of slices "published action" and "published average"."""
    rows = [
        Row("published action", name, metric, value, published.frames[name])
        for name, one in published.actions.items()
        for metric, value in one.items()
    ]
    frames = sum(published.frames.values())
    return rows + [
        Row("published average", AVERAGE, metric, value, frames) for metric, value in published.average.items()
    ]


def write(
    folder: Path,
    *,
    caption: Sequence[str],
    tables: Sequence[Table],
    rows: Sequence[Row],
    record: Mapping[str, Any],
) -> list[Path]:
    """Write the four files.

    Args:
        folder: Where; made if need be.
        caption: Lines that say what the figures were made from.
        tables: Of table.txt and table.tex.
        rows: Of errors.csv, and of errors.json too.
        record: What else errors.json says.

    Returns:
        The files.

    Raises:
        OutputError: they cannot be written.
    """
    whole = {
        "format": FORMAT,
        "caption": list(caption),
        **record,
        "units": UNITS,
        "rows": [asdict(row) for row in rows],
    }
    contents = {
        "table.txt": text(tables, caption),
        "errors.csv": _csv(rows),
        "errors.json": json.dumps(_without_nan(whole), indent=1, allow_nan=False) + "\n",
        "table.tex": latex(tables, caption),
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


def _number(metric: str, value: float | None) -> str:
    if value is None or math.isnan(value):
        return ""
    return f"{value:.{_HEADINGS[metric][1]}f}"


def _without_nan(value: Any) -> Any:
    """The same with None where a number is none: JSON has no word for it."""
    if isinstance(value, Mapping):
        return {key: _without_nan(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(one) for one in value]
    return None if isinstance(value, float) and math.isnan(value) else value
