"""BlazePose by mediapipe: 33 keypoints per person on the CPU, with the models that its package carries.

One person goes through mediapipe's video mode (`solutions.pose`); several through its tasks API, whose model bundle is
built from the same two models at first use and kept in the user's cache.

    Bazarevsky et al., "BlazePose: On-device Real-time Body Pose tracking", 2020, arXiv:2006.10204

Landmarks are not smoothed. mediapipe's filter takes a quarter off the jitter, but lags 0.1 to 0.2 frames behind fast
hands and feet and 0.2 to 0.5 behind a moving trunk (3 to 5 pixels on people 300 pixels tall), so that it bends the pose
at every change of speed; a temporal lifter averages jitter anyway.

Its person detector gives one person for each picture; of several, the others are those followed from the pictures
before. Where pictures are left out, people are therefore lost: of every tenth picture of a clip in which two people
pass, one of them was found in 3 instead of 20.

It knows nothing about files, or about who is who: with several people the order in a picture means nothing.
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import secrets
import struct
import sys
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from in_the_wild.detectors.base import Detection, Detector, check_image, check_persons
from in_the_wild.errors import PluginError
from in_the_wild.files import cache_folder
from in_the_wild.plugins import back_end
from in_the_wild.skeletons import BLAZEPOSE33

_INSTALL = "mediapipe==0.10.21"  # the last release whose package carries its models

# The two models of the package and the names that the tasks API looks for, with the mean and the deviation that pixel
# values are normalised by; solutions.pose keeps these in its graph, a bundle keeps them as metadata.
_BUNDLE_PARTS = {
    "pose_detector.tflite": ("pose_detection/pose_detection.tflite", 127.5, 127.5),
    "pose_landmarks_detector.tflite": ("pose_landmark/pose_landmark_full.tflite", 0.0, 255.0),
}

# Of several people: how much the square regions of two must overlap (IoU) for mediapipe to look at one of them alone.
# At its own 0.5, people who pass each other swallow one another: of two people who cross within 113 frames, 173 poses
# were left after tracking, at 0.7 205. The price is people found twice, which tracking sorts out.
_SAME_PLACE = 0.7
# Of one person: seconds between pictures beyond which he is looked for anew. Of a skater in 25 pictures a second who is
# followed through every fifth, keypoints are off by 13 pixels on average and 113 at worst, looked for anew by 10; up to
# every third there is nothing in it.
_FOLLOWED_S = 0.15


class MediaPipe(Detector):
    """BlazePose-33 keypoints.

    A score is mediapipe's visibility times its presence: the first is low for joints that something hides, the second
    for joints beyond the picture's edge, which the first alone takes for seen (up to 0.85, by 0.21 of presence). Joints
    outside the picture are guesses and score 0; a pose with no joint inside is left out.

    Args:
        persons: The most people to find in a picture. 1 is half as fast again as more, even where there is one
            person: mediapipe looks for new people in every picture while there are fewer than this.

    Raises:
        PluginError: mediapipe is not installed, or is a release that does not carry its models.
        InputError: persons is below 1.
    """

    name = "mediapipe"
    skeleton = BLAZEPOSE33

    def __init__(self, *, persons: int = 1) -> None:
        check_persons(persons)
        self.persons = persons
        with _quiet_stderr():
            self._mp = back_end("mediapipe", install=_INSTALL)
            _check_models(self._mp)
            _spend_first_warning(self._mp)
        self._graph: _OnePerson | _SeveralPeople | None = None

    @property
    def settings(self) -> Mapping[str, Any]:
        """What decides the result: release, number of people, and the choices that this file makes."""
        return {
            "name": self.name,
            "version": self._mp.__version__,
            "persons": self.persons,
            "model": "full",
            "smoothed": False,
            "same_place": _SAME_PLACE,
            "followed_s": _FOLLOWED_S,
            "scores": "visibility x presence, 0 outside the picture",
        }

    def __call__(self, image: np.ndarray, time: float) -> Detection:
        """Find the people in a picture.

        Args:
            image: (H, W, 3) uint8 RGB.
            time: Seconds since the video's first picture. Times that do not rise are put up with.

        Raises:
            InputError: the image is not (H, W, 3) uint8.
        """
        check_image(image)
        height, width, _ = image.shape
        graph = self._graph or self._start()
        poses, worlds = graph(np.ascontiguousarray(image), time)
        # (P, 33, 4): x, y as parts of the picture's size, visibility, presence
        found = np.array(
            [[(mark.x, mark.y, mark.visibility, mark.presence) for mark in pose] for pose in poses], dtype=np.float32
        ).reshape(-1, len(self.skeleton), 4)
        world = np.array([[(mark.x, mark.y, mark.z) for mark in pose] for pose in worlds], dtype=np.float32)
        inside = ((found[..., :2] >= 0) & (found[..., :2] < 1)).all(axis=-1)  # (P, 33)
        scores = np.where(inside, found[..., 2] * found[..., 3], 0).clip(0, 1)
        someone = inside.any(axis=1)
        return Detection(
            keypoints=(found[..., :2] * np.array([width, height], dtype=np.float32))[someone],
            scores=scores[someone],
            world=world.reshape(-1, len(self.skeleton), 3)[someone],
        )

    def reset(self) -> None:
        """Forget the pictures seen so far: another video follows."""
        self.close()

    def close(self) -> None:
        """Give back mediapipe's threads and memory; the next picture would start anew."""
        if self._graph is not None:
            self._graph.close()
            self._graph = None

    def _start(self) -> _OnePerson | _SeveralPeople:
        with _quiet_stderr():
            graph = _OnePerson(self._mp) if self.persons == 1 else _SeveralPeople(self._mp, self.persons)
            # Its parts open in threads of their own and write their notes then; an answer means that all are open.
            graph(np.zeros((64, 64, 3), dtype=np.uint8), 0.0)
        self._graph = graph
        return graph


