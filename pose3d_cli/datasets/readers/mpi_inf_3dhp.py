"""MPI-INF-3DHP, in the layout of its authors or as the two .npz files of P-STMO's converters.

Mehta et al., "Monocular 3D Human Pose Estimation In The Wild Using Improved CNN Supervision" (3DV 2017). Eight actors
of two takes each before 14 cameras are for training, six sequences for the test, of which the valid frames are scored.
What the files hold is told in `datasets.mpi_inf_3dhp_npz`.

Joints come in metres; networks of the papers give millimetres, which is for their weights to say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from in_the_wild.errors import ConfigError, InputError, did_you_mean
from in_the_wild.files import guarded
from in_the_wild.skeletons import MPI_INF_3DHP17
from pose3d_cli.datasets.prepared.sequences import Camera, Description, Labelled
from pose3d_cli.datasets.readers import _mpi_inf_3dhp_npz as mpi
from pose3d_cli.datasets.readers.base import Reader

_TRAIN_SIZE = (2048, 2048)
# P-STMO common/load_data_3dhp_mae.py.
_TEST_SIZES = {name: (1920, 1080) if name in ("TS5", "TS6") else (2048, 2048) for name in mpi.TEST_SEQUENCES}
_TEST_FPS = 25.0
_METRES = 0.001
_CALIBRATION = "camera.calibration"


@dataclass(kw_only=True)
class MpiInf3dhp(Reader):
    """MPI-INF-3DHP: ground-truth keypoints of 8 cameras for training and of the test sequences, 17 joints.

    Where both a file of the authors and an .npz file are there, the former is read, which alone knows the activities.

    Args:
        source: Folder of the data set.
        truth: "univ_annot3", scaled to one body height, as the papers have it, or "annot3", in the camera's true space.
        partial: Take those files that are there; otherwise all of both halves must be.

    Raises:
        ConfigError: another truth.
    """

    layout = (
        "S1 to S8 with Seq1/annot.mat and Seq2/annot.mat, and TS1 to TS6 with annot_data.mat, in the folder itself or "
        "in train and test; or data_train_3dhp.npz and data_test_3dhp.npz. Some of these with partial=true."
    )

    truth: str = "univ_annot3"
    partial: bool = False

    def __post_init__(self) -> None:
        if self.truth not in mpi.TRUTHS:
            raise ConfigError(f'There is no truth "{self.truth}". {did_you_mean(self.truth, mpi.TRUTHS)}')

    def files(self) -> list[Path]:
        """The annotations of both halves, and the calibrations that are there."""
        takes, packed_takes = self._train
        sequences, packed_sequences = self._test
        calibrations = [file for take in takes.values() if (file := take.with_name(_CALIBRATION)).is_file()]
        packed = [file for file in (packed_takes, packed_sequences) if file]
        return [*takes.values(), *calibrations, *sequences.values(), *packed]

    @property
    def _train(self) -> tuple[dict[str, Path], Path | None]:
        return self._half(mpi.take_files(self.source), mpi.TRAIN_NPZ)

    @property
    def _test(self) -> tuple[dict[str, Path], Path | None]:
        return self._half(mpi.sequence_files(self.source), mpi.TEST_NPZ)

    def _half(self, files: dict[str, Path], npz: str) -> tuple[dict[str, Path], Path | None]:
        """The authors' files by name, or the .npz file where there is none of them."""
        there = {name: file for name, file in files.items() if file.is_file()}
        packed = self.source / npz
        if not there and packed.is_file():
            return {}, packed
        return (there if self.partial else files), None

    def require(self) -> None:
        """Check that every file is there, and that they hold the truth that is asked for.

        Raises:
            InputError: some are missing, or hold another truth.
        """
        super().require()
        packed = [file.name for _, file in (self._train, self._test) if file]
        if packed and self.truth != mpi.TRUTHS[0]:
            raise InputError(f"{packed[0]} holds {mpi.TRUTHS[0]} alone; give the authors' .mat files for {self.truth}.")
        if not self.files():
            raise InputError(f"{self.source} holds nothing of MPI-INF-3DHP. Expected: {self.layout}")

    def describe(self) -> Description:
        """Which truth, and what the files leave open."""
        return Description(
            name="mpi_inf_3dhp",
            inputs="gt",
            truth=self.truth,
            keypoint_skeleton=MPI_INF_3DHP17.name,
            joint_skeleton=MPI_INF_3DHP17.name,
            licence="MPI-INF-3DHP: for research that is not commercial; cite Mehta et al., 3DV 2017.",
            notes={
                "scale": "univ_annot3 is scaled to one body height; annot3 is as large as the actors.",
                "frame rate": f"The files give none for the test sequences; {_TEST_FPS:g} frames/s are assumed.",
                "valid": "Tests are scored on the valid frames; windows around them reach into the others.",
            },
        )

    def count(self) -> int:
        """One sequence for each camera of a take, and the test sequences; all of them where an .npz file is read."""
        (takes, packed_takes), (sequences, packed_sequences) = self._train, self._test
        train = len(mpi.TAKES) if packed_takes else len(takes)
        test = len(mpi.TEST_SEQUENCES) if packed_sequences else len(sequences)
        return train * len(mpi.TRAIN_CAMERAS) + test

    def read(self) -> Iterator[Labelled]:
        """Takes camera by camera, "S1 Seq1 0", then test sequences, "TS1".

        Activities are given where the test sequences are the authors' own files; they are 0 in training.

        Raises:
            InputError: a file that is damaged, hostile, or not of this layout.
        """
        sequences, packed = self._test
        tests = mpi.load_sequences(packed) if packed else {}
        if packed:
            self._complete(packed, tests, mpi.TEST_SEQUENCES)
        yield from self._read_train(activity=bool(sequences))
        for name, file in sequences.items():
            yield self._test_sequence(name, mpi.read_sequence(file, truth=self.truth))
        for name, arrays in tests.items():
            yield self._test_sequence(name, arrays)

    def _read_train(self, *, activity: bool) -> Iterator[Labelled]:
        files, packed = self._train
        for take, file in files.items():
            intrinsics = _intrinsics(file.with_name(_CALIBRATION))
            cameras = mpi.read_take(file, take, truth=self.truth)
            yield from _take(take, cameras, mpi.TAKES[take][1], intrinsics, activity=activity)
        if packed:
            takes = mpi.load_takes(packed)
            self._complete(packed, takes, mpi.TAKES)
            for take, (cameras, fps) in takes.items():
                yield from _take(take, cameras, fps, {}, activity=activity)

    def _complete(self, packed: Path, found: Collection[str], wanted: Collection[str]) -> None:
        unknown = [name for name in found if name not in wanted]
        missing = [name for name in wanted if name not in found]
        if unknown or (missing and not self.partial):
            raise InputError(
                f"{packed}: the sequences {', '.join(wanted)} were expected, "
                + (f"found {', '.join(unknown)}; " if unknown else f"{', '.join(missing)} are missing; ")
                + ("get the file again." if unknown else "get the whole file, or set partial=true.")
            )

    def _test_sequence(self, name: str, arrays: mpi.Arrays) -> Labelled:
        width, height = _TEST_SIZES[name]
        return Labelled(
            name=name,
            subject=name,
            action=name,
            split="test",
            fps=_TEST_FPS,
            camera=Camera(name, width, height),
            keypoints=arrays["data_2d"],
            true_keypoints=arrays["data_2d"],
            joints=arrays["data_3d"] * _METRES,
            valid=arrays["valid"] != 0,
            activity=arrays.get("activity"),
        )

    def write_npz(self, folder: Path) -> list[Path]:
        """Write data_train_3dhp.npz and data_test_3dhp.npz, as P-STMO's converters do, for what is there of either.

        They hold univ_annot3, whatever the truth that is read here.

        Returns:
            The files.

        Raises:
            InputError: no files of the authors to convert.
            OutputError: the folder cannot be written.
        """
        written = []
        for (files, _), npz, convert in (
            (self._train, mpi.TRAIN_NPZ, mpi.convert_train),
            (self._test, mpi.TEST_NPZ, mpi.convert_test),
        ):
            if files:
                convert(self.source, folder / npz, partial=self.partial)
                written.append(folder / npz)
        if not written:
            raise InputError(f"{self.source} holds no .mat files to convert into .npz files.")
        return written


