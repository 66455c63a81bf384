"""RTMPose and RTMO from .onnx files: COCO-17 or Halpe-26 keypoints by onnxruntime, of several people.

RTMPose looks at one person, so that a person detector finds the people first; without one the whole picture is taken
for a person. RTMO finds people and keypoints at once.

    Jiang et al., "RTMPose: Real-Time Multi-Person Pose Estimation based on MMPose", 2023, arXiv:2303.07399
    Lu et al., "RTMO: Towards High-Performance One-Stage Real-Time Multi-Person Pose Estimation", CVPR 2024,
    arXiv:2312.07526
    Li et al., "SimCC: a Simple Coordinate Classification Perspective for Human Pose Estimation", ECCV 2022,
    arXiv:2107.03332

It knows nothing about video; every picture is looked at anew, and the order of people in it means nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from in_the_wild.checkpoints import downloads
from in_the_wild.detectors import _networks
from in_the_wild.detectors._onnx import Network, about, letterbox, to_batch
from in_the_wild.detectors._persons import nms, person_finder
from in_the_wild.detectors.base import Detection, Detector, check_image, check_persons
from in_the_wild.errors import InputError, WeightsError, did_you_mean
from in_the_wild.skeletons import COCO17, HALPE26, Skeleton

# What RTMPose was trained on: pixels R, G, B less a mean, by a deviation, of a box with a margin.
_MEAN, _DEVIATION = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
_MARGIN = 1.25
_RTMPOSE_SIZE, _RTMO_SIZE = (256, 192), (640, 640)  # height, width of networks that take any
_RTMO_MIN_SCORE = 0.7  # of a person, as RTMPose's author sets it in rtmlib
# An .onnx file has no names of joints; their number tells.
_SKELETONS: Mapping[int, Skeleton] = {len(skeleton): skeleton for skeleton in (COCO17, HALPE26)}


class RTMPose(Detector):
    """RTMPose's or RTMO's keypoints from an .onnx file.

    A score is how sure the network is of a keypoint's place, cut to 0..1.

    Args:
        persons: The most people to find in a picture.
        weights: An .onnx file of RTMPose or RTMO, or a published one by name: rtmpose-t, -s, -m, -l, with -halpe26 for
            26 keypoints, rtmo-s, -m, -l. A published one is fetched when it is first asked for.
        person_weights: An .onnx file of YOLOX or RTMDet, or a published one by name: yolox-nano, -tiny, -m. None takes
            MoveNet's multipose, which comes along; "picture" takes the whole picture for one person.
        tell: Told in a sentence when a file is fetched.

    Raises:
        PluginError: onnxruntime is not installed.
        InputError: persons is below 1, no weights, or a person detector beside RTMO.
        WeightsError: no such file, one of another kind, or one that cannot be fetched.
    """

    name = "rtmpose"
    skeleton = COCO17

    def __init__(
        self,
        *,
        persons: int = 1,
        weights: str | None = None,
        person_weights: str | None = None,
        tell: downloads.Tell = downloads.tell_nobody,
    ) -> None:
        check_persons(persons)
        if weights is None:
            known = did_you_mean("", _networks.POSE_NETWORKS)
            raise InputError(
                f"The detector rtmpose needs a network: rtmpose:weights=NAME, an .onnx file or a name. {known}"
            )
        self.persons = persons
        path = downloads.find(weights, _networks.POSE_NETWORKS, kind="pose network", tell=tell)
        self._pose = _network(path)
        if isinstance(self._pose, _RTMO) and person_weights is not None:
            raise InputError(f"{path.name} finds people itself; leave person_weights out.")
        self.skeleton = _skeleton(self._pose.joints, path)
        finds_people = isinstance(self._pose, _RTMO)
        self._find = None if finds_people else person_finder(person_weights, tell=tell)
        self._settings: dict[str, Any] = {
            "name": self.name,
            "version": self._pose.network.version,
            "persons": persons,
            "weights": about(path),
            "person_weights": None if self._find is None else self._find.settings,
        }

    @property
    def settings(self) -> Mapping[str, Any]:
        """What decides the result: release of onnxruntime, number of people, and the files."""
        return self._settings

    def __call__(self, image: np.ndarray, time: float) -> Detection:
        """Find the people in a picture; see `Detector`.

        Raises:
            InputError: the image is not (H, W, 3) uint8.
        """
        check_image(image)
        if isinstance(self._pose, _RTMO):
            keypoints, scores = self._pose(image, self.persons)
        else:
            assert self._find is not None
            keypoints, scores = self._pose(image, self._find(image, self.persons))
        return Detection(keypoints.astype(np.float32), scores.clip(0, 1).astype(np.float32))


class _SimCC:
    """RTMPose: for each keypoint one row of numbers along x and one along y, the largest at its place."""

    def __init__(self, network: Network, joints: int) -> None:
        self.network, self.joints = network, joints
        self._height, self._width = _sides(network, _RTMPOSE_SIZE)

    def __call__(self, image: np.ndarray, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Keypoints (P, J, 2) in pixels and scores (P, J) of the people in boxes (P, 4)."""
        if not len(boxes):
            return np.zeros((0, self.joints, 2)), np.zeros((0, self.joints))
        size = np.array([self._width, self._height])
        middles = (boxes[:, :2] + boxes[:, 2:]) / 2  # (P, 2)
        sides = (boxes[:, 2:] - boxes[:, :2]).clip(1) * _MARGIN  # (P, 2)
        zooms = (size / sides).min(axis=1)  # (P,) input pixels in one of the image's
        crops = np.stack([self._crop(image, *one) for one in zip(middles, zooms, strict=True)])
        batch = to_batch((crops - _MEAN) / _DEVIATION)
        batches = batch[:, None] if self.network.fixed_batch else [batch]
        parts = [_simcc(self.network(one)) for one in batches]
        along_x, along_y = (np.concatenate(axis) for axis in zip(*parts, strict=True))  # (P, J, bins)
        bins = np.stack([along_x.argmax(axis=2), along_y.argmax(axis=2)], axis=2)  # (P, J, 2)
        places = bins * (size / (along_x.shape[2], along_y.shape[2]))  # input pixels
        keypoints = (places - size / 2) / zooms[:, None, None] + middles[:, None]
        return keypoints, np.minimum(along_x.max(axis=2), along_y.max(axis=2))

    def _crop(self, image: np.ndarray, middle: np.ndarray, zoom: float) -> np.ndarray:
        """The network's view: black where there is no picture."""
        shift = np.array([self._width, self._height]) / 2 - middle * zoom
        matrix = np.array([[zoom, 0, shift[0]], [0, zoom, shift[1]]])
        return cv2.warpAffine(image, matrix, (self._width, self._height), flags=cv2.INTER_LINEAR)


