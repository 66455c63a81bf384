"""Joint angles: the mannequin is animated by known ones, and they are found again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from in_the_wild.errors import InputError
from in_the_wild.measures.angles import DEFINITIONS, NAMES
from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import COCO17, HUMAN36M16, HUMAN36M17, HUMANEVA15, mirror, mirror_name
from in_the_wild.steps.remap import remap
from pose3d_cli.datasets.synthetic.motion import actions as act
from pose3d_cli.datasets.synthetic.motion.curves import CHANNELS
from pose3d_cli.datasets.synthetic.motion.kinematics import Figure, forward_kinematics

ACTIONS = (
    act.walk(), act.turn(), act.squat(), act.kick(), act.wave(), act.jumping_jacks(), act.crouch(), act.reach(),
    act.throw(), act.lunge(), act.punch(), act.sway(),
)  # fmt: skip
# Those whose sign says left or right; a mirror turns them round.
SIDEWAYS = ("trunk_lateral_tilt", "pelvis_obliquity")


@cache
def performed() -> tuple[Poses, Mapping[str, np.ndarray]]:
    """All actions one after the other in the world, and the angles (T,) that move the mannequin, by channel."""
    performances = [action.sample(np.arange(0, action.duration, 1 / 30)) for action in ACTIONS]
    given = {channel: np.concatenate([one[channel] for one in performances]) for channel in CHANNELS}
    joints, _ = forward_kinematics({**given, "heading": np.cumsum(given["turn"]) / 30}, figure=Figure())
    count = len(joints)
    poses = Poses(
        keypoints=joints, scores=np.ones((count, 17)), frame=np.arange(count), person_id=np.zeros(count),
        skeleton=HUMAN36M17, space="world", video=Source("mannequin.mp4", 640, 480, 30, np.arange(count) / 30),
    )  # fmt: skip
    return poses, given


@cache
def true_angles() -> dict[str, np.ndarray]:
    """(T,) degrees of the measured angles' names, from what moves the mannequin."""
    _, given = performed()
    lean, tilt = np.radians(given["lean"]), np.radians(given["tilt"])
    # Half of a bend is at the spine's joint, in the middle of the trunk: the trunk's line takes a quarter of it or so.
    true = {
        "trunk_inclination": given["lean"] + given["bend"] / 4,
        "trunk_lateral_tilt": -given["tilt"] - given["side"] / 4,
        "pelvis_tilt": np.degrees(np.arctan2(np.sin(lean), np.cos(lean) * np.cos(tilt))),
        "pelvis_obliquity": given["tilt"],
    }
    for side in ("left", "right"):
        forward, out = np.radians(given[f"{side}_arm"]), np.radians(given[f"{side}_arm_out"])
        down = np.cos(out) * np.cos(forward)
        true |= {
            f"{side}_hip_flexion": given[f"{side}_leg"],
            f"{side}_hip_abduction": given[f"{side}_leg_out"],
            f"{side}_knee_flexion": given[f"{side}_knee"],
            f"{side}_elbow_flexion": given[f"{side}_elbow"],
            f"{side}_shoulder_flexion": np.degrees(np.arctan2(np.cos(out) * np.sin(forward), down)),
            f"{side}_shoulder_abduction": np.degrees(np.arctan2(np.sin(out), down)),
            f"{side}_shoulder_elevation": np.degrees(np.arccos(down)),
        }
    return true


def errors(name: str) -> np.ndarray:
    """(T,) degrees, of the frames in which there is such an angle."""
    difference = performed()[0].angles().person(0)[name] - true_angles()[name]
    whole: np.ndarray = np.abs((difference[np.isfinite(difference)] + 180) % 360 - 180)
    return whole