class _OnePerson:
    """The video mode of `solutions.pose`, which finds a person once and then follows.

    After a pause the person is no longer there to follow, and is looked for as in a single picture.
    """

    def __init__(self, mp: Any) -> None:
        self._mp = mp
        self._last = 0.0
        self._graphs: dict[bool, Any] = {}  # whether it looks at single pictures -> Pose

    def __call__(self, image: np.ndarray, time: float) -> tuple[list[Any], list[Any]]:
        """Landmarks and world landmarks, a list per person."""
        single = time - self._last > _FOLLOWED_S
        self._last = time
        if single and False in self._graphs:
            # It would go on where the person was before the pause.
            self._graphs.pop(False).close()
        return self._process(self._graph(single=single), image)

    def close(self) -> None:
        for graph in self._graphs.values():
            graph.close()

    def _graph(self, *, single: bool) -> Any:
        if single not in self._graphs:
            with _quiet_stderr():
                graph = self._mp.solutions.pose.Pose(
                    model_complexity=1, smooth_landmarks=False, static_image_mode=single
                )
                # Its parts open in threads of their own and write their notes then; an answer means that all are open.
                self._process(graph, np.zeros((64, 64, 3), dtype=np.uint8))
            self._graphs[single] = graph
        return self._graphs[single]

    def _process(self, graph: Any, image: np.ndarray) -> tuple[list[Any], list[Any]]:
        # Pose.process would do the same and then clear the landmarks' presence.
        result = self._mp.solutions.pose.SolutionBase.process(graph, input_data={"image": image})
        if result.pose_landmarks is None:
            return [], []
        return [result.pose_landmarks.landmark], [result.pose_world_landmarks.landmark]


