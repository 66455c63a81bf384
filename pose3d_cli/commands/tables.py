"""`pose3d tables`: reported errors, what trains for each, and what was measured here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from pose3d_cli import config
from pose3d_cli.commands import _family
from pose3d_cli.tables import benchmark, measured, reported
from pose3d_cli.tables.benchmark import Benchmarked
from pose3d_cli.tables.measured import Measured
from pose3d_cli.tables.reported import METRICS, TABLES, Number, Row, Table

PANEL = _family.PANEL
# The table of the program's own benchmark, which no paper reports.
_MOCAP = "mocap"
_TRUTH = "*"
_INPUTS, _SIZE = "data and inputs", "M param."


def _names() -> list[str]:
    return [*reported.names(), _MOCAP]


def tables(
    name: Annotated[str | None, _family.one("table", _names)] = None,
    runs: Annotated[Path, typer.Option(help="Where what pose3d evaluate left is looked for.", metavar="DIR")] = Path(
        "runs"
    ),
) -> None:
    """Errors that papers report, beside those that pose3d evaluate measured here.

    Example: pose3d tables human36m_cpn
    """
    from pose3d_cli import terminal

    if name is None:
        rows = [(one, _family.opening(config.find(one, folder=TABLES))) for one in reported.names()]
        rows.append((_MOCAP, "The mocap benchmark, which anyone can run: measured, not reported"))
        _family.lines("tables", "Tables", rows, ("what was tested",))
        return
    if name == _MOCAP:
        _benchmark(benchmark.load())
    else:
        _table(reported.load(name), measured.find(runs))
        terminal.say(f'"Measured" is what was found in {runs}.')
    terminal.say(
        f"{_TRUTH} uses ground truth, which no video has. A paper or README that is not said to be another's is the "
        "method's own."
    )
    terminal.aside("To train one: pose3d train CONFIG --data DIR -o runs/CONFIG")
    terminal.aside(f"To measure it: pose3d evaluate {runs}/CONFIG/best.pt --data DIR -o {runs}/CONFIG/test")


def _table(table: Table, evaluations: Sequence[Measured]) -> None:
    from pose3d_cli import terminal

    sources = list(dict.fromkeys(_source(row) for row in table.rows))
    errors = " / ".join(METRICS[metric] for metric in table.metrics)
    columns = ["configuration", "method", _INPUTS, "frames", _SIZE, errors, "measured", "source"]
    rows: list[list[object]] = []
    for row in table.rows:
        found = measured.beside(row, evaluations)
        rows.append(
            [
                row.config,
                row.method,
                f"{row.data} {row.inputs}",
                row.frames or "",
                row.parameters or "",
                _numbers(table, row.numbers, uses_truth=row.uses_truth),
                "" if found is None else _numbers(table, _rounded_all(found.numbers), uses_truth=found.uses_truth),
                sources.index(_source(row)) + 1,
            ]
        )
    # What is the same in all rows, or nowhere said, would take the room of what is not.
    same = len({(row.data, row.inputs) for row in table.rows}) == 1
    unsaid = not any(row.parameters for row in table.rows)
    shown = [column for column in columns if (column, True) not in ((_INPUTS, same), (_SIZE, unsaid))]
    terminal.table(
        table.title,
        shown,
        [[cell for column, cell in zip(columns, row, strict=True) if column in shown] for row in rows],
        numbers=("frames", _SIZE, errors, "measured", "source"),
    )
    for number, source in enumerate(sources, start=1):
        terminal.say(f"{number}  {source}")
    for note in table.notes:
        terminal.say(note)


def _source(row: Row) -> str:
    """Where its numbers are said, and whether that is to be relied on."""
    return row.source + {"cited": " (cited)", "unconfirmed": " (unconfirmed)"}.get(row.status, "")


def _numbers(table: Table, numbers: Mapping[str, Number], *, uses_truth: bool) -> str:
    """All numbers of a row: "41.72 / 32.94"."""
    if not numbers:
        return ""
    shown = " / ".join(_number(numbers[metric]) if metric in numbers else "–" for metric in table.metrics)
    return shown + _TRUTH * uses_truth


def _rounded_all(numbers: Mapping[str, Number]) -> dict[str, Number]:
    return {
        metric: tuple(round(one, 2) for one in value) if isinstance(value, Sequence) else round(value, 2)
        for metric, value in numbers.items()
    }


def _number(value: Number) -> str:
    return " / ".join(map(str, value)) if isinstance(value, Sequence) else str(value)


def _benchmark(entries: Sequence[Benchmarked]) -> None:
    """What comes with the program of its own measurements."""
    from pose3d_cli import terminal

    if not entries:
        return
    numbers = ("parameters", "CPU min", "ms/frame", "MPJPE", "P-MPJPE", "MPJVE")
    rows = [
        (
            one.config,
            one.model,
            one.weights[:12],
            f"{one.parameters:,}",
            _rounded(one.cpu_minutes, 0),
            _rounded(one.ms_per_frame, 2),
            _rounded(one.mpjpe, 1) + _TRUTH * one.uses_truth,
            _rounded(one.p_mpjpe, 1),
            _rounded(one.mpjve, 2),
        )
        for one in entries
    ]
    terminal.table(
        "The mocap benchmark, measured: errors in mm, MPJVE in mm/frame",
        ("configuration", "model", "weights", *numbers),
        rows,
        numbers=numbers,
    )
    for line in dict.fromkeys(f"{one.protocol}; {one.date}, {one.machine}" for one in entries):
        terminal.say(line)


def _rounded(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"
