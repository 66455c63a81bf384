"""Figures fitted to joint positions: bones of constant length, turns that do not jump, gaps, and other skeletons."""

from __future__ import annotations

import numpy as np
import pytest
from constant_bones import constant_bones, joints_of, sharpest_directions, sharpest_turns, world_rotations

from in_the_wild.errors import InputError
from in_the_wild.rig import BONES, NAMES, Rig, RiggedMotion, forward_kinematics
from in_the_wild.rigging import fit
from in_the_wild.skeletons import BLAZEPOSE33, HUMAN36M17, JHMDB15, SKELETONS, Skeleton, mirror_name
from pose3d_cli.datasets.synthetic.motion import actions
from pose3d_cli.datasets.synthetic.motion.play import play

FPS = 50.0
ACTIONS = ("walk", "squat", "kick", "wave", "jumping_jacks", "crouch", "reach", "throw", "lunge", "punch")


def moving(*names: str) -> tuple[np.ndarray, np.ndarray]:
    """Joints (T, 17, 3) and face (T, 5, 3) of our own motion, facing +y."""
    moved = play([getattr(actions, name)() for name in names or ACTIONS], fps=FPS)
    return moved.joints, moved.face


def fitted(joints: np.ndarray, seen: np.ndarray | None = None, skeleton: Skeleton = HUMAN36M17) -> RiggedMotion:
    return fit(joints, np.ones(joints.shape[:2], bool) if seen is None else seen, skeleton=skeleton, fps=FPS)


def noisy(joints: np.ndarray) -> np.ndarray:
    return joints + np.random.default_rng(0).normal(scale=0.01, size=joints.shape)


def test_a_figure_at_rest_is_a_t_pose() -> None:
    rig = Rig.of_lengths({bone.name: bone.length for bone in BONES}, 0.1)
    still = np.zeros((1, len(BONES), 4))
    still[..., 3] = 1
    starts, ends = forward_kinematics(RiggedMotion(rig, np.zeros((1, 3)), still))
    at = {bone.end: ends[0, b] for b, bone in enumerate(BONES)}
    at |= {bone.start: starts[0, b] for b, bone in enumerate(BONES)}
    assert at["left_wrist"][0] > 0.6 > -0.6 > at["right_wrist"][0], "the left is at +x"
    assert abs(at["left_wrist"][2] - at["left_shoulder"][2]) < 1e-9
    assert at["left_toes"][1] < at["left_ankle"][1], "toes point to -y, where the figure looks"
    assert at["head"][2] > at["thorax"][2] > 0 > at["left_knee"][2] > at["left_ankle"][2]
    again = fitted(np.stack([at[joint] for joint in HUMAN36M17.joints])[None])
    np.testing.assert_allclose(np.abs(again.rotations[0, :, 3]), 1, atol=1e-6)


@pytest.mark.parametrize("joints", [moving()[0], noisy(moving()[0])], ids=["exact", "noisy"])
def test_every_bone_points_where_it_was_seen_to(joints: np.ndarray) -> None:
    np.testing.assert_allclose(joints_of(fitted(joints)), constant_bones(joints), atol=1e-9)


def test_both_sides_have_the_persons_own_lengths() -> None:
    joints, _ = moving("walk")
    rig = fitted(noisy(joints)).rig
    lengths = dict(zip(NAMES, np.linalg.norm(rig.ends, axis=1), strict=True))
    assert all(length == pytest.approx(lengths[mirror_name(name)]) for name, length in lengths.items())
    thigh = np.linalg.norm(np.subtract(*joints[:, HUMAN36M17.indices("left_knee", "left_hip")].swapaxes(0, 1)), axis=1)
    assert lengths["left_thigh"] == pytest.approx(thigh.mean(), abs=0.003)


def test_turns_are_no_more_sudden_than_what_they_follow() -> None:
    """Second differences of rotations beside those of the bones' directions, which they must have at least."""
    joints, _ = moving()
    turns, ways = sharpest_turns(world_rotations(fitted(joints))), sharpest_directions(joints)
    assert (turns - ways).max() < 5, "degrees"
    assert turns.max() < 1.25 * ways.max()


def test_the_head_turns_with_the_face() -> None:
    joints, face = moving()
    left = face[:, 3] - face[:, 4]  # from the right ear to the left
    left /= np.linalg.norm(left, axis=1, keepdims=True)
    head = world_rotations(fitted(joints))[:, NAMES.index("head"), :, 0]
    wrong = np.degrees(np.arccos(np.clip((head * left).sum(axis=1), -1, 1)))
    assert np.median(wrong) < 6
    assert np.percentile(wrong, 95) < 20


def test_knees_and_elbows_are_hinges() -> None:
    """Of a limb that bends by itself the second bone turns about one axis alone: across, at rest."""
    moved = fitted(moving("squat")[0])
    for name, axis in (("left_shin", 0), ("right_shin", 0)):
        vectors = moved.rotations[:, NAMES.index(name), :3]
        assert np.abs(vectors[:, axis]).max() > 0.5
        assert np.abs(np.delete(vectors, axis, axis=1)).max() < 0.05