class _SeveralPeople:
    """The video mode of the tasks API."""

    def __init__(self, mp: Any, persons: int) -> None:
        vision = mp.tasks.vision
        self._image = functools.partial(mp.Image, image_format=mp.ImageFormat.SRGB)
        self._last_ms = -1
        self._landmarker = vision.PoseLandmarker.create_from_options(
            vision.PoseLandmarkerOptions(
                base_options=mp.tasks.BaseOptions(model_asset_buffer=_bundle(mp)),
                running_mode=vision.RunningMode.VIDEO,
                num_poses=persons,
                min_tracking_confidence=_SAME_PLACE,
            )
        )

    def __call__(self, image: np.ndarray, time: float) -> tuple[list[Any], list[Any]]:
        """Landmarks and world landmarks, a list per person."""
        self._last_ms = max(round(time * 1000), self._last_ms + 1)  # whole milliseconds that must rise
        result = self._landmarker.detect_for_video(self._image(data=image), self._last_ms)
        return result.pose_landmarks, result.pose_world_landmarks

    def close(self) -> None:
        self._landmarker.close()


# ------------------------------------------------------------------------------------------------- bundle of models


def _bundle(mp: Any) -> bytes:
    """The model bundle of the tasks API: from the cache, or built and put there."""
    path = cache_folder() / "mediapipe" / f"pose_landmarker-{mp.__version__}.task"
    with contextlib.suppress(OSError):
        kept = path.read_bytes()
        if _is_whole(kept):
            return kept
    bundle = _build_bundle(mp)
    # A cache that cannot be written costs the quarter of a second that building takes, so it is no error.
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            temporary.write_bytes(bundle)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    return bundle


def _is_whole(bundle: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(bundle)) as parts:
            stored = all(part.compress_type == zipfile.ZIP_STORED for part in parts.infolist())
            return stored and parts.namelist() == list(_BUNDLE_PARTS) and parts.testzip() is None
    # What zipfile raises for damaged bytes, depending on where the damage is.
    except (zipfile.BadZipFile, struct.error, ValueError, OSError, EOFError, NotImplementedError, RuntimeError):
        return False


def _build_bundle(mp: Any) -> bytes:
    """Give the package's two models the metadata that the tasks API asks for, and put them in one file."""
    from mediapipe.tasks.python.metadata.metadata_writers import metadata_writer, model_asset_bundle_utils

    def with_metadata(name: str, source: str, mean: float, deviation: float) -> bytes:
        writer = metadata_writer.MetadataWriter.create(bytearray((_models(mp) / source).read_bytes()))
        writer.add_general_info(model_name=name)
        writer.add_image_input(norm_mean=[mean], norm_std=[deviation])
        model, _ = writer.populate()
        return bytes(model)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the writer leaves its temporary folders to the collector
        parts = {name: with_metadata(name, *part) for name, part in _BUNDLE_PARTS.items()}
    bundle = io.BytesIO()
    model_asset_bundle_utils.create_model_asset_bundle(parts, bundle)
    return bundle.getvalue()


def _models(mp: Any) -> Path:
    return Path(mp.__file__).parent / "modules"


def _check_models(mp: Any) -> None:
    missing = [source for source, _, _ in _BUNDLE_PARTS.values() if not (_models(mp) / source).is_file()]
    if missing or not hasattr(mp, "solutions"):
        raise PluginError(
            f"This needs a mediapipe release that carries its pose models, found {mp.__version__} without them. "
            f"Install it: pip install {_INSTALL}"
        )


# ----------------------------------------------------------------------------------------------------------- silence


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Send the process's error output to nowhere for a moment: mediapipe's C++ parts write notes there by themselves.

    No log level of glog, absl or TensorFlow Lite that can be set from Python keeps them back.
    """
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # there is no error output to keep clean
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


@functools.cache
def _spend_first_warning(mp: Any) -> None:
    """Have mediapipe see a person where there is none: the first person of a process makes it write a warning."""
    with mp.solutions.pose.Pose(
        static_image_mode=True, min_detection_confidence=0.0, min_tracking_confidence=0.0
    ) as pose:
        pose.process(np.zeros((64, 64, 3), dtype=np.uint8))
