"""BVH: what is written is read by another program's reader, whatever names it has; what others write is read."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import bvhio
import cmu_files
import numpy as np
import pytest
from constant_bones import constant_bones
from moving_people import FPS, people, y_up

from in_the_wild import bvh, formats
from in_the_wild.errors import InputError
from in_the_wild.formats._bone_names import PRESETS
from in_the_wild.formats.bvh import Bvh
from in_the_wild.poses import Poses
from in_the_wild.rig import BONES
from in_the_wild.skeletons import HUMAN36M17


def read_by_bvhio(path: Path) -> tuple[dict[str, np.ndarray], float]:
    """Where bvhio has the joints of a file in every frame, (T, 3) by name, and the seconds of a frame."""
    container = bvhio.readAsBvh(str(path))
    root = bvhio.readAsHierarchy(str(path))
    found: dict[str, list[np.ndarray]] = {joint.Name: [] for joint, _, _ in root.layout()}
    for frame in range(container.FrameCount):
        root.loadPose(frame)
        for joint, _, _ in root.layout():
            found[joint.Name].append(np.array(joint.PositionWorld))
    return {name: np.array(places) for name, places in found.items()}, container.FrameTime


def names_of(preset: str) -> Mapping[str, str]:
    """The joint of each of Human3.6M's that begins a bone."""
    bones = PRESETS[preset].bones
    return {bone.start: bones[bone.name][0] for bone in BONES if bone.start in HUMAN36M17.joints}


@pytest.mark.parametrize("preset", PRESETS)
def test_another_reader_finds_the_joints_where_they_are(tmp_path: Path, preset: str) -> None:
    poses = people(0)
    poses.save(tmp_path / "clip.bvh", f"bvh:preset={preset}")
    found, step = read_by_bvhio(tmp_path / "clip.bvh")
    expected = y_up(constant_bones(poses.keypoints.astype(float))) * 100
    assert step == pytest.approx(1 / FPS, abs=1e-9)
    for joint, name in names_of(preset).items():
        np.testing.assert_allclose(found[name], expected[:, HUMAN36M17.index(joint)], atol=0.002, err_msg=joint)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(("up", "units"), [("y", "cm"), ("z", "m"), ("y", "mm")])
def test_what_was_written_comes_back(tmp_path: Path, preset: str, up: str, units: str) -> None:
    poses = people(0)
    poses.save(tmp_path / "clip.bvh", f"bvh:preset={preset},up={up},units={units}")
    again = formats.read(tmp_path / "clip.bvh", f"bvh:up={up}")
    np.testing.assert_allclose(again.keypoints, constant_bones(poses.keypoints.astype(float)), atol=1e-4)
    assert (again.space, again.skeleton, again.video.fps) == ("world", HUMAN36M17, FPS)
    assert again.meta["bvh"]["units"] == units
    assert (again.scores == 1).all()


def test_joints_are_called_as_programs_expect(tmp_path: Path) -> None:
    expected = {
        "blender": ("hips", "chest", "upper_arm.L", "forearm.R", "thigh.L", "shin.R", "toe.L"),
        "mixamo": ("mixamorig:Hips", "mixamorig:Spine2", "mixamorig:LeftArm", "mixamorig:RightUpLeg"),
        "unity": ("Hips", "UpperChest", "LeftUpperArm", "RightLowerArm", "LeftUpperLeg", "RightToes"),
        "maya": ("Hips", "Spine2", "LeftForeArm", "RightUpLeg", "LeftToeBase"),
        "cmu": ("Hips", "LHipJoint", "LowerBack", "Neck1", "LeftUpLeg", "RightToeBase"),
    }
    assert expected.keys() == PRESETS.keys()
    for preset, some in expected.items():
        people(0).save(tmp_path / "clip.bvh", f"bvh:preset={preset}")
        recording = bvh.read(tmp_path / "clip.bvh")
        assert set(some) <= set(recording.names), preset
        turns = [channel[0].upper() for channel in recording.joints[1].channels]
        assert "".join(turns) == PRESETS[preset].order
    cmu = {BONE for BONE in cmu_files.BVH_JOINTS.values() if "Hand" not in BONE}
    assert cmu <= set(recording.names), "as in the conversion of the database"


def test_at_rest_a_person_stands_in_a_t_pose_and_looks_along_z(tmp_path: Path) -> None:
    people(0).save(tmp_path / "clip.bvh", "bvh:preset=maya")
    recording = bvh.read(tmp_path / "clip.bvh")
    still = bvh.Recording(recording.joints, np.zeros((1, recording.values.shape[1])), FPS)
    at = dict(zip(recording.names, bvh.forward_kinematics(still)[0][0], strict=True))
    assert at["LeftHand"][0] > 60 > 0 > -60 > at["RightHand"][0]
    assert at["LeftHand"][1] == pytest.approx(at["LeftArm"][1])
    assert at["Head"][1] > 40 > 0 > at["LeftFoot"][1] > at["LeftToeBase"][1]
    assert at["LeftToeBase"][2] > at["LeftFoot"][2] + 5
    np.testing.assert_allclose(at["LeftUpLeg"], -at["RightUpLeg"])


