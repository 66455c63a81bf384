"""COCO keypoint files and VideoPose3D's detections of one's own videos, as labelled sequences."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from published_sets import metadata, scene, write_coco, write_custom

from in_the_wild.camera import project
from in_the_wild.errors import InputError
from in_the_wild.skeletons import COCO17, HUMAN36M17
from pose3d_cli.datasets.prepared.sequences import Labelled
from pose3d_cli.datasets.readers.coco import Coco
from pose3d_cli.datasets.readers.custom import Custom

CASES = Path(__file__).parents[3] / "cases/inputs"
WRIST = COCO17.index("left_wrist")
Content = dict[str, Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_coco(tmp_path / "coco")


def read(folder: Path, **settings: Any) -> dict[str, Labelled]:
    reader = Coco(folder, **settings)
    reader.require()
    found = {one.name: one for one in reader.read()}
    assert reader.count() == len(found)
    return found


def change(path: Path, edit: Callable[[Content], object]) -> None:
    """Change what a JSON file says."""
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))


def resave(path: Path, **changes: Any) -> None:
    """Change arrays of an .npz; None leaves one out."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {**file, **changes}
    np.savez(path, **{name: value for name, value in arrays.items() if value is not None})


def refused(folder: Path, **settings: Any) -> str:
    """The one sentence that reading ends with."""
    with pytest.raises(InputError) as caught:
        read(folder, **settings)
    message = str(caught.value)
    assert "\n" not in message
    return message


# -------------------------------------------------------------------------------------------------------- what is read


def test_people_are_told_apart_and_cut_where_they_are_missing(folder: Path) -> None:
    found = read(folder)
    assert {name: len(one) for name, one in found.items()} == {
        "train/street/person 1": 20,
        "train/street/person 2/from 0": 8,
        "train/street/person 2/from 10": 10,
        "test/wave": 15,
    }
    truth = scene("two_people")
    later = found["train/street/person 2/from 10"]
    assert (later.split, later.action, later.fps) == ("train", "street", 25.0)
    np.testing.assert_allclose(later.arrays()["keypoints"], truth["coco"][10:20, 1], atol=1e-3)
    np.testing.assert_array_equal(later.arrays()["joints"], truth["joints_camera"][10:20, 1])
    boxes = later.arrays()["boxes"]
    np.testing.assert_allclose(boxes[:, 2:], truth["coco"][10:20, 1].max(axis=1), atol=1e-3)


def test_joints_project_onto_the_picture(folder: Path) -> None:
    """The intrinsics and the joints of the companion say together where a person is seen."""
    one = read(folder)["train/street/person 1"]
    assert one.camera.intrinsics is not None
    assert (one.camera.width, one.camera.height) == (426, 320)
    pixels = project(one.arrays()["joints"], np.array(one.camera.intrinsics))
    joints = [joint for joint in COCO17.joints if joint in HUMAN36M17.joints]
    assert len(joints) == 12
    seen = one.arrays()["keypoints"][:, COCO17.indices(*joints)]
    np.testing.assert_allclose(seen, pixels[:, HUMAN36M17.indices(*joints)], atol=0.01)


def test_every_second_picture_is_half_the_frame_rate(folder: Path) -> None:
    assert read(folder)["test/wave"].fps == 12.5
    assert read(folder, fps=60)["test/wave"].fps == 30


def test_keypoints_that_nobody_labelled_are_on_a_line_in_time(folder: Path) -> None:
    one = read(folder)["test/wave"].arrays()
    unseen = one["scores"] == 0
    assert unseen.sum() == 2
    assert unseen[3:5, WRIST].all()
    wrist = one["keypoints"][:, WRIST]
    np.testing.assert_allclose(wrist[3:5], [(2 * wrist[2] + wrist[5]) / 3, (wrist[2] + 2 * wrist[5]) / 3])


def test_a_keypoint_that_is_never_labelled_is_put_between_the_others(folder: Path) -> None:
    def hide(content: Content) -> None:
        for annotation in content["annotations"]:
            annotation["keypoints"][3 * WRIST : 3 * WRIST + 3] = [0, 0, 0]

    change(folder / "test.json", hide)
    keypoints = read(folder)["test/wave"].arrays()["keypoints"]
    np.testing.assert_allclose(keypoints[:, WRIST], np.delete(keypoints, WRIST, axis=1).mean(axis=1))


def test_hidden_keypoints_score_a_half(folder: Path) -> None:
    change(folder / "test.json", lambda content: content["annotations"][0]["keypoints"].__setitem__(2, 1))
    assert read(folder)["test/wave"].arrays()["scores"][0].tolist() == [0.5] + [1.0] * 16


