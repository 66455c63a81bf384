"""rtmpose: networks in .onnx files whose answer is known, and the published ones by name."""

from __future__ import annotations

import hashlib
import importlib.resources
import json
import os
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from in_the_wild import formats
from in_the_wild.checkpoints import downloads
from in_the_wild.detectors import _networks
from in_the_wild.detectors.rtmpose import RTMPose
from in_the_wild.errors import InputError, PluginError, WeightsError
from in_the_wild.files import cache_folder
from in_the_wild.skeletons import COCO17, HALPE26
from in_the_wild.video.read import VideoReader
from in_the_wild.video.write import VideoWriter
from pose3d_cli.main import app

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
pytest.importorskip("onnx", reason="onnx is not installed")

import networks

IMAGE = np.random.default_rng(0).integers(0, 255, (480, 640, 3), dtype=np.uint8)
BINS = np.stack([np.arange(17) * 20, np.arange(17) * 30], axis=1)
ONES = np.ones((17, 2))
# In pixels of an input of 416, into which 640x480 goes at a scale of 0.65; the last is too unsure.
PEOPLE = np.array([[65, 32.5, 195, 292.5, 0.8], [260, 65, 390, 260, 0.9], [0, 0, 30, 30, 0.2]])


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSE3D_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A COCO-17 network of fixed peaks, and a person detector that finds two people in every picture."""
    folder = tmp_path_factory.mktemp("networks")
    networks.simcc(folder / "pose.onnx", BINS, ONES)
    networks.boxes(folder / "people.onnx", PEOPLE, labels=[0, 0, 0])
    return folder


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first six pictures of the demo."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    reader = VideoReader(Path(str(importlib.resources.files("in_the_wild.assets") / "demo.mp4")))
    with VideoWriter(path, width=reader.info.width, height=reader.info.height, fps=reader.info.fps) as writer:
        for frame in reader:
            writer.write(frame.image)
            if frame.index == 5:
                break
    return path


def detect(image: np.ndarray = IMAGE, **arguments: Any) -> tuple[np.ndarray, np.ndarray]:
    given: dict[str, Any] = {name: str(one) if isinstance(one, Path) else one for name, one in arguments.items()}
    with RTMPose(**{"person_weights": "picture", **given}) as one:
        found = one(image, 0.0)
    assert found.keypoints.dtype == found.scores.dtype == np.float32
    assert found.world is None
    return found.keypoints, found.scores


# ---------------------------------------------------------------------------------------------------------- RTMPose


def test_peaks_are_keypoints_of_the_picture(tmp_path: Path) -> None:
    """Of a picture of 640x480 the network sees 1.25 times as much in its own shape: 800x1066.7 about (320, 240)."""
    bins = np.zeros((17, 2), dtype=int)
    bins[:3] = [[192, 256], [96, 384], [383, 0]]
    path = networks.simcc(tmp_path / "pose.onnx", bins, ONES)
    keypoints, scores = detect(weights=path)
    assert keypoints.shape == (1, 17, 2)
    wide, high = 800, 800 * 4 / 3
    corner = 320 - wide / 2, 240 - high / 2
    places = [(320, 240), (corner[0] + wide / 4, corner[1] + high * 3 / 4), (corner[0] + wide * 383 / 384, corner[1])]
    np.testing.assert_allclose(keypoints[0, :3], places, atol=1e-3)
    np.testing.assert_allclose(keypoints[0, 3:], np.tile(corner, (14, 1)), atol=1e-3)
    assert (scores == 1).all()


@pytest.mark.parametrize("batch", [True, False], ids=["any batch", "one at a time"])
def test_two_people_in_their_boxes(tmp_path: Path, files: Path, batch: bool) -> None:
    path = networks.simcc(tmp_path / "pose.onnx", BINS, ONES, batch=batch)
    keypoints, _ = detect(persons=2, weights=path, person_weights=files / "people.onnx")
    # The surest first: (400, 100) to (600, 400), seen as 281.25x375; then (100, 50) to (300, 450), seen as 375x500.
    for person, (left, top, wide, high) in enumerate([(359.375, 62.5, 281.25, 375), (12.5, 0, 375, 500)]):
        np.testing.assert_allclose(keypoints[person], (left, top) + BINS / (384, 512) * (wide, high), atol=1e-3)


def test_as_many_people_as_asked_for(files: Path) -> None:
    both, _ = detect(persons=5, weights=files / "pose.onnx", person_weights=files / "people.onnx")
    one, _ = detect(persons=1, weights=files / "pose.onnx", person_weights=files / "people.onnx")
    assert len(both) == 2
    np.testing.assert_array_equal(one, both[:1])


def test_scores_are_the_lower_peak_within_0_and_1(tmp_path: Path) -> None:
    peaks = np.array([[0.5, 0.7], [0.9, 0.3], [4.0, 2.0], [0.0, 0.0], *[[1, 1]] * 13])
    _, scores = detect(weights=networks.simcc(tmp_path / "pose.onnx", BINS + 1, peaks))
    np.testing.assert_allclose(scores[0, :5], [0.5, 0.3, 1, 0, 1])


@pytest.mark.parametrize("skeleton", [COCO17, HALPE26], ids=lambda skeleton: skeleton.name)
def test_drawn_people_are_found_where_they_are_drawn(tmp_path: Path, skeleton: Any) -> None:
    """The whole way of a picture: its crop, colours in the right order, and back."""
    levels = (50, 150, 250)
    colours = np.array([(r, g, b) for r in levels for g in levels for b in levels][: len(skeleton)])
    random = np.random.default_rng(1)
    image = np.zeros((540, 720, 3), dtype=np.uint8)
    boxes = np.array([[40, 60, 240, 500], [400, 90, 660, 420]])
    places = [random.permutation(np.stack(np.meshgrid(np.arange(4), np.arange(7)), -1).reshape(-1, 2))[: len(skeleton)]
              * (box[2:] - box[:2] - 30) / (3, 6) + box[:2] + 15 for box in boxes]  # fmt: skip
    for person in places:
        for (x, y), colour in zip(person, colours, strict=True):
            cv2.circle(image, (round(x), round(y)), 9, colour.tolist(), -1)
    scale = 416 / 720
    found = np.concatenate([boxes * scale, [[0.9], [0.8]]], axis=1)
    with RTMPose(
        persons=2,
        weights=str(networks.dots(tmp_path / "dots.onnx", colours)),
        person_weights=str(networks.boxes(tmp_path / "people.onnx", found)),
    ) as detector:
        assert detector.skeleton == skeleton
        detection = detector(image, 0.0)
    assert detection.scores.min() > 0.5
    for person, expected in zip(detection.keypoints, places, strict=True):
        assert np.linalg.norm(person - expected, axis=1).max() < 2.0


# ------------------------------------------------------------------------------------------------- person detectors


def test_nobody_is_nobody(tmp_path: Path, files: Path) -> None:
    nobody = networks.boxes(tmp_path / "nobody.onnx", np.array([[0, 0, 400, 400, 0.1]]))
    keypoints, scores = detect(weights=files / "pose.onnx", person_weights=nobody)
    assert keypoints.shape == (0, 17, 2)
    assert scores.shape == (0, 17)


def test_other_things_are_no_people_and_one_person_is_one(tmp_path: Path, files: Path) -> None:
    found = np.array(
        [[10, 10, 110, 210, 0.9], [14, 12, 112, 214, 0.8], [200, 10, 300, 210, 0.7], [300, 0, 400, 200, 0.6]]
    )
    people = networks.boxes(tmp_path / "people.onnx", found, labels=[0, 0, 16, 0])
    keypoints, _ = detect(persons=9, weights=files / "pose.onnx", person_weights=people)
    assert len(keypoints) == 2


def test_yolox_of_its_authors_is_decoded(tmp_path: Path, files: Path) -> None:
    """Grids of 8x8, 4x4 and 2x2 cells in an input of 64x64; a person in the second one's cell (2, 1)."""
    cells = np.zeros((84, 85))
    cells[64 + 4 * 1 + 2, :6] = [0.5, 0.25, np.log(2), np.log(3), 0.9, 0.8]  # middle (40, 20), 32x48, score 0.72
    cells[0, [4, 7]] = 0.99  # a car
    people = networks.grid(tmp_path / "yolox.onnx", cells, size=(64, 64))
    keypoints, _ = detect(
        np.zeros((128, 128, 3), np.uint8), persons=9, weights=files / "pose.onnx", person_weights=people
    )
    # (48, -8) to (112, 88), seen as 90x120 about (80, 40)
    np.testing.assert_allclose(keypoints, [(35, -20) + BINS / (384, 512) * (90, 120)], atol=1e-3)


