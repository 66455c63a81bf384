"""Poses through every format of motion and tables that is also read: what comes back is what went in, but for rounding.

A format joins by existing. What it does not keep by custom, and how far its figures are rounded, is said below where it
is not the usual.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from moving_bodies import bodies, person

from in_the_wild import formats
from in_the_wild.formats._figures import FigureFormat
from in_the_wild.formats._motion import MotionFormat
from in_the_wild.formats._placed import PlacedFormat
from in_the_wild.poses import Poses
from in_the_wild.reasons import UNSEEN

# Metres: rounding to the thousandth of a millimetre, and of single precision some metres away.
_ROUNDING = 1.5e-6
# Formats whose figures are coarser, metres.
_COARSER: dict[str, float] = {}
# Formats that do not say the rate and the size of the picture.
TABLES = ("csv",)
# Formats that do not tell what was seen from what was guessed.
UNMARKED = ("trc",)

# Formats of 3D that are written and read, but for figures, which are other positions: see their tests.
BOTH = [
    name
    for name in formats.names()
    if formats.load(name).writes and formats.load(name).reads and not issubclass(formats.load(name), FigureFormat)
]
MOTION = [name for name in BOTH if issubclass(formats.load(name), MotionFormat)]
PLACED = [name for name in BOTH if issubclass(formats.load(name), PlacedFormat)]


def through(poses: Poses, written: str, read: str, folder: Path) -> Poses:
    """What comes back of poses; several files of one person each are one table again."""
    kind = formats.load(written.partition(":")[0])
    for old in folder.iterdir():
        old.unlink()
    files = poses.save(folder / f"poses{kind.suffixes[0]}", written)
    found = [formats.read(file, read) for file in files]
    if len(found) == 1:
        return found[0]
    times = np.unique(np.concatenate([one.seconds for one in found]).round(5))
    longest = max(found, key=lambda one: one.video.frames)
    source = longest.video
    frames = [np.searchsorted(times, one.seconds - 1e-4) for one in found]
    together = type(source)("all", 1, 1, source.fps, times)
    return Poses.join([one.replace(frame=at, video=together) for one, at in zip(found, frames, strict=True)])


def same(again: Poses, poses: Poses, tolerance: float) -> None:
    """The same people at the same times at the same places."""
    assert len(poses.persons) == 1 or again.persons == poses.persons  # who is alone may be 0
    assert (again.space, again.skeleton.name) == (poses.space, poses.skeleton.name)
    for who, read in zip(poses.persons, again.persons, strict=True):
        one, other = poses.of_person(who), again.of_person(read)
        np.testing.assert_allclose(other.seconds, one.seconds, atol=1e-5)
        np.testing.assert_allclose(other.keypoints, one.keypoints, atol=tolerance)
        if one.root is not None:
            assert other.root is not None
            np.testing.assert_allclose(other.root, one.root, atol=tolerance)


@pytest.mark.parametrize("name", BOTH)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(poses=bodies())
def test_the_world_comes_back(tmp_path: Path, name: str, poses: Poses) -> None:
    said = f"{name}:size=1280x720,fps={poses.video.fps}" if name in TABLES else name
    again = through(poses.world(), name, said, tmp_path)
    same(again, poses.world(), _COARSER.get(name, _ROUNDING))


@pytest.mark.parametrize("up", ["y", "z"])
@pytest.mark.parametrize("units", ["m", "cm", "mm"])
@pytest.mark.parametrize("name", MOTION)
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(poses=bodies())
def test_camera_space_comes_back_with_the_path(tmp_path: Path, name: str, up: str, units: str, poses: Poses) -> None:
    text = f"{name}:space=camera,up={up},units={units}"
    same(through(poses, text, text, tmp_path), poses, 2 * _COARSER.get(name, _ROUNDING))


@pytest.mark.parametrize("up", ["", "y", "z"])
@pytest.mark.parametrize("units", ["m", "mm"])
@pytest.mark.parametrize("name", PLACED)
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(poses=bodies())
def test_other_axes_and_units_come_back_as_ours(tmp_path: Path, name: str, up: str, units: str, poses: Poses) -> None:
    said = f"{name}:size=1280x720,fps={poses.video.fps}" if name in TABLES else name
    written = f"{name}:units={units}" + (f",up={up}" if up else "")
    for each in (poses, poses.world()):
        same(through(each, written, said, tmp_path), each, _ROUNDING)


@pytest.mark.parametrize("said", ["npz", "json", "csv", "csv:layout=wide", "parquet"])
def test_expected_errors_and_reasons_come_back(tmp_path: Path, said: str) -> None:
    poses = person(np.arange(9) / 25, who=3, frames=np.arange(9))
    poses = poses.replace(error_mm=np.random.default_rng(3).uniform(0, 300, poses.scores.shape))
    poses = poses.replace(reasons=np.random.default_rng(4).integers(0, 6, poses.scores.shape))
    name, _, _ = said.partition(":")
    (file,) = poses.save(tmp_path / f"poses.{name}", said)
    again = formats.read(file, f"{name}:size=1280x720,fps={poses.video.fps}" if name in TABLES else None)
    assert poses.error_mm is not None
    assert again.error_mm is not None
    np.testing.assert_allclose(again.error_mm, poses.error_mm, rtol=1e-5)
    assert poses.reasons is not None
    assert again.reasons is not None
    np.testing.assert_array_equal(again.reasons, poses.reasons)


@pytest.mark.parametrize("name", BOTH)
def test_joints_that_nobody_saw_are_there_and_marked(tmp_path: Path, name: str) -> None:
    one = person(np.arange(9) / 25, who=0, frames=np.arange(9))
    scores = np.where(np.random.default_rng(5).random(one.scores.shape) < 0.2, UNSEEN, 0.9)
    poses = one.replace(scores=scores).world()
    said = f"{name}:size=1280x720,fps={poses.video.fps}" if name in TABLES else name
    again = through(poses, name, said, tmp_path)
    same(again, poses, _COARSER.get(name, _ROUNDING))
    if name not in UNMARKED:
        np.testing.assert_array_equal(again.scores <= UNSEEN + 1e-6, poses.scores <= UNSEEN)