def test_crowds_and_people_without_keypoints_are_left_out(folder: Path) -> None:
    def edit(content: Content) -> None:
        content["annotations"][0]["iscrowd"] = 1
        content["annotations"][-1]["keypoints"] = [0] * 51

    change(folder / "test.json", edit)
    assert len(read(folder)["test/wave"]) == 13


def test_without_companions_there_are_keypoints_alone(tmp_path: Path) -> None:
    folder = write_coco(tmp_path, truth=False)
    assert Coco(folder).describe().joint_skeleton == ""
    assert "does not say how many frames a second" in refused(folder)
    found = read(folder, fps=50)
    assert [one.joints is None for one in found.values()] == [True] * 4
    assert found["test/wave"].fps == 25
    change(folder / "train.json", lambda content: content["videos"][0].update(fps=30))
    (folder / "test.json").unlink()
    assert {one.fps for one in read(folder).values()} == {30}


def test_coco_s_own_names_of_files(folder: Path) -> None:
    (folder / "annotations").mkdir()
    for ours, theirs in (("train", "person_keypoints_train2017"), ("test", "person_keypoints_val2017")):
        (folder / f"{ours}.json").rename(folder / "annotations" / f"{theirs}.json")
        (folder / f"{ours}_joints3d.npz").rename(folder / "annotations" / f"{theirs}_lifted.npz")
    assert {one.split for one in read(folder, companion="lifted.npz").values()} == {"train", "test"}


def test_joints_from_the_pelvis_are_described_so(folder: Path) -> None:
    for split in ("train", "test"):
        path = folder / f"{split}_joints3d.npz"
        with np.load(path) as file:
            joints = file["joints"] - file["joints"][:, HUMAN36M17.root, None]
        resave(path, joints=joints)
        assert '"centred" = True' in refused(folder)
        resave(path, centred=np.array(True))
        if split == "train":
            with pytest.raises(InputError, match='the same of "centred"'):
                Coco(folder).describe()
    assert Coco(folder).describe().centred
    assert (read(folder)["test/wave"].arrays()["joints"][:, HUMAN36M17.root] == 0).all()


# --------------------------------------------------------------------------------------------- what annotators export


@pytest.mark.parametrize(
    ("case", "frames", "told"),
    [
        ("cvat_track", [10, 27], "left out are annotations 3 without keypoints."),
        ("ball_category", [40], "left out are annotations 1 of category ball."),
        ("duplicate_person", [40], "left out are annotations 1 of a person who is there twice."),
        ("string_ids", [40], ""),
        ("cvat_file_name", [40], ""),
        ("no_bbox", [40], ""),
        ("roboflow_names", [40], ""),
    ],
)
def test_what_annotators_export_is_read_and_the_rest_told(case: str, frames: list[int], told: str) -> None:
    reader = Coco(CASES / case, fps=25)
    reader.require()
    found = list(reader.read())
    assert [len(one) for one in found] == frames
    notes = [f"{CASES / case / 'train.json'}: {sum(frames)} people with keypoints are read; {told}"]
    assert reader.notes() == (notes if told else [])
    first = found[0].arrays()
    np.testing.assert_allclose(first["keypoints"][:3, 0], [[200, 100], [203, 100], [206, 100]])
    np.testing.assert_allclose(first["boxes"][0], [174, 96, 226, 262], atol=4)


def test_cvat_tells_people_apart_in_attributes(folder: Path) -> None:
    def edit(content: Content) -> None:
        for annotation in content["annotations"]:
            annotation["attributes"] = {"occluded": False, "track_id": annotation.pop("track_id")}

    expected = read(folder)
    change(folder / "train.json", edit)
    assert list(read(folder)) == list(expected)


def test_the_name_that_roboflow_was_given_goes_before_the_one_it_makes(folder: Path) -> None:
    def edit(content: Content) -> None:
        for number, image in enumerate(content["images"]):
            image["extra"] = {"name": image["file_name"]}
            image["file_name"] = f"{number * 7919 % 1000}.rf.jpg"

    expected = read(folder)["test/wave"].arrays()["keypoints"]
    change(folder / "test.json", edit)
    np.testing.assert_array_equal(read(folder)["test/wave"].arrays()["keypoints"], expected)