def _take(
    take: str,
    cameras: Mapping[str, mpi.Arrays],
    fps: float,
    intrinsics: Mapping[str, tuple[float, ...]],
    *,
    activity: bool,
) -> Iterator[Labelled]:
    subject, _, action = take.partition(" ")
    for camera, arrays in cameras.items():
        frames = len(arrays["data_3d"])
        yield Labelled(
            name=f"{take} {camera}",
            subject=subject,
            action=action,
            split="train",
            fps=float(fps),
            camera=Camera(camera, *_TRAIN_SIZE, intrinsics=intrinsics.get(camera)),
            keypoints=arrays["data_2d"],
            true_keypoints=arrays["data_2d"],
            joints=arrays["data_3d"] * _METRES,
            valid=np.ones(frames, bool),
            activity=np.zeros(frames) if activity else None,
        )


def _intrinsics(path: Path) -> dict[str, tuple[float, ...]]:
    """What the calibration of a take says of each camera, by its name; nothing where there is no file.

    A camera has a line "name" and later a line "intrinsic" of 4 x 4 numbers, row by row.
    """
    if not path.is_file():
        return {}
    found: dict[str, tuple[float, ...]] = {}
    name = ""
    with guarded(path, expected="a calibration of MPI-INF-3DHP's cameras"):
        for line in path.read_text().splitlines():
            key, *values = line.split() or [""]
            if key == "name":
                (name,) = values
            elif key == "intrinsic":
                fx, _, cx, _, _, fy, cy = [float(value) for value in values[:7]]
                found[name] = (fx, fy, cx, cy, 0.0, 0.0, 0.0, 0.0, 0.0)
    return found
