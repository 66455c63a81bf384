"""Weights measured on a prepared data set: every figure, where it came from, and the files and pictures of it.

found = evaluate(loaded, open_folder(folder).choose(split="test"), settings, device="cpu")
write(found, folder)
"""

from __future__ import annotations

import platform
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

from in_the_wild import __version__
from in_the_wild.checkpoints import Weights
from in_the_wild.errors import InputError, did_you_mean
from in_the_wild.skeletons import MPI_INF_3DHP17, Skeleton, get_skeleton
from pose3d_cli.datasets.lifting import RULES, Refiner, predict
from pose3d_cli.datasets.prepared.sequences import Dataset, base_action
from pose3d_cli.evaluation import pictures, protocol, report, slices
from pose3d_cli.evaluation.measure import Measured, measure, worst_frames
from pose3d_cli.evaluation.report import Table
from pose3d_cli.metrics import pck3d

# Frames among the worst that are drawn.
WORST = 6
_INFERENCE = "inference_data.mat"


@dataclass(frozen=True)
class Settings:
    """How weights are tested; what is None is as their authors do it.

    Attributes:
        rule: Which windows, one of `pose3d_cli.datasets.lifting.RULES`.
        tds: Every tds-th frame of a sequence stands in a window.
        flip: Test-time flip.
        every: Answer for every n-th frame alone.
        batch: Of the authors' P-MPJPE as released, see `pose3d_cli.evaluation.protocol.account`.
        refine: What the joints go through, by the true root and camera.
        refine_name: How that is called.
        refine_sha256: Of its file.
    """

    rule: str | None = None
    tds: int | None = None
    flip: bool = True
    every: int = 1
    batch: int | None = None
    refine: Refiner | None = None
    refine_name: str = ""
    refine_sha256: str = ""


@dataclass(frozen=True)
class Found:
    """What an evaluation found.

    Attributes:
        skeleton: Of the joints.
        parts: The errors of each sequence.
        rows: All figures.
        published: As the network's authors count; None for MPI-INF-3DHP.
        scored: MPI-INF-3DHP's own evaluation; None for other sets.
        caption: Lines that say what the figures were made from.
        record: Where they came from, and the main ones, for JSON.
    """

    skeleton: Skeleton
    parts: Sequence[Measured] = field(repr=False)
    rows: Sequence[slices.Row] = field(repr=False)
    published: protocol.Published | None = field(repr=False)
    scored: pck3d.Evaluation | None = field(repr=False)
    caption: Sequence[str]
    record: Mapping[str, Any] = field(repr=False)

    @property
    def main_tables(self) -> list[Table]:
        """The tables that one looks at first."""
        scores = [] if self.scored is None else report.score_tables(self.scored)
        return [*scores, report.action_table(self.rows, self.published)]

    @property
    def tables(self) -> list[Table]:
        """All tables."""
        return [*self.main_tables, *report.slice_tables(self.rows)]


