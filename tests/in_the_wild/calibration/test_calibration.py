"""Calibrations: the files of OpenCV, ROS, Pose2Sim, Anipose and our own, and the way to rays and back."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from in_the_wild import calibration
from in_the_wild.calibration import Calibration, own
from in_the_wild.errors import InputError

MATRIX = np.array([[901.5, 0, 655.0], [0, 898.25, 350.5], [0, 0, 1]])
BENT = (-0.28, 0.09, 0.0008, -0.0005, -0.01)
CAMERA = Calibration("camera", (1280, 720), (901.5, 898.25), (655.0, 350.5), BENT)

TOML = """
[cam_0]
name = "left"
size = [ 1280.0, 720.0,]
matrix = [ [ 901.5, 0.0, 655.0,], [ 0.0, 898.25, 350.5,], [ 0.0, 0.0, 1.0,],]
distortions = [ -0.28, 0.09, 0.0008, -0.0005,]
rotation = [ 1.2, 0.1, -0.3,]
translation = [ 0.5, 1.0, 4.0,]
fisheye = false

[cam_1]
size = [1920, 1080]
matrix = [[1300.0, 0.0, 960.0], [0.0, 1300.0, 540.0], [0.0, 0.0, 1.0]]
distortions = []

[metadata]
adjusted = false
error = 0.0
"""

ROS = """
image_width: 1280
image_height: 720
camera_name: narrow
camera_matrix: {rows: 3, cols: 3, data: [901.5, 0, 655.0, 0, 898.25, 350.5, 0, 0, 1]}
distortion_model: plumb_bob
distortion_coefficients: {rows: 1, cols: 5, data: [-0.28, 0.09, 0.0008, -0.0005, -0.01]}
"""


def opencv_file(path: Path) -> Path:
    """As OpenCV itself writes it, YAML or JSON by the name."""
    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_WRITE)
    storage.write("calibration_time", "Sat Nov 28 2026")
    storage.write("image_width", 1280)
    storage.write("image_height", 720)
    storage.write("camera_matrix", MATRIX)
    storage.write("distortion_coefficients", np.array([BENT]).T)
    storage.release()
    return path


def text_file(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", ["a.yml", "a.yaml", "a.json", "anything.xyz"])
def test_what_opencv_writes_is_read(name: str, tmp_path: Path) -> None:
    written = opencv_file(tmp_path / (name if "xyz" not in name else "a.yml"))
    assert calibration.read(written.rename(tmp_path / name)) == CAMERA


def test_ros_and_plain_lists_are_read(tmp_path: Path) -> None:
    assert calibration.read(text_file(tmp_path / "ost.yaml", ROS)).distortion == BENT
    lists = {"mtx": MATRIX.tolist(), "dist": [list(BENT)]}
    found = calibration.read(text_file(tmp_path / "mine.json", json.dumps(lists)))
    assert (found.focal, found.centre, found.distortion, found.size) == (CAMERA.focal, CAMERA.centre, BENT, None)


def test_one_of_several_cameras_is_named(tmp_path: Path) -> None:
    file = text_file(tmp_path / "calib.toml", TOML)
    left = calibration.read(f"{file}#left")
    assert (left.focal, left.distortion, left.size) == ((901.5, 898.25), BENT[:4], (1280, 720))
    assert calibration.read(f"{file}#cam_1").focal == (1300.0, 1300.0)
    with pytest.raises(InputError, match=r"holds 2 cameras, left, cam_1; say which: .*#left"):
        calibration.read(file)
    with pytest.raises(InputError, match=r'no camera "lefd".*left'):
        calibration.read(f"{file}#lefd")


def test_our_own_there_and_back(tmp_path: Path) -> None:
    file = text_file(tmp_path / "own.json", json.dumps(own.written(CAMERA)))
    assert calibration.read(file) == CAMERA


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no camera is in it"),
        ("[1, 2]", "no camera is in it"),
        ('{"pose3d_camera": 2}', "version 1 was expected, found 2"),
        ('{"pose3d_camera": 1, "focal": 3}', "two numbers each"),
        ("[cam]\nmatrix = [[1, 2], [3, 4]]", "matrix of nine numbers"),
        ('{"K": [0, 0, 1, 0, 5, 1, 0, 0, 1]}', "focal above 0"),
        ('{"K": [5, 0, 1, 0, 5, 1, 0, 0, 1], "D": [1, 2, 3]}', "3 coefficients of distortion"),
        ('{"K": [5, 0, 1, 0, 5, 1, 0, 0, NaN]}', "camera"),
        ("%YAML:1.0\n---\n a: [", "calibration"),
        ("\x00\x01", "calibration"),
    ],
)
def test_what_is_no_calibration_is_said(text: str, said: str, tmp_path: Path) -> None:
    file = text_file(tmp_path / "calib.json", text)
    if "NaN" in text:  # beside the numbers that count
        assert calibration.read(file).focal == (5, 5)
        return
    with pytest.raises(InputError, match=said):
        calibration.read(file)


@pytest.mark.parametrize(
    "camera",
    [CAMERA, Calibration("fish", (1280, 720), (500.0, 500.0), (640.0, 360.0), (0.05, -0.01, 0.002, 0.0), fisheye=True)],
)
def test_pixels_to_rays_and_back(camera: Calibration) -> None:
    pixels = np.random.default_rng(0).uniform((100, 60), (1180, 660), (4, 17, 2))
    np.testing.assert_allclose(camera.pixels(camera.rays(pixels)), pixels, atol=0.01)


def test_without_distortion_rays_are_those_of_a_pinhole() -> None:
    camera = Calibration("plain", None, (800.0, 400.0), (320.0, 240.0))
    np.testing.assert_allclose(camera.rays(np.array([[1120.0, 640.0]])), [[1.0, 1.0]], atol=1e-12)


def test_a_calibration_follows_the_size_of_pictures_and_not_their_shape() -> None:
    half = CAMERA.of_size(640, 360)
    assert half.focal == (450.75, 449.125)
    assert half.centre == (327.5, 175.25)
    with pytest.raises(InputError, match="another shape"):
        CAMERA.of_size(720, 1280)
