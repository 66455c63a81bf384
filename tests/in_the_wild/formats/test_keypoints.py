"""2D keypoints of other programs: recognised by content, read as they were written, refused where they cannot be."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fakes
import foreign_keypoints
import numpy as np
import pytest

from in_the_wild import formats
from in_the_wild.errors import InputError
from in_the_wild.poses import Poses
from in_the_wild.skeletons import COCO17
from in_the_wild.steps.remap import remap

INPUTS = Path(__file__).parents[2] / "cases/inputs"
CASES = Path(__file__).parents[2] / "cases/keypoints"
SAID = f"size={fakes.WIDTH}x{fakes.HEIGHT},fps=25"
READ_AS = foreign_keypoints.READ_AS
ONE_PERSON = ("videopose3d",)


def people(frames: int = 6) -> Poses:
    """Two who walk, one of them missing in two frames, and a wrist that is not seen in one."""
    joints, root = fakes.walking(frames)
    one = fakes.poses2d(fakes.coco_pixels(joints, root))
    other = fakes.poses2d(fakes.coco_pixels(joints, root + np.array([1.2, 0.1, 0.5]))).rows(
        np.array([0, 1, *range(4, frames)])
    )
    both = Poses.join([one, other.replace(person_id=np.full(len(other), 1))])
    scores = both.scores.copy()
    scores[3, COCO17.index("left_wrist")] = 0
    return both.replace(scores=scores)


def written(name: str, folder: Path) -> tuple[Poses, Path]:
    poses = people().of_person(0) if name in ONE_PERSON else people()
    return poses, foreign_keypoints.write(name, poses, folder)


@pytest.mark.parametrize("name", foreign_keypoints.WRITERS)
def test_keypoints_of_other_programs_are_read_as_they_were_written(name: str, tmp_path: Path) -> None:
    poses, path = written(name, tmp_path)
    kind = formats.recognise(path)
    assert kind is formats.load(READ_AS[name])
    read = formats.read(path, f"{READ_AS[name]}:{SAID}")
    coco = remap(read, COCO17)
    order = np.lexsort((coco.keypoints[:, 0, 0], coco.frame))
    expected = poses.rows(np.lexsort((poses.keypoints[:, 0, 0], poses.frame)))
    np.testing.assert_array_equal(coco.frame[order], expected.frame)
    seen = expected.scores > 0
    np.testing.assert_array_equal(coco.scores[order] > 0, seen)
    np.testing.assert_allclose(coco.keypoints[order][seen], expected.keypoints[seen], atol=1e-3)
    assert read.space == "image"
    assert (read.video.width, read.video.height, read.video.fps) == (fakes.WIDTH, fakes.HEIGHT, 25)
    if name in (*foreign_keypoints.KEEP_IDS, *ONE_PERSON):
        np.testing.assert_array_equal(coco.person_id[order], expected.person_id)
    else:
        assert set(read.person_id.tolist()) == {-1}
    assert "warnings" not in read.meta


@pytest.mark.parametrize("name", foreign_keypoints.WRITERS)
def test_what_a_file_does_not_hold_is_asked_for_in_one_sentence(name: str, tmp_path: Path) -> None:
    _, path = written(name, tmp_path)
    settings: list[str] = []
    for _ in range(3):
        try:
            formats.read(path, f"{READ_AS[name]}:{','.join(settings)}")
            return
        except InputError as error:
            sentence = str(error)
            assert "\n" not in sentence
            assert sentence.count("--read-as") == 1
            assert "or give the video with --video" in sentence
            settings += (
                SAID.split(",")
                if "WIDTHxHEIGHT,fps" in sentence
                else [said for said in SAID.split(",") if f":{said.partition('=')[0]}=" in sentence]
            )
    raise AssertionError(f"it asks for ever: {sentence}")


def test_every_reader_of_keypoints_is_tried_here() -> None:
    read_alone = {name for name in formats.names() if formats.load(name).reads and not formats.load(name).writes}
    assert read_alone <= set(READ_AS.values())


# ------------------------------------------------------------------------------- files that other programs wrote


def test_a_joint_map_says_which_joints_a_file_has(tmp_path: Path) -> None:
    """Written by sleap-io 0.9.5, and by pandas 3.1 with pytables 3.11 as DeepLabCut's analyze_videos calls it."""
    path = tmp_path / "joints.yaml"
    names = [joint.replace("left_", "L-").replace("right_", "R-") for joint in COCO17.joints]
    path.write_text("".join(f"{name}: {joint}\n" for name, joint in zip(names, COCO17.joints, strict=True)))
    with np.load(INPUTS / "own_noroot.npz") as file:
        truth = file["keypoints"][:20]
    for name, format in {
        "sleap_matlab.h5": "sleap",
        "sleap_standard.h5": "sleap",
        "dlc_single.h5": "deeplabcut",
        "dlc_multi.csv": "deeplabcut",
        "sleap_coco.json": "coco",
    }.items():
        assert formats.recognise(CASES / name) is formats.load(format)
        poses = formats.read(CASES / name, f"{format}:size=640x360,fps=25,joints={path}")
        first = poses.of_person(poses.persons[0])
        others = [joint for joint in range(17) if joint != COCO17.index("left_ear")]  # which is not seen in one frame
        np.testing.assert_allclose(first.keypoints[:, others], truth[:, others], atol=1e-3)
        if format != "coco":  # which has no scores
            np.testing.assert_allclose(first.scores[0, :3], [0.5, 0.5014749, 0.5029498], atol=1e-6)
        assert len(poses.persons) == (1 if name == "dlc_single.h5" else 2)
        with pytest.raises(InputError, match="L-shoulder: left_shoulder, R-shoulder: right_shoulder") as caught:
            formats.read(CASES / name, f"{format}:size=640x360,fps=25")
        assert "lacks 12 of the 17 joints of coco17" in str(caught.value)
        assert "Found besides: L-eye, R-eye" in str(caught.value)


