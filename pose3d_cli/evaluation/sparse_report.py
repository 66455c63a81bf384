"""A network of sparse poses measured on a prepared data set, whole and in parts, beside what needs no network.

What one number is stands in `pose3d_cli.evaluation.sparse`; here they become tables, rows and a record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from in_the_wild.sparse import Trained
from in_the_wild.versions import versions
from pose3d_cli.datasets.prepared.sequences import Dataset, base_action
from pose3d_cli.evaluation import baselines, provenance, sparse
from pose3d_cli.evaluation.report import Report
from pose3d_cli.evaluation.slices import Row
from pose3d_cli.evaluation.tables import Table

# The ways to count, rules of `pose3d_cli.evaluation.sparse`: what they are called, and what slices begin with.
_RULES = {
    "released": ("as released: windows one after the other, the tail left out", "released "),
    "whole": ("every frame", ""),
}
# What a set is cut by, and what of its sequences says it.
_CUTS = (("subject", "subjects"), ("action", "actions"), ("camera", "cameras"))


def evaluate(
    trained: Trained, dataset: Dataset, *, split: str, progress: Callable[[int, int], None] = lambda done, total: None
) -> Report:
    """Measure weights on a set and on its parts by subject, action and camera.

    Args:
        trained: The network.
        dataset: The set, chosen.
        split: Which part of it that is, in words for people.
        progress: Called with the number of parts done, and of how many.

    Raises:
        InputError: a set that lacks what they read.
        ConfigError: weights for something else than the set holds.
    """
    rules = _RULES if trained.training.task == "fill" else {"whole": ("every frame to come", "")}
    parts = _parts(dataset)
    rows: list[Row] = []
    for done, (cut, name, part) in enumerate(parts, start=1):
        for rule, (_, prefix) in rules.items():
            errors = sparse.evaluate(trained.network, trained.training, part, rule=rule)
            frames = int(part.lengths.sum())
            rows += [Row(f"{prefix}{cut}", name, metric, value, frames) for metric, value in errors.items()]
        progress(done, len(parts))
    # What is measured of a baseline bears its name; the estimator of the poses is none of those that see few frames.
    shown = {name: name for name in baselines.BASELINES[trained.training.task]}
    shown |= {sparse.ESTIMATOR: "input, every frame seen", "": trained.model}
    main_tables = [_summary(rows, f"{prefix}all", title, shown) for title, prefix in rules.values()]
    cuts = [f"{prefix}{cut}" for _, prefix in rules.values() for cut in dict(_CUTS)]
    frames = int(dataset.lengths.sum())
    return Report(
        caption=[
            f"Weights: {trained.source} ({trained.model}), which see one frame in {trained.network.interval}.",
            provenance.data_caption(dataset, split=split, frames=frames),
            "Uses ground truth: no prediction does. Joints are from the true root or middle of the hips; P-MPJPE also "
            "takes turn, scale and place from the truth.",
        ],
        main_tables=main_tables,
        tables=[*main_tables, *_details(rows, cuts)],
        rows=rows,
        record={
            "versions": versions(*provenance.PACKAGES),
            "weights": {"source": trained.source, "sha256": trained.sha256, "model": trained.model},
            "data": provenance.data_record(dataset, split=split, frames=frames),
            "uses_ground_truth": False,
            "errors": {
                rule: {row.metric: row.value for row in rows if row.slice == f"{prefix}all"}
                for rule, (_, prefix) in rules.items()
            },
        },
    )


def _parts(dataset: Dataset) -> list[tuple[str, str, Dataset]]:
    """The whole set, and its parts by subject, action and camera where there are several: slice, name, part."""
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


def _summary(rows: Sequence[Row], cut: str, title: str, shown: Mapping[str, str]) -> Table:
    """The whole set: one line for the network (""), one for each of the baselines, called as the mapping says."""
    values = {row.metric: row.value for row in rows if row.slice == cut}
    own = [metric for metric in values if not metric.startswith(tuple(f"{name}_" for name in shown))]
    names = {"": shown[""]} | {f"{name}_": said for name, said in shown.items() if f"{name}_{own[0]}" in values}
    lines = [(name, *(f"{values[f'{prefix}{metric}']:.2f}" for metric in own)) for prefix, name in names.items()]
    return Table(f"Errors, {title}", ("", *own), tuple(lines))


def _details(rows: Sequence[Row], cuts: Sequence[str]) -> list[Table]:
    """A table of every slice that there is, the baselines beside the network."""
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
