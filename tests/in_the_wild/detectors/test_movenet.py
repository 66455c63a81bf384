"""MoveNet: keypoints as TensorFlow.js finds them, and what the detector makes of figures that are drawn here."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from figures import DRAWN, picture
from typer.testing import CliRunner

from in_the_wild import formats
from in_the_wild.detectors._movenet import KeypointNetwork, next_region
from in_the_wild.detectors._regions import MARGIN, Region
from in_the_wild.detectors.base import Detector
from in_the_wild.detectors.movenet import MODELS, MoveNet
from in_the_wild.errors import InputError, PluginError
from in_the_wild.skeletons import COCO17
from in_the_wild.video.read import VideoReader
from pose3d_cli.main import app

ROOT = Path(__file__).parents[3]
ASSETS = ROOT / "assets"
# What the published graphs, whole, gave in @tensorflow/tfjs 4.22.0 (its plain "cpu" back end) for `demo_square` at
# their own size: (17, 3) y, x in sides of the picture, and score.
RECORDED = ROOT / "tests" / "reference" / "movenet_tfjs.npz"


def demo_square(side: int) -> np.ndarray:
    """(side, side, 3) frame 30 of the demo: every second pixel, cut out or surrounded with black."""
    image = next(f.image for f in VideoReader(ASSETS / "demo.mp4").pictures(on_demand=True) if f.index == 30)
    half = image[::2, ::2][:, 93:333]  # (240, 240, 3)
    beyond = (side - 240) // 2
    if beyond < 0:
        return half[-beyond:beyond, -beyond:beyond]
    return np.pad(half, ((beyond, beyond), (beyond, beyond), (0, 0)))


@pytest.mark.parametrize(("model", "side"), [("lightning", 192), ("thunder", 256)])
def test_keypoints_are_those_of_the_published_graph(model: str, side: int) -> None:
    image = demo_square(side)
    points, scores = KeypointNetwork(ASSETS / f"movenet_{model}.tflite")(image, Region.of_picture(image))
    with np.load(RECORDED) as recorded:
        wanted = recorded[model]
    np.testing.assert_allclose(points / side, wanted[:, 1::-1], atol=1e-3)
    np.testing.assert_allclose(scores, wanted[:, 2], atol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(("model", "limit"), [("lightning", 5.0), ("thunder", 5.0)])
def test_the_demo_is_found_where_it_is(model: str, limit: float) -> None:
    """Limbs against the exact truth, pixels; BlazePose's heavy network is 4.4 off."""
    with np.load(ASSETS / "demo_truth.npz") as truth:
        limbs = truth["coco"][:, 0, 5:]
    errors = []
    with MoveNet(model=model) as detector:
        for frame in VideoReader(ASSETS / "demo.mp4").pictures(on_demand=True):
            if frame.index % 3 == 0:
                (found,) = detector(frame.image, frame.time).keypoints
                errors.append(np.linalg.norm(found[5:] - limbs[frame.index], axis=-1).mean())
    assert len(errors) == 92
    assert np.mean(errors) < limit


def test_the_next_region_is_about_what_is_seen() -> None:
    points = np.full((17, 2), 500.0)
    points[list(COCO17.indices("left_shoulder", "right_shoulder"))] = [[110, 100], [90, 100]]
    points[list(COCO17.indices("left_hip", "right_hip"))] = [[105, 150], [95, 150]]
    points[list(COCO17.indices("nose", "left_ankle"))] = [[100, 80], [100, 240]]
    scores = np.where(points[:, 0] < 500, 0.6, 0.1)
    region = next_region(points, scores)
    assert (region.x, region.y, region.size, region.angle) == pytest.approx((100, 160, 160 * MARGIN, 0))
    scores[list(COCO17.indices("nose", "left_ankle"))] = 0.1
    assert next_region(points, scores) == Region(100.0, 125.0, 3 * 50.0)


# ------------------------------------------------------------------------------------------------------ the detector


@pytest.fixture(scope="module", params=MODELS)
def detector(request: pytest.FixtureRequest) -> Iterator[Detector]:
    with MoveNet(persons=3, model=request.param) as built:
        yield built


def test_nobody_in_an_empty_picture(detector: Detector) -> None:
    detector.reset()
    for size in ((1, 1), (48, 64), (720, 405)):
        found = detector(picture(size=size), 0.0)
        assert found.keypoints.shape == (0, 17, 2)
        assert found.scores.shape == (0, 17)
        assert found.world is None


