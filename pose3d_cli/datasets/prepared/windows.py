"""Training windows of a prepared set, read from its memory-mapped arrays as they are asked for.

A batch is a function of (seed, step) alone: an epoch goes through all windows in an order that follows from the seed
and the epoch's number, and drops what does not fill a last batch. The order is computed where it is needed, so that
memory does not grow with the set.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from in_the_wild import windows
from in_the_wild.checkpoints import Training
from in_the_wild.errors import ConfigError, InputError, did_you_mean
from in_the_wild.normalise import normalise, screen
from in_the_wild.skeletons import Skeleton, get_skeleton, mirror
from in_the_wild.steps.remap import remap_arrays, route
from pose3d_cli.datasets.prepared.sequences import Camera, Dataset

# Where the windows of a sequence of `count` frames stand: the frame at their middle, by rule. Every rule is one of
# `in_the_wild.windows`; what reaches beyond a sequence repeats its first or last frame.
_MIDDLES: Mapping[str, Callable[[int, int, int], np.ndarray]] = {
    "centred": lambda count, frames, step: np.arange(0, count, step),
    "trailing": lambda count, frames, step: windows.trailing_middles(count, frames=frames, step=step),
    "chunks": lambda count, frames, step: windows.chunk_starts(count, frames=frames) + frames // 2,
}


# Rounds of the permutation below; four make it pseudo-random (Luby and Rackoff, SIAM J. Comput. 1988), two are margin.
_ROUNDS = 6


def shuffled(places: np.ndarray, count: int, *, seed: Sequence[int]) -> np.ndarray:
    """The numbers that stand at some places of a random order of 0, ..., count - 1, without making that order.

    A Feistel network permutes the numbers of 2 k bits, with 4 ** k at least `count`; what comes out beyond `count` is
    permuted again until it does not (cycle walking: Black and Rogaway, CT-RSA 2002).

    Args:
        places: (N,) from 0 to count - 1.
        count: How many numbers there are.
        seed: Of the order.

    Returns:
        (N,) int64.
    """
    half = np.uint64(max(1, (int(count - 1).bit_length() + 1) // 2))
    mask = (np.uint64(1) << half) - np.uint64(1)
    keys = np.random.SeedSequence(seed).generate_state(2 * _ROUNDS, np.uint64).reshape(_ROUNDS, 2)
    numbers = places.astype(np.uint64)
    beyond = np.ones(len(numbers), bool)
    while beyond.any():
        left, right = numbers[beyond] >> half, numbers[beyond] & mask
        for factor, offset in keys:
            # Products wrap around at 64 bits; their upper half depends on every bit.
            mixed = (right + offset) * (factor | np.uint64(1))
            mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0x9E3779B97F4A7C15)
            left, right = right, left ^ ((mixed >> np.uint64(32)) & mask)
        numbers[beyond] = (left << half) | right
        beyond = numbers >= count
    return numbers.astype(np.int64)


class Epochs(ABC):
    """Windows by number, of which every epoch has all in another order."""

    @abstractmethod
    def __len__(self) -> int:
        """How many windows an epoch has, mirror images and backward ones among them."""

    def steps(self, size: int) -> int:
        """How many batches an epoch has.

        Raises:
            ConfigError: there are fewer windows than one batch has.
        """
        if len(self) < size:
            raise ConfigError(f"A batch of {size} was asked for and there are {len(self)} windows; make batch smaller.")
        return len(self) // size

    def picked(self, size: int, *, seed: int, step: int) -> np.ndarray:
        """Numbers of the windows of a batch: (size,); steps are counted through all epochs."""
        epoch, at = divmod(step, self.steps(size))
        return shuffled(np.arange(at * size, (at + 1) * size), len(self), seed=(seed, epoch))


@dataclass(frozen=True)
class WindowSettings:
    """Which windows are cut from every sequence, and how they are varied.

    Attributes:
        rule: "centred" puts one around every step-th frame (P-STMO, StridedTransformer, VideoPose3D), "trailing" one
            before every step-th (STCFormer), "chunks" puts them side by side (MixSTE).
        step: Frames from one window to the next; chunks have none.
        tds: Every tds-th frame of the sequence stands in a window; chunks take every one.
        flip: Every window also as its mirror image.
        reverse: Every window also played backwards. With `flip`, the mirror image is played backwards too, and never
            forwards (P-STMO `common/generator_tds.py`).
    """

    rule: str = "centred"
    step: int = 1
    tds: int = 1
    flip: bool = True
    reverse: bool = False

    def __post_init__(self) -> None:
        if self.rule not in _MIDDLES:
            raise ConfigError(
                f'There is no rule "{self.rule}" for training windows. {did_you_mean(self.rule, _MIDDLES)}'
            )
        if min(self.step, self.tds) < 1 or (self.rule == "chunks" and (self.step, self.tds) != (1, 1)):
            raise ConfigError(
                f"windows.step and windows.tds are at least 1, and 1 for chunks; found {self.step} and {self.tds}."
            )

    @property
    def variants(self) -> tuple[tuple[bool, bool], ...]:
        """What is made of every window: (mirrored, backwards) of each."""
        plain = (False, False)
        if self.reverse:
            return (plain, (False, True), (True, True)) if self.flip else (plain, (False, True))
        return (plain, (True, False)) if self.flip else (plain,)


@dataclass(frozen=True)
class LabelledWindows(Epochs):
    """Windows of the sequences of a prepared set.

    Attributes:
        dataset: The set, with keypoints, and joints unless only keypoints are asked for.
        frames: T, window length.
        settings: Which windows.
        training: What the network reads and gives.
    """

    dataset: Dataset
    frames: int
    settings: WindowSettings
    training: Training

    def __post_init__(self) -> None:
        if "keypoints" not in self.dataset.has:
            raise InputError(f"{self.dataset.folder} has no keypoints to train a lifter on.")
        route(self._given, self._read)  # there is a way, or it says so
        self.dataset.read_at_random()

    @cached_property
    def _given(self) -> Skeleton:
        return get_skeleton(self.dataset.description.keypoint_skeleton)

    @cached_property
    def _read(self) -> Skeleton:
        return get_skeleton(self.training.input_skeleton)

    @cached_property
    def _out(self) -> Skeleton:
        return get_skeleton(self.dataset.description.joint_skeleton)

    @cached_property
    def _cameras(self) -> list[Camera]:
        return self.dataset.cameras

    @cached_property
    def _cut(self) -> tuple[np.ndarray, np.ndarray]:
        """(S,) the middle of the first window of each sequence, and (S,) how many windows it has, all a step apart."""
        rule = _MIDDLES[self.settings.rule]
        first, counts = [], []
        for count in self.dataset.lengths:
            middles = rule(int(count), self.frames, self.settings.step)
            first.append(middles[0])
            counts.append(len(middles))
        return np.array(first), np.array(counts)

    @cached_property
    def _ends(self) -> np.ndarray:
        """(S,) one past the last window of each sequence, counted through all."""
        return np.cumsum(self._cut[1])

    def __len__(self) -> int:
        """See `Epochs`."""
        return int(self._ends[-1]) * len(self.settings.variants)

    def batch(self, size: int, *, seed: int, step: int, part: slice = slice(None)) -> tuple[np.ndarray, np.ndarray]:
        """One batch, or a part of it.

        Args:
            size: Of the whole batch.
            seed: Of the order.
            step: Counted through all epochs.
            part: Which of its windows: those of one of several processes.

        Returns:
            Inputs (B, T, J, C) and targets (B, T, J', 3), float32: joints from the root, in the unit of the network.
            A set without joints gives the inputs' x and y as targets.
        """
        chosen = self._choose(self.picked(size, seed=seed, step=step)[part])
        inputs, rotation = self._normalised(chosen, *self._keypoints(chosen, self._read))
        if "joints" not in self.dataset.has:
            x = chosen.vary(inputs, self._read)
            return x, x[..., :2].copy()
        targets = self._joints(chosen) @ rotation[:, None].swapaxes(-1, -2) / self.training.metres
        return chosen.vary(inputs, self._read), chosen.vary(targets, self._out)

    def batch_to_refine(self, size: int, *, seed: int, step: int, part: slice = slice(None)) -> tuple[np.ndarray, ...]:
        """The same with what the refine module reads besides, of the middle frame, the truth about it included.

        Returns:
            Inputs (B, T, J, C); targets (B, T, J', 3), metres from the root in the camera's own axes; the rotations
            (B, 3, 3) from there to what the network predicts in; the keypoints as image points (B, J', 2) of the
            joints' skeleton; the true depth of the root (B,), metres; the true focal lengths (B, 2) and principal
            points (B, 2) in the unit of the image points, that of `in_the_wild.normalise.screen`.

        Raises:
            InputError: a set that does not know its cameras.
        """
        chosen = self._choose(self.picked(size, seed=seed, step=step)[part])
        cameras = [self._cameras[sequence] for sequence in chosen.sequence]
        if self.dataset.description.centred or any(camera.intrinsics is None for camera in cameras):
            raise InputError(
                f"The refine module reads where the root is and the camera's focal length; {self.dataset.folder} does "
                "not say."
            )
        inputs, rotation = self._normalised(chosen, *self._keypoints(chosen, self._read))
        middle = self.frames // 2
        pixels, _ = self._keypoints(chosen, self._out, frames=slice(middle, middle + 1))
        image, lens = [], []
        for points, camera in zip(pixels[:, 0], cameras, strict=True):
            assert camera.intrinsics is not None
            width, height = camera.picture
            image.append(screen(points, width=width, height=height))
            focal, centre = np.array(camera.intrinsics[:2]), np.array(camera.intrinsics[2:4])
            lens.append([*(focal / width * 2), *screen(centre, width=width, height=height)])
        points, numbers = np.array(image), np.array(lens)
        mirrored = chosen.mirrored
        points[mirrored] = mirror(points[mirrored], self._out.flip)
        numbers[mirrored, 2] *= -1
        # A mirror before and behind the turn, so that mirrored windows are turned in their own, mirrored camera.
        rotation[mirrored] *= np.outer([-1, 1, 1], [-1, 1, 1])
        depth = self.dataset.array("joints")[chosen.rows[:, middle], self._out.root, 2]
        targets = chosen.vary(self._joints(chosen), self._out)
        truth = (rotation, points, depth, numbers[:, :2], numbers[:, 2:])
        return (chosen.vary(inputs, self._read), targets, *(values.astype(np.float32) for values in truth))

    def look(self, number: int) -> tuple[int, np.ndarray, bool, bool]:
        """Where a window stands: its sequence, its frames (T,) there, whether it is mirrored and whether backwards."""
        chosen = self._choose(np.array([number]))
        sequence = int(chosen.sequence[0])
        frames = chosen.rows[0] - self.dataset.starts[sequence]
        return sequence, frames, bool(chosen.mirrored[0]), bool(chosen.backwards[0])

    def _choose(self, numbers: np.ndarray) -> _Chosen:
        variant, window = np.divmod(numbers, int(self._ends[-1]))
        sequence = np.searchsorted(self._ends, window, side="right")
        first, counts = (values[sequence] for values in self._cut)
        stride = self.frames if self.settings.rule == "chunks" else self.settings.step
        middle = first + (window - (self._ends[sequence] - counts)) * stride
        offsets = (np.arange(self.frames) - self.frames // 2) * self.settings.tds
        frames = np.clip(middle[:, None] + offsets, 0, self.dataset.lengths[sequence][:, None] - 1)
        mirrored, backwards = np.array(self.settings.variants)[variant].T
        return _Chosen(sequence, self.dataset.starts[sequence][:, None] + frames, mirrored, backwards)

    def _keypoints(
        self, chosen: _Chosen, skeleton: Skeleton, frames: slice = slice(None)
    ) -> tuple[np.ndarray, np.ndarray]:
        """(B, T, J, 2) pixels and (B, T, J) scores of a skeleton's joints, in some frames of the windows."""
        rows = chosen.rows[:, frames]
        pixels = self.dataset.array("keypoints")[rows].astype(np.float64)
        given = "scores" in self.dataset.has
        scores = self.dataset.array("scores")[rows] if given else np.ones(pixels.shape[:3])
        return remap_arrays(pixels, scores, self._given, skeleton)

    def _normalised(self, chosen: _Chosen, pixels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(B, T, J, C) inputs and (B, 3, 3) rotations; windows of cameras that see alike are treated together."""
        views = np.array([_view(self._cameras[sequence]) for sequence in chosen.sequence])  # (B, 3)
        inputs: np.ndarray | None = None
        rotation = np.empty((len(views), 3, 3))
        for view in np.unique(views, axis=0):
            rows = (views == view).all(axis=1)
            width, height, focal = view
            read = normalise(
                pixels[rows], scores[rows], kind=self.training.normalisation, width=width, height=height, focal=focal
            )
            if inputs is None:
                inputs = np.empty((len(views), *read.inputs.shape[1:]), np.float32)
            inputs[rows], rotation[rows] = read.inputs, read.rotation
        assert inputs is not None
        return inputs, rotation

    def _joints(self, chosen: _Chosen) -> np.ndarray:
        """(B, T, J', 3) metres from the root."""
        joints = self.dataset.array("joints")[chosen.rows].astype(np.float64)
        return joints - joints[:, :, self._out.root, None]


@dataclass(frozen=True)
class _Chosen:
    """The windows of a batch: their sequences (B,), the set's frames in them (B, T), and how they are varied (B,)."""

    sequence: np.ndarray
    rows: np.ndarray
    mirrored: np.ndarray
    backwards: np.ndarray

    def vary(self, values: np.ndarray, skeleton: Skeleton) -> np.ndarray:
        """Mirror and turn round windows (B, T, J, C) as they are to be, in float32."""
        varied = values.astype(np.float32)
        varied[self.mirrored] = mirror(varied[self.mirrored], skeleton.flip)
        varied[self.backwards] = varied[self.backwards][:, ::-1]
        return varied


def _view(camera: Camera) -> tuple[float, float, float]:
    """Width, height and focal length in pixels, as far as the normalisation reads them."""
    width, height = camera.picture
    return width, height, camera.focal_length