def evaluate(
    loaded: Weights,
    dataset: Dataset,
    settings: Settings,
    *,
    split: str = "",
    device: str = "cpu",
    progress: Callable[[int], None] = lambda done: None,
) -> Found:
    """Lift all sequences of a set and compare them with the truth.

    Args:
        loaded: A lifter and what it was trained on.
        dataset: The set, chosen.
        settings: How.
        split: Which part of the set that is, in words for people.
        device: Where the lifter is.
        progress: Called with the number of sequences done.

    Raises:
        InputError: a set without what is needed or with other joints, settings that do not fit, or no frame that
            counts.
        SkeletonError: keypoints that cannot be brought to those that the weights read.
    """
    training, description = loaded.training, dataset.description
    said = protocol.of(loaded.model, training)
    rule, tds = _windows(settings, said, loaded, dataset)
    skeleton = get_skeleton(training.output_skeleton)
    if settings.every < 1 or (settings.tds is not None and settings.tds < 1):
        raise InputError(
            f"A stride and frames to answer of at least 1 were expected, found tds {settings.tds} and every "
            f"{settings.every}."
        )
    if settings.refine is not None and description.centred:
        raise InputError(f"To refine, the set must say where the root is; {description.name} does not.")
    if settings.every > 1:  # differences between answers are then none between frames
        said = replace(said, metrics=tuple(metric for metric in said.metrics if metric != "mpjve"))
    is_3dhp = skeleton == MPI_INF_3DHP17
    parts = []
    for done, sequence in enumerate(dataset, start=1):
        predicted = predict(
            loaded.lifter,
            training,
            sequence,
            description,
            rule=rule,
            tds=tds,
            flip=settings.flip,
            every=settings.every,
            refine=settings.refine,
            device=device,
        )
        parts.append(measure(predicted, skeleton, zero_root=said.zero_root, worst=WORST, keep=is_3dhp))
        progress(done)
    if not any(len(part.frames) for part in parts):
        raise InputError(f"No frame of {dataset.folder} counts in tests; choose other sequences of it.")
    published = None if is_3dhp else protocol.account(parts, said, batch=settings.batch)
    scored = protocol.account_3dhp(parts) if is_3dhp else None
    rows = slices.rows(parts, skeleton)
    if published is not None:
        rows += report.published_rows(published)
    used = replace(settings, rule=rule, tds=tds)
    truth = ground_truth(dataset, settings)
    return Found(
        skeleton=skeleton,
        parts=parts,
        rows=rows,
        published=published,
        scored=scored,
        caption=_caption(loaded, dataset, used, said, published, truth, split=split, frames=_frames(parts)),
        record={
            "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "versions": versions(),
            "weights": weights_record(loaded),
            "data": data_record(dataset, split=split, frames=_frames(parts)),
            "protocol": {
                "rule": rule,
                "tds": tds,
                "flip": settings.flip,
                "every": settings.every,
                "zero_root": said.zero_root,
                "average_over": None if published is None else published.over,
                "released_batch": settings.batch,
                "as_the_authors": (rule, tds, settings.flip, settings.every) == (said.rule, said.tds, True, 1),
                "source": said.source,
            },
            "refine": {"source": settings.refine_name, "sha256": settings.refine_sha256} if settings.refine else None,
            "uses_ground_truth": settings.refine is not None,
            "ground_truth": truth,
            "errors": report.error_record(rows, published),
            "mpi_inf_3dhp": None if scored is None else report.score_record(scored),
            "worst": [
                {"sequence": frame.sequence, "frame": frame.number, "mpjpe": frame.error}
                for frame in worst_frames(parts, count=WORST)
            ],
        },
    )


def _windows(settings: Settings, said: protocol.Protocol, loaded: Weights, dataset: Dataset) -> tuple[str, int | None]:
    """Rule and tds of the windows: the user's, or else the authors'."""
    rule, tds = settings.rule or said.rule, settings.tds or said.tds
    if rule not in RULES:
        raise InputError(f'There is no rule "{rule}" for windows. {did_you_mean(rule, RULES)}')
    if rule != "centred" and not loaded.lifter.every_frame:
        raise InputError(
            f'{loaded.model} answers for one frame of a window, which the rule "{rule}" has no use for; leave it at '
            "centred."
        )
    # Windows side by side take every frame, which suits sets of the weights' own frame rate alone.
    slower = any(round(sequence.fps / loaded.training.fps) > 1 for sequence in dataset)
    if rule == "consecutive" and settings.rule is None and (slower or settings.tds is not None):
        return "blended", settings.tds
    if rule == "consecutive" and (settings.tds or 1) > 1:
        raise InputError(f'The rule "consecutive" takes every frame, found tds {settings.tds}; take blended instead.')
    return rule, tds


def write(found: Found, folder: Path) -> list[Path]:
    """Write table.txt, errors.csv, errors.json, table.tex, per_joint.png, over_time.png and worst.png.

    MPI-INF-3DHP's test sequences also give inference_data.mat, which its own Matlab evaluation reads.

    Returns:
        The files.

    Raises:
        OutputError: they cannot be written.
    """
    files = report.write(folder, caption=found.caption, tables=found.tables, rows=found.rows, record=found.record)
    by_joint = {name: one["mpjpe"].value for name, one in slices.select(found.rows, "joint").items()}
    drawn = {name: folder / f"{name}.png" for name in ("per_joint", "over_time", "worst")}
    pictures.per_joint(drawn["per_joint"], by_joint, found.skeleton, caption=found.caption)
    pictures.over_time(drawn["over_time"], found.parts, caption=found.caption)
    pictures.worst(drawn["worst"], worst_frames(found.parts, count=WORST), found.skeleton, caption=found.caption)
    files += drawn.values()
    kept = {part.name: part.joints * 1e3 for part in found.parts if part.joints is not None}
    if kept and all(re.fullmatch(r"TS\d+", name) for name in kept):
        pck3d.write_inference_mat(folder / _INFERENCE, kept)
        files.append(folder / _INFERENCE)
    return files