def test_figures_are_found_where_they_are(detector: Detector) -> None:
    detector.reset()
    found = detector(picture(150, 500, 850, size=(480, 1000)), 0.0)
    assert found.keypoints.shape == (3, 17, 2)
    assert found.keypoints.dtype == found.scores.dtype == np.float32
    order = np.argsort(found.keypoints[:, 0, 0])
    for x, keypoints, scores in zip((150, 500, 850), found.keypoints[order], found.scores[order], strict=True):
        for joint, (dx, dy) in DRAWN.items():
            for side, sign in (("left", 1), ("right", -1)):  # the person's left is the picture's right
                j = COCO17.index(f"{side}_{joint}")
                assert np.hypot(*(keypoints[j] - (x + sign * dx, 40 + dy))) < 40, f"{side}_{joint}"
                assert scores[j] > 0.4


def test_scores_are_cut_at_1_and_low_outside(detector: Detector) -> None:
    detector.reset()
    found = detector(picture(240)[:300], 0.0)  # cut above the knees
    (scores,) = found.scores
    assert 0.7 < scores.max() <= 1
    below = found.keypoints[0, :, 1] >= 300
    assert (scores[below] <= 0.05).all()
    assert (scores[list(COCO17.indices("left_ankle", "right_ankle"))] < 0.4).all()


def test_a_person_who_walks_is_followed_without_looking_for_others() -> None:
    with MoveNet() as detector:
        for i in range(20):
            found = detector(picture(100 + 12 * i), i / 12)
            assert len(found.scores) == 1
            assert abs(found.keypoints[0, 0, 0] - (100 + 12 * i)) < 12


def test_a_person_who_jumps_away_is_found_there(detector: Detector) -> None:
    detector.reset()
    for time, x in ((0.0, 740), (0.04, 745), (0.5, 210), (1.0, 740)):
        found = detector(picture(x, size=(480, 1000)), time)
        assert len(found.scores) == 1, time
        assert abs(found.keypoints[0, 0, 0] - x) < 30, time


def test_a_reset_detector_answers_as_a_new_one(detector: Detector) -> None:
    walk = [picture(x) for x in (200, 210, 220)]
    detector.reset()
    first = [detector(image, i / 30).keypoints for i, image in enumerate(walk)]
    detector(picture(100), 9.0)
    detector.reset()
    for i, image in enumerate(walk):
        np.testing.assert_array_equal(detector(image, i / 30).keypoints, first[i])


def test_an_image_that_is_none_is_refused(detector: Detector) -> None:
    for image in (np.zeros((48, 64)), np.zeros((48, 64, 4), dtype=np.uint8), np.zeros((48, 64, 3), dtype=np.float32)):
        with pytest.raises(InputError, match="uint8 RGB"):
            detector(image, 0.0)


def test_settings_say_what_was_used() -> None:
    with MoveNet(persons=2, model="thunder") as detector:
        settings = detector.settings
    assert settings["persons"] == 2
    assert settings["model"] == "thunder"
    assert [network["file"] for network in settings["networks"]] == [
        "movenet_thunder.tflite",
        "movenet_multipose.tflite",
    ]


def test_a_missing_litert_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(PluginError, match="pip install ai-edge-litert"):
        MoveNet()


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match="persons=0"):
        MoveNet(persons=0)
    with pytest.raises(InputError, match=r'no MoveNet model "thunderbolt".*thunder'):
        MoveNet(model="thunderbolt")


@pytest.mark.slow
def test_from_the_command_line(tmp_path: Path) -> None:
    command = ["detect", ASSETS / "demo.mp4", "-o", tmp_path / "found.npz", "--detector", "movenet:model=lightning"]
    done = CliRunner().invoke(app, [str(argument) for argument in command])
    assert done.exit_code == 0, done.output
    found = formats.read(tmp_path / "found.npz")
    assert found.skeleton == COCO17
    assert found.persons == [0]
    assert found.meta["detector"]["model"] == "lightning"
    with np.load(ASSETS / "demo_truth.npz") as truth:
        limbs = truth["coco"][found.frame, 0, 5:]
    assert np.linalg.norm(found.keypoints[:, 5:] - limbs, axis=-1).mean() < 5
