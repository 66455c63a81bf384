"""A lifter measured on a prepared data set: every figure, where it came from, and the files and pictures of it.

found = evaluate(loaded, open_folder(folder).choose(split="test"), settings, device="cpu")
write(found, folder)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from in_the_wild.checkpoints import Weights
from in_the_wild.errors import InputError
from in_the_wild.skeletons import MPI_INF_3DHP17, Skeleton, get_skeleton
from in_the_wild.versions import versions
from pose3d_cli.datasets.lifting import Inference, Refiner, predict
from pose3d_cli.datasets.prepared.sequences import Dataset
from pose3d_cli.evaluation import pictures, protocol, provenance, report, slices, tables
from pose3d_cli.evaluation.measure import Measured, measure, worst_frames
from pose3d_cli.evaluation.report import Report
from pose3d_cli.metrics import pck3d

# Frames among the worst that are drawn.
WORST = 6
_INFERENCE = "inference_data.mat"


@dataclass(frozen=True)
class Refinement:
    """What joints go through after the lifter, by the true root and camera.

    Attributes:
        run: See `pose3d_cli.datasets.lifting.predict`.
        name: What it is called.
        sha256: Of its file.
    """

    run: Refiner
    name: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Settings:
    """How weights are tested; what is None is as their authors do it.

    Attributes:
        rule: Which windows, one of `pose3d_cli.datasets.lifting.RULES`.
        tds: Every tds-th frame of a sequence stands in a window.
        flip: Test-time flip.
        every: Answer for every n-th frame alone.
        batch: Of the authors' P-MPJPE as released, see `pose3d_cli.evaluation.protocol.account`.
        refinement: What the joints go through, by the true root and camera.
    """

    rule: str | None = None
    tds: int | None = None
    flip: bool = True
    every: int = 1
    batch: int | None = None
    refinement: Refinement | None = None


@dataclass(frozen=True)
class Found(Report):
    """What an evaluation of a lifter found.

    Attributes:
        skeleton: Of the joints.
        parts: The errors of each sequence.
        released: As the scripts of the network's authors count; None for MPI-INF-3DHP.
        scored: MPI-INF-3DHP's own evaluation; None for other sets.
    """

    skeleton: Skeleton
    parts: Sequence[Measured] = field(repr=False)
    released: protocol.ReleasedErrors | None = field(repr=False)
    scored: pck3d.Evaluation | None = field(repr=False)


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
    test = _plan(loaded, dataset, settings, split)
    is_3dhp = test.skeleton == MPI_INF_3DHP17
    parts = test.measure(keep=is_3dhp, device=device, progress=progress)
    if not any(len(part.frames) for part in parts):
        raise InputError(f"No frame of {dataset.folder} counts in tests; choose other sequences of it.")
    released = None if is_3dhp else protocol.account(parts, test.authors, batch=settings.batch)
    scored = protocol.account_3dhp(parts) if is_3dhp else None
    rows = slices.rows(parts, test.skeleton)
    if released is not None:
        rows += report.released_rows(released)
    main_tables = [
        *([] if scored is None else tables.score_tables(scored)),
        tables.action_table(rows, released),
    ]
    return Found(
        caption=test.caption(parts, released),
        main_tables=main_tables,
        tables=[*main_tables, *tables.slice_tables(rows)],
        rows=rows,
        record={
            **test.record(parts, released),
            "errors": report.error_record(rows, released),
            "mpi_inf_3dhp": None if scored is None else report.score_record(scored),
        },
        skeleton=test.skeleton,
        parts=parts,
        released=released,
        scored=scored,
    )


def write(found: Found, folder: Path) -> list[Path]:
    """Write table.txt, errors.csv, errors.json, table.tex, per_joint.png, over_time.png and worst.png.

    MPI-INF-3DHP's test sequences also give inference_data.mat, which its own Matlab evaluation reads.

    Returns:
        The files.

    Raises:
        OutputError: they cannot be written.
    """
    files = report.write(found, folder)
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


@dataclass(frozen=True)
class _Test:
    """One test: of which weights, on what, and how; nothing is left open.

    Attributes:
        loaded: The weights.
        dataset: The set, chosen.
        split: Which part of it that is.
        settings: As the user gave them.
        inference: What became of them.
        authors: How the network's authors test it.
    """

    loaded: Weights
    dataset: Dataset
    split: str
    settings: Settings
    inference: Inference
    authors: protocol.Protocol

    @property
    def skeleton(self) -> Skeleton:
        return get_skeleton(self.loaded.training.output_skeleton)

    @property
    def ground_truth(self) -> list[str]:
        """What of the truth goes into the predictions, in words; nothing for what a video gives."""
        used = ["the 2D keypoints are the true ones"] if self.dataset.description.inputs == "gt" else []
        if self.settings.refinement is not None:
            used.append(f"{self.settings.refinement.name} reads the true root depth and camera")
        return used

    def measure(self, *, keep: bool, device: str, progress: Callable[[int], None]) -> list[Measured]:
        """The errors of every sequence; with their joints if they are to be kept."""
        refinement = self.settings.refinement
        parts = []
        for done, sequence in enumerate(self.dataset, start=1):
            predicted = predict(
                self.loaded.lifter,
                self.loaded.training,
                sequence,
                self.dataset.description,
                self.inference,
                refine=None if refinement is None else refinement.run,
                device=device,
            )
            parts.append(measure(predicted, self.skeleton, zero_root=self.authors.zero_root, worst=WORST, keep=keep))
            progress(done)
        return parts

    def caption(self, parts: Sequence[Measured], released: protocol.ReleasedErrors | None) -> list[str]:
        """Lines that say what the figures were made from."""
        inference, loaded, truth = self.inference, self.loaded, self.ground_truth
        strides = "at the weights' frame rate" if inference.tds is None else f"of {_one_in(inference.tds)}"
        how = f"{inference.rule} windows {strides}, {'with' if inference.flip else 'without'} the mirror image"
        answered = "" if inference.every == 1 else f", {_one_in(inference.every)} answered"
        lines = [
            f"Weights: {loaded.source} ({loaded.training.variant or loaded.model}); {how}{answered}.",
            provenance.data_caption(self.dataset, split=self.split, frames=_frames(parts)),
            f"Uses ground truth: {'; '.join(truth) if truth else 'no prediction does'}. All errors are from the true "
            "root; P-MPJPE also takes turn, scale and place from the truth, N-MPJPE the scale.",
        ]
        if released is not None and released.average:
            lines.append(self._accounting(released))
        return lines

    def _accounting(self, released: protocol.ReleasedErrors) -> str:
        root = "put to zero" if self.authors.zero_root else "left as it is, with its error counted"
        missing = released.over - len(released.actions)
        absent = f", {missing} of them without frames and counted as 0" if missing else ""
        batch = self.settings.batch
        mixed = f", P-MPJPE in batches of {batch}" if batch is not None else ""
        return (
            f"* as the authors count ({self.authors.source}): the predicted root {root}, the average over "
            f"{released.over} actions{absent}{mixed}. Without *: the root put to zero, every frame once, the actions "
            "that there are."
        )

    def record(self, parts: Sequence[Measured], released: protocol.ReleasedErrors | None) -> dict[str, Any]:
        """The same for JSON, with the worst frames."""
        inference, refinement, said = self.inference, self.settings.refinement, self.authors
        used = (inference.rule, inference.tds, inference.flip, inference.every)
        return {
            "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "versions": versions(*provenance.PACKAGES),
            "weights": provenance.weights_record(self.loaded),
            "data": provenance.data_record(self.dataset, split=self.split, frames=_frames(parts)),
            "protocol": {
                "rule": inference.rule,
                "tds": inference.tds,
                "flip": inference.flip,
                "every": inference.every,
                "zero_root": said.zero_root,
                "average_over": None if released is None else released.over,
                "released_batch": self.settings.batch,
                "as_the_authors": used == (said.rule, said.tds, True, 1),
                "source": said.source,
            },
            "refine": None if refinement is None else {"source": refinement.name, "sha256": refinement.sha256},
            "uses_ground_truth": refinement is not None,
            "ground_truth": self.ground_truth,
            "worst": [
                {"sequence": frame.sequence, "frame": frame.number, "mpjpe": frame.error}
                for frame in worst_frames(parts, count=WORST)
            ],
        }


def _plan(loaded: Weights, dataset: Dataset, settings: Settings, split: str) -> _Test:
    """Fill in what the user left to the network's authors.

    Raises:
        InputError: settings that do not fit the network or the set.
    """
    said = protocol.of(loaded.model, loaded.training)
    rule, tds = settings.rule or said.rule, said.tds if settings.tds is None else settings.tds
    # Windows side by side take every frame, which suits sets of the weights' own frame rate alone.
    slower = any(round(sequence.fps / loaded.training.fps) > 1 for sequence in dataset)
    if rule == "consecutive" and settings.rule is None and (slower or settings.tds is not None):
        rule, tds = "blended", settings.tds
    inference = Inference(rule=rule, tds=tds, flip=settings.flip, every=settings.every)
    if rule != "centred" and not loaded.lifter.every_frame:
        raise InputError(
            f'{loaded.model} answers for one frame of a window, which the rule "{rule}" has no use for; leave it at '
            "centred."
        )
    if rule == "consecutive" and (settings.tds or 1) > 1:
        raise InputError(f'The rule "consecutive" takes every frame, found tds {settings.tds}; take blended instead.')
    if settings.refinement is not None and dataset.description.centred:
        raise InputError(f"To refine, the set must say where the root is; {dataset.description.name} does not.")
    if settings.every > 1:  # differences between answers are then none between frames
        said = replace(said, metrics=tuple(metric for metric in said.metrics if metric != "mpjve"))
    return _Test(loaded, dataset, split, settings, inference, said)


def _frames(parts: Sequence[Measured]) -> int:
    return sum(len(part.frames) for part in parts)


def _one_in(number: int) -> str:
    return "every frame" if number == 1 else f"one frame in {number}"
