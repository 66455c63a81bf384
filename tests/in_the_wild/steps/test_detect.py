"""Detection: the step with a made-up detector, and mediapipe on figures that are drawn here."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from fakes import Film

from in_the_wild.detectors.base import Detection, Detector
from in_the_wild.errors import InputError, PluginError, VideoError
from in_the_wild.poses import Poses
from in_the_wild.skeletons import BLAZEPOSE33, COCO17
from in_the_wild.steps.detect import Finder

VIDEO = Film(Path("clip.mp4"), 64, 48, 29.97)


def detect(frames: Iterable[Frame], detector: Detector, video: Film, *, every: int = 1, **more: Any) -> Poses:
    poses, world = Finder(detector, every).find(frames, video, **more)
    assert world is None
    return poses


def detect_with_world(
    frames: Iterable[Frame], detector: Detector, video: Film, *, every: int = 1, **more: Any
) -> tuple[Poses, Poses]:
    poses, world = Finder(detector, every).find(frames, video, own_3d=True, **more)
    assert world is not None
    return poses, world


@dataclass(frozen=True)
class Frame:
    index: int
    time: float
    image: np.ndarray


class Counting(Detector):
    """Finds as many people as the first pixel says, all joints at (frame's time, number of the person)."""

    name = "counting"
    skeleton = COCO17
    persons = 9

    def __init__(self, *, with_world: bool = True) -> None:
        self.with_world = with_world
        self.resets = 0

    @property
    def settings(self) -> Mapping[str, Any]:
        return {"name": self.name}

    def reset(self) -> None:
        self.resets += 1

    def __call__(self, image: np.ndarray, time: float) -> Detection:
        people = int(image[0, 0, 0])
        keypoints = np.zeros((people, 17, 2), dtype=np.float32)
        keypoints[..., 0] = time
        keypoints[..., 1] = np.arange(people)[:, None]
        world = np.concatenate([keypoints, keypoints[..., :1]], axis=-1)
        return Detection(keypoints, np.full((people, 17), 0.5), world if self.with_world else None)


def frames(people: list[int]) -> Iterator[Frame]:
    for index, count in enumerate(people):
        yield Frame(index, index * 0.04, np.full((48, 64, 3), count, dtype=np.uint8))


# --------------------------------------------------------------------------------------------------------- the step


def test_one_row_per_person_per_frame() -> None:
    done: list[int] = []
    detector = Counting()
    poses = detect(frames([1, 0, 3, 2]), detector, VIDEO, progress=done.append)
    assert poses.frame.tolist() == [0, 2, 2, 2, 3, 3]
    assert poses.keypoints[:, 0, 1].tolist() == [0, 0, 1, 2, 0, 1]
    np.testing.assert_allclose(poses.keypoints[:, 0, 0], poses.seconds, rtol=1e-6)
    assert set(poses.person_id) == {-1}
    assert (poses.space, poses.skeleton) == ("image", COCO17)
    assert (poses.video.path, poses.video.fps, poses.video.frames) == ("clip.mp4", 29.97, 4)
    assert poses.meta["detector"] == {"name": "counting"}
    assert done == [1, 2, 3, 4]
    assert detector.resets == 1


def test_the_detectors_own_3d_has_the_same_rows() -> None:
    poses, world = detect_with_world(frames([1, 0, 2]), Counting(), VIDEO)
    assert world.space == "camera"
    assert (world.frame == poses.frame).all()
    np.testing.assert_array_equal(world.keypoints[..., :2], poses.keypoints)
    with pytest.raises(InputError, match="counting gives no 3D"):
        detect_with_world(frames([1]), Counting(with_world=False), VIDEO)


@pytest.mark.parametrize("people", [[], [0, 0, 0]])
def test_nobody_is_a_table_without_rows(people: list[int]) -> None:
    poses, world = detect_with_world(frames(people), Counting(), VIDEO)
    assert (len(poses), len(world), poses.video.frames) == (0, 0, len(people))


@pytest.mark.parametrize(("every", "count", "looked"), [(1, 3, [0, 1, 2]), (3, 7, [0, 3, 6]), (3, 9, [0, 3, 6, 8]),
                                                        (50, 2, [0, 1]), (50, 1, [0]), (2, 0, [])])  # fmt: skip
def test_every_so_many_th_frame_and_the_last_are_looked_at(every: int, count: int, looked: list[int]) -> None:
    def sparse() -> Iterator[Frame]:
        for frame in frames([1] * count):
            yield frame if frame.index in looked else Frame(frame.index, frame.time, np.zeros((0, 0, 3), np.uint8))

    done: list[int] = []
    poses, world = detect_with_world(sparse(), Counting(), VIDEO, every=every, progress=done.append)
    assert poses.frame.tolist() == world.frame.tolist() == looked
    np.testing.assert_allclose(poses.keypoints[:, 0, 0], poses.seconds, rtol=1e-6)
    assert poses.video.frames == count
    assert done == list(range(1, count + 1))


def test_no_frame_is_looked_at_twice() -> None:
    with pytest.raises(InputError, match="every=0"):
        detect(frames([1]), Counting(), VIDEO, every=0)


def test_frames_must_all_be_there() -> None:
    with pytest.raises(InputError, match="expected number 2, found 3"):
        detect([frame for frame in frames([1, 1, 1, 1]) if frame.index != 2], Counting(), VIDEO)


def test_an_error_of_the_video_comes_through_and_ends_the_thread() -> None:
    def broken() -> Iterator[Frame]:
        yield from frames([1, 1])
        raise VideoError("the disk is gone")

    before = threading.active_count()
    with pytest.raises(VideoError, match="the disk is gone"):
        detect(broken(), Counting(), VIDEO)
    assert threading.active_count() == before


def test_an_error_of_the_detector_ends_the_thread() -> None:
    class Failing(Counting):
        def __call__(self, image: np.ndarray, time: float) -> Detection:
            raise MemoryError

    before = threading.active_count()
    with pytest.raises(MemoryError):
        detect(frames([1] * 50), Failing(), VIDEO)
    assert threading.active_count() == before


# -------------------------------------------------------------------------------------------------------- mediapipe

SKIN, SHIRT, TROUSERS, HAIR, SHOES = (224, 172, 140), (40, 80, 170), (50, 50, 60), (60, 40, 25), (20, 20, 20)

# Where the figure's joints are drawn, pixels from the middle of its forehead; the left ones. The right ones mirror it.
DRAWN = {"shoulder": (44, 88), "elbow": (62, 145), "wrist": (66, 200), "hip": (20, 200), "knee": (24, 290)}
ANKLE = (26, 372)


def draw_figure(image: np.ndarray, x: int, y: int = 40) -> None:
    """Draw a person 400 pixels tall who faces the camera, head at (x, y) and below."""

    def at(dx: float, dy: float) -> tuple[int, int]:
        return round(x + dx), round(y + dy)

    cv2.line(image, at(0, 60), at(0, 75), SKIN, 18)
    cv2.ellipse(image, at(0, 30), (24, 30), 0, 0, 360, SKIN, -1, cv2.LINE_AA)
    cv2.ellipse(image, at(0, 14), (25, 18), 0, 180, 360, HAIR, -1, cv2.LINE_AA)
    for eye in (-9, 9):
        cv2.circle(image, at(eye, 26), 4, (255, 255, 255), -1, cv2.LINE_AA)
        cv2.circle(image, at(eye, 26), 2, (40, 20, 10), -1, cv2.LINE_AA)
    cv2.line(image, at(0, 28), at(0, 38), (180, 120, 90), 3)
    cv2.ellipse(image, at(0, 46), (9, 3), 0, 0, 180, (170, 60, 60), -1)
    cv2.fillPoly(image, [np.array([at(-48, 78), at(48, 78), at(34, 200), at(-34, 200)])], SHIRT, cv2.LINE_AA)
    for side in (-1, 1):
        shoulder, elbow, wrist, hip, knee = ((side * dx, dy) for dx, dy in DRAWN.values())
        ankle = (side * ANKLE[0], ANKLE[1])
        cv2.line(image, at(*shoulder), at(*elbow), SHIRT, 22, cv2.LINE_AA)
        cv2.line(image, at(*elbow), at(*wrist), SKIN, 15, cv2.LINE_AA)
        cv2.circle(image, at(side * 67, 212), 10, SKIN, -1, cv2.LINE_AA)
        cv2.line(image, at(*hip), at(*knee), TROUSERS, 30, cv2.LINE_AA)
        cv2.line(image, at(*knee), at(*ankle), TROUSERS, 24, cv2.LINE_AA)
        cv2.ellipse(image, at(side * 30, 384), (18, 9), 0, 0, 360, SHOES, -1, cv2.LINE_AA)


def picture(*people: int, size: tuple[int, int] = (480, 480)) -> np.ndarray:
    """(H, W, 3) RGB with a figure at each of these x."""
    image = np.full((*size, 3), (150, 190, 170), dtype=np.uint8)
    for x in people:
        draw_figure(image, x)
    return image


@pytest.fixture(scope="module", autouse=True)
def _cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POSE3D_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="module", params=[1, 2])
def detector(request: pytest.FixtureRequest) -> Iterator[Detector]:
    pytest.importorskip("mediapipe", reason="the detector mediapipe is not installed")
    from in_the_wild.detectors.mediapipe import MediaPipe

    with MediaPipe(persons=request.param) as built:
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