def test_yolox_sees_blue_green_red_and_rtmdet_normalised(tmp_path: Path, files: Path) -> None:
    blue = np.zeros((64, 64, 3), np.uint8)
    blue[..., 2] = 200
    first = networks.mean_colour(tmp_path / "yolox.onnx", channel=0, scale=1 / 255)
    last = networks.mean_colour(tmp_path / "last.onnx", channel=2, scale=1 / 255)
    rtmdet = networks.mean_colour(tmp_path / "rtmdet.onnx", channel=0, scale=0.18)  # (200 - 103.53) / 57.375 = 1.68
    for path, found in ((first, 1), (last, 0), (rtmdet, 1)):
        assert len(detect(blue, weights=files / "pose.onnx", person_weights=path)[0]) == found, path.name
    grey = np.full((64, 64, 3), 150, np.uint8)  # 0.81 * 0.18 is too little for RTMDet
    assert len(detect(grey, weights=files / "pose.onnx", person_weights=rtmdet)[0]) == 0


# ------------------------------------------------------------------------------------------------------------- RTMO


def test_rtmo_finds_people_itself(tmp_path: Path) -> None:
    marks = np.random.default_rng(2).uniform(0, 400, (4, 17, 3))
    marks[..., 2] = np.linspace(0, 1, 17)
    found = np.array([[0, 0, 100, 300, 0.9], [2, 0, 101, 300, 0.8], [200, 0, 300, 300, 0.95], [400, 0, 500, 300, 0.5]])
    path = networks.rtmo(tmp_path / "rtmo.onnx", found, marks)
    big = np.zeros((960, 1280, 3), dtype=np.uint8)  # at a scale of 0.5
    keypoints, scores = detect(big, persons=4, weights=path, person_weights=None)
    np.testing.assert_allclose(keypoints, marks[[2, 0], :, :2] * 2, rtol=1e-5)
    np.testing.assert_allclose(scores, marks[[2, 0], :, 2], rtol=1e-5)
    assert len(detect(big, persons=1, weights=path, person_weights=None)[0]) == 1
    with pytest.raises(InputError, match=r"rtmo.onnx finds people itself; leave person_weights out"):
        RTMPose(weights=str(path), person_weights="yolox-tiny")


