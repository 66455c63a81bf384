"""What sets in DeciWatch's layout share: for each split a file of the truth, and one of an estimator's answers.

Zeng et al., "DeciWatch: A Simple Baseline for 10x Efficient 2D and 3D Pose Estimation", ECCV 2022, gives them away
(`doc/data.md`, `lib/dataset/*.py` of its repository), and MixSynthFormer is trained on the same files:

    groundtruth_poses/SET/SET_gt_{train,test}.npz
    detected_poses/SET/ESTIMATOR/SET_ESTIMATOR_{train,test}.npz

Each holds arrays by name, and each array one entry per sequence: `imgname`, the pictures of its frames, tells how many
frames it has. All entries of a file are pickled together, so a file is read whole.

It knows nothing about any single one of these sets.
"""

from __future__ import annotations

import zipfile
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from in_the_wild import unpickle
from in_the_wild.arrays import read_header
from in_the_wild.errors import ConfigError, InputError, did_you_mean
from in_the_wild.files import guarded
from in_the_wild.skeletons import LSP14, Skeleton
from pose3d_cli.datasets.prepared.sequences import SPLITS, Labelled
from pose3d_cli.datasets.readers.base import Reader

_PICTURES = "imgname"
# The 17 joints that SMPL's regressor for Human3.6M gives, in its order: left before right, unlike `human36m17`. Where
# their names are those of `lsp14`, they are its joints.
REGRESSED17 = (
    "pelvis", "left_hip", "left_knee", "left_ankle", "right_hip", "right_knee", "right_ankle", "spine", "neck", "head",
    "head_top", "left_shoulder", "left_elbow", "left_wrist", "right_shoulder", "right_elbow", "right_wrist",
)  # fmt: skip


@dataclass(frozen=True)
class Take:
    """One sequence as two files have it.

    Attributes:
        split: "train" or "test".
        where: Its place in the files, for messages.
        folders: Of its first picture: what the names of pictures have before the last slash.
        number: How many sequences of the same folders came before: the number of the person in the picture.
        truth: Arrays of the truth by name: (T, D), and those that are not by frame as they are.
        estimated: Likewise of the estimator.
    """

    split: str
    where: str
    folders: tuple[str, ...]
    number: int
    truth: Mapping[str, np.ndarray]
    estimated: Mapping[str, np.ndarray]

    @property
    def name(self) -> str:
        """Unique within the set."""
        return "/".join((*self.folders, *([str(self.number + 1)] if self.number else [])))


@dataclass(kw_only=True)
class DeciWatchReader(Reader):
    """A data set in this layout.

    Args:
        source: The folder that holds groundtruth_poses and detected_poses.
        estimator: Whose answers.

    Raises:
        ConfigError: an estimator that the set does not come with.

    Attributes:
        set_name: As files and folders call the set.
        estimators: Whose answers there are.
        true_arrays: What is read of the truth, frame by frame.
        estimated_arrays: Likewise of the estimator.
        sequence_arrays: What is read of the truth, one entry for a whole sequence.
    """

    set_name: ClassVar[str]
    estimators: ClassVar[tuple[str, ...]]
    true_arrays: ClassVar[tuple[str, ...]]
    estimated_arrays: ClassVar[tuple[str, ...]]
    sequence_arrays: ClassVar[tuple[str, ...]] = ()

    estimator: str

    def __post_init__(self) -> None:
        if self.estimator not in self.estimators:
            raise ConfigError(
                f'{self.set_name} does not come with an estimator "{self.estimator}". '
                f"{did_you_mean(self.estimator, self.estimators)}"
            )

    def files(self) -> list[Path]:
        """Truth and estimate of both splits."""
        return [file for split in SPLITS for file in self._pair(split)]

    def count(self) -> int:
        """As the headers of the arrays say."""
        return sum(_entries(self._pair(split)[0]) for split in SPLITS)

    def read(self) -> Iterator[Labelled]:
        """Every sequence; the test after the training."""
        met: Counter[tuple[str, ...]] = Counter()
        for split in SPLITS:
            yield from self._sequences(split, met)

    @abstractmethod
    def labelled(self, take: Take) -> Labelled:
        """What the set's own file makes of a sequence."""

    def _pair(self, split: str) -> tuple[Path, Path]:
        name, by = self.set_name, self.estimator
        return (
            self.source / "groundtruth_poses" / name / f"{name}_gt_{split}.npz",
            self.source / "detected_poses" / name / by / f"{name}_{by}_{split}.npz",
        )

    def _sequences(self, split: str, met: Counter[tuple[str, ...]]) -> Iterator[Labelled]:
        true_file, estimated_file = self._pair(split)
        truth = _load(true_file, (*self.true_arrays, *self.sequence_arrays))
        estimated = _load(estimated_file, self.estimated_arrays)
        pictures = truth[_PICTURES]
        if len(pictures) != len(estimated[_PICTURES]):
            raise InputError(
                f"{estimated_file} should hold the {len(pictures)} sequences of {true_file.name} and holds "
                f"{len(estimated[_PICTURES])}; get both from the same place."
            )
        for i, names in enumerate(pictures):
            with guarded(true_file, expected=f"sequences of {self.set_name} in DeciWatch's layout"):
                folders = tuple(str(names[0]).split("/")[:-1]) if len(names) else ()
                if not folders:
                    raise InputError(
                        f"{true_file}, sequence {i}: names of pictures like SEQUENCE/PICTURE were expected in "
                        f"{_PICTURES}, found {str(names[0]) if len(names) else 'none'}; get the file again."
                    )
                take = Take(
                    split=split,
                    where=f"{true_file}, sequence {i}",
                    folders=folders,
                    number=met[folders],
                    truth={
                        **{name: _rows(truth[name][i], len(names), name, true_file, i) for name in self.true_arrays},
                        **{name: np.asarray(truth[name][i]) for name in self.sequence_arrays},
                    },
                    estimated={
                        name: _rows(estimated[name][i], len(names), name, estimated_file, i)
                        for name in self.estimated_arrays
                    },
                )
                sequence = self.labelled(take)
            met[folders] += 1
            yield sequence