def test_joints_out_of_the_picture_score_nothing(detector: Detector) -> None:
    detector.reset()
    image = picture(240)[:300]  # cut above the knees
    found = detector(image, 0.0)
    scores = dict(zip(BLAZEPOSE33.joints, found.scores[0], strict=True))
    for side in ("left", "right"):
        assert scores[f"{side}_ankle"] == scores[f"{side}_heel"] == 0
        assert scores[f"{side}_shoulder"] > 0.7


def test_after_a_pause_a_person_is_found_elsewhere() -> None:
    """And followed from there; what was known before the pause no longer counts."""
    pytest.importorskip("mediapipe", reason="the detector mediapipe is not installed")
    from in_the_wild.detectors.mediapipe import MediaPipe

    with MediaPipe(persons=1) as detector:
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


def test_an_image_that_is_none_is_refused(detector: Detector) -> None:
    for image in (np.zeros((48, 64)), np.zeros((48, 64, 4), dtype=np.uint8), np.zeros((48, 64, 3), dtype=np.float32)):
        with pytest.raises(InputError, match="uint8 RGB"):
            detector(image, 0.0)


def test_a_view_of_an_image_is_as_good_as_its_copy(detector: Detector) -> None:
    wide = np.concatenate([picture(240), picture()], axis=1)
    detector.reset()
    assert len(detector(wide[:, :480], 0.0).scores) == 1


