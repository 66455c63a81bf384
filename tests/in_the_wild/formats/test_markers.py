"""Marker names, whose markers they are, and the skeleton that they make."""

from __future__ import annotations

import doctest
from pathlib import Path

import moving_people
import numpy as np
import pytest

from in_the_wild import formats
from in_the_wild.formats import _markers
from in_the_wild.formats._markers import markers_of, skeleton_of, tracks_of
from in_the_wild.reasons import UNSEEN
from in_the_wild.skeletons import HALPE26, HUMAN36M17, SKELETONS

# The markers that Pose2Sim writes with its default model, HALPE_26 without the face: Pose2Sim/skeletons.py.
POSE2SIM = (
    "Hip RHip RKnee RAnkle RBigToe RSmallToe RHeel LHip LKnee LAnkle LBigToe LSmallToe LHeel Neck Head Nose RShoulder "
    "RElbow RWrist LShoulder LElbow LWrist"
)


def test_the_examples_hold() -> None:
    assert doctest.testmod(_markers).failed == 0


@pytest.mark.parametrize("names", _markers.NAMES)
@pytest.mark.parametrize("skeleton", SKELETONS.values(), ids=SKELETONS.keys())
def test_names_lead_back_to_the_joints(skeleton: object, names: str) -> None:
    markers = markers_of(skeleton, names)  # type: ignore[arg-type]
    assert len(set(markers)) == len(markers)
    shuffled = markers[::-1]
    found, order = skeleton_of(shuffled)
    assert found == skeleton
    assert [shuffled[at] for at in order] == markers


def test_markers_of_pose2sim_are_joints() -> None:
    assert set(POSE2SIM.split()) <= set(markers_of(HALPE26, "opensim"))
    found, order = skeleton_of(POSE2SIM.split())
    assert order == list(range(22))
    assert found.joints[:4] == ("pelvis", "right_hip", "right_knee", "right_ankle")
    assert found.parents[found.index("nose")] == "neck"
    assert found.parents.count(None) == 1


def test_markers_of_no_skeleton_are_points_without_lines() -> None:
    found, _ = skeleton_of(["LASI", "RASI", "SACR"])
    assert (found.joints, found.parents) == (("LASI", "RASI", "SACR"), (None, "LASI", "LASI"))
    assert found.edges == ()
    mixed, _ = skeleton_of(["r.ASIS_study", "LKnee", "LHip", "LAnkle"])
    assert mixed.parents == ("left_hip", "left_hip", None, "left_knee")
    assert len(mixed.edges) == 2


@pytest.mark.parametrize("suffix", ["trc", "c3d"])
def test_joints_that_nobody_saw_are_kept_or_left_out(suffix: str, tmp_path: Path) -> None:
    pytest.importorskip("c3d")
    people = moving_people.people(0)
    wrist, scores = people.skeleton.index("left_wrist"), people.scores.copy()
    scores[40:60, wrist], scores[60:80, wrist] = UNSEEN, 0.11
    poses, path = people.replace(scores=scores), tmp_path / f"a.{suffix}"
    poses.save(path)
    kept = formats.read(path)
    np.testing.assert_allclose(kept.keypoints, poses.keypoints, atol=1e-4)
    poses.save(path, f"{suffix}:unseen=missing")
    missing = formats.read(path)
    np.testing.assert_array_equal(
        missing.scores[:, wrist] == 0, (np.arange(len(poses)) >= 40) & (np.arange(len(poses)) < 60)
    )
    assert (missing.scores[:, :wrist] > 0).all()


def test_people_are_told_by_their_prefixes() -> None:
    labels = ["Anna:LASI", "Ben:LASI", "Anna:RASI"]
    skeleton, tracks = tracks_of(labels, np.ones((2, 3, 3)), np.ones((2, 3), bool), Path("two.c3d"))
    assert skeleton.joints == ("LASI", "RASI")
    assert [track.person for track in tracks] == [0, 1]
    assert np.isnan(tracks[1].joints[:, 1]).all()
    assert tracks[1].present.all()
    labels = [f"person{who}:{marker}" for who in (4, 2) for marker in markers_of(HUMAN36M17, "opensim")]
    skeleton, tracks = tracks_of(labels, np.ones((2, 34, 3)), np.ones((2, 34), bool), Path("two.c3d"))
    assert (skeleton, [track.person for track in tracks]) == (HUMAN36M17, [4, 2])


@pytest.mark.parametrize(("name", "person"), [("walk.trc", 0), ("walk_person7.trc", 7), ("take3.trc", 0)])
def test_a_file_of_one_person_may_name_him(name: str, person: int) -> None:
    _, tracks = tracks_of(["LASI"], np.ones((1, 1, 3)), np.ones((1, 1), bool), Path(name))
    assert tracks[0].person == person