def test_joints_in_another_order_are_told_by_their_names(folder: Path) -> None:
    expected = read(folder)["test/wave"].arrays()["keypoints"]
    order = np.random.default_rng(0).permutation(17)

    def edit(content: Content) -> None:
        names = content["categories"][0]["keypoints"]
        content["categories"][0]["keypoints"] = [names[joint].replace("_", "-").title() for joint in order]
        for annotation in content["annotations"]:
            annotation["keypoints"] = np.reshape(annotation["keypoints"], (17, 3))[order].ravel().tolist()

    change(folder / "test.json", edit)
    np.testing.assert_array_equal(read(folder)["test/wave"].arrays()["keypoints"], expected)


def test_pictures_of_their_own_are_sequences_of_one_frame(folder: Path) -> None:
    """As COCO's own: of several sizes, with several people whom nobody tells apart."""

    def edit(content: Content) -> None:
        for number, image in enumerate(content["images"]):
            image["width"] += number
            image["file_name"] = f"{139 + number * number * 50000:012d}.jpg"
        someone_else(content["annotations"][3])

    change(folder / "test.json", edit)
    assert "--set stills=true" in refused(folder)
    found = {name: one for name, one in read(folder, stills=True).items() if name.startswith("test/")}
    assert [len(one) for one in found.values()] == [1] * 15
    assert {one.camera.width for one in found.values()} == {320 + number for number in range(15) if number != 3}


# ------------------------------------------------------------------------------------------------------ what is refused


def someone_else(annotation: Content) -> None:
    """Move an annotation into the picture before, far from who is there."""
    annotation["image_id"] -= 2
    annotation["keypoints"] = [number + (40 if at % 3 == 0 else 0) for at, number in enumerate(annotation["keypoints"])]


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (lambda one: one.pop("images"), 'a list "images" was expected'),
        (lambda one: one["annotations"].append(7), 'a list "annotations" was expected'),
        (lambda one: one["images"][1].pop("width"), 'image 2 should say "width" and "height" in pixels, and does not'),
        (lambda one: one["images"][1].pop("file_name"), 'image 2 should say its frame by "video_id"'),
        (lambda one: one["images"][1].update(video_id=3), 'image 2 should have a whole number "frame_id"'),
        (lambda one: one["images"][1].update(file_name="wave/0.jpg"), "wave: the order of frames was expected in"),
        (lambda one: one["images"][1].update(id=0), "every image should have an id of its own, found 0 twice"),
        (lambda one: one["images"][1].update(width=99), "pictures of one size were expected in test/wave"),
        (lambda one: one["annotations"][3].pop("id"), 'every annotation should have an "id", found nothing'),
        (lambda one: one["annotations"][3]["keypoints"].pop(), 'annotation 4 should have 51 .* found 50 values'),
        (lambda one: one["annotations"][3]["keypoints"].__setitem__(0, np.nan), "annotation 4 should have 51 finite"),
        (lambda one: one["annotations"][3]["keypoints"].__setitem__(0, [1, 2]), "annotation 4 should have 51 finite"),
        (lambda one: one["annotations"][3]["keypoints"].__setitem__(0, "5"), "annotation 4 should have 51 finite"),
        (lambda one: one["annotations"][3]["keypoints"].__setitem__(2, 0.9), "annotation 4 should have visibilities"),
        (lambda one: one["annotations"][3]["bbox"].pop(), 'annotation 4 should have 4 finite numbers in "bbox"'),
        (lambda one: one["annotations"][3].update(image_id=999), "annotation 4 is of image 999, which is not among"),
        (lambda one: someone_else(one["annotations"][3]), "annotations 3 and 4 are both in image 4; .*track_id"),
        (lambda one: one["annotations"][3].update(id=77), "test_joints3d.npz lacks annotation 77 of test.json"),
        (lambda one: one["categories"][0]["keypoints"].pop(), 'annotation 1 should have 48 finite numbers'),
        (
            lambda one: one["categories"][0]["keypoints"].__setitem__(0, "snout"),
            "should have the 17 keypoints of COCO, and lack nose; they have snout, left_eye",
        ),
    ],
)  # fmt: skip
def test_a_damaged_annotation_is_named(folder: Path, edit: Callable[[Content], object], expected: str) -> None:
    change(folder / "test.json", edit)
    with pytest.raises(InputError, match=expected) as caught:
        read(folder)
    assert str(folder / "test") in str(caught.value)