def test_predictions_that_mmpose_wrote() -> None:
    """MMPoseInferencer of mmpose 1.3.2 on three frames, by an RTMPose that has learnt nothing."""
    path = CASES / "mmpose_inferencer.json"
    assert formats.recognise(path) is formats.load("mmpose")
    poses = formats.read(path, "mmpose:size=192x256,fps=25")
    assert (poses.frame.tolist(), poses.skeleton) == ([0, 1, 2], COCO17)
    written = json.loads(path.read_text())
    np.testing.assert_allclose(poses.keypoints[2], written[2]["instances"][0]["keypoints"])
    assert "69% of them lie outside of a picture of 192x256" in poses.meta["warnings"][0]


@pytest.mark.parametrize("suffix", [".yaml", ".json", ".toml"])
def test_joint_maps_are_yaml_json_or_toml(suffix: str, tmp_path: Path) -> None:
    names = {f"j{number}": joint for number, joint in enumerate(COCO17.joints) if "ear" not in joint}
    lines = {".yaml": "{}: {}\n", ".toml": '{} = "{}"\n'}
    text = json.dumps(names) if suffix == ".json" else "".join(lines[suffix].format(*pair) for pair in names.items())
    (tmp_path / f"map{suffix}").write_text(text)
    keypoints = people().of_person(0).keypoints
    joints = np.array([f"j{number}" for number in range(17)])
    np.savez(tmp_path / "own.npz", keypoints=keypoints, joints=joints)
    poses = formats.read(tmp_path / "own.npz", f"npz:{SAID},joints={tmp_path / f'map{suffix}'}")
    ears = COCO17.indices("left_ear", "right_ear")
    assert (poses.scores[:, ears] == 0).all()
    np.testing.assert_array_equal(np.delete(poses.keypoints, ears, axis=1), np.delete(keypoints, ears, axis=1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("j0: nos\n", r'"j0" should be a joint of coco17, found "nos". Did you mean "nose"'),
        ("j0: nose\nj1: nose\n", "nose more than once"),
        ("- j0\n", "pairs of a joint's name and coco17's"),
        ("j0: 3\n", "pairs of a joint's name and coco17's"),
        ("horn: nose\n", r'has no joint "horn", which the joint map names'),
        ("j0: nose\n", r"lacks 12 of the 17 joints of coco17: left_shoulder, .*\. Found besides: j1, j2"),
        ("{", "a joint map was expected"),
    ],
)
def test_joint_maps_that_cannot_be(text: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text(text)
    joints = np.array([f"j{number}" for number in range(17)])
    np.savez(tmp_path / "own.npz", keypoints=people().of_person(0).keypoints, joints=joints)
    with pytest.raises(InputError, match=expected):
        formats.read(tmp_path / "own.npz", f"npz:{SAID},joints={tmp_path / 'map.yaml'}")


# ------------------------------------------------------------------------------------------------- what is refused


def scaled(factor: float, shift: float = 0.0) -> Callable[[Poses], Poses]:
    return lambda poses: poses.replace(keypoints=poses.keypoints * factor + shift)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (scaled(1 / 1280), "which are shares of the picture's sides and no pixels"),
        (scaled(4.0), "cannot be pixels of a picture of 1280x720: x from"),
        (scaled(1.0, -4000), "cannot be pixels of a picture of 1280x720"),
    ],
)
@pytest.mark.parametrize("name", ["alphapose", "openpose", "plain_csv", "sleap"])
def test_keypoints_that_cannot_be_pixels_are_refused(
    name: str, changed: Callable[[Poses], Poses], expected: str, tmp_path: Path
) -> None:
    path = foreign_keypoints.write(name, changed(people()), tmp_path)
    with pytest.raises(InputError, match=expected):
        formats.read(path, f"{READ_AS[name]}:{SAID}")


