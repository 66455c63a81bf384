"""Windows of sparse poses from a prepared set: an estimator's poses on few frames, and the truth on every frame.

Four kinds of values (MixSynthFormer `lib/dataset/*.py`), one row of D numbers for each frame:

    2d       keypoints -> true keypoints: x / width and y / height of the picture for a network without normalisation,
             as the authors do, else pixels
    3d       estimated joints -> true joints, both metres from the root
    smpl     estimated -> true poses of SMPL: 24 rotations as six numbers each (D = 144) or as axis-angle (D = 72)
    predict  true joints of the past -> those to come, metres from the root

Everything is read from the memory-mapped arrays when it is asked for. A batch is a function of (seed, step) alone: an
epoch goes through all windows in an order that follows from the seed and the epoch's number, and drops what does not
fill a last batch. A sequence shorter than a window is continued by its last frame, where the authors put zeros.

It knows nothing about the network that learns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from in_the_wild import rotations
from in_the_wild.errors import ConfigError, InputError, did_you_mean
from in_the_wild.poses import SPACES
from in_the_wild.skeletons import Skeleton, get_skeleton, mirror
from in_the_wild.sparse import Training
from pose3d_cli.datasets.prepared.sequences import Dataset
from pose3d_cli.datasets.prepared.windows import Epochs

Pair = tuple[np.ndarray, np.ndarray]

# What is read and what is to be answered, by kind.
_ARRAYS: Mapping[str, tuple[str, str]] = {
    "2d": ("keypoints", "true_keypoints"),
    "3d": ("estimated_joints", "joints"),
    "smpl": ("estimated_smpl", "smpl"),
    "predict": ("joints", "joints"),
}
KINDS = tuple(_ARRAYS)
# Joints whose rotations make a pose of SMPL, and what these are as six numbers each and as axis-angle.
SMPL_JOINTS = 24
SMPL_6D, SMPL_AXIS_ANGLE = SMPL_JOINTS * 6, SMPL_JOINTS * 3


@dataclass(frozen=True)
class Values:
    """What a network for sparse poses reads of a prepared set, and what it is to answer.

    Attributes:
        dataset: The set.
        kind: One of KINDS.
        training: What the network's weights say of themselves.
        coordinates: D of the network.

    Raises:
        InputError: a set without these arrays.
        ConfigError: another kind, or a network that is not for them.
    """

    dataset: Dataset
    kind: str
    training: Training
    coordinates: int

    def __post_init__(self) -> None:
        if self.kind not in _ARRAYS:
            raise ConfigError(f'There is no kind "{self.kind}" of values. {did_you_mean(self.kind, KINDS)}')
        lacking = [name for name in _ARRAYS[self.kind] if name not in self.dataset.has]
        if lacking:
            raise InputError(
                f"For {self.kind} a set needs {' and '.join(_ARRAYS[self.kind])}; {self.dataset.folder} has no "
                f"{' and no '.join(dict.fromkeys(lacking))}."
            )
        task = "predict" if self.kind == "predict" else "fill"
        if self.training.task != task:
            raise ConfigError(f"{self.kind} is for weights that {task}; found the task {self.training.task}.")
        space = {"2d": "image", "smpl": ""}.get(self.kind, "camera")
        said = (self.training.space, self.training.skeleton)
        # Weights of space "" say nothing of what their numbers are.
        if self.training.space and said != (space, self.skeleton.name if self.skeleton else ""):
            raise ConfigError(
                f"{self.kind} on {self.dataset.folder} is for weights of {getattr(self.skeleton, 'name', 'no joints')}"
                f"{f' in {space} space' if space else ''}; found {said[1]} in {said[0]} space."
            )
        if self.training.space == "camera" and self.skeleton and self.skeleton.centre != (self.skeleton.root,):
            raise ConfigError(
                f"Poses of {self.skeleton.name} are not given from where these joints are centred, between the hips; "
                'leave training.space and training.skeleton empty (""), for arrays.'
            )
        if self.kind == "2d" and self.training.space == "image" and self.training.normalisation != "box":
            raise ConfigError(
                f'Weights for poses in image space have the normalisation "box", found "{self.training.normalisation}";'
                ' leave training.space and training.skeleton empty ("") to train on shares of the picture.'
            )
        if self.coordinates not in self._widths():
            expected = " or ".join(str(width) for width in self._widths())
            raise ConfigError(
                f"{self.kind} on {self.dataset.folder} is {expected} numbers per frame, the network has "
                f"{self.coordinates}; set arguments.coordinates."
            )

    def _widths(self) -> tuple[int, ...]:
        if self.skeleton is None:
            return (SMPL_6D, SMPL_AXIS_ANGLE)
        return (len(self.skeleton) * SPACES["image" if self.kind == "2d" else "camera"],)

    @cached_property
    def skeleton(self) -> Skeleton | None:
        """Of the points; None for SMPL."""
        said = self.dataset.description
        name = {"2d": said.keypoint_skeleton, "smpl": ""}.get(self.kind, said.joint_skeleton)
        return get_skeleton(name) if name else None

    @property
    def in_shares(self) -> bool:
        """Whether keypoints are shares of the picture; else they are pixels."""
        return self.kind == "2d" and self.training.normalisation == "none"

    @cached_property
    def strides(self) -> np.ndarray:
        """(S,) how many frames of each sequence come closest to one of the network's."""
        rates = [sequence.fps for sequence in self.dataset]
        return np.maximum(1, np.rint(np.array(rates) / self.training.fps).astype(int))

    @cached_property
    def _sizes(self) -> np.ndarray:
        """(S, 2) width and height of what each sequence's camera sees."""
        return np.array([camera.picture for camera in self.dataset.cameras], np.float64)

    def read(self, sequence: np.ndarray, frames: np.ndarray) -> np.ndarray:
        """What the network reads: sequences (B,) by number, their frames (B, K) -> (B, K, D) float64."""
        return self._rows(_ARRAYS[self.kind][0], sequence, frames)

    def truth(self, sequence: np.ndarray, frames: np.ndarray) -> np.ndarray:
        """What it is to answer, likewise."""
        return self._rows(_ARRAYS[self.kind][1], sequence, frames)

    def _rows(self, name: str, sequence: np.ndarray, frames: np.ndarray) -> np.ndarray:
        rows = self.dataset.starts[sequence][:, None] + frames
        values = self.dataset.array(name)[rows].astype(np.float64)
        if self.skeleton is None:
            values = values[..., :SMPL_AXIS_ANGLE]
            if self.coordinates == SMPL_6D:
                values = rotations.to_6d(values.reshape(*values.shape[:2], SMPL_JOINTS, 3))
        elif self.kind == "2d":
            values = values / self._sizes[sequence][:, None, None] if self.in_shares else values
        else:
            values = values - centre(values, self.skeleton)
        return values.reshape(*values.shape[:2], -1)

    def pixels(self, values: np.ndarray, sequence: int) -> np.ndarray:
        """Keypoints of one sequence as the network has them (T, D), in pixels (T, J, 2)."""
        points = values.reshape(len(values), -1, 2)
        return points * self._sizes[sequence] if self.in_shares else points

    def mirrored(self, values: np.ndarray) -> np.ndarray:
        """The mirror image of rows (B, T, D) of points."""
        assert self.skeleton is not None
        points = mirror(values.reshape(*values.shape[:2], len(self.skeleton), -1), self.skeleton.flip)
        if self.in_shares:
            points[..., 0] += 1  # they lie in 0..1, mirrored at the middle
        return points.reshape(values.shape)


