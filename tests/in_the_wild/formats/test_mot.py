"""MOT: a model that is moved by the coordinates stands as the figure does.

The model here has the axes of OpenSim's: every joint turns about z, x and y, x forwards, y up, z to the right, and a
limb hangs at rest. Rajagopal's and gait2392 were moved by such files in OpenSim 4.6: hips lie within a micrometre, and
bones point within the 1 (thighs, shanks), 3 (upper arms) and 6 degrees (forearms) by which theirs are not straight.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas
import pytest
import true_people
from constant_bones import constant_bones
from moving_people import people, y_up
from scipy.spatial.transform import Rotation

from in_the_wild.errors import InputError
from in_the_wild.measures.angles import angles
from in_the_wild.poses import Poses
from in_the_wild.skeletons import HUMAN36M17

HIPS = {"rajagopal": (-0.056276, -0.07849, 0), "gait2392": (-0.0707, -0.0661, 0)}


def table(poses: Poses, folder: Path, settings: str = "") -> pandas.DataFrame:
    """A file as OpenSim's reader takes it: a name, settings, the line "endheader", labels, rows between tabs."""
    (file,) = poses.save(folder / "clip.mot", f"mot:{settings}" if settings else None)
    header, _, rest = file.read_text().partition("endheader\n")
    said = dict(line.split("=") for line in header.splitlines() if "=" in line)
    found = pandas.read_csv(file, sep="\t", skiprows=len(header.splitlines()) + 1)
    assert header.startswith("Coordinates\n")
    assert said == {
        "version": "1", "nRows": str(len(found)), "nColumns": str(len(found.columns)), "inDegrees": "yes"
    }  # fmt: skip
    assert found.columns[0] == "time"
    assert rest.count("\n") == len(found) + 1
    return found


def turns(found: pandas.DataFrame, *names: str, side: int = 1) -> Rotation:
    """A joint's own turn, as the model counts."""
    degrees = found[list(names)].to_numpy() * (1, side, side)
    return Rotation.from_euler("ZXY", degrees, degrees=True)


def hinge(degrees: pandas.Series) -> Rotation:
    """Turns about z."""
    return Rotation.from_euler("z", degrees.to_numpy()[:, None], degrees=True)


def directions(found: pandas.DataFrame, knee: float = 1.0) -> dict[str, np.ndarray]:
    """(T, 3) where the model's bones point, in the ground."""
    pelvis = turns(found, "pelvis_tilt", "pelvis_list", "pelvis_rotation")
    torso = pelvis * turns(found, "lumbar_extension", "lumbar_bending", "lumbar_rotation")
    bones: dict[str, Rotation] = {}
    for letter, side, sign in (("r", "right", 1), ("l", "left", -1)):
        joints = (f"hip_{name}_{letter}" for name in ("flexion", "adduction", "rotation"))
        thigh = pelvis * turns(found, *joints, side=sign)
        shank = thigh * hinge(-knee * found[f"knee_angle_{letter}"])
        bones |= {f"{side}_hip {side}_knee": thigh, f"{side}_knee {side}_ankle": shank}
        if f"arm_flex_{letter}" in found:
            joints = (f"arm_{name}_{letter}" for name in ("flex", "add", "rot"))
            arm = torso * turns(found, *joints, side=sign)
            forearm = arm * hinge(found[f"elbow_flex_{letter}"])
            bones |= {f"{side}_shoulder {side}_elbow": arm, f"{side}_elbow {side}_wrist": forearm}
    return {bone: turn.apply([0, -1, 0]) for bone, turn in bones.items()}


@pytest.mark.parametrize("model", HIPS)
def test_a_model_moved_by_it_stands_as_the_figure_does(tmp_path: Path, model: str) -> None:
    poses = true_people.walker()  # whose elbows and knees are hinges
    found = table(poses, tmp_path, f"model={model}")
    joints = y_up(constant_bones(poses.keypoints.astype(float)))
    bones = directions(found, knee=1.0 if model == "rajagopal" else -1.0)
    assert len(bones) == (8 if model == "rajagopal" else 4)
    for bone, way in bones.items():
        start, end = (joints[:, HUMAN36M17.index(name)] for name in bone.split())
        expected = (end - start) / np.linalg.norm(end - start, axis=1, keepdims=True)
        np.testing.assert_allclose(way, expected, atol=0.02, err_msg=bone)
    origin = found[["pelvis_tx", "pelvis_ty", "pelvis_tz"]].to_numpy()
    pelvis = turns(found, "pelvis_tilt", "pelvis_list", "pelvis_rotation")
    middle = joints[:, HUMAN36M17.indices("left_hip", "right_hip")].mean(axis=1)
    np.testing.assert_allclose(origin + pelvis.apply(HIPS[model]), middle, atol=1e-5)
    np.testing.assert_allclose(found["time"], poses.seconds, atol=1e-6)


def test_signs_are_those_of_the_models(tmp_path: Path) -> None:
    """Against the angles that `pose3d measure` tells, whose zero and axes differ by some degrees."""
    poses = true_people.walker()
    found, measured = table(poses, tmp_path), angles(poses).person(0)
    same = {
        "hip_flexion_r": measured["right_hip_flexion"], "hip_flexion_l": measured["left_hip_flexion"],
        "hip_adduction_r": -measured["right_hip_abduction"], "hip_adduction_l": -measured["left_hip_abduction"],
        "knee_angle_r": measured["right_knee_flexion"], "elbow_flex_l": measured["left_elbow_flexion"],
    }  # fmt: skip
    for name, values in same.items():
        assert np.nanmedian(np.abs(found[name] - values)) < 5, name
        assert np.corrcoef(found[name], values)[0, 1] > 0.9, name
    # Round a bend to the right, and on to the right.
    assert found["pelvis_rotation"].iloc[-1] < found["pelvis_rotation"].iloc[0] - 90


def test_who_is_there_for_a_while_has_a_file_of_these_frames(tmp_path: Path) -> None:
    poses = people(0, 3)
    late = poses.rows((poses.person_id == 0) | ((poses.frame >= 30) & (poses.frame < 90)))
    files = late.save(tmp_path / "clip.mot")
    assert [file.name for file in files] == ["clip_person0.mot", "clip_person3.mot"]
    rows = files[1].read_text().splitlines()[7:]
    assert len(rows) == 60
    assert float(rows[0].split("\t")[0]) == pytest.approx(1.0)


def test_other_settings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="rajagopal or gait2392 was expected"):
        people(0).save(tmp_path / "clip.mot", "mot:model=gait10")
    with pytest.raises(InputError, match="y up and metres, found z up"):
        people(0).save(tmp_path / "clip.mot", up="z")
