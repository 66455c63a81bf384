"""Errors that papers report, by data set, with the configuration that trains for each.

A table is a file of `configs/tables`. What a record of `in_the_wild.checkpoints.records` says of a method is read
there; the table adds the methods that have no record, and where the numbers come from.

    load("human36m_cpn").rows[0].numbers["mpjpe"]

It knows nothing about how errors are measured, nor how tables look.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from in_the_wild.checkpoints import records
from in_the_wild.errors import ConfigError, did_you_mean
from pose3d_cli import config

TABLES = "tables"
# Everything that a table can show, and how it is called.
METRICS: Mapping[str, str] = {
    "mpjpe": "MPJPE",
    "p_mpjpe": "P-MPJPE",
    "acceleration": "acceleration",
    "pck": "PCK",
    "auc": "AUC",
    "pck_2d": "PCK .2 / .1 / .05",
}
# Who says a number: the method's own authors, others who cite it, nobody who can be relied on.
STATUSES = ("authors", "cited", "unconfirmed")
_TABLE_KEYS = ("title", "data", "inputs", "metrics", "rows")
# What a table may leave out, with what stands for it.
_TABLE_DEFAULTS: Mapping[str, Any] = {"truth": "", "complete": {}, "notes": ()}
_ROW_KEYS = (
    "method", "record", "weights", "config", "data", "inputs", "frames", "source", "status", "uses_truth", *METRICS,
)  # fmt: skip

Number = float | Sequence[float]


@dataclass(frozen=True)
class Row:
    """What is reported of a method on a data set.

    Attributes:
        method: What it is called.
        weights: Record of its published checkpoint, in `in_the_wild.checkpoints.records`; "" where there is none.
        config: The configuration that trains it; "" where none is shipped.
        data: The data set, as `pose3d prepare` has it.
        inputs: Which 2D keypoints or poses of it.
        truth: Which ground truth; "" where there is but one.
        complete: How many subjects, actions or sequences a whole test has, as far as that is fixed.
        frames: Window; 0 where it has none or nobody says.
        parameters: Millions; None where nobody says.
        numbers: Errors by metric; what is not reported is left out.
        source: Where they are said; a paper or README is the method's own where no other is named.
        status: One of STATUSES; "" without numbers.
        uses_truth: Whether the numbers were made with ground truth, which no video has.
    """

    method: str
    weights: str
    config: str
    data: str
    inputs: str
    truth: str
    complete: Mapping[str, int]
    frames: int
    parameters: float | None
    numbers: Mapping[str, Number]
    source: str
    status: str
    uses_truth: bool


@dataclass(frozen=True)
class Table:
    """Methods on one data set, or on several of a kind.

    Attributes:
        name: File name, what users type.
        title: With the units of its numbers.
        metrics: Which it shows.
        rows: The methods.
        notes: What a reader should know before comparing.
    """

    name: str
    title: str
    metrics: Sequence[str]
    rows: Sequence[Row]
    notes: Sequence[str]


def names() -> list[str]:
    """The tables that come with the program; no file of them is read."""
    return config.names(TABLES)


def load(name_or_path: str) -> Table:
    """One table by name.

    Raises:
        ConfigError: no such table, keys that a table or its rows do not have, a number that its record has already, or
            one without a source.
    """
    values = config.load(name_or_path, folder=TABLES)
    _check_keys(values, (*_TABLE_KEYS, *_TABLE_DEFAULTS), name_or_path)
    missing = [key for key in _TABLE_KEYS if key not in values]
    if missing:
        raise ConfigError(
            f"The table {name_or_path} must have {', '.join(_TABLE_KEYS)}; missing: {', '.join(missing)}."
        )
    values = {**_TABLE_DEFAULTS, **values}
    for metric in values["metrics"]:
        if metric not in METRICS:
            raise ConfigError(f'The table {name_or_path} has no metric "{metric}". {did_you_mean(metric, METRICS)}')
    return Table(
        name=config.find(name_or_path, folder=TABLES).stem,
        title=values["title"],
        metrics=values["metrics"],
        rows=[_row(row, values, name_or_path) for row in values["rows"]],
        notes=values["notes"],
    )


def _row(values: Mapping[str, Any], table: Mapping[str, Any], where: str) -> Row:
    """A row of a table file, with what its record says."""
    _check_keys(values, _ROW_KEYS, where)
    own = {metric: values[metric] for metric in METRICS if metric in values}
    frames, parameters, source = values.get("frames", 0), None, values.get("source", "")
    if recorded := values.get("record", ""):
        if own or "source" in values or "frames" in values:
            raise ConfigError(f"The table {where} says again what the record {recorded} says; leave it to the record.")
        variant = records.get(recorded)
        reported = variant.reported
        own = {metric: reported[metric] for metric in METRICS if metric in reported}
        frames, parameters = variant.window, reported.get("parameters")
        source = "; ".join(reported[key] for key in ("source", "note") if key in reported)
    status = values.get("status", "")
    if bool(own) != bool(status) or (status and status not in STATUSES) or not source:
        raise ConfigError(
            f"The table {where} must say of {values.get('method')} where its numbers come from, and as status one of "
            f'{", ".join(STATUSES)}; found "{source}" and "{status}".'
        )
    return Row(
        method=values["method"],
        weights=values.get("weights", recorded),
        config=values.get("config", ""),
        data=values.get("data", table["data"]),
        inputs=values.get("inputs", table["inputs"]),
        truth=table["truth"],
        complete=table["complete"],
        frames=frames,
        parameters=parameters,
        numbers=own,
        source=source,
        status=status,
        uses_truth=values.get("uses_truth", False),
    )


def _check_keys(values: Iterable[str], known: Sequence[str], where: str) -> None:
    for key in values:
        if key not in known:
            raise ConfigError(f'The table {where} has an unknown key "{key}". {did_you_mean(key, known)}')