@dataclass(frozen=True)
class SparseWindows(Epochs):
    """Windows of the sequences of a prepared set.

    Attributes:
        values: What stands in them.
        frames: W, window length.
        interval: N, one frame in so many is read.
        past: P, frames read of a window that is predicted; 0 for one that is filled.
        step: Frames of a sequence from one window's start to the next one's.
        flip: Every window also as its mirror image.
        reverse: Every window also played backwards, and with `flip` its mirror image too.

    Raises:
        ConfigError: a step below 1, or mirror images of SMPL poses.
    """

    values: Values
    frames: int
    interval: int
    past: int = 0
    step: int = 1
    flip: bool = False
    reverse: bool = False

    def __post_init__(self) -> None:
        if self.step < 1:
            raise ConfigError(f"windows.step is at least 1, found {self.step}.")
        if self.flip and self.values.skeleton is None:
            raise ConfigError("SMPL poses are not mirrored; set windows.flip to False.")
        self.values.dataset.read_at_random()

    @cached_property
    def _ends(self) -> np.ndarray:
        """(S,) one past the last window of each sequence, counted through all."""
        span = (self.frames - 1) * self.values.strides + 1
        return np.cumsum(np.maximum(0, self.values.dataset.lengths - span) // self.step + 1)

    @property
    def _variants(self) -> int:
        return (1 + self.flip) * (1 + self.reverse)

    def __len__(self) -> int:
        """See `Epochs`."""
        return int(self._ends[-1]) * self._variants

    def batch(self, size: int, *, seed: int, step: int, part: slice = slice(None)) -> Pair:
        """One batch, or a part of it.

        Args:
            size: Of the whole batch.
            seed: Of the order.
            step: Counted through all epochs.
            part: Which of its windows: those of one of several processes.

        Returns:
            What the network reads, (B, q + 1, D) or (B, P, D), and what it is to answer, (B, W, D) or (B, W - P, D);
            float32.
        """
        return self.windows(self.picked(size, seed=seed, step=step)[part])

    def windows(self, numbers: np.ndarray) -> Pair:
        """Windows by number (B,), the mirror images and backward ones after the others; see `batch`."""
        variant, window = np.divmod(numbers, int(self._ends[-1]))
        sequence = np.searchsorted(self._ends, window, side="right")
        starts = (window - np.concatenate([[0], self._ends])[sequence]) * self.step
        offsets = np.arange(self.frames) * self.values.strides[sequence][:, None]
        last = self.values.dataset.lengths[sequence][:, None] - 1
        mirrored = variant % 2 == 1 if self.flip else np.zeros(len(variant), bool)
        backwards = variant // (1 + self.flip) == 1
        frames = np.minimum(starts[:, None] + offsets, last)  # (B, W)
        frames[backwards] = frames[backwards, ::-1]
        read, answered = (
            (frames[:, : self.past], frames[:, self.past :]) if self.past else (frames[:, :: self.interval], frames)
        )
        pair = self.values.read(sequence, read), self.values.truth(sequence, answered)
        if self.flip:
            for values in pair:
                values[mirrored] = self.values.mirrored(values[mirrored])
        return pair[0].astype(np.float32), pair[1].astype(np.float32)


def centre(joints: np.ndarray, skeleton: Skeleton) -> np.ndarray:
    """Where joints (..., J, 3) are centred: the pelvis, or the middle of the hips: (..., 1, 3)."""
    middle: np.ndarray = joints[..., list(skeleton.centre), :].mean(axis=-2, keepdims=True)
    return middle


def kind_of(dataset: Dataset, training: Training, coordinates: int) -> str:
    """What weights are for, by what they say of themselves, or by their numbers per frame.

    Raises:
        InputError: nothing that the set has, or more than one thing.
    """
    if training.task == "predict":
        return "predict"
    if training.space:
        return "2d" if training.space == "image" else "3d"
    fitting = []
    for kind in ("2d", "3d", "smpl"):
        try:
            Values(dataset, kind, training, coordinates)
        except (ConfigError, InputError):
            continue
        fitting.append(kind)
    if len(fitting) != 1:
        raise InputError(
            f"Weights of {coordinates} numbers per frame fit {' and '.join(fitting) or 'nothing'} of what "
            f"{dataset.folder} has: {', '.join(dataset.has)}; give weights that were trained on such a set."
        )
    return fitting[0]