@pytest.mark.parametrize("changed", [scaled(0.2), scaled(1.0, 700)])
def test_keypoints_that_may_be_of_another_picture_are_warned_of(
    changed: Callable[[Poses], Poses], tmp_path: Path
) -> None:
    path = foreign_keypoints.write("openpose", changed(people()), tmp_path)
    (warning,) = formats.read(path, f"openpose:{SAID}").meta["warnings"]
    assert "is that the size of the picture in which they were found?" in warning


def test_times_that_run_backwards_are_refused(tmp_path: Path) -> None:
    fields = {"keypoints": people().of_person(0).keypoints, "joints": np.array(COCO17.joints)}
    for time in ([0.0, 0.1, 0.2, 0.15, 0.3, 0.4], [5, 4, 3, 2, 1, 0]):
        np.savez(tmp_path / "own.npz", time=np.array(time, float), **fields)
        with pytest.raises(InputError, match="run backwards"):
            formats.read(tmp_path / "own.npz", f"npz:size={fakes.WIDTH}x{fakes.HEIGHT}")


def test_joints_of_another_skeleton_contradict_the_one_that_is_said(tmp_path: Path) -> None:
    joints = np.array([*COCO17.joints[:-1], "tail"])
    np.savez(tmp_path / "own.npz", keypoints=people().of_person(0).keypoints, joints=joints)
    with pytest.raises(InputError, match=r"lacks 1 of the 17 joints of coco17: right_ankle\. Found besides: tail"):
        formats.read(tmp_path / "own.npz", f"npz:{SAID},skeleton=coco17")


def test_ids_that_tell_nobody_apart_are_none(tmp_path: Path) -> None:
    path = foreign_keypoints.write("alphapose", people(), tmp_path)
    records = json.loads(path.read_text())
    for record in records:
        record["idx"] = [0.0]
    path.write_text(json.dumps(records))
    assert set(formats.read(path, f"alphapose:{SAID}").person_id.tolist()) == {-1}


def test_somebody_who_is_twice_in_a_frame_is_read_once_and_told(tmp_path: Path) -> None:
    poses = people(40)
    path = foreign_keypoints.write("alphapose", poses, tmp_path)
    records = json.loads(path.read_text())
    worse = {**records[0], "keypoints": [number * 0.9 for number in records[0]["keypoints"]]}
    path.write_text(json.dumps([worse, *records]))
    read = formats.read(path, f"alphapose:{SAID}")
    assert len(read) == len(poses)
    np.testing.assert_allclose(read.of_person(0).keypoints[0], poses.of_person(0).keypoints[0], atol=1e-3)
    assert "1 of 79 people" in read.meta["warnings"][0]


def test_nobody_in_a_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "clip_000000000000_keypoints.json").write_text('{"version": 1.3, "people": []}')
    with pytest.raises(InputError, match="holds no people"):
        formats.read(tmp_path)


def test_landmarks_of_mediapipe_need_the_size_of_the_picture(tmp_path: Path) -> None:
    path = foreign_keypoints.write("mediapipe", people(), tmp_path)
    with pytest.raises(
        InputError, match=r"how large the video's picture is, .*--read-as mediapipe:size=WIDTHxHEIGHT,fps"
    ):
        formats.read(path)


def mediapipe_forms() -> dict[str, Callable[[list[dict[str, Any]]], object]]:
    """One person's landmarks as scripts around MediaPipe store them."""
    return {
        "solutions": lambda frames: [{"landmark": one["landmarks"][0]} for one in frames],
        "bare": lambda frames: [one["landmarks"][0] for one in frames],
        "nested": lambda frames: [
            {"frame": number, "pose_landmarks": {"landmark": one["landmarks"][0]}} for number, one in enumerate(frames)
        ],
        "times": lambda frames: [
            {"poseLandmarks": one["landmarks"], "timestamp_ms": 40 * number} for number, one in enumerate(frames)
        ],
        "nobody": lambda frames: [None, *frames],
    }


