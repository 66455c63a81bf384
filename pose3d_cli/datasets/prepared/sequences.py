"""Labelled sequences: the one form that every data set is brought to, and the folder that holds them.

A prepared folder has `dataset.json`, which describes the set and lists its sequences, and one `.npy` file per field,
all frames of all sequences one behind the other. The arrays are memory-mapped: a set larger than the memory is read
window by window.

    with Writer(folder, description) as writer:
        for sequence in human36m.read(source): writer.add(sequence)
    dataset = open_folder(folder).choose(split="train")
    dataset[0].keypoints  # (T, J, 2)

It knows nothing about any single data set.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import math
import mmap
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from in_the_wild.arrays import load_npy
from in_the_wild.documents import load_json
from in_the_wild.errors import InputError, OutputError, did_you_mean
from in_the_wild.files import guarded, whole_file, whole_folder

_FORMAT = "pose3d-dataset-1"
_INDEX = "dataset.json"

# The arrays that a sequence may have, by name: their type.
ARRAYS: Mapping[str, np.dtype[Any]] = {
    "keypoints": np.dtype(np.float32),
    "scores": np.dtype(np.float32),
    "true_keypoints": np.dtype(np.float32),
    "joints": np.dtype(np.float32),
    "estimated_joints": np.dtype(np.float32),
    "smpl": np.dtype(np.float32),
    "estimated_smpl": np.dtype(np.float32),
    "boxes": np.dtype(np.float32),
    "valid": np.dtype(bool),
    "activity": np.dtype(np.int16),
}
# And their dimensions, frames first.
_DIMENSIONS = {
    **dict.fromkeys(("keypoints", "true_keypoints", "joints", "estimated_joints"), 3),
    **dict.fromkeys(("scores", "smpl", "estimated_smpl", "boxes"), 2),
    **dict.fromkeys(("valid", "activity"), 1),
}
SPLITS = ("train", "test")


@dataclass(frozen=True)
class Camera:
    """A camera of a data set.

    Attributes:
        name: As the data set calls it.
        width: Picture width, pixels; 0 where nobody says.
        height: Picture height, pixels; 0 where nobody says.
        intrinsics: Focal length x, y; centre x, y (pixels); radial k1, k2, k3; tangential p1, p2. None: not known.
        quaternion: (w, x, y, z) that turns camera space into the world.
        translation: Where it stands, metres in the world.
    """

    name: str = ""
    width: int = 0
    height: int = 0
    intrinsics: tuple[float, ...] | None = None
    quaternion: tuple[float, ...] | None = None
    translation: tuple[float, ...] | None = None

    @property
    def picture(self) -> tuple[int, int]:
        """Width and height of what it sees, pixels.

        Raises:
            InputError: the set does not say.
        """
        if not self.width or not self.height:
            raise InputError(
                f"The data set does not say how large the pictures of camera {self.name or '(unnamed)'} are."
            )
        return self.width, self.height

    @property
    def focal_length(self) -> float:
        """In pixels: known, or the longer side of the picture, as `pose3d run` assumes."""
        return float(max(self.picture) if self.intrinsics is None else np.mean(self.intrinsics[:2]))


@dataclass(frozen=True)
class Labelled:
    """One person in one take, seen by one camera: T frames of what is known of him.

    Arrays that a data set does not give are None.

    Attributes:
        name: Unique within the set, such as "S9/Directions 1/54138969".
        subject: Who.
        action: What, with the number of the take if there are several: "Directions 1".
        split: "train" or "test", as the data set's own protocol has it.
        fps: Frames per second.
        camera: What sees him.
        keypoints: (T, J, 2) pixels, as a detector or a mocap system gives them: what is lifted.
        scores: (T, J) of the keypoints, in [0, 1].
        true_keypoints: (T, J, 2) pixels, the truth about them.
        joints: (T, J', 3) metres in camera space, the truth; the root stands where it is, if the set says where.
        estimated_joints: (T, J', 3) metres, what somebody's network made of the frames.
        smpl: (T, D) SMPL parameters: 72 of the pose as axis-angle, 10 of the shape; the truth.
        estimated_smpl: (T, D) the same as somebody's network gives them.
        boxes: (T, 4) x0, y0, x1, y1 in pixels around the person.
        valid: (T,) False for frames that tests leave out; None: all count.
        activity: (T,) what is done in each frame, where that changes within a sequence.
    """

    name: str
    subject: str
    action: str
    split: str
    fps: float
    camera: Camera = field(default_factory=Camera)
    keypoints: np.ndarray | None = None
    scores: np.ndarray | None = None
    true_keypoints: np.ndarray | None = None
    joints: np.ndarray | None = None
    estimated_joints: np.ndarray | None = None
    smpl: np.ndarray | None = None
    estimated_smpl: np.ndarray | None = None
    boxes: np.ndarray | None = None
    valid: np.ndarray | None = None
    activity: np.ndarray | None = None

    def __len__(self) -> int:
        return len(next(iter(self.arrays().values())))

    def arrays(self) -> dict[str, np.ndarray]:
        """Those that there are, by name."""
        return {name: value for name in ARRAYS if (value := getattr(self, name)) is not None}

    def replace(self, **changes: Any) -> Labelled:
        """A copy with other values."""
        return dataclasses.replace(self, **changes)


@dataclass(frozen=True)
class Description:
    """What a prepared set says of itself.

    Attributes:
        name: Of the data set, as `pose3d prepare` has it: "human36m".
        inputs: Which 2D keypoints: "gt", "cpn_ft_h36m_dbb", "mediapipe".
        truth: Which ground truth: "univ_annot3"; empty where there is but one.
        keypoint_skeleton: Of the keypoints, a name of `in_the_wild.skeletons`; empty without keypoints.
        joint_skeleton: Of the joints, likewise.
        centred: Whether the joints are given from the root, because the set does not say where it is.
        licence: Of the data, and the thanks that it asks for.
        sources: sha256 of the files that it was made from, by name.
        notes: What a user should know, by topic.
    """

    name: str
    inputs: str = ""
    truth: str = ""
    keypoint_skeleton: str = ""
    joint_skeleton: str = ""
    centred: bool = False
    licence: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


class Writer:
    """Writes a prepared folder, sequence by sequence; it takes its name when the block ends well, or not at all.

    Args:
        folder: What is made; it must not be there, or be empty, or hold a prepared set, which is replaced.
        description: What the set says of itself.

    Raises:
        OutputError: the folder holds something else, or cannot be written.
    """

    def __init__(self, folder: Path, description: Description) -> None:
        self._folder, self._description = folder, description
        if folder.exists() and not (folder / _INDEX).is_file() and (not folder.is_dir() or any(folder.iterdir())):
            raise OutputError(f"{folder} is there and is no prepared data set; choose another folder with --to.")
        self._entries: list[dict[str, Any]] = []
        self._names: set[str] = set()
        self._arrays: dict[str, _Growing] = {}
        self._frames = 0

    def __enter__(self) -> Writer:
        with ExitStack() as stack:
            self._temporary = stack.enter_context(whole_folder(self._folder))
            stack.push(self._finish)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, traceback)

    def add(self, sequence: Labelled) -> None:
        """Append one sequence; all of a set have the same arrays, and the same number of joints.

        Raises:
            InputError: lengths, shapes or values that do not fit together.
        """
        arrays = {name: np.asarray(value, ARRAYS[name]) for name, value in sequence.arrays().items()}
        self._check(sequence, arrays)
        for name, value in arrays.items():
            if name not in self._arrays:
                self._arrays[name] = _Growing(self._temporary / f"{name}.npy", value)
            self._arrays[name].append(value)
        entry = {f.name: getattr(sequence, f.name) for f in fields(sequence) if f.name not in ARRAYS}
        entry["camera"] = dataclasses.asdict(sequence.camera)
        entry |= {"start": self._frames, "end": self._frames + len(sequence)}
        self._entries.append(entry)
        self._names.add(sequence.name)
        self._frames += len(sequence)

    def _check(self, sequence: Labelled, arrays: Mapping[str, np.ndarray]) -> None:
        lengths = {name: len(value) for name, value in arrays.items()}
        if not arrays or len(set(lengths.values())) != 1 or not len(sequence):
            raise InputError(f"{sequence.name}: arrays of one length above 0 were expected, found {lengths}.")
        if sequence.name in self._names:
            raise InputError(f"{sequence.name} is there twice; every sequence needs a name of its own.")
        if sequence.split not in SPLITS:
            raise InputError(f'{sequence.name}: a split {" or ".join(SPLITS)} was expected, found "{sequence.split}".')
        for name, value in arrays.items():
            if not np.isfinite(value).all():
                raise InputError(f"{sequence.name}: finite numbers were expected, {name} holds others.")
        if self._entries:
            kept = {name: one.shape for name, one in self._arrays.items()}
            found = {name: value.shape[1:] for name, value in arrays.items()}
            if kept != found:
                raise InputError(
                    f"{sequence.name}: arrays like the first sequence's {kept} were expected, found {found}."
                )

    def _finish(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        digests = {name: one.close() for name, one in self._arrays.items()}
        if error is not None:
            return
        if not self._entries:
            raise InputError(f"No sequence was found for {self._folder}; nothing is written.")
        index = {
            "format": _FORMAT,
            **dataclasses.asdict(self._description),
            "sha256": digests,
            "sequences": self._entries,
        }
        with whole_file(self._temporary / _INDEX) as file:
            file.write((json.dumps(index, indent=1) + "\n").encode())


class _Growing:
    """A .npy file that rows are appended to; its header is written anew at the end."""

    def __init__(self, path: Path, like: np.ndarray) -> None:
        self.shape = like.shape[1:]
        self._dtype = like.dtype
        self._rows = 0
        self._digest = hashlib.sha256()
        self._file: IO[bytes] = path.open("wb")
        self._header()

    def _header(self) -> None:
        # numpy leaves room in it for the first number to grow.
        shape = (self._rows, *self.shape)
        npy.write_array_header_1_0(
            self._file, {"descr": npy.dtype_to_descr(self._dtype), "fortran_order": False, "shape": shape}
        )

    def append(self, rows: np.ndarray) -> None:
        data = np.ascontiguousarray(rows).tobytes()
        self._file.write(data)
        self._digest.update(data)
        self._rows += len(rows)

    def close(self) -> str:
        """Finish the file; returns the sha256 of its numbers."""
        with contextlib.closing(self._file):
            self._file.seek(0)
            self._header()
        return self._digest.hexdigest()


@dataclass(frozen=True)
class Dataset(Sequence[Labelled]):
    """A prepared set, opened: its sequences, read when they are asked for.

    Attributes:
        folder: Where it is.
        description: What it says of itself.
        digests: sha256 of every array, by name, as they were written.
    """

    folder: Path
    description: Description
    digests: Mapping[str, str]
    _entries: tuple[Mapping[str, Any], ...] = field(repr=False)
    _arrays: Mapping[str, np.ndarray] = field(repr=False)

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, i: Any) -> Any:
        """One sequence; its arrays are views of the files."""
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(len(self)))]
        entry = dict(self._entries[i])
        start, end = entry.pop("start"), entry.pop("end")
        arrays: dict[str, Any] = {name: values[start:end] for name, values in self._arrays.items()}
        return Labelled(**entry, **arrays)

    def __iter__(self) -> Iterator[Labelled]:
        return (self[i] for i in range(len(self)))

    @property
    def has(self) -> tuple[str, ...]:
        """The arrays that its sequences have."""
        return tuple(self._arrays)

    @cached_property
    def starts(self) -> np.ndarray:
        """(S,) where each sequence begins in the arrays."""
        return np.array([entry["start"] for entry in self._entries])

    @cached_property
    def lengths(self) -> np.ndarray:
        """(S,) frames of each sequence."""
        return np.array([entry["end"] for entry in self._entries]) - self.starts

    @property
    def cameras(self) -> list[Camera]:
        """S cameras, one for each sequence."""
        return [entry["camera"] for entry in self._entries]

    def array(self, name: str) -> np.ndarray:
        """One field of all frames of the set, memory-mapped: (F, ...), those of sequences not chosen included."""
        return self._arrays[name]

    def choose(
        self,
        *,
        split: str | None = None,
        subjects: Collection[str] | None = None,
        actions: Collection[str] | None = None,
        cameras: Collection[str] | None = None,
    ) -> Dataset:
        """The same set with some of its sequences; None keeps all.

        Args:
            split: "train" or "test".
            subjects: Those to keep.
            actions: Likewise; without the number of the take, so that "Directions" keeps "Directions 1".
            cameras: Likewise, by name.

        Raises:
            InputError: a name that the set does not have, or no sequence left.
        """
        kept = [entry for entry in self._entries if split is None or entry["split"] == split]
        for what, wanted, of in (
            ("subject", subjects, lambda entry: entry["subject"]),
            ("action", actions, lambda entry: base_action(entry["action"])),
            ("camera", cameras, lambda entry: entry["camera"].name),
        ):
            if wanted is None:
                continue
            known = sorted({of(entry) for entry in self._entries})
            unknown = sorted(set(wanted) - set(known))
            if unknown:
                raise InputError(f'{self.folder} has no {what} "{unknown[0]}". {did_you_mean(unknown[0], known)}')
            kept = [entry for entry in kept if of(entry) in wanted]
        if not kept:
            raise InputError(f"No sequence of {self.folder} is left after choosing; see pose3d datasets {self.folder}.")
        return dataclasses.replace(self, _entries=tuple(kept))

    def read_at_random(self) -> None:
        """Tell the system that windows will be read here and there: it then reads no further than it is asked to.

        What it would read ahead is twenty times a window, most of which never gets used where the set is larger than
        the memory.
        """
        for values in self._arrays.values():
            pages: object = values.base
            if isinstance(pages, mmap.mmap):
                pages.madvise(mmap.MADV_RANDOM)

    def check(self) -> list[str]:
        """The arrays whose numbers are no longer those that were written; reads all of them."""
        return [name for name, values in self._arrays.items() if _digest(values) != self.digests[name]]


def base_action(action: str) -> str:
    """An action without the number of its take: "Directions 1" -> "Directions"."""
    name, _, take = action.rpartition(" ")
    return name if name and take.isdigit() else action


def is_prepared(folder: Path) -> bool:
    """Whether there is a prepared set in a folder."""
    return (folder / _INDEX).is_file()


def open_folder(folder: Path) -> Dataset:
    """Open a prepared set.

    Raises:
        InputError: no prepared set, or one that is damaged.
    """
    index_file = folder / _INDEX
    if not index_file.is_file():
        raise InputError(
            f"{folder} is no prepared data set: {_INDEX} was expected in it. "
            f"Make one: pose3d prepare NAME --from {folder} --to FOLDER."
        )
    try:
        description, digests, entries = _read_index(index_file)
    except InputError as error:
        raise InputError(
            f"{index_file} does not describe a prepared data set of this version; prepare it again."
        ) from error
    frames = entries[-1]["end"]
    return Dataset(
        folder=folder,
        description=description,
        digests=digests,
        _entries=tuple(entries),
        _arrays={name: _open_array(folder / f"{name}.npy", frames) for name in digests},
    )


def _read_index(path: Path) -> tuple[Description, dict[str, str], list[dict[str, Any]]]:
    """What a prepared set says of itself, the sha256 of its arrays, and its sequences.

    Raises:
        InputError: it says something else.
    """
    expected = "the description of a prepared data set"
    index = load_json(path, expected=expected)
    with guarded(path, expected=expected):
        if index.pop("format") != _FORMAT:
            raise ValueError("another version")
        digests, entries = dict(index.pop("sha256")), [_entry(one) for one in index.pop("sequences")]
        description = Description(**index)
        _check_types(description)
        if not set(digests) <= set(ARRAYS) or max(entry["end"] for entry in entries) != entries[-1]["end"]:
            raise ValueError("arrays or frames that no set has")
    return description, digests, entries


def _entry(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the index says of a sequence, its camera made.

    Raises:
        ValueError, KeyError, TypeError: it says something else.
    """
    entry = dict(values)
    given: dict[str, Any] = entry.pop("camera")
    plain: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in given.items()}
    camera = Camera(**plain)
    start, end = entry.pop("start"), entry.pop("end")
    _check_types(camera)
    _check_types(Labelled(**entry, camera=camera))
    if not (type(start) is type(end) is int and 0 <= start < end and 0 < entry["fps"] < math.inf):
        raise ValueError("a sequence without frames, or without a rate")
    return {**entry, "camera": camera, "start": start, "end": end}


def _check_types(described: Description | Labelled | Camera) -> None:
    """Refuse values of other types than the fields of a dataclass say; None stands for what is not known.

    Raises:
        ValueError: there are some.
    """
    kinds: dict[object, Any] = {"str": str, "int": int, "float": (int, float), "bool": bool}
    for one in fields(described):
        value = getattr(described, one.name)
        if one.type in kinds and not isinstance(value, kinds[one.type]):
            raise ValueError(f"{one.name} {value!r:.60}")
        if "tuple" in str(one.type) and not all(isinstance(number, (int, float)) for number in value or ()):
            raise ValueError(f"{one.name} {value!r:.60}")
        if "Mapping" in str(one.type) and not isinstance(value, Mapping):
            raise ValueError(f"{one.name} {value!r:.60}")


def _open_array(path: Path, frames: int) -> np.ndarray:
    try:
        values = load_npy(path, mapped=True)
    except InputError as error:
        raise InputError(f"{path} is missing or damaged; prepare the data set again.") from error
    if values.dtype != ARRAYS[path.stem] or values.ndim != _DIMENSIONS[path.stem]:
        raise InputError(
            f"{path} should hold {ARRAYS[path.stem]} in {_DIMENSIONS[path.stem]} dimensions, and holds {values.dtype} "
            f"of shape {values.shape}; prepare the data set again."
        )
    if len(values) != frames:
        raise InputError(f"{path} should hold {frames} frames and holds {len(values)}; prepare the data set again.")
    return values


def _digest(values: np.ndarray) -> str:
    digest = hashlib.sha256()
    for start in range(0, len(values), 65536):
        digest.update(np.ascontiguousarray(values[start : start + 65536]).tobytes())
    return digest.hexdigest()