def test_multipose_finds_people_where_nothing_is_named(files: Path) -> None:
    with RTMPose(persons=3, weights=str(files / "pose.onnx")) as detector:
        assert detector.settings["person_weights"]["file"] == "movenet_multipose.tflite"
        frame = next(iter(VideoReader(Path(str(importlib.resources.files("in_the_wild.assets") / "demo.mp4"))))).image
        nobody = detector(np.full((200, 300, 3), 120, np.uint8), 0.0)
        assert len(detector(frame, 0.0).scores) == 1
    assert len(nobody.scores) == 0


# ----------------------------------------------------------------------------------------------------------- refusal


def test_what_cannot_be_is_refused(tmp_path: Path, files: Path) -> None:
    (tmp_path / "text.onnx").write_text("no network")
    many = networks.simcc(tmp_path / "many.onnx", np.ones((133, 2), dtype=int), np.ones((133, 2)))
    pose, people = str(files / "pose.onnx"), str(files / "people.onnx")
    for error, message, arguments in (
        (InputError, r"rtmpose:weights=NAME, an .onnx file or a name\. Known: .*rtmpose-m, ", {}),
        (InputError, "persons=0", {"persons": 0, "weights": pose}),
        (WeightsError, 'no pose network "rtmpose-n".*Did you mean "rtmpose-', {"weights": "rtmpose-n"}),
        (WeightsError, 'no person detector "yolox"', {"weights": pose, "person_weights": "yolox"}),
        (WeightsError, "text.onnx is no network that onnxruntime", {"weights": str(tmp_path / "text.onnx")}),
        (WeightsError, r"many.onnx gives 133 keypoints; 17 \(coco17\) and 26 \(halpe26\)", {"weights": str(many)}),
        (WeightsError, "people.onnx is neither RTMPose nor RTMO.*person_weights", {"weights": people}),
        (WeightsError, "pose.onnx is no person detector", {"weights": pose, "person_weights": pose}),
    ):
        with pytest.raises(error, match=message) as caught:
            RTMPose(**arguments)
        assert "\n" not in str(caught.value)
    with RTMPose(weights=pose) as detector, pytest.raises(InputError, match="uint8 RGB"):
        detector(np.zeros((48, 64, 3), dtype=np.float32), 0.0)


