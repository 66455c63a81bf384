"""BlazePose: its networks as mediapipe runs them, and what the detector makes of figures that are drawn here."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from figures import DRAWN, picture

from in_the_wild.detectors._blazepose import LandmarkNetwork, PersonNetwork, anchors, around_points, refine_by_heatmaps
from in_the_wild.detectors.base import Detector
from in_the_wild.detectors.blazepose import MODELS, BlazePose
from in_the_wild.errors import InputError, PluginError
from in_the_wild.files import sha256
from in_the_wild.skeletons import BLAZEPOSE33
from in_the_wild.video.read import VideoReader

ROOT = Path(__file__).parents[3]
ASSETS = ROOT / "assets"
# What mediapipe 0.10.21 gave for frames of the demo, each as a picture of its own (`static_image_mode`), with these
# very networks: frame (N,), landmarks (N, 33, 4: x, y in pixels, visibility, presence), world (N, 33, 3) metres.
RECORDED = ROOT / "tests" / "reference" / "blazepose_mediapipe.npz"


@pytest.mark.parametrize(("model", "mean", "median"), [("heavy", 0.2, 0.06), ("full", 0.3, 0.12)])
def test_landmarks_are_those_of_mediapipe(model: str, mean: float, median: float) -> None:
    """The figure is 300 pixels tall; differences of some pixels are of joints that one region shows and another not."""
    with np.load(RECORDED) as recorded:
        wanted = recorded[f"{model}_frame"].tolist()
        marks, worlds = recorded[f"{model}_landmarks"], recorded[f"{model}_world"]
    people, landmarks = (
        PersonNetwork(ASSETS / "blazepose_person.tflite"),
        LandmarkNetwork(ASSETS / f"blazepose_{model}.tflite"),
    )
    found = []
    for frame in VideoReader(ASSETS / "demo.mp4").pictures(on_demand=True):
        if frame.index in wanted:
            (region,) = people(frame.image, 1)
            found.append(landmarks(frame.image, region))
    off = np.linalg.norm(np.array([one.points for one in found]) - marks[..., :2], axis=-1)
    assert off.mean() < mean
    assert np.median(off) < median
    assert all(one.person > 0.9 for one in found)
    assert np.abs(np.array([one.visibility for one in found]) - marks[..., 2]).mean() < 0.003
    assert np.abs(np.array([one.presence for one in found]) - marks[..., 3]).mean() < 0.001
    assert np.linalg.norm(np.array([one.world for one in found]) - worlds, axis=-1).mean() < 0.006


def test_the_networks_are_those_that_the_assets_tell_of() -> None:
    told = re.findall(
        r"^\| `(\w+\.tflite)` \| ([\d,]+) \| (\w{64}) \|$", (ASSETS / "README.md").read_text(), re.MULTILINE
    )
    assert {name for name, _, _ in told} == {path.name for path in ASSETS.glob("*.tflite")}
    for name, size, digest in told:
        assert ((ASSETS / name).stat().st_size, sha256(ASSETS / name)) == (int(size.replace(",", "")), digest)


@pytest.mark.slow
def test_the_demo_is_found_where_it_is() -> None:
    """Limbs against the exact truth; mediapipe with the same network is 4.4 pixels off."""
    with np.load(ASSETS / "demo_truth.npz") as truth:
        limbs, names = truth["coco"][:, 0, 5:], ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    joints = BLAZEPOSE33.indices(*(f"{side}_{name}" for name in names for side in ("left", "right")))
    errors = []
    with BlazePose() as detector:
        for frame in VideoReader(ASSETS / "demo.mp4").pictures(on_demand=True):
            if frame.index % 5 == 0:
                found = detector(frame.image, frame.time)
                assert len(found.scores) == 1
                errors.append(np.linalg.norm(found.keypoints[0, list(joints)] - limbs[frame.index], axis=-1).mean())
    assert np.mean(errors) < 4.5


def test_anchors_are_the_middles_of_cells() -> None:
    found = anchors()
    assert found.shape == (2254, 2)
    np.testing.assert_allclose(
        found[[0, 1, 2, -1]], [[1 / 56, 1 / 56], [1 / 56, 1 / 56], [3 / 56, 1 / 56], [13 / 14] * 2]
    )


def test_a_heat_map_moves_a_landmark_to_its_middle_of_mass() -> None:
    maps = np.full((64, 64, 3), -20.0, np.float32)
    maps[10, 20, 0] = maps[10, 22, 0] = 20.0
    maps[5, 5, 1] = -1.0  # not sure
    moved = refine_by_heatmaps(np.array([[20.5 / 64, 11.2 / 64], [5.5 / 64, 5.5 / 64], [-0.1, 0.5]]), maps)
    np.testing.assert_allclose(moved, [[21 / 64, 10 / 64], [5.5 / 64, 5.5 / 64], [-0.1, 0.5]], atol=1e-6)


def test_the_silhouette_around_a_landmark_is_the_mean_of_nine_cells() -> None:
    logits = np.full((8, 8), -30.0, np.float32)
    logits[2:5, 3] = 30.0
    points = np.array([[3.5, 3.5], [4.5, 3.5], [6.5, 6.5], [3.5, -20.0], [80.0, 3.5]]) / 8
    np.testing.assert_allclose(around_points(points, logits), [1 / 3, 1 / 3, 0, 1 / 9, 0], atol=1e-6)


# ------------------------------------------------------------------------------------------------------ the detector


@pytest.fixture(scope="module", params=[(1, "heavy"), (2, "heavy"), (1, "full"), (1, "lite")], ids=str)
def detector(request: pytest.FixtureRequest) -> Iterator[Detector]:
    persons, model = request.param
    with BlazePose(persons=persons, model=model) as built:
        yield built


def test_nobody_in_an_empty_picture(detector: Detector) -> None:
    detector.reset()
    for size in ((1, 1), (48, 64), (720, 405)):
        found = detector(picture(size=size), 0.0)
        assert found.keypoints.shape == (0, 33, 2)
        assert found.scores.shape == (0, 33)
        assert found.world is not None
        assert found.world.shape == (0, 33, 3)


def test_a_figure_is_found_where_it_is(detector: Detector) -> None:
    detector.reset()
    found = detector(picture(240), 0.0)
    assert found.keypoints.shape == (1, 33, 2)
    assert found.keypoints.dtype == found.scores.dtype == np.float32
    for joint, (dx, dy) in DRAWN.items():
        for side, sign in (("left", 1), ("right", -1)):  # the person's left is the picture's right
            j = BLAZEPOSE33.index(f"{side}_{joint}")
            assert np.hypot(*(found.keypoints[0, j] - (240 + sign * dx, 40 + dy))) < 50, f"{side}_{joint}"
            assert found.scores[0, j] > 0.5


def test_the_detectors_own_3d_is_upright_and_metric(detector: Detector) -> None:
    detector.reset()
    world = detector(picture(240), 0.0).world
    assert world is not None
    joint = {name: world[0, j] for j, name in enumerate(BLAZEPOSE33.joints)}
    assert (joint["left_hip"] + joint["right_hip"]) / 2 == pytest.approx(0, abs=0.01)
    assert joint["left_shoulder"][0] > 0 > joint["right_shoulder"][0]
    assert joint["nose"][1] < joint["left_shoulder"][1] < 0 < joint["left_knee"][1] < joint["left_ankle"][1]
    assert joint["nose"][2] < joint["left_ear"][2]  # nearer to the camera
    assert 1.0 < joint["left_ankle"][1] - joint["nose"][1] < 2.0


def test_joints_out_of_the_picture_are_guesses_that_score_little(detector: Detector) -> None:
    detector.reset()
    found = detector(picture(240)[:300], 0.0)  # cut above the knees
    scores = dict(zip(BLAZEPOSE33.joints, found.scores[0], strict=True))
    below = found.keypoints[0, list(BLAZEPOSE33.indices("left_ankle", "right_ankle")), 1]
    assert (below > 300).all()
    for side in ("left", "right"):
        assert 0 < scores[f"{side}_ankle"] < 0.051
        assert scores[f"{side}_shoulder"] > 0.7


def test_joints_behind_something_score_little(detector: Detector) -> None:
    seen, hidden = picture(240).copy(), picture(240).copy()
    detector.reset()
    before = detector(seen, 0.0)
    knees, ankles = (list(BLAZEPOSE33.indices(f"left_{joint}", f"right_{joint}")) for joint in ("knee", "ankle"))
    hidden[int(before.keypoints[0, knees, 1].min()) :] = (150, 130, 110)  # a wall, up to above the knees
    detector.reset()
    behind = detector(hidden, 0.0)
    assert (before.scores[0, ankles] > 0.5).all()
    assert (behind.scores[0, ankles] < 0.1).all()
    shoulders = list(BLAZEPOSE33.indices("left_shoulder", "right_shoulder"))
    assert (behind.scores[0, shoulders] > 0.7).all()


def test_a_person_who_jumps_away_is_found_there() -> None:
    with BlazePose() as detector:
        for time, x in ((0.0, 240), (0.04, 245), (0.5, 110), (0.54, 115), (1.0, 240), (1.4, 110)):
            found = detector(picture(x), time)
            assert len(found.scores) == 1, time
            hips = found.keypoints[0, list(BLAZEPOSE33.indices("left_hip", "right_hip")), 0].mean()
            assert abs(hips - x) < 30, time


def test_times_need_not_rise(detector: Detector) -> None:
    detector.reset()
    found = [detector(picture(240), time) for time in (5.0, 5.0, 1.0, -3.0, 5.0004)]
    assert [len(detection.scores) for detection in found] == [1] * 5


def test_a_reset_detector_answers_as_a_new_one(detector: Detector) -> None:
    walk = [picture(x) for x in (200, 210, 220)]
    detector.reset()
    first = [detector(image, i / 30).keypoints for i, image in enumerate(walk)]
    detector(picture(100), 9.0)
    detector.reset()
    again = [detector(image, i / 30).keypoints for i, image in enumerate(walk)]
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)


def test_looking_back_changes_nothing() -> None:
    walk = [picture(x) for x in (200, 210, 220)]
    with BlazePose() as detector:
        plain = [detector(image, i / 30).keypoints for i, image in enumerate(walk)]
        detector.reset()
        for i, image in enumerate(walk):
            np.testing.assert_array_equal(detector(image, i / 30).keypoints, plain[i])
            back = detector.look_back(picture(195 + 10 * i), (i - 0.5) / 30)
            assert np.abs(back.keypoints[0, 0, 0] - (195 + 10 * i)) < 12


def test_an_image_that_is_none_is_refused(detector: Detector) -> None:
    for image in (np.zeros((48, 64)), np.zeros((48, 64, 4), dtype=np.uint8), np.zeros((48, 64, 3), dtype=np.float32)):
        with pytest.raises(InputError, match="uint8 RGB"):
            detector(image, 0.0)


def test_a_view_of_an_image_is_as_good_as_its_copy(detector: Detector) -> None:
    wide = np.concatenate([picture(240), picture()], axis=1)
    detector.reset()
    assert len(detector(wide[:, :480], 0.0).scores) == 1


def test_two_figures() -> None:
    with BlazePose(persons=2) as detector:
        for i in range(4):
            found = detector(picture(200 + 4 * i, 560 - 4 * i, size=(480, 760)), i / 4)
        noses = found.keypoints[:, BLAZEPOSE33.index("nose"), 0]
        np.testing.assert_allclose(np.sort(noses), [212, 548], atol=12)
        assert found.world is not None
        assert len(found.world) == 2
        assert detector.settings["persons"] == 2


def test_nothing_is_written_to_the_terminal(tmp_path: Path) -> None:
    """In a process of its own, because some of LiteRT's notes are written once per process."""
    np.save(tmp_path / "figure.npy", picture(240))
    script = """
import sys
import numpy as np
from in_the_wild.detectors.blazepose import BlazePose
with BlazePose(model="lite") as detector:
    assert len(detector(np.load(sys.argv[1]), 0.0).scores) == 1
"""
    command = [sys.executable, "-c", script, str(tmp_path / "figure.npy")]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_a_missing_litert_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(PluginError, match="pip install ai-edge-litert"):
        BlazePose()


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match="persons=0"):
        BlazePose(persons=0)
    with pytest.raises(InputError, match=r'no BlazePose model "havy".*heavy'):
        BlazePose(model="havy")
    assert MODELS[0] == "heavy"
