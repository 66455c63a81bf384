"""What evaluations on this machine found: read from the `errors.json` files that `pose3d evaluate` leaves.

It knows nothing about how errors are measured, nor what papers report.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pose3d_cli.tables.reported import METRICS, Number, Row

_ERRORS, _FORMAT = "errors.json", "pose3d-errors-2"


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


def find(runs: Path) -> list[Measured]:
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
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
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