class _RTMO:
    """RTMO: boxes with scores, and places with scores of each one's keypoints."""

    def __init__(self, network: Network, joints: int) -> None:
        self.network, self.joints = network, joints
        self._height, self._width = _sides(network, _RTMO_SIZE)

    def __call__(self, image: np.ndarray, persons: int) -> tuple[np.ndarray, np.ndarray]:
        """Keypoints (P, J, 2) in pixels and scores (P, J), the surest person first."""
        boxed, ratio = letterbox(image, self._height, self._width)
        found, marks = _rtmo(self.network(to_batch(boxed[None, ..., ::-1])))  # BGR; (N, 5) and (N, J, 3)
        sure = found[:, 4] > _RTMO_MIN_SCORE
        found, marks = found[sure], marks[sure]
        marks = marks[nms(found[:, :4], found[:, 4])[:persons]]
        return marks[..., :2] / ratio, marks[..., 2]


def _simcc(outputs: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Along x (B, J, bins) and along y (B, J, bins), by name where they have their own, or else in this order."""
    along_x, along_y = (outputs[name] for name in ("simcc_x", "simcc_y")) if "simcc_x" in outputs else outputs.values()
    return along_x, along_y


def _rtmo(outputs: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Boxes with scores (N, 5), and keypoints with scores (N, J, 3)."""
    found, marks = sorted(outputs.values(), key=np.ndim)
    return found[0], marks[0]


def _network(path: Path) -> _SimCC | _RTMO:
    """Tell RTMPose from RTMO by what it gives for an empty picture."""
    network = Network(path)
    height, width = network.size
    # Only RTMPose's pictures are of the size that such a network has by default; RTMO takes any multiple of 32.
    outputs = network(np.zeros((1, 3, height or _RTMPOSE_SIZE[0], width or _RTMPOSE_SIZE[1]), dtype=np.float32))
    match sorted(value.shape for value in outputs.values()):
        case [(1, int(joints), _), (1, int(also), _)] if joints == also:
            return _SimCC(network, joints)
    match sorted((value.shape for value in outputs.values()), key=len):
        case [(1, int(people), 5), (1, int(also), int(joints), 3)] if people == also:
            return _RTMO(network, joints)
    shapes = ", ".join(f"{name} {value.shape}" for name, value in outputs.items())
    raise WeightsError(
        f"{path.name} is neither RTMPose nor RTMO: simcc_x (1, J, bins) and simcc_y (1, J, bins), or dets (1, P, 5) "
        f"and keypoints (1, P, J, 3), were expected, found {shapes}. Give another; a person detector is given as "
        "person_weights."
    )


def _sides(network: Network, default: tuple[int, int]) -> tuple[int, int]:
    height, width = network.size
    return height or default[0], width or default[1]


def _skeleton(joints: int, path: Path) -> Skeleton:
    if joints not in _SKELETONS:
        known = " and ".join(f"{number} ({skeleton.name})" for number, skeleton in _SKELETONS.items())
        raise WeightsError(f"{path.name} gives {joints} keypoints; {known} are understood. Give another network.")
    return _SKELETONS[joints]