def test_several_people_are_a_file_each_with_the_same_frames(tmp_path: Path) -> None:
    poses = Poses.join([people(1), people(4, frames=slice(20, 60))])
    files = poses.save(tmp_path / "clip.bvh")
    assert [file.name for file in files] == ["clip_person1.bvh", "clip_person4.bvh"]
    first, second = map(formats.read, files)
    assert (first.persons, second.persons) == ([1], [4])
    assert len(first) == len(second) == 120
    expected = constant_bones(poses.of_person(4).keypoints.astype(float))
    np.testing.assert_allclose(second.keypoints[20:60], expected, atol=1e-4)
    np.testing.assert_allclose(second.keypoints[:20], np.tile(expected[:1], (20, 1, 1)), atol=1e-4)
    np.testing.assert_allclose(second.keypoints[60:], np.tile(expected[-1:], (60, 1, 1)), atol=1e-4)


def test_the_databases_own_files_are_read(tmp_path: Path) -> None:
    """In their unit, an inch divided by 0.45; the bone that they lack is lacking."""
    (tmp_path / "01_01.bvh").write_text(cmu_files.converted(cmu_files.walk(30)))
    poses = formats.read(tmp_path / "01_01.bvh")
    assert poses.meta["bvh"] == {"names": "cmu", "units": "cmu"}
    at = {joint: poses.keypoints[5, j] for j, joint in enumerate(HUMAN36M17.joints)}
    assert np.linalg.norm(at["left_knee"] - at["left_hip"]) == pytest.approx(0.42, abs=0.001)
    assert np.linalg.norm(at["thorax"] - at["pelvis"]) == pytest.approx(0.425, abs=0.01), "0.12 are lacking"
    assert at["left_wrist"][2] > at["right_wrist"][2], "the raised hand is the left"
    assert poses.video.fps == 120


def renamed(text: str, names: Mapping[str, str]) -> str:
    for old, new in names.items():
        text = text.replace(f" {old}\n", f" {new}\n")
    return text


def test_names_in_other_letters_and_of_biovision_are_read(tmp_path: Path) -> None:
    people(0).save(tmp_path / "clip.bvh", "bvh:preset=maya")
    text = (tmp_path / "clip.bvh").read_text()
    limbs = {"Shoulder": "Collar", "Arm": "Shoulder", "ForeArm": "Elbow", "Hand": "Wrist"}
    limbs |= {"UpLeg": "Hip", "Leg": "Knee", "Foot": "Ankle"}
    biovision = {f"{side}{old}": f"{side}{new}" for side in ("Left", "Right") for old, new in limbs.items()}
    expected = formats.read(tmp_path / "clip.bvh").keypoints
    for changed in (
        renamed(text, {**biovision, "Spine1": "Chest", "Spine": "Torso"}),
        text.replace("Left", "Hero:left"),
    ):
        (tmp_path / "other.bvh").write_text(changed)
        np.testing.assert_array_equal(formats.read(tmp_path / "other.bvh").keypoints, expected)


def test_what_a_figure_lacks_is_said(tmp_path: Path) -> None:
    people(0).save(tmp_path / "clip.bvh", "bvh:preset=unity")
    text = (tmp_path / "clip.bvh").read_text()
    (tmp_path / "clip.bvh").write_text(text.replace("LowerLeg", "Calf").replace("JOINT Head", "JOINT Skull"))
    with pytest.raises(InputError, match=r"unity it lacks Head, LeftLowerLeg, RightLowerLeg, found Hips.*Skull"):
        formats.read(tmp_path / "clip.bvh")


def test_units_that_make_no_person_are_refused(tmp_path: Path) -> None:
    people(0).save(tmp_path / "clip.bvh")
    recording = bvh.read(tmp_path / "clip.bvh")
    joints = tuple(dataclasses.replace(joint, offset=joint.offset / 1e4) for joint in recording.joints)
    bvh.write(dataclasses.replace(recording, joints=joints), tmp_path / "clip.bvh")
    with pytest.raises(InputError, match="Legs as long as people's"):
        formats.read(tmp_path / "clip.bvh")


def test_a_head_without_an_end_is_told_as_not_seen(tmp_path: Path) -> None:
    people(0).save(tmp_path / "clip.bvh", "bvh:preset=maya")
    recording = bvh.read(tmp_path / "clip.bvh")
    kept = [j for j, joint in enumerate(recording.joints) if joint.name != "Head_end"]
    place = {old: new for new, old in enumerate(kept)}
    whole = [recording.joints[j] for j in kept]
    joints = tuple(dataclasses.replace(joint, parent=place.get(joint.parent, -1)) for joint in whole)
    bvh.write(bvh.Recording(joints, recording.values, FPS), tmp_path / "clip.bvh")
    again = formats.read(tmp_path / "clip.bvh")
    assert (again.scores == (np.array(HUMAN36M17.joints) != "head")).all()


def test_settings_that_there_are_not() -> None:
    with pytest.raises(InputError, match="preset blender, mixamo, unity, maya, cmu was expected"):
        Bvh(preset="poser")
    assert formats.recognise(Path(__file__).with_name("nothing.bvh").parent) is None
