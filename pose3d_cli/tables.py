"""Published errors by data set, the configuration that trains for each, and what was measured here beside them.

A table is a file of `configs/tables`. What a record of `in_the_wild.checkpoints.records` says of a method is read
there; the table adds the methods that have no record, and where the numbers come from. What was measured is found in
the `errors.json` files that `pose3d evaluate` leaves.

    load("human36m_cpn").rows[0].numbers["mpjpe"]

It knows nothing about how errors are measured, nor how tables look.
"""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from in_the_wild.checkpoints import records
from in_the_wild.errors import ConfigError, InputError, did_you_mean
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
_ERRORS, _FORMAT = "errors.json", "pose3d-errors-2"
_BENCHMARK = "benchmark.json"

Number = float | Sequence[float]


@dataclass(frozen=True)
class Row:
    """What is published of a method on a data set.

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
        numbers: Errors by metric; what is not published is left out.
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


@dataclass(frozen=True)
class Benchmarked:
    """Weights measured on the mocap benchmark: one entry of the `benchmark.json` that comes with the program.

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


@dataclass(frozen=True)
class Measured:
    """What an evaluation on this machine found.

    Attributes:
        file: The `errors.json` that says so.
        variant: The published checkpoint that its weights are; "" for others.
        data: The data set.
        inputs: Which 2D keypoints or poses of it.
        truth: Which ground truth; "" where there is but one.
        tested: How many subjects, actions and sequences.
        uses_truth: Whether the errors were made with ground truth.
        numbers: Errors by metric, counted as the network's authors count.
    """

    file: Path
    variant: str
    data: str
    inputs: str
    truth: str
    tested: Mapping[str, int]
    uses_truth: bool
    numbers: Mapping[str, Number]


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


def benchmark(file: Path | None = None) -> list[Benchmarked]:
    """What was measured on the mocap benchmark, as it comes with the program; nothing where it does not come with it.

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


def measured(runs: Path) -> list[Measured]:
    """Tests that `pose3d evaluate` left somewhere in a folder, the newest first; other files are passed over.

    So are tests in which poses were lifted otherwise than the network's authors do.
    """
    files = sorted(runs.rglob(_ERRORS), key=lambda file: file.stat().st_mtime, reverse=True)
    return [found for file in files if (found := _evaluation(file)) is not None]


def beside(row: Row, found: Iterable[Measured]) -> Measured | None:
    """The first evaluation of a row's method on its data, all of it.

    It is of the published checkpoint, or lies in a folder that is called like the configuration, or below.
    """
    for one in found:
        same = all(getattr(one, name) == getattr(row, name) for name in ("data", "inputs", "truth", "uses_truth"))
        whole = all(one.tested[name] >= count for name, count in row.complete.items())
        ours = (row.weights and one.variant == row.weights) or row.config in one.file.parent.parts
        if same and whole and ours:
            return one
    return None


def _evaluation(file: Path) -> Measured | None:
    """What a file says, or None where it is no evaluation of a test split."""
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        if said["format"] != _FORMAT or said["data"]["split"] != "test":
            return None
        if not said.get("protocol", {}).get("as_the_authors", True):
            return None
        return Measured(
            file=file,
            variant=said["weights"].get("variant", ""),
            data=said["data"]["name"],
            inputs=said["data"]["inputs"],
            truth=said["data"]["truth"],
            tested={
                "subjects": len(said["data"]["subjects"]),
                "actions": len(said["data"]["actions"]),
                "sequences": said["data"]["sequences"],
            },
            uses_truth=said["uses_ground_truth"],
            numbers=_found(said),
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _found(said: Mapping[str, Any]) -> dict[str, Number]:
    """The errors of a file as tables count them."""
    if scored := said.get("mpi_inf_3dhp"):
        whole = scored["weighted"]
        return {"pck": whole["pck"]["Total"], "auc": whole["auc"]["Total"], "mpjpe": whole["mpjpe"]["Average"]}
    if "average" in said["errors"]["whole"]:
        errors = (said["errors"]["released"] or said["errors"]["whole"])["average"]
        return {metric: errors[metric] for metric in METRICS if metric in errors}
    errors = said["errors"]["released"]
    if "pck_0.2" in errors:
        return {"pck_2d": tuple(errors[f"pck_{share}"] for share in ("0.2", "0.1", "0.05"))}
    return {metric: errors[f"{metric}_mm"] for metric in METRICS if f"{metric}_mm" in errors}


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
