"""What formats of motion share: frames, axes and units, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import fakes
import numpy as np
import pytest

from in_the_wild.errors import InputError
from in_the_wild.formats import _axes
from in_the_wild.formats._motion import MotionFormat, motion_of, person_files
from in_the_wild.ground import ANKLE
from in_the_wild.poses import Poses
from in_the_wild.skeletons import HUMAN36M17


@dataclass(frozen=True, kw_only=True)
class _Custom(MotionFormat):
    """A format whose custom is centimetres."""

    title: ClassVar[str] = "a custom"
    suffixes: ClassVar[tuple[str, ...]] = (".custom",)

    units: str = "cm"


def walk(person: int, keep: list[int], frames: int = 10) -> Poses:
    joints, root = fakes.walking(frames)
    return Poses(
        keypoints=joints[keep],
        scores=np.full((len(keep), 17), 0.9),
        frame=np.array(keep, int),
        person_id=np.full(len(keep), person),
        skeleton=HUMAN36M17,
        space="camera",
        video=fakes.video(frames),
        root=root[keep],
    )


def test_frames_of_everybody_and_what_is_missing() -> None:
    poses = Poses.join([walk(1, list(range(10))), walk(4, [2, 3, 9])])
    scores = poses.scores.copy()
    scores[0, 3] = 0
    motion = motion_of(poses.replace(scores=scores), _Custom(space="camera"))
    assert (motion.frames, motion.fps, motion.start, motion.skeleton) == (10, 25.0, 0.0, HUMAN36M17)
    first, second = motion.tracks
    assert (first.person, second.person) == (1, 4)
    assert np.flatnonzero(second.present).tolist() == [2, 3, 9]
    assert np.isnan(second.joints[~second.present]).all()
    assert np.isfinite(first.joints).all()
    assert not first.seen[0, 3]
    assert first.seen.sum() == 169
    assert second.seen.sum() == 3 * 17


@pytest.mark.parametrize(
    ("how", "right", "up", "near"),
    [({"space": "camera", "up": "y"}, 0, 1, 2), ({"space": "world", "up": "y"}, 0, 1, 2),
     ({"space": "camera", "up": "z"}, 0, 2, -1), ({"space": "world", "up": "z"}, 0, 2, -1)],
)  # fmt: skip
def test_axes_are_right_handed_and_up_is_up(how: dict[str, str], right: int, up: int, near: int) -> None:
    motion = motion_of(walk(0, list(range(10))), _Custom(units="m", **how))
    joints = motion.tracks[0].joints

    def joint(name: str) -> np.ndarray:
        return joints[:, HUMAN36M17.index(name)]

    assert (joint("head")[:, up] - joint("left_ankle")[:, up] > 1.4).all()
    assert joints[-1, 0, right] - joints[0, 0, right] > 0.2  # the walk goes to the right
    assert ((joint("neck") - joint("thorax"))[:, abs(near)] * near > 0).all()  # the neck is before the thorax
    left, head, front = (joint(name)[0] - joint("thorax")[0] for name in ("left_shoulder", "head", "neck"))
    assert np.linalg.det([left, head, front]) > 0, "not mirrored"


def test_camera_coordinates_have_the_path_in_them() -> None:
    joints, root = fakes.walking(10)
    motion = motion_of(walk(0, list(range(10))), _Custom(space="camera", units="mm"))
    np.testing.assert_allclose(motion.tracks[0].joints, (joints + root[:, None]) * [1000, -1000, -1000], atol=1e-3)
    pelvis = motion_of(walk(0, [0]).replace(root=None), _Custom(space="camera")).tracks[0].joints[0, 0]
    np.testing.assert_array_equal(pelvis, 0)


def test_the_floor_is_at_0_in_the_world() -> None:
    motion = motion_of(walk(0, list(range(10))), _Custom())
    assert abs(motion.tracks[0].joints[..., 1].min() - 100 * ANKLE) < 3  # centimetres


def test_frames_that_come_unevenly_are_resampled() -> None:
    times = np.cumsum(np.random.default_rng(0).uniform(0.01, 0.07, 10))
    motion = motion_of(walk(0, list(range(10))).replace(video=fakes.video(10, timestamps=times)), _Custom())
    assert motion.start == times[0]
    assert motion.frames == int((times[-1] - times[0]) * 25) + 1


@pytest.mark.parametrize(("space", "up"), [(space, up) for space in ("camera", "world") for up in "yz"])
def test_there_and_back(space: str, up: str) -> None:
    points = np.random.default_rng(0).normal(size=(4, 5, 3))
    how = {"space": space, "up": up, "units": "mm"}
    np.testing.assert_allclose(_axes.from_file(_axes.to_file(points, **how), **how), points, atol=1e-12)


@pytest.mark.parametrize("wrong", [{"space": "image"}, {"up": "x"}, {"units": "ft"}])
def test_other_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=f"For {next(iter(wrong))} one of"):
        _Custom(**wrong)


def test_what_is_no_motion_is_refused() -> None:
    with pytest.raises(InputError, match="3D joints were expected, found keypoints in the picture"):
        motion_of(fakes.poses2d(np.zeros((2, 17, 2))), _Custom())
    with pytest.raises(InputError, match="nobody"):
        motion_of(walk(0, []), _Custom())
    with pytest.raises(InputError, match="without one"):
        motion_of(walk(-1, [0]), _Custom())
    with pytest.raises(InputError, match="have left camera space"):
        motion_of(walk(0, [0]).world(), _Custom(space="camera"))


def test_a_file_for_each_person() -> None:
    assert person_files(Path("a/b.trc"), [3]) == [Path("a/b.trc")]
    assert person_files(Path("a/b.trc"), [3, 7]) == [Path("a/b_person3.trc"), Path("a/b_person7.trc")]
