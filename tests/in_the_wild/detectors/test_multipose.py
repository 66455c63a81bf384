"""MoveNet's multipose network: boxes as TensorFlow.js finds them, and people counted in pictures."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from figures import picture
from scipy.special import expit

from in_the_wild.detectors._multipose import MultiPoseNetwork, decode, fit
from in_the_wild.video.read import VideoReader

ROOT = Path(__file__).parents[3]
ASSETS = ROOT / "assets"
# What the published graphs, whole, gave in @tensorflow/tfjs 4.22.0 (its plain "cpu" back end) for pictures made of
# frames of the demo. For `two_in_one`: "multipose" (6, 56), where columns 51 to 54 are top, left, bottom, right in
# sides of the picture and the last is a score of keypoints; and "multipose_center" (40, 80) logits.
RECORDED = ROOT / "tests" / "reference" / "movenet_tfjs.npz"
PICTURES = ROOT.parent / "shared" / "data" / "video"


@pytest.fixture(scope="module")
def network() -> MultiPoseNetwork:
    return MultiPoseNetwork(ASSETS / "movenet_multipose.tflite")


@pytest.fixture(scope="module")
def two_in_one() -> np.ndarray:
    """(160, 320, 3) two frames of the demo side by side."""
    frames = [
        frame.image for frame in VideoReader(ASSETS / "demo.mp4").pictures(on_demand=True) if frame.index in (120, 200)
    ]
    return np.concatenate([image[::3, ::3][:, 60:220] for image in frames], axis=1)


def test_boxes_are_those_of_the_published_graph(two_in_one: np.ndarray) -> None:
    """In a picture that is neither square nor as large as usual: nothing is scaled when 320 pixels are asked for."""
    network = MultiPoseNetwork(ASSETS / "movenet_multipose.tflite", side=320)
    boxes, scores = network(two_in_one)
    with np.load(RECORDED) as recorded:
        wanted, center = recorded["multipose"], recorded["multipose_center"]
    wanted = wanted[wanted[:, -1] >= 0.3]
    order, wanted_order = np.argsort(boxes[:, 0]), np.argsort(wanted[:, 52])
    assert len(boxes) == len(wanted) == 2
    sides = np.array([320, 160, 320, 160])
    np.testing.assert_allclose(boxes[order], wanted[wanted_order][:, [52, 51, 54, 53]] * sides, atol=0.1)
    np.testing.assert_allclose(scores[order], expit([half.max() for half in np.hsplit(center, 2)]), atol=1e-3)


def test_the_figures_of_a_picture(network: MultiPoseNetwork) -> None:
    boxes, scores = network(picture(150, 500, 850, size=(480, 1000)))
    assert len(boxes) == len(scores) == 3
    assert (np.diff(scores) <= 0).all()
    left, top, right, bottom = boxes[np.argsort(boxes[:, 0])].T
    np.testing.assert_allclose((left + right) / 2, [150, 500, 850], atol=15)
    np.testing.assert_allclose(right - left, 155, atol=40)
    np.testing.assert_allclose(top, 40, atol=20)
    np.testing.assert_allclose(bottom, 433, atol=20)


def test_more_people_than_the_published_graph_has_room_for(network: MultiPoseNetwork) -> None:
    row = picture(*range(100, 1000, 200), size=(480, 1000))
    assert len(network(np.concatenate([row, row]))[0]) == 10


@pytest.mark.parametrize("size", [(1, 1), (48, 64), (405, 720), (720, 3)])
def test_nobody_in_an_empty_picture(network: MultiPoseNetwork, size: tuple[int, int]) -> None:
    boxes, scores = network(picture(size=size))
    assert boxes.shape == (0, 4)
    assert scores.shape == (0,)


def test_a_person_at_the_edge_has_a_box_that_ends_there(network: MultiPoseNetwork) -> None:
    (box,), _ = network(picture(20, size=(480, 640)))
    assert box[0] == 0


@pytest.mark.parametrize(
    ("name", "people"),
    [("000000000785.jpg", 1), ("000000040083.jpg", 2), ("000000197388.jpg", 5), ("two_people.mp4", 2)],
)
def test_people_are_counted(network: MultiPoseNetwork, name: str, people: int) -> None:
    path = PICTURES / name
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    if path.suffix == ".mp4":
        image = next(f.image for f in VideoReader(path).pictures(on_demand=True) if f.index == 115)
    else:
        image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    assert len(network(image)[0]) == people


def test_a_picture_is_fitted_without_a_stretch() -> None:
    image = np.full((425, 640, 3), 255, np.uint8)
    fitted, zoom = fit(image, 512)
    assert fitted.shape == (352, 512, 3)
    assert zoom == 0.8
    assert (fitted[:340] == 255).all()
    assert (fitted[340:] == 0).all()


def test_boxes_are_read_from_maps() -> None:
    center = np.full((20, 30), -9.0, np.float32)
    center[4, 6], center[4, 8], center[15, 20] = 1.0, 2.0, 0.0  # the first is beside a higher one
    center[10, 2] = 3.0  # of a box that holds next to nothing
    center[18, 28] = -1.0  # not sure
    offset = np.full((20, 30, 2), [0.5, 0.25], np.float32)
    size = np.full((20, 30, 2), [8, 5], np.float32)
    size[10, 2] = 3
    boxes, scores = decode(center, offset, size)
    np.testing.assert_allclose(boxes, [[5.75, 0.5, 10.75, 8.5], [17.75, 11.5, 22.75, 19.5]])
    np.testing.assert_allclose(scores, [1 / (1 + np.exp(-2)), 0.5])
