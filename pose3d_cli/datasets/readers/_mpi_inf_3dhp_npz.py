"""MPI-INF-3DHP's annotations from its MATLAB files, and the two .npz files of them that papers exchange.

Mehta et al., "Monocular 3D Human Pose Estimation In The Wild Using Improved CNN Supervision" (3DV 2017). The data set:

    S1 ... S8/Seq1, Seq2/annot.mat     14 cameras; annot2 pixels, annot3 and univ_annot3 millimetres of 28 joints
    TS1 ... TS6/annot_data.mat         one camera; the same of 17 joints, valid_frame, activity_annotation

`annot3` is in camera space; `univ_annot3`, which the field trains and tests on, is scaled to one body height.

The .npz files are P-STMO's (`common/data_to_npz_3dhp.py`, `data_to_npz_3dhp_test.py`), which STCFormer and others read:
8 of the cameras, the 17 joints of the evaluation, sequences cut to the numbers of frames of the data set's own
`mpii_get_sequence_info.m`. They lack the activities.

    data_train_3dhp.npz    data: "S1 Seq1" -> [camera "0" -> {data_2d (T, 17, 2), data_3d (T, 17, 3)}, frames/s]
    data_test_3dhp.npz     data: "TS1" -> {data_2d (T, 17, 2), data_3d (T, 17, 3), valid (T,)}

It knows nothing about what is made of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from in_the_wild import unpickle
from in_the_wild.errors import InputError
from in_the_wild.files import guarded, whole_file
from in_the_wild.skeletons import MPI_INF_3DHP17
from pose3d_cli.datasets.readers import _matlab as matlab
from pose3d_cli.datasets.readers._mat5 import Variable

TRAIN_NPZ, TEST_NPZ = "data_train_3dhp.npz", "data_test_3dhp.npz"
TRUTHS = ("univ_annot3", "annot3")

# Frames and frames/s of the takes for training.
TAKES: Mapping[str, tuple[int, int]] = {
    "S1 Seq1": (6416, 25), "S1 Seq2": (12430, 50), "S2 Seq1": (6502, 25), "S2 Seq2": (6081, 25),
    "S3 Seq1": (12488, 50), "S3 Seq2": (12283, 50), "S4 Seq1": (6171, 25), "S4 Seq2": (6675, 25),
    "S5 Seq1": (12820, 50), "S5 Seq2": (12312, 50), "S6 Seq1": (6188, 25), "S6 Seq2": (6145, 25),
    "S7 Seq1": (6239, 25), "S7 Seq2": (6320, 25), "S8 Seq1": (6468, 25), "S8 Seq2": (6054, 25),
}  # fmt: skip
TEST_SEQUENCES = ("TS1", "TS2", "TS3", "TS4", "TS5", "TS6")
# Those of the 14 that are not above the actor; the choice of VNect and of all lifters.
TRAIN_CAMERAS = ("0", "1", "2", "4", "5", "6", "7", "8")

# The joints of the training files, by the names of `mpii_get_joints.m`.
_JOINTS28 = (
    "spine3", "spine4", "spine2", "spine", "pelvis", "neck", "head", "head_top",
    "left_clavicle", "left_shoulder", "left_elbow", "left_wrist", "left_hand",
    "right_clavicle", "right_shoulder", "right_elbow", "right_wrist", "right_hand",
    "left_hip", "left_knee", "left_ankle", "left_foot", "left_toe",
    "right_hip", "right_knee", "right_ankle", "right_foot", "right_toe",
)  # fmt: skip
_KEPT = [_JOINTS28.index(joint) for joint in MPI_INF_3DHP17.joints]
# Where the two halves may be in the data set's folder: as the papers have them, as the downloads are called.
_TRAIN_FOLDERS = (".", "train", "mpi_inf_3dhp_train_set")
_TEST_FOLDERS = (".", "test", "mpi_inf_3dhp_test_set", "mpi_inf_3dhp_test_set/mpi_inf_3dhp_test_set")

Arrays = dict[str, np.ndarray]


def take_files(source: Path) -> dict[str, Path]:
    """Where the file of every take is, or should be, by the take's name."""
    names = {take: Path(*take.split(), "annot.mat") for take in TAKES}
    folder = _folder(source, _TRAIN_FOLDERS, list(names.values()))
    return {take: folder / name for take, name in names.items()}


