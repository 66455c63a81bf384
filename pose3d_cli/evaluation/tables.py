"""What an evaluation found as tables for people: errors per action and per slice, and MPI-INF-3DHP's own scores.

It knows nothing about files.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pose3d_cli.evaluation.protocol import AVERAGE, ReleasedErrors
from pose3d_cli.evaluation.slices import ALL, Row, select
from pose3d_cli.metrics import pck3d

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


def action_table(rows: Sequence[Row], released: ReleasedErrors | None) -> Table:
    """Errors per action, as the authors count (columns with an asterisk) beside those of every frame."""
    by_action, whole = select(rows, "action"), select(rows, "all")
    metrics = [metric for metric in _HEADINGS if metric in whole[ALL]]
    theirs = [] if released is None else [metric for metric in _HEADINGS if metric in released.average]
    counted: Mapping[str, Mapping[str, float]] = {}
    if released is not None and theirs:
        counted = {**released.actions, AVERAGE: released.average}
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
    shown = [row.slice for row in rows if not row.slice.startswith("released")]
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


def _number(metric: str, value: float | None) -> str:
    if value is None or math.isnan(value):
        return ""
    return f"{value:.{_HEADINGS[metric][1]}f}"
