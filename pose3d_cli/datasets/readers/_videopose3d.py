"""Data sets in the two files that VideoPose3D's scripts bring them to, which MixSTE, P-STMO and others read too.

    data_3d_SET.npz            positions_3d: {subject: {action: (T, J, 3) metres in the world}}
    data_2d_SET_KEYPOINTS.npz  positions_2d: {subject: {action: [(T, J, 2) pixels, for each camera]}}
                               metadata: {"keypoints_symmetry": [left, right]}, and more that is not needed

(VideoPose3D: data/prepare_data_h36m.py, data/prepare_data_humaneva.py.) Videos may run on when motion capture has
stopped: keypoints are cut to the length of the joints. Whose order the keypoints have is told from which of them are
left and right, for not every file names it.

It knows nothing about what is special to one set: that comes from its reader, a class on `VideoPose3D`.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from in_the_wild import unpickle
from in_the_wild.camera import world_to_camera
from in_the_wild.errors import InputError, did_you_mean
from in_the_wild.skeletons import Skeleton
from pose3d_cli.datasets.prepared.sequences import Camera, Description, Labelled
from pose3d_cli.datasets.readers.base import Reader

_TRUTH = "gt"


@dataclass(kw_only=True)
class VideoPose3D(Reader):
    """A data set as VideoPose3D keeps it; a class for each set says what is special to it.

    Args:
        source: Folder of the files.
        keypoints: Whose 2D keypoints, as the file's name has them.

    Attributes:
        file_name: What the files call the set: "h36m".
        fps: Frames per second.
        source_joints: How many joints the 3D file has.
        skeleton: Of the joints, and of the true keypoints.
        keypoint_skeletons: What keypoints may be given in.
        camera_table: File in `pose3d_cli.datasets` with the set's cameras.
    """

    file_name: ClassVar[str]
    fps: ClassVar[float]
    source_joints: ClassVar[int]
    skeleton: ClassVar[Skeleton]
    keypoint_skeletons: ClassVar[tuple[Skeleton, ...]]
    camera_table: ClassVar[str]

    keypoints: str

    @abstractmethod
    def describe(self) -> Description:
        """See `Reader.describe`."""

    @abstractmethod
    def person(self, subject: str) -> tuple[str, str] | None:
        """Who a subject of the files is, as the table of cameras has him, and his split; None: he is left out.

        Raises:
            InputError: the data set has no such subject.
        """

    def action(self, name: str) -> str:
        """What an action of the files is called without the number of its chunk."""
        return name

    def choose(self, joints: np.ndarray) -> np.ndarray:
        """The joints (T, J', 3) that are kept of those of the 3D file (T, J, 3)."""
        return joints

    def files(self) -> list[Path]:
        """See `Reader.files`; true keypoints belong to them if they are there."""
        needed = [self._joints_file, self._keypoints_file(self.keypoints)]
        truth = self._keypoints_file(_TRUTH)
        return needed if truth in needed or not truth.is_file() else [*needed, truth]

    def require(self) -> None:
        """Check that every file is there.

        Raises:
            InputError: some are missing; the message names them, or the keypoints that there are instead.
        """
        prefix, suffix = self._keypoints_file("*").name.split("*")
        known = [file.name.removeprefix(prefix).removesuffix(suffix) for file in self.source.glob(f"{prefix}*{suffix}")]
        if self._joints_file.is_file() and known and self.keypoints not in known:
            raise InputError(
                f"{self.source} lacks {prefix}{self.keypoints}{suffix}, the keypoints that were asked for; choose "
                f"others with --set keypoints=NAME. {did_you_mean(self.keypoints, known)}"
            )
        super().require()

    def count(self) -> int:
        """See `Reader.count`; the 3D file itself is read, for nothing else says it."""
        actions = sum(len(actions) for subject, actions in self._joints.items() if self.person(subject))
        return actions * len(self._cameras.names)

    def read(self) -> Iterator[Labelled]:
        """See `Reader.read`."""
        for subject, actions in self._joints.items():
            person = self.person(subject)
            if person is None:
                continue
            who, split = person
            for action, found in actions.items():
                world = self.choose(self._check_joints(f"{subject}, {action}", found))
                views = self.given.views(subject, action, frames=len(world), cameras=self._cameras.names)
                truth = (
                    [None] * len(views)
                    if self.truth is None
                    else self.truth.views(subject, action, frames=len(world), cameras=self._cameras.names)
                )
                for camera, (view, scores), true in zip(self._cameras.of(who), views, truth, strict=True):
                    yield Labelled(
                        name=f"{subject}/{action}/{camera.name}",
                        subject=who,
                        action=self.action(action),
                        split=split,
                        fps=self.fps,
                        camera=camera,
                        keypoints=view,
                        scores=scores,
                        true_keypoints=None if true is None else true[0],
                        joints=world_to_camera(
                            world, quaternion=np.array(camera.quaternion), translation=np.array(camera.translation)
                        ),
                    )

    @property
    def _joints_file(self) -> Path:
        return self.source / f"data_3d_{self.file_name}.npz"

    def _keypoints_file(self, keypoints: str) -> Path:
        return self.source / f"data_2d_{self.file_name}_{keypoints}.npz"

    @cached_property
    def given(self) -> Keypoints:
        """The keypoints that are lifted."""
        return _keypoints(self._keypoints_file(self.keypoints), self.keypoint_skeletons)

    @cached_property
    def truth(self) -> Keypoints | None:
        """The true ones, if they are there and are the same keypoints."""
        file = self._keypoints_file(_TRUTH)
        if file not in self.files() or self.given.skeleton != self.skeleton:
            return None
        return self.given if self.keypoints == _TRUTH else _keypoints(file, (self.skeleton,))

    @cached_property
    def _joints(self) -> Mapping[str, Mapping[str, Any]]:
        return _by_subject(self._joints_file, unpickle.load(self._joints_file), "positions_3d")

    @cached_property
    def _cameras(self) -> _Cameras:
        return _cameras(self.camera_table)

    def _check_joints(self, where: str, found: Any) -> np.ndarray:
        if not _is_numbers(found) or found.shape[1:] != (self.source_joints, 3):
            raise InputError(
                f"{self._joints_file} should hold {self.source_joints} joints (T, {self.source_joints}, 3) of "
                f"{where}, and holds {_shape(found)}; make it with VideoPose3D's scripts."
            )
        return found


@dataclass(frozen=True)
class Keypoints:
    """What one file of keypoints holds.

    Attributes:
        file: Which.
        skeleton: Their order.
    """

    file: Path
    skeleton: Skeleton
    _positions: Mapping[str, Mapping[str, Any]]

    def views(
        self, subject: str, action: str, *, frames: int, cameras: tuple[str, ...]
    ) -> list[tuple[np.ndarray, np.ndarray | None]]:
        """Keypoints (T, J, 2) and their scores (T, J), if there are any, of one take for each camera, cut to a length.

        Raises:
            InputError: none of this take, of a camera, or fewer frames.
        """
        take = self._positions.get(subject, {}).get(action)
        if take is None:
            raise InputError(f"{self.file} lacks {subject}, {action}, which the 3D file has; get both from one source.")
        views = list(take) if isinstance(take, list | tuple) or np.ndim(take) else []
        if len(views) != len(cameras):
            raise InputError(
                f"{self.file} should hold {subject}, {action} from the {len(cameras)} cameras {', '.join(cameras)}, "
                f"and holds it from {len(views)}; get both files from one source."
            )
        return [
            self._view(f"{subject}, {action}, camera {camera}", found, frames)
            for camera, found in zip(cameras, views, strict=True)
        ]

    def _view(self, where: str, found: Any, frames: int) -> tuple[np.ndarray, np.ndarray | None]:
        """Of one camera; detectron_pt_coco has a third number, the score."""
        joints = len(self.skeleton)
        if not _is_numbers(found) or found.shape[1:] not in ((joints, 2), (joints, 3)):
            raise InputError(
                f"{self.file} should hold {joints} keypoints (T, {joints}, 2) of {where}, and holds {_shape(found)}; "
                "get it again."
            )
        if len(found) < frames:
            raise InputError(
                f"{self.file} holds {len(found)} frames of {where}, and the 3D file {frames}: keypoints should not be "
                "fewer; get both files from one source."
            )
        cut = found[:frames]
        return cut[..., :2], np.clip(cut[..., 2], 0, 1) if cut.shape[-1] == 3 else None


def _keypoints(file: Path, skeletons: tuple[Skeleton, ...]) -> Keypoints:
    content = unpickle.load(file)
    positions = _by_subject(file, content, "positions_2d")
    try:
        metadata = content["metadata"]
        left, right = ({int(j) for j in side} for side in metadata["keypoints_symmetry"])
    except (TypeError, KeyError, ValueError, IndexError) as error:
        raise InputError(
            f"{file} should say in metadata which keypoints are left and right (keypoints_symmetry), and does not; "
            "get it again."
        ) from error
    for skeleton in skeletons:
        if (_side(skeleton, "left"), _side(skeleton, "right")) == (left, right):
            return Keypoints(file, skeleton, positions)
    raise InputError(
        f"{file} should hold keypoints in the order of {' or '.join(one.name for one in skeletons)}, and its left ones "
        f"are {sorted(left)}, right ones {sorted(right)}; choose others with --set keypoints=NAME."
    )


def _side(skeleton: Skeleton, side: str) -> set[int]:
    return {j for j in range(len(skeleton)) if skeleton.side(j) == side}


def _is_numbers(found: Any) -> bool:
    """Whether this is an array (T, J, C) of numbers."""
    return isinstance(found, np.ndarray) and found.ndim == 3 and found.dtype.kind in "iuf"


def _by_subject(file: Path, content: Mapping[str, Any], name: str) -> Mapping[str, Mapping[str, Any]]:
    found = content.get(name)
    if not isinstance(found, dict) or not all(isinstance(actions, dict) for actions in found.values()):
        raise InputError(
            f"{file} should hold {name}, a dictionary of subjects and their actions, and holds "
            f"{', '.join(map(str, content))}; make it with VideoPose3D's scripts."
        )
    return found


def _shape(found: Any) -> str:
    return str(found.shape) if isinstance(found, np.ndarray) else type(found).__name__


@dataclass(frozen=True)
class _Cameras:
    """Cameras by the subject that they filmed, in the order of the keypoints."""

    names: tuple[str, ...]
    _of: Mapping[str, tuple[Camera, ...]]

    def of(self, subject: str) -> tuple[Camera, ...]:
        """Those that filmed a subject, where they stood then.

        Raises:
            InputError: nobody says where they stood.
        """
        if subject not in self._of:
            raise InputError(f"It is not known where the cameras stood for subject {subject}; leave him out.")
        return self._of[subject]


def _cameras(table: str) -> _Cameras:
    content = json.loads(resources.files("pose3d_cli.datasets.readers").joinpath(table).read_text(encoding="utf-8"))
    kinds = content["cameras"]
    return _Cameras(
        names=tuple(kind["name"] for kind in kinds),
        _of={
            subject: tuple(_camera(kind, place) for kind, place in zip(kinds, places, strict=True))
            for subject, places in content["places"].items()
        },
    )


def _camera(kind: Mapping[str, Any], place: Mapping[str, Any]) -> Camera:
    return Camera(
        name=kind["name"],
        width=kind["width"],
        height=kind["height"],
        intrinsics=tuple(kind["intrinsics"]) if "intrinsics" in kind else None,
        quaternion=tuple(place["quaternion"]),
        translation=tuple(one / 1000 for one in place["translation_mm"]),
    )