def sequence_files(source: Path) -> dict[str, Path]:
    """Where the file of every test sequence is, or should be, by the sequence's name."""
    names = {sequence: Path(sequence, "annot_data.mat") for sequence in TEST_SEQUENCES}
    folder = _folder(source, _TEST_FOLDERS, list(names.values()))
    return {sequence: folder / name for sequence, name in names.items()}


def _folder(source: Path, candidates: tuple[str, ...], names: list[Path]) -> Path:
    """The first candidate that holds any of the files; the source itself if none does."""
    folders = [source / candidate for candidate in candidates]
    return next((folder for folder in folders if any((folder / name).is_file() for name in names)), source)


def read_take(path: Path, take: str, *, truth: str = "univ_annot3") -> dict[str, Arrays]:
    """One take for training from its annot.mat.

    Args:
        path: The file.
        take: Its name, "S1 Seq1", which tells the number of frames.
        truth: Which ground truth, of TRUTHS.

    Returns:
        By camera, `data_2d` (T, 17, 2) pixels and `data_3d` (T, 17, 3) millimetres, in the file's own precision.

    Raises:
        InputError: a damaged file, or one of another layout.
    """
    found = matlab.read(path, ("cameras", "annot2", truth))
    numbers = [int(number) for number in np.ravel(found["cameras"])]
    if numbers[:9] != list(range(9)) or any(len(found[name]) != len(numbers) for name in ("annot2", truth)):
        raise InputError(
            f"{path}: annotations of cameras 0, 1, 2, ... in order were expected, found cameras {numbers}; "
            "get the file from its authors again."
        )
    frames, _ = TAKES[take]
    cameras = {}
    for camera in TRAIN_CAMERAS:
        arrays = {
            key: _joints28(found[name][int(camera)], size, f"{path}: {name} of camera {camera}")[:frames, _KEPT]
            for key, name, size in (("data_2d", "annot2", 2), ("data_3d", truth, 3))
        }
        _same_length(arrays, f"{path}: camera {camera}")
        cameras[camera] = arrays
    return cameras


def _joints28(value: np.ndarray, size: int, where: str) -> np.ndarray:
    wanted = len(_JOINTS28) * size
    if value.ndim != 2 or value.shape[1] != wanted:
        raise InputError(
            f"{where} should be N x {wanted} numbers ({len(_JOINTS28)} joints), found {value.shape}; "
            "get the file from its authors again."
        )
    return value.reshape(len(value), len(_JOINTS28), size)


def read_sequence(path: Path, *, truth: str = "univ_annot3") -> Arrays:
    """One test sequence from its annot_data.mat.

    Args:
        path: The file.
        truth: Which ground truth, of TRUTHS.

    Returns:
        `data_2d` (T, 17, 2) pixels, `data_3d` (T, 17, 3) millimetres, `valid` (T,) 0 or 1 and `activity` (T,) 1 to 7,
        in the file's own precision.

    Raises:
        InputError: a damaged file, or one of another layout.
    """
    found = matlab.read(path, ("annot2", truth, "valid_frame", "activity_annotation"))
    arrays = {
        "data_2d": _joints17(found["annot2"], 2, f"{path}: annot2"),
        "data_3d": _joints17(found[truth], 3, f"{path}: {truth}"),
        "valid": np.ravel(found["valid_frame"]),
        "activity": np.ravel(found["activity_annotation"]),
    }
    _same_length(arrays, str(path))
    return arrays


def _joints17(value: Variable, size: int, where: str) -> np.ndarray:
    joints = len(MPI_INF_3DHP17)
    shape = np.shape(value)
    if isinstance(value, list) or shape[:3] != (size, joints, 1) or len(shape) != 4:
        raise InputError(
            f"{where} should be {size} x {joints} x 1 x N numbers, found {shape}; get the file from its authors again."
        )
    # MATLAB's first dimension is the one that runs fastest.
    return np.ascontiguousarray(value.T[:, 0])