def joints_of(rows: np.ndarray, take: Take, skeleton: Skeleton) -> np.ndarray:
    """Rows (T, D) as joints from the root: (T, J, 3) in the order of a skeleton.

    Seventeen regressed joints are brought to `lsp14` (MixSynthFormer `lib/dataset/pw3d_dataset.py`, H36M_TO_J17 and
    J17_TO_J14).

    Raises:
        InputError: other numbers of joints.
    """
    if skeleton == LSP14 and rows.shape[1] == len(REGRESSED17) * 3:
        rows = rows.reshape(len(rows), -1, 3)[:, [REGRESSED17.index(name) for name in LSP14.joints]]
    joints = points_of(rows, take, skeleton, coordinates=3)
    return joints - joints[:, list(skeleton.centre)].mean(axis=1, keepdims=True)


def points_of(rows: np.ndarray, take: Take, skeleton: Skeleton, *, coordinates: int) -> np.ndarray:
    """Rows of T frames as points (T, J, C).

    Raises:
        InputError: other numbers of joints.
    """
    found = rows[0].size
    if found != len(skeleton) * coordinates:
        raise InputError(
            f"{take.where}: {len(skeleton)} joints of {coordinates} coordinates in each frame were expected, found "
            f"{found} numbers; get the file again."
        )
    return rows.reshape(len(rows), len(skeleton), coordinates)


def with_number(action: str) -> str:
    """An action whose name ends in the number of its take, as prepared sets have it: "Walking_1" -> "Walking 1"."""
    name, _, take = action.rpartition("_")
    return f"{name} {take}" if name and take.isdigit() else action


def _load(file: Path, arrays: Sequence[str]) -> dict[str, Any]:
    found = unpickle.load(file)
    wanted = (_PICTURES, *arrays)
    missing = [name for name in wanted if name not in found]
    if missing:
        raise InputError(
            f"{file} lacks {', '.join(missing)}: the arrays {', '.join(wanted)} were expected, found "
            f"{', '.join(found)}; get the file again."
        )
    lengths = {name: len(found[name]) if np.ndim(found[name]) else 0 for name in wanted}
    if len(set(lengths.values())) != 1 or not lengths[_PICTURES]:
        raise InputError(f"{file}: as many sequences in every array were expected, found {lengths}; get it again.")
    return {name: found[name] for name in wanted}


def _rows(values: Any, frames: int, name: str, file: Path, number: int) -> np.ndarray:
    """One sequence's entry of an array: (T, D) float64."""
    try:
        rows = np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{file}, sequence {number}: numbers were expected in {name}; get the file again.") from error
    if rows.ndim < 2 or len(rows) != frames:
        raise InputError(
            f"{file}, sequence {number}: {name} of {frames} frames was expected, as many as there are pictures, found "
            f"the shape {rows.shape}; get the file again."
        )
    return rows.reshape(frames, -1)


def _entries(file: Path) -> int:
    """How many sequences a file has, by the header of an array."""
    with (
        guarded(file, expected=f"an .npz file with an array {_PICTURES}"),
        zipfile.ZipFile(file) as archive,
        archive.open(f"{_PICTURES}.npy") as member,
    ):
        return int(read_header(member)[0][0])