@pytest.mark.parametrize("content", [b"", b'{"images": [', b"\xff\xfe\x00", b"[" * 100_000, b"[1, 2]"])
def test_a_file_that_is_no_json_is_named(folder: Path, content: bytes) -> None:
    (folder / "train.json").write_bytes(content)
    assert str(folder / "train.json") in refused(folder)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"joints": np.zeros((15, 14, 3))}, r'\(15, 17, 3\) were expected in "joints", found float64 of shape'),
        ({"joints": np.full((15, 17, 3), np.nan)}, "finite numbers"),
        ({"joints": None}, 'in "joints", found nothing'),
        ({"annotation_id": np.ones(15, int)}, "once in"),
        ({"annotation_id": np.arange(15.0)}, 'in "annotation_id", found float64'),
        ({"intrinsics": np.ones((15, 3))}, r'\(15, 4\) were expected in "intrinsics"'),
        ({"intrinsics": np.arange(1.0, 61).reshape(15, 4)}, '"intrinsics" should stay the same'),
        ({"fps": np.array(-1.0)}, 'a number above 0 was expected in "fps"'),
    ],
)
def test_a_companion_of_another_layout(folder: Path, changes: dict[str, Any], expected: str) -> None:
    resave(folder / "test_joints3d.npz", **changes)
    with pytest.raises(InputError, match=expected) as caught:
        read(folder)
    assert str(folder / "test_joints3d.npz") in str(caught.value)


def test_millimetres_are_refused(folder: Path) -> None:
    with np.load(folder / "test_joints3d.npz") as file:
        joints = file["joints"] * 1000
    resave(folder / "test_joints3d.npz", joints=joints)
    assert "divide millimetres by 1000" in refused(folder)


def test_one_companion_of_two_is_missing(folder: Path) -> None:
    (folder / "test_joints3d.npz").unlink()
    assert "lacks test_joints3d.npz" in refused(folder)


class _Hostile:
    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.marker,)


def test_a_hostile_companion_runs_nothing(folder: Path, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    evil = np.empty((), object)
    evil[()] = _Hostile(marker)
    np.savez(folder / "train_joints3d.npz", joints=evil)
    assert "could run code" in refused(folder)
    assert not marker.exists()
    pickle.loads(pickle.dumps(_Hostile(marker)))
    assert marker.exists(), "the pickle would have run"


# -------------------------------------------------------------------------------------------- VideoPose3D's detections


def custom(folder: Path, **settings: Any) -> list[Labelled]:
    reader = Custom(folder, **settings)
    reader.require()
    found = list(reader.read())
    assert reader.count() == len(found)
    return found


def test_detections_of_own_videos(tmp_path: Path) -> None:
    write_custom(tmp_path)
    with pytest.raises(InputError, match=r"how many frames a second wave\.mp4 has"):
        custom(tmp_path)
    wave, street = custom(tmp_path, fps=25)
    assert (wave.name, wave.split, wave.fps) == ("train/wave.mp4", "train", 25)
    assert (street.camera.width, street.camera.height) == (426, 320)
    np.testing.assert_array_equal(wave.arrays()["keypoints"], scene("one_person")["coco"][:25, 0])
    (tmp_path / "data_2d_custom_myvideos.npz").rename(tmp_path / "data_2d_custom_test.npz")
    assert {one.split for one in custom(tmp_path, fps=25)} == {"test"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"positions_2d": {"a": {"custom": [np.zeros((5, 16, 2))]}}}, r"\(T, 17, 2\) were expected of a, found"),
        ({"positions_2d": {"b": {"custom": [np.zeros((5, 17, 2))]}}}, "KeyError: 'b'"),
        (
            {"positions_2d": {"a": [np.zeros((5, 17, 2))]}},
            r"as VideoPose3D's .* writes them",
        ),
        ({"metadata": {}}, r"as VideoPose3D's .* writes them"),
        ({"metadata": np.zeros(3)}, r"as VideoPose3D's .* writes them"),
        ({"metadata": {"layout_name": "h36m", "video_metadata": {"a": {"w": 1, "h": 1}}}}, 'laid out as "coco"'),
    ],
)
def test_detections_of_another_layout(tmp_path: Path, changes: dict[str, Any], expected: str) -> None:
    arrays = {
        "positions_2d": {"a": {"custom": [np.zeros((5, 17, 2))]}},
        "metadata": {**metadata(COCO17, "coco"), "video_metadata": {"a": {"w": 640, "h": 480}}},
    }
    path = tmp_path / "data_2d_custom_own.npz"
    np.savez(path, **{**arrays, **changes})
    with pytest.raises(InputError, match=expected) as caught:
        custom(tmp_path, fps=25)
    assert str(path) in str(caught.value)


def test_a_folder_without_files_is_answered_with_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"lacks train\.json\. Expected: "):
        Coco(tmp_path).require()
    with pytest.raises(InputError, match=r"lacks data_2d_custom_NAME\.npz\. Expected: "):
        Custom(tmp_path).require()