def test_a_missing_onnxruntime_says_what_to_install(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(PluginError, match=r'pip install "pose3d\[rtmpose\]"'):
        RTMPose(weights=str(files / "pose.onnx"))


def test_nothing_is_written_to_the_terminal(files: Path, tmp_path: Path) -> None:
    script = """
import sys
import numpy as np
from in_the_wild.detectors.rtmpose import RTMPose
with RTMPose(weights=sys.argv[1], person_weights=sys.argv[2]) as detector:
    detector(np.zeros((48, 64, 3), np.uint8), 0.0)
"""
    command = [sys.executable, "-c", script, str(files / "pose.onnx"), str(files / "people.onnx")]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[3])
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_settings_name_the_files(files: Path) -> None:
    pose, people = files / "pose.onnx", files / "people.onnx"
    with RTMPose(persons=3, weights=str(pose), person_weights=str(people)) as detector:
        settings = json.loads(json.dumps(detector.settings))
    assert settings["persons"] == 3
    for key, path in (("weights", pose), ("person_weights", people)):
        assert settings[key] == {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


# ------------------------------------------------------------------------------------------------- published networks


@pytest.fixture
def published(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[downloads.Download, Path]:
    """An archive as OpenMMLab packs them, on the second of two mirrors."""
    wanted = downloads.Download(
        "rtmposev1/onnx_sdk/rtmpose-x_1.zip", hashlib.sha256((files / "pose.onnx").read_bytes()).hexdigest()
    )
    archive = tmp_path / "second" / wanted.archive
    archive.parent.mkdir(parents=True)
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("20230831/rtmpose_onnx/x/detail.json", "{}")
        packed.write(files / "pose.onnx", "20230831/rtmpose_onnx/x/end2end.onnx")
    mirrors = tuple(f"{(tmp_path / name).as_uri()}/" for name in ("first", "second"))
    monkeypatch.setattr(downloads, "MIRRORS", mirrors)
    monkeypatch.setattr(_networks, "POSE_NETWORKS", {"rtmpose-x": wanted})
    return wanted, archive


def test_a_published_network_is_fetched_once(published: tuple[downloads.Download, Path], files: Path) -> None:
    _, archive = published
    told: list[str] = []
    keypoints, _ = detect(weights="rtmpose-x", tell=told.append)
    assert [line.split()[:3] for line in told] == [["Fetching", "rtmpose-x", "from"]] * 2
    archive.unlink()
    again, _ = detect(weights="rtmpose-x", tell=told.append)
    np.testing.assert_array_equal(again, keypoints)
    assert len(told) == 2
    assert [path.name for path in (cache_folder() / "rtmpose").iterdir()] == ["rtmpose-x_1.onnx"]
    with RTMPose(weights="rtmpose-x") as detector:
        assert detector.settings["weights"]["file"] == "rtmpose-x_1.onnx"


def test_without_a_network_the_file_and_the_folder_are_named(published: tuple[downloads.Download, Path]) -> None:
    wanted, archive = published
    kept = archive.rename(archive.parent.parent / "kept.zip")
    with pytest.raises(WeightsError) as caught:
        RTMPose(weights="rtmpose-x")
    folder = cache_folder() / "rtmpose"
    assert f"{downloads.MIRRORS[0]}{wanted.archive} where there is a network, and put it into {folder}." in str(
        caught.value
    )
    assert "\n" not in str(caught.value)
    assert not folder.exists() or not list(folder.iterdir())
    folder.mkdir(parents=True, exist_ok=True)
    kept.rename(folder / "rtmpose-x_1.zip")  # as the sentence says
    assert detect(weights="rtmpose-x")[0].shape == (1, 17, 2)


def test_a_file_that_is_not_the_published_one_is_refused(
    published: tuple[downloads.Download, Path], files: Path
) -> None:
    _, archive = published
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(files / "people.onnx", "end2end.onnx")
    folder = cache_folder() / "rtmpose"
    with pytest.raises(WeightsError, match=r"could not be fetched.*has the sha256"):
        RTMPose(weights="rtmpose-x")
    archive.write_bytes(archive.read_bytes()[:100])
    with pytest.raises(WeightsError, match=r"is no archive of one \.onnx network"):
        RTMPose(weights="rtmpose-x")
    assert not folder.exists() or not list(folder.iterdir())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rtmpose-x_1.onnx").write_bytes(b"half of it")
    with pytest.raises(WeightsError, match="is not the rtmpose-x that was published"):
        RTMPose(weights="rtmpose-x")


def test_an_unknown_sha256_is_told(published: tuple[downloads.Download, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, _ = published
    monkeypatch.setattr(_networks, "POSE_NETWORKS", {"rtmpose-x": downloads.Download(wanted.archive)})
    told: list[str] = []
    detect(weights="rtmpose-x", tell=told.append)
    assert wanted.sha256 is not None
    assert wanted.sha256 in told[-1]


def test_the_table_holds_what_help_and_docstrings_name() -> None:
    names = [f"rtmpose-{size}{kind}" for size in "tsml" for kind in ("", "-halpe26")] + [
        f"rtmo-{size}" for size in "sml"
    ]
    assert sorted(_networks.POSE_NETWORKS) == sorted(names)
    assert sorted(_networks.PERSON_DETECTORS) == ["yolox-m", "yolox-nano", "yolox-tiny"]
    entries = [*_networks.POSE_NETWORKS.values(), *_networks.PERSON_DETECTORS.values()]
    assert len({entry.archive for entry in entries}) == len(entries)
    for entry in entries:
        assert entry.archive.endswith(".zip")
        assert entry.sha256 is None or len(bytes.fromhex(entry.sha256)) == 32
    for name, entry in _networks.POSE_NETWORKS.items():
        assert Path(entry.archive).name.startswith("-".join(name.split("-")[:2]))
        assert ("halpe26" in name) == ("halpe26" in entry.archive)


@pytest.mark.skipif("POSE3D_NETWORK" not in os.environ, reason="needs a network: set POSE3D_NETWORK=1")
@pytest.mark.parametrize("mirror", downloads.MIRRORS)
@pytest.mark.parametrize("table", ["POSE_NETWORKS", "PERSON_DETECTORS"])
def test_the_mirrors_hold_the_archives(table: str, mirror: str) -> None:
    for entry in getattr(_networks, table).values():
        request = urllib.request.Request(mirror + entry.archive, method="HEAD")
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 200


# --------------------------------------------------------------------------------------------------------- the chain


def test_from_the_command_line_to_3d(files: Path, clip: Path, tmp_path: Path) -> None:
    arguments = ["run", clip, "-o", tmp_path, "--render", "none", "--detector",
                 f"rtmpose:weights={files / 'pose.onnx'},person_weights={files / 'people.onnx'}"]  # fmt: skip
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    poses2d, poses3d = (formats.read(tmp_path / "clip" / name) for name in ("poses2d.npz", "poses3d.npz"))
    assert poses2d.skeleton == COCO17
    assert sorted(zip(poses2d.frame.tolist(), poses2d.person_id.tolist(), strict=True)) == [
        (frame, person) for frame in range(6) for person in poses2d.persons
    ]
    assert len(poses2d.persons) == 2
    assert poses3d.persons == poses2d.persons
    assert poses3d.keypoints.shape == (12, 17, 3)
    assert np.isfinite(poses3d.keypoints).all()
    for found in poses2d.keypoints:  # one of the two, where its box puts it
        places = []
        for box in PEOPLE[:2, :4] * poses2d.video.width / 416:
            wide = max(box[2] - box[0], (box[3] - box[1]) * 3 / 4) * 1.25
            seen = np.array([wide, wide * 4 / 3])
            places.append((box[:2] + box[2:]) / 2 - seen / 2 + BINS / (384, 512) * seen)
        assert min(np.abs(found - place).max() for place in places) < 0.01
    record = json.loads((tmp_path / "clip" / "run.json").read_text())
    assert record["detector"]["weights"]["file"] == "pose.onnx"


def test_options_that_a_detector_does_not_take_are_refused(
    files: Path, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    pose = str(files / "pose.onnx")
    for detector, sentence in (
        (f"blazepose:weights={pose}", 'The detector blazepose has no setting "weights"'),
        ("blazepose:config=human", 'The detector blazepose has no setting "config"'),
        ("rtmpose:config=human", 'The detector rtmpose has no setting "config"'),
        ("rtmpose", "The detector rtmpose needs a network"),
    ):
        for command in (["run", str(clip), "-o", str(tmp_path)], ["detect", str(clip), "-o", str(tmp_path / "p.npz")]):
            done = CliRunner().invoke(app, [*command, "--detector", detector])
            assert done.exit_code == 1
            assert sentence in done.output
            assert len(done.output.strip().splitlines()) == 1