def _same_length(arrays: Mapping[str, np.ndarray], where: str) -> None:
    lengths = {name: len(value) for name, value in arrays.items()}
    if len(set(lengths.values())) != 1 or not lengths["data_3d"]:
        raise InputError(f"{where} should have as many frames in every array, found {lengths}; get the file again.")


def convert_train(source: Path, path: Path, *, partial: bool = False) -> None:
    """Write data_train_3dhp.npz as P-STMO's converter does: the same keys, types and numbers.

    Args:
        source: Folder of the data set.
        path: The file to write.
        partial: Take those files that are there; otherwise all 16 must be.

    Raises:
        InputError: files that are missing, damaged or of another layout.
        OutputError: the file cannot be written.
    """
    files = _there(take_files(source), partial)
    _save(path, {take: [read_take(file, take), TAKES[take][1]] for take, file in files.items()})


def convert_test(source: Path, path: Path, *, partial: bool = False) -> None:
    """Write data_test_3dhp.npz as P-STMO's converter does; arguments and errors as of `convert_train`."""
    sequences = {name: read_sequence(file) for name, file in _there(sequence_files(source), partial).items()}
    for arrays in sequences.values():
        del arrays["activity"]
    _save(path, sequences)


def _there(files: Mapping[str, Path], partial: bool) -> dict[str, Path]:
    there = {name: file for name, file in files.items() if file.is_file()}
    missing = [str(file) for name, file in files.items() if name not in there]
    if not there or (missing and not partial):
        raise InputError(f"{', '.join(missing)} should be there and are not; get them, or take what is there: partial.")
    return there


def _save(path: Path, data: Mapping[str, Any]) -> None:
    with whole_file(path) as file:
        np.savez_compressed(file, data=np.array(data, dtype=object))


def load_takes(path: Path) -> dict[str, tuple[dict[str, Arrays], float]]:
    """The takes of a data_train_3dhp.npz: by name the cameras, as `read_take` gives them, and frames/s.

    Raises:
        InputError: a damaged or hostile file, or one of another layout.
    """
    takes = {}
    for name, value in _load(path).items():
        if not isinstance(value, list) or len(value) != 2 or not isinstance(value[0], dict):
            raise InputError(f"{path}: {name} should be a list of cameras and a frame rate; get the file again.")
        cameras = {
            camera: _arrays(one, ("data_2d", "data_3d"), f"{path}: {name} {camera}") for camera, one in value[0].items()
        }
        with guarded(path, expected=f"cameras and a frame rate of {name}"):
            takes[name] = cameras, float(value[1])
    return takes


def load_sequences(path: Path) -> dict[str, Arrays]:
    """The sequences of a data_test_3dhp.npz by name, as `read_sequence` gives them, without activities.

    Raises:
        InputError: a damaged or hostile file, or one of another layout.
    """
    keys = ("data_2d", "data_3d", "valid")
    return {name: _arrays(one, keys, f"{path}: {name}") for name, one in _load(path).items()}


def _load(path: Path) -> dict[str, Any]:
    data = unpickle.load(path).get("data")
    if not isinstance(data, dict) or not data:
        raise InputError(f'{path}: sequences by name were expected under "data", found none; get the file again.')
    return data


def _arrays(value: Any, keys: tuple[str, ...], where: str) -> Arrays:
    shapes = {"data_2d": (len(MPI_INF_3DHP17), 2), "data_3d": (len(MPI_INF_3DHP17), 3), "valid": ()}
    found: Arrays = {}
    for key in keys:
        one = value.get(key) if isinstance(value, dict) else None
        if (
            not isinstance(one, np.ndarray)
            or one.dtype.kind not in "biuf"
            or one.ndim == 0
            or one.shape[1:] != shapes[key]
        ):
            shape = one.shape if isinstance(one, np.ndarray) else "none"
            raise InputError(
                f"{where} should have {key} of shape {('T', *shapes[key])}, found {shape}; get the file again."
            )
        found[key] = one
    _same_length(found, where)
    return found
