"""What a prepared set holds, in numbers: how much of what, of whom, and whether the numbers are what they should be.

All is read from the memory-mapped files in pieces, so that a set may be larger than the memory. It knows nothing about
single data sets and prints nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from in_the_wild.skeletons import get_skeleton
from pose3d_cli.datasets.prepared.sequences import Camera, Dataset, Labelled, base_action

# Frames that are looked at at once.
_PIECE = 16384


@dataclass(frozen=True)
class Part:
    """One subject's share of one split."""

    split: str
    subject: str
    sequences: int
    frames: int
    hours: float


@dataclass(frozen=True)
class Range:
    """The least, the mean and the greatest of many numbers."""

    low: float
    mean: float
    high: float


@dataclass(frozen=True)
class Summary:
    """What there is in a prepared set; None where it does not say.

    Attributes:
        parts: Every subject of every split, in the set's order.
        actions: Sorted, without the numbers of takes.
        cameras: Names, sorted.
        calibrated: Share of the sequences whose camera's intrinsics are known.
        fps: Frame rates, sorted.
        pictures: Sizes of pictures (width, height), sorted; (0, 0) where nobody says.
        nbytes: Of every array, by name.
        extent: x, y and z of the joints from the root, metres: right, down and away from the camera.
        distance: Of the root from the camera, metres.
        seen: Share of the keypoints that have a score above 0.
        inside: Share of those that are inside the picture.
        valid: Share of the frames that tests count.
    """

    parts: tuple[Part, ...]
    actions: tuple[str, ...]
    cameras: tuple[str, ...]
    calibrated: float
    fps: tuple[float, ...]
    pictures: tuple[tuple[int, int], ...]
    nbytes: Mapping[str, int]
    extent: tuple[Range, Range, Range] | None
    distance: Range | None
    seen: float | None
    inside: float | None
    valid: float | None

    @property
    def frames(self) -> int:
        """Of all parts."""
        return sum(part.frames for part in self.parts)

    @property
    def hours(self) -> float:
        """Of all parts."""
        return sum(part.hours for part in self.parts)


def summarise(dataset: Dataset, *, tell: Callable[[int], None] = lambda done: None) -> Summary:
    """Look at every frame of a set.

    Args:
        dataset: The set, or a choice of its sequences.
        tell: Told how many sequences are done.

    Raises:
        SkeletonError: joints of a skeleton that there is not.
    """
    skeleton = dataset.description.joint_skeleton
    root = get_skeleton(skeleton).root if skeleton else None
    tallies: dict[str, _Tally] = defaultdict(_Tally)
    groups: dict[tuple[str, str], list[Labelled]] = defaultdict(list)
    nbytes: dict[str, int] = defaultdict(int)
    sequences = list(dataset)
    for done, sequence in enumerate(sequences, start=1):
        groups[sequence.split, sequence.subject].append(sequence)
        for name, values in sequence.arrays().items():
            nbytes[name] += values.nbytes
        for piece in _pieces(sequence):
            _look(piece, sequence.camera, tallies, root=root, centred=dataset.description.centred)
        tell(done)
    extent = (tallies["x"].range, tallies["y"].range, tallies["z"].range) if "x" in tallies else None
    shares = {name: tallies[name].range.mean for name in ("seen", "inside", "valid") if name in tallies}
    return Summary(
        parts=tuple(
            Part(
                split=split,
                subject=subject,
                sequences=len(own),
                frames=sum(len(one) for one in own),
                hours=sum(len(one) / one.fps for one in own) / 3600,
            )
            for (split, subject), own in groups.items()
        ),
        actions=tuple(sorted({base_action(one.action) for one in sequences})),
        cameras=tuple(sorted({one.camera.name for one in sequences})),
        calibrated=float(np.mean([one.camera.intrinsics is not None for one in sequences])),
        fps=tuple(sorted({one.fps for one in sequences})),
        pictures=tuple(sorted({(one.camera.width, one.camera.height) for one in sequences})),
        nbytes=dict(nbytes),
        extent=extent,
        distance=tallies["distance"].range if "distance" in tallies else None,
        seen=shares.get("seen"),
        inside=shares.get("inside"),
        valid=shares.get("valid"),
    )


class _Tally:
    """The range of numbers that come in pieces."""

    def __init__(self) -> None:
        self._count, self._sum = 0, 0.0
        self._low, self._high = np.inf, -np.inf

    def add(self, values: np.ndarray) -> None:
        if not values.size:
            return
        self._count += values.size
        self._sum += float(values.sum(dtype=np.float64))
        self._low = min(self._low, float(values.min()))
        self._high = max(self._high, float(values.max()))

    @property
    def range(self) -> Range:
        return Range(self._low, self._sum / max(self._count, 1), self._high)


def _pieces(sequence: Labelled) -> Iterator[Mapping[str, np.ndarray]]:
    """The arrays of a sequence, so many frames at a time."""
    for start in range(0, len(sequence), _PIECE):
        yield {name: values[start : start + _PIECE] for name, values in sequence.arrays().items()}


def _look(
    arrays: Mapping[str, np.ndarray], camera: Camera, tallies: Mapping[str, _Tally], *, root: int | None, centred: bool
) -> None:
    """Add what some frames of one camera show.

    Args:
        arrays: Of these frames, by name.
        camera: What sees them.
        tallies: Added to: x, y, z and distance (metres), seen, inside and valid (0 or 1 each).
        root: Number of the joints' root.
        centred: Whether joints are given from it.
    """
    if "joints" in arrays and root is not None:
        joints = arrays["joints"]  # (T, J, 3)
        offsets = joints - joints[:, root, None]
        for c, axis in enumerate("xyz"):
            tallies[axis].add(offsets[..., c])
        if not centred:
            tallies["distance"].add(np.linalg.norm(joints[:, root], axis=-1))
    if "scores" in arrays:
        tallies["seen"].add(arrays["scores"] > 0)
    if "keypoints" in arrays and camera.width and camera.height:
        keypoints = arrays["keypoints"]  # (T, J, 2)
        inside = ((keypoints >= 0) & (keypoints < (camera.width, camera.height))).all(axis=-1)
        tallies["inside"].add(inside[arrays["scores"] > 0] if "scores" in arrays else inside)
    if "valid" in arrays:
        tallies["valid"].add(arrays["valid"])