def ground_truth(dataset: Dataset, settings: Settings) -> list[str]:
    """What of the truth went into the predictions, in words; nothing for what a video gives."""
    used = []
    if dataset.description.inputs == "gt":
        used.append("the 2D keypoints are the true ones")
    if settings.refine is not None:
        used.append(f"{settings.refine_name} reads the true root depth and camera")
    return used


def weights_record(loaded: Weights) -> dict[str, Any]:
    """What weights say of themselves."""
    training = loaded.training
    return {
        "source": loaded.source,
        "sha256": loaded.sha256,
        "model": loaded.model,
        "arguments": dict(loaded.arguments),
        "parameters": sum(parameter.numel() for parameter in loaded.lifter.parameters()),
        **asdict(training),
    }


def data_record(dataset: Dataset, *, split: str, frames: int) -> dict[str, Any]:
    """What a prepared set says of itself, and what of it was tested."""
    sequences = list(dataset)
    return {
        **asdict(dataset.description),
        "sha256": dict(dataset.digests),
        "split": split,
        "subjects": sorted({sequence.subject for sequence in sequences}),
        "actions": sorted({base_action(sequence.action) for sequence in sequences}),
        "cameras": sorted({sequence.camera.name for sequence in sequences}),
        "sequences": len(sequences),
        "frames": frames,
    }


def versions() -> dict[str, str]:
    """Of this program and what computes for it."""
    return {
        "pose3d": __version__,
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in ("torch", "numpy", "scipy")},
    }


def data_caption(dataset: Dataset, *, split: str, frames: int) -> str:
    """One line on what was tested and against what."""
    said = dataset.description
    truth = f"{said.truth} of {said.name}" if said.truth else said.name
    where = f", {split}" if split else ""
    return (
        f"Data: {said.name}{where}, {len(dataset)} sequences, {frames} frames. Inputs: {said.inputs or 'not named'} "
        f"({said.keypoint_skeleton or 'no keypoints'}). Ground truth: {truth} ({said.joint_skeleton or 'keypoints'})."
    )


def _caption(
    loaded: Weights,
    dataset: Dataset,
    settings: Settings,
    said: protocol.Protocol,
    published: protocol.Published | None,
    truth: Sequence[str],
    *,
    split: str,
    frames: int,
) -> list[str]:
    strides = "at the weights' frame rate" if settings.tds is None else f"of {_one_in(settings.tds)}"
    looks = f"{settings.rule} windows {strides}, {'with' if settings.flip else 'without'} the mirror image"
    answered = "" if settings.every == 1 else f", {_one_in(settings.every)} answered"
    lines = [
        f"Weights: {loaded.source} ({loaded.training.variant or loaded.model}); {looks}{answered}.",
        data_caption(dataset, split=split, frames=frames),
        f"Uses ground truth: {'; '.join(truth) if truth else 'no prediction does'}. All errors are from the true root; "
        "P-MPJPE also takes turn, scale and place from the truth, N-MPJPE the scale.",
    ]
    if published is not None and published.average:
        root = "put to zero" if said.zero_root else "left as it is, with its error counted"
        missing = published.over - len(published.actions)
        absent = f", {missing} of them without frames and counted as 0" if missing else ""
        mixed = f", P-MPJPE in batches of {settings.batch}" if settings.batch is not None else ""
        lines.append(
            f"* as the authors count ({said.source}): the predicted root {root}, the average over {published.over} "
            f"actions{absent}{mixed}. Without *: the root put to zero, every frame once, the actions that there are."
        )
    return lines


def _frames(parts: Sequence[Measured]) -> int:
    return sum(len(part.frames) for part in parts)


def _one_in(number: int) -> str:
    return "every frame" if number == 1 else f"one frame in {number}"