def test_two_figures() -> None:
    pytest.importorskip("mediapipe", reason="the detector mediapipe is not installed")
    from in_the_wild.detectors.mediapipe import MediaPipe

    images = (Frame(i, i / 30, picture(200 + 4 * i, 560 - 4 * i, size=(480, 760))) for i in range(4))
    with MediaPipe(persons=2) as detector:
        poses, world = detect_with_world(images, detector, Film(Path(""), 760, 480, 30))
    assert poses.frame.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    noses = poses.keypoints[:, BLAZEPOSE33.index("nose"), 0].reshape(4, 2)
    np.testing.assert_allclose(np.sort(noses), [[200 + 4 * i, 560 - 4 * i] for i in range(4)], atol=12)
    assert len(world) == 8
    assert poses.meta["detector"]["persons"] == 2


def test_nothing_is_written_to_the_terminal(tmp_path: Path) -> None:
    """In a process of its own, because some of mediapipe's notes are written once per process."""
    pytest.importorskip("mediapipe", reason="the detector mediapipe is not installed")
    np.save(tmp_path / "figure.npy", picture(240))
    script = """
import sys
import numpy as np
from in_the_wild.detectors.mediapipe import MediaPipe
for people in (1, 2):
    with MediaPipe(persons=people) as detector:
        assert len(detector(np.load(sys.argv[1]), 0.0).scores) == 1
"""
    command = [sys.executable, "-c", script, str(tmp_path / "figure.npy")]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[3])
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_the_bundle_is_kept_and_built_anew_when_it_is_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mediapipe = pytest.importorskip("mediapipe", reason="the detector mediapipe is not installed")
    from in_the_wild.detectors.mediapipe import MediaPipe

    def finds_somebody() -> bool:
        with MediaPipe(persons=2) as detector:
            return len(detector(picture(240), 0.0).scores) == 1

    monkeypatch.setenv("POSE3D_HOME", str(tmp_path / "home"))
    assert finds_somebody()
    (bundle,) = (tmp_path / "home" / "mediapipe").iterdir()  # and no temporary file beside it
    assert mediapipe.__version__ in bundle.name
    whole = bundle.read_bytes()
    written = bundle.stat().st_mtime_ns
    assert finds_somebody()
    assert bundle.stat().st_mtime_ns == written
    middle = len(whole) // 2
    changed = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    for damage in (b"", whole[:middle], changed):
        bundle.write_bytes(damage)
        assert finds_somebody()
        assert len(bundle.read_bytes()) == len(whole)

    (tmp_path / "file").touch()
    monkeypatch.setenv("POSE3D_HOME", str(tmp_path / "file"))  # no folder can be made there
    assert finds_somebody()


def test_a_missing_mediapipe_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from in_the_wild.detectors.mediapipe import MediaPipe

    monkeypatch.setitem(sys.modules, "mediapipe", None)
    with pytest.raises(PluginError, match=r"pip install mediapipe==0\.10\.21"):
        MediaPipe()


def test_nobody_to_look_for_is_refused() -> None:
    from in_the_wild.detectors.mediapipe import MediaPipe

    with pytest.raises(InputError, match="persons=0"):
        MediaPipe(persons=0)