# Mean errors in degrees. Hips and limbs are exact, but for how far behind the hips the spine's joint is in just this
# figure; the trunk's line leans back by 4 degrees in it, and the spine's bend is shared between thorax and shoulders.
_WITHIN = {
    "hip_flexion": 0.5, "hip_abduction": 0.02, "knee_flexion": 0.02, "elbow_flexion": 0.02, "shoulder_flexion": 5.0,
    "shoulder_abduction": 3.0, "shoulder_elevation": 4.0, "trunk_inclination": 4.5, "trunk_lateral_tilt": 0.5,
    "pelvis_tilt": 0.5, "pelvis_obliquity": 0.02,
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_angles_that_move_the_mannequin_are_found_again(name: str) -> None:
    found = errors(name)
    # Arms that point out of a plane have no angle in it.
    assert len(found) > (0.75 if name.endswith(("shoulder_flexion", "shoulder_abduction")) else 0.99) * len(
        performed()[0]
    )
    assert found.mean() < _WITHIN[name.removeprefix("left_").removeprefix("right_")]


def test_a_mirrored_person_has_mirrored_angles() -> None:
    poses, _ = performed()
    straight = poses.angles().person(0)
    mirrored = poses.replace(keypoints=mirror(poses.keypoints, HUMAN36M17.flip)).angles().person(0)
    for name in NAMES:
        sign = -1 if name in SIDEWAYS else 1
        np.testing.assert_allclose(mirrored[mirror_name(name)], sign * straight[name], atol=0.01)


def test_where_north_is_does_not_matter() -> None:
    poses, _ = performed()
    turn = Rotation.from_euler("z", 70, degrees=True).as_matrix()
    turned = poses.replace(keypoints=poses.keypoints @ turn.T + (3.0, -2.0, 0.0))
    for name, degrees in turned.angles().person(0).items():
        np.testing.assert_allclose(degrees, poses.angles().person(0)[name], atol=0.02)


def test_what_was_not_seen_has_no_angle() -> None:
    poses, _ = performed()
    scores = np.ones((len(poses), 17))
    scores[:10, HUMAN36M17.index("left_ankle")] = 0
    gap = poses.replace(scores=scores).rows(np.r_[:50, 60 : len(poses)])
    knee, hip = (gap.angles().person(0)[f"left_{joint}_flexion"] for joint in ("knee", "hip"))
    assert np.flatnonzero(np.isnan(knee)).tolist() == [*range(10), *range(50, 60)]
    assert np.flatnonzero(np.isnan(hip)).tolist() == [*range(50, 60)]
    assert np.isfinite(gap.angles(filled=True).person(0)["left_knee_flexion"][:10]).all()


def test_an_arm_out_to_the_side_has_no_flexion() -> None:
    poses, given = performed()
    aside = (np.abs(given["left_arm_out"] - 90) < 5) & (np.abs(given["bend"]) < 2) & (np.abs(given["side"]) < 2)
    assert aside.any()
    assert np.isnan(poses.angles().person(0)["left_shoulder_flexion"][aside]).all()
    assert np.isfinite(poses.angles().person(0)["left_shoulder_abduction"][aside]).all()


def test_everybody_is_measured_alone() -> None:
    poses, _ = performed()
    both = Poses.join([poses, poses.rows(np.arange(20)).replace(person_id=np.full(20, 4))]).angles()
    assert both.persons == [0, 4]
    assert np.array_equal(both.values[0][:20], both.values[4][:20], equal_nan=True)
    assert np.isnan(both.values[4][20:]).all()
    with pytest.raises(InputError, match="no person 1; the ids are 0, 4"):
        both.person(1)


def test_other_skeletons_with_the_joints_will_do() -> None:
    poses, _ = performed()
    expected = poses.angles().values[0]
    assert np.allclose(remap(poses, "mpi_inf_3dhp17").angles().values[0], expected, equal_nan=True)
    sixteen = HUMAN36M17.indices(*HUMAN36M16.joints)
    fewer = poses.replace(keypoints=poses.keypoints[:, sixteen], scores=poses.scores[:, sixteen], skeleton=HUMAN36M16)
    assert np.allclose(fewer.angles().values[0], expected, equal_nan=True)


def test_what_has_no_angles_is_refused() -> None:
    poses, _ = performed()
    with pytest.raises(InputError, match="humaneva15 has no spine"):
        remap(poses, HUMANEVA15).angles()
    flat = Poses.empty(skeleton=COCO17, space="image", video=poses.video)
    with pytest.raises(InputError, match=r"need joints in 3D, found keypoints in the picture of mannequin\.mp4"):
        flat.angles()


def test_every_angle_is_defined() -> None:
    assert {angle.name for angle in DEFINITIONS} == _WITHIN.keys()
    assert all(angle.definition.endswith(".") for angle in DEFINITIONS)