def test_frames_and_joints_that_are_missing_are_filled() -> None:
    joints, _ = moving("walk", "squat")
    seen = np.random.default_rng(0).random(joints.shape[:2]) > 0.2
    seen[60:70] = False
    given = np.where(seen[..., None], joints, np.nan)
    error = np.linalg.norm(joints_of(fitted(given, seen)) - constant_bones(joints), axis=-1)
    assert np.median(error) < 0.005
    assert error.max() < 0.25


def test_who_comes_back_facing_the_other_way_turns_round_meanwhile() -> None:
    joints, _ = moving("walk", "walk")
    joints[150:] *= (-1, -1, 1)
    seen = np.ones(joints.shape[:2], bool)
    seen[120:150] = False
    moved = fitted(joints, seen)
    assert sharpest_turns(world_rotations(moved)[119:151]).max() < 10, "degrees, over 30 frames of 6 each"


def test_a_joint_that_is_never_there_has_a_place_all_the_same() -> None:
    joints, _ = moving("walk")
    seen = np.ones(joints.shape[:2], bool)
    seen[:, HUMAN36M17.indices("left_wrist", "head", "neck", "thorax", "spine")] = False
    moved = fitted(joints, seen)
    assert np.isfinite(moved.rotations).all()
    forearms = [np.linalg.norm(moved.rig.ends[NAMES.index(f"{side}_forearm")]) for side in ("left", "right")]
    assert forearms[0] == pytest.approx(forearms[1])
    assert np.linalg.norm(moved.rig.ends[NAMES.index("head")]) == pytest.approx(0.125, abs=0.03)


def with_names(skeleton: Skeleton) -> np.ndarray:
    """A walk (T, J, 3) with the joints of another skeleton, those that it shares or that are near."""
    joints, face = moving("walk")
    at = dict(zip(HUMAN36M17.joints, joints.swapaxes(0, 1), strict=True))
    at |= dict(zip(("nose", "left_eye", "right_eye", "left_ear", "right_ear"), face.swapaxes(0, 1), strict=True))
    near = {"head_top": "head", "belly": "spine", "face": "neck", "mouth_left": "nose", "mouth_right": "nose"}
    near |= {"neck": "thorax"} if "thorax" not in skeleton.joints else {}
    near |= {"head": "neck"} if "head_top" in skeleton.joints else {}
    taken = {joint: near.get(joint, joint) for joint in skeleton.joints}
    return np.stack([at[own] if own in at else _beside(joint, at) for joint, own in taken.items()], axis=1)


def _beside(joint: str, at: dict[str, np.ndarray]) -> np.ndarray:
    """A place for fingers, toes and the parts of an eye."""
    side = joint.partition("_")[0]
    if "eye" in joint:
        return at[f"{side}_eye"]
    hand = any(part in joint for part in ("pinky", "index", "thumb")) and "foot" not in joint
    return at[f"{side}_wrist"] + (0.02, 0.1, -0.02) if hand else at[f"{side}_ankle"] + (0.0, 0.18, -0.06)


@pytest.mark.parametrize("skeleton", [one for one in SKELETONS.values() if one != JHMDB15], ids=lambda one: one.name)
def test_every_skeleton_with_limbs_makes_the_same_figure(skeleton: Skeleton) -> None:
    moved = fitted(with_names(skeleton), skeleton=skeleton)
    usual = fitted(moving("walk")[0])
    starts, expected = (forward_kinematics(one)[0] for one in (moved, usual))
    limbs = [b for b, name in enumerate(NAMES) if name.rpartition("_")[2] in ("arm", "forearm", "shin", "foot")]
    assert np.abs(starts[:, limbs] - expected[:, limbs]).max() < 0.12
    up = world_rotations(moved)[:, NAMES.index("head"), 2, 2]
    assert (up > 0.5).all(), "the head is up"


def test_toes_turn_feet() -> None:
    moved = fitted(with_names(BLAZEPOSE33), skeleton=BLAZEPOSE33)
    _, ends = forward_kinematics(moved)
    toes = with_names(BLAZEPOSE33)[:, BLAZEPOSE33.index("left_foot_index")]
    assert np.linalg.norm(ends[:, NAMES.index("left_foot")] - toes, axis=1).max() < 0.05


def test_what_cannot_be_a_figure_is_refused() -> None:
    arms = Skeleton("arms", ("left_shoulder", "left_elbow"), (None, "left_shoulder"))
    with pytest.raises(InputError, match=r"right_shoulder.*arms does not have"):
        fitted(np.zeros((3, 2, 3)), skeleton=arms)
    joints, _ = moving("wave")
    seen = np.ones(joints.shape[:2], bool)
    seen[:, HUMAN36M17.index("left_hip")] = False
    with pytest.raises(InputError, match="both hips"):
        fitted(joints, seen)