@pytest.mark.parametrize("form", mediapipe_forms())
def test_landmarks_of_mediapipe_in_other_forms(form: str, tmp_path: Path) -> None:
    one = people().of_person(0)
    path = foreign_keypoints.write("mediapipe", one, tmp_path)
    path.write_text(json.dumps(mediapipe_forms()[form](json.loads(path.read_text()))))
    assert formats.recognise(path) is formats.load("mediapipe")
    said = SAID.partition(",")[0] if form == "times" else SAID
    read = formats.read(path, f"mediapipe:{said}")
    assert read.frame.tolist() == [frame + (form == "nobody") for frame in one.frame.tolist()]
    np.testing.assert_allclose(read.seconds, one.seconds + 0.04 * (form == "nobody"), atol=1e-6)
    np.testing.assert_allclose(remap(read, COCO17).keypoints, one.keypoints, atol=1e-2)


POINT = {"x": 0.5, "y": 0.5}


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("alphapose", [{"image_id": "0.jpg", "keypoints": [1, 2, 0.5] * 19}], "found 19"),
        ("alphapose", [{"image_id": "0.jpg", "keypoints": [1, 2] * 17}], "found .34,. numbers"),
        ("alphapose", [{"image_id": "0.jpg", "keypoints": ["a"] * 51}], "numbers were expected"),
        ("alphapose", [{"image_id": "first.jpg", "keypoints": [1, 2, 0.5] * 17}], "order of frames"),
        ("alphapose", {"0.jpg": {"version": "AlphaPose v0.3", "bodies": [7]}}, "people of every picture"),
        ("openpose", {"version": 1.3, "people": [{"pose_keypoints_2d": [1, 2, 0.5] * 15}]}, "found 15"),
        ("openpose", {"version": 1.3, "people": [{"pose_keypoints_2d": [1, 2, 0.5] * 25}, {}]}, '"people" with'),
        (
            "mmpose",
            [{"frame_id": 0, "instances": [{"keypoints": [[1, 2]] * 5, "keypoint_scores": [1] * 5}]}],
            "found 5",
        ),
        ("mmpose", [{"frame_id": 0, "instances": [{"keypoints": [[1, 2]] * 5, "keypoint_scores": [1] * 4}]}], "shape"),
        ("mmpose", [{"instances": []}], "frame_id"),
        ("rtmlib", [{"keypoints": [[[1, 2]] * 9], "scores": [[1] * 9]}], "found 9"),
        ("rtmlib", [{"keypoints": [[[1, 2]] * 9], "scores": []}], "mmpose|RTMLib"),
        ("coco", [{"image_id": 0, "keypoints": [1, 2, 0.5] * 9}], "found 9"),
        ("coco", [{"image_id": 0, "keypoints": [1, 2, 0.5] * 17}, {"keypoints": []}], "image_id"),
        ("coco", {"images": [], "annotations": {}}, 'a list "annotations"'),
        ("mediapipe", [{"landmarks": [[POINT] * 32]}], "found 32"),
        ("mediapipe", [{"landmarks": [[*([POINT] * 32), {"x": 1}]]}], "MediaPipe's landmarks"),
        ("videopose3d", {"positions_2d": 3, "metadata": {}}, r"\.npz file of numpy"),
    ],
)
def test_files_of_another_layout_are_one_sentence(name: str, content: object, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match=expected) as caught:
        formats.read(path, f"{name}:{SAID}")
    assert "other.json" in str(caught.value)
    assert "\n" not in str(caught.value)


# ----------------------------------------------------------------------------------------------- files that failed once


@pytest.mark.parametrize("name", ["nan_score0", "own_nofps", "own_noroot"])
def test_keypoints_written_by_hand_are_read(name: str) -> None:
    poses = formats.read(INPUTS / f"{name}.npz")
    assert (len(poses), poses.video.width, poses.video.height) == (40, 640, 360)
    assert poses.video.fps == pytest.approx(25)
    assert np.isfinite(poses.keypoints).all()


@pytest.mark.parametrize("name", ["own_emptymeta", "own_nosize"])
def test_the_size_that_keypoints_written_by_hand_leave_out_is_asked_for(name: str) -> None:
    with pytest.raises(InputError, match=r"--read-as npz:size=WIDTHxHEIGHT, or give the video with --video\."):
        formats.read(INPUTS / f"{name}.npz")
    assert len(formats.read(INPUTS / f"{name}.npz", "npz:size=640x360")) == 40


def test_videopose3d_s_custom_keypoints_are_read() -> None:
    path = INPUTS / "custom_npz/data_2d_custom_myvideos.npz"
    with pytest.raises(InputError, match="--read-as videopose3d:fps=25"):
        formats.read(path)
    poses = formats.read(path, "videopose3d:fps=25")
    assert (len(poses), poses.persons, poses.video.path, poses.skeleton) == (40, [0], "a.mp4", COCO17)
    with pytest.raises(InputError, match=r"holds no b\.mp4; .*Did you mean \"a\.mp4\""):
        formats.read(path, "videopose3d:fps=25,clip=b.mp4")
