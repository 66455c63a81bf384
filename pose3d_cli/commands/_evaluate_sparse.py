"""`pose3d evaluate` for MixSynthFormer's weights: poses filled out or continued, beside what needs no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from in_the_wild.refiners.mixsynthformer import Trained
    from pose3d_cli.datasets.prepared.sequences import Dataset
    from pose3d_cli.evaluation.report import Table
    from pose3d_cli.evaluation.slices import Row

# The ways to count, rules of `pose3d_cli.evaluation.sparse`: what they are called, and what slices begin with.
_RULES = {
    "published": ("as published: windows one after the other, the tail left out", "published "),
    "whole": ("every frame", ""),
}
_NETWORK = "mixsynthformer"


def evaluate(trained: Trained, dataset: Dataset, *, split: str, output: Path | None) -> None:
    """Measure weights on a prepared set, show tables, and write files into the folder `output` if it is given.

    Raises:
        InputError: a set that lacks what they read.
        ConfigError: weights for something else than the set holds.
    """
    from pose3d_cli import terminal
    from pose3d_cli.evaluation import baselines, prepared, report
    from pose3d_cli.evaluation import sparse as sparse_poses
    from pose3d_cli.evaluation.slices import Row

    rules = _RULES if trained.training.task == "fill" else {"whole": ("every frame to come", "")}
    parts = _parts(dataset)
    rows: list[Row] = []
    with terminal.stage_progress("evaluate", total=len(parts), unit="parts") as advance:
        for done, (cut, name, part) in enumerate(parts, start=1):
            for rule, (_, prefix) in rules.items():
                errors = sparse_poses.evaluate(trained.network, trained.training, part, rule=rule)
                frames = int(part.lengths.sum())
                rows += [Row(f"{prefix}{cut}", name, metric, value, frames) for metric, value in errors.items()]
            advance(done)
    # What is measured of a baseline bears its name; the estimator of the poses is none of those that see few frames.
    shown = {name: name for name in baselines.BASELINES[trained.training.task]}
    shown[sparse_poses.ESTIMATOR] = "input, every frame seen"
    tables = [
        *(_summary(rows, f"{prefix}all", title, shown) for title, prefix in rules.values()),
        *_details(rows, [f"{prefix}{cut}" for _, prefix in rules.values() for cut in dict(_CUTS)]),
    ]
    frames = int(dataset.lengths.sum())
    caption = [
        f"Weights: {trained.source} (MixSynthFormer), which see one frame in {trained.network.interval}.",
        prepared.data_caption(dataset, split=split, frames=frames),
        "Uses ground truth: no prediction does. Joints are from the true root or middle of the hips; P-MPJPE also "
        "takes turn, scale and place from the truth.",
    ]
    for line in caption:
        terminal.say(line)
    for table in tables[: len(rules)]:
        terminal.table(table.title, table.columns, table.rows, numbers=table.columns[1:])
    if output is None:
        return
    record = {
        "versions": prepared.versions(),
        "weights": {"source": trained.source, "sha256": trained.sha256, "model": _NETWORK},
        "data": prepared.data_record(dataset, split=split, frames=frames),
        "uses_ground_truth": False,
        "errors": {
            rule: {row.metric: row.value for row in rows if row.slice == f"{prefix}all"}
            for rule, (_, prefix) in rules.items()
        },
    }
    for path in report.write(output, caption=caption, tables=tables, rows=rows, record=record):
        terminal.say(str(path))


# What a set is cut by, and what of its sequences says it.
_CUTS = (("subject", "subjects"), ("action", "actions"), ("camera", "cameras"))


def _parts(dataset: Dataset) -> list[tuple[str, str, Dataset]]:
    """The whole set, and its parts by subject, action and camera where there are several: slice, name, part."""
    from pose3d_cli.datasets.prepared.sequences import base_action

    sequences = list(dataset)
    found = {
        "subject": {sequence.subject for sequence in sequences},
        "action": {base_action(sequence.action) for sequence in sequences},
        "camera": {sequence.camera.name for sequence in sequences},
    }
    parts = [("all", "all", dataset)]
    for cut, argument in _CUTS:
        if len(found[cut]) > 1:
            chosen: dict[str, Dataset] = {
                name: dataset.choose(**{argument: [name]})  # type: ignore[arg-type]
                for name in sorted(found[cut])
            }
            parts += [(cut, name, part) for name, part in chosen.items()]
    return parts


def _summary(rows: Sequence[Row], cut: str, title: str, baselines: Mapping[str, str]) -> Table:
    """The whole set: one line for the network, one for each of the baselines, which are called as the mapping says."""
    from pose3d_cli.evaluation.report import Table

    values = {row.metric: row.value for row in rows if row.slice == cut}
    own = [metric for metric in values if not metric.startswith(tuple(f"{name}_" for name in baselines))]
    shown = {"": _NETWORK} | {f"{name}_": said for name, said in baselines.items() if f"{name}_{own[0]}" in values}
    lines = [(name, *(f"{values[f'{prefix}{metric}']:.2f}" for metric in own)) for prefix, name in shown.items()]
    return Table(f"Errors, {title}", ("", *own), tuple(lines))


def _details(rows: Sequence[Row], cuts: Sequence[str]) -> list[Table]:
    """A table of every slice that there is, the baselines beside the network."""
    from pose3d_cli.evaluation.report import Table

    tables = []
    for cut in cuts:
        by_name: dict[str, Mapping[str, float]] = {}
        for row in rows:
            if row.slice == cut:
                by_name[row.name] = {**by_name.get(row.name, {}), row.metric: row.value}
        if by_name:
            metrics = list(next(iter(by_name.values())))
            lines = [(name, *(f"{values[metric]:.2f}" for metric in metrics)) for name, values in by_name.items()]
            tables.append(Table(f"Errors per {cut}", (cut.split()[-1], *metrics), tuple(lines)))
    return tables
