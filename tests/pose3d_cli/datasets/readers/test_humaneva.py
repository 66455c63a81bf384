"""HumanEva-I in VideoPose3D's files: splits, chunks and cameras come out right, and what does not fit is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import published_sets
import pytest

from in_the_wild import plugins, unpickle
from in_the_wild.camera import camera_to_world, project
from in_the_wild.errors import InputError
from pose3d_cli.datasets.prepared.sequences import Writer, open_folder
from pose3d_cli.datasets.readers.humaneva import HumanEva

JOINTS, DETECTED = "data_3d_humaneva15.npz", "data_2d_humaneva15_detectron_pt_coco.npz"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published_sets.write_humaneva(tmp_path_factory.mktemp("humaneva"))


def test_every_chunk_from_every_camera(source: Path) -> None:
    reader = plugins.load("pose3d_cli.datasets.readers", "humaneva")(source)
    found = {one.name: one for one in reader.read()}
    assert len(found) == reader.count() == 4 * 3 * 3
    one = found["Validate/S2/Walking 1 chunk2/C3"]
    assert (one.subject, one.action, one.split, one.fps) == ("S2", "Walking 1", "test", 60)
    assert found["Train/S2/Walking 1 chunk2/C3"].split == "train"
    assert (one.camera.width, one.camera.height, one.camera.intrinsics) == (640, 480, None)
    assert one.camera.quaternion == (0.0699353, -0.0712403, 0.7421637, -0.662742)
    assert one.camera.translation == pytest.approx((-0.7814915, 3.8388853, 1.4449929))


def test_joints_stand_where_their_keypoints_are(source: Path) -> None:
    world = unpickle.load(source / JOINTS)["positions_3d"]
    for one in HumanEva(source).read():
        arrays = one.arrays()
        pixels = project(arrays["joints"], np.array(published_sets.HUMANEVA_INTRINSICS))
        np.testing.assert_allclose(pixels, arrays["keypoints"], atol=0.01)
        np.testing.assert_array_equal(arrays["true_keypoints"], arrays["keypoints"])
        back = camera_to_world(
            arrays["joints"],
            quaternion=np.array(one.camera.quaternion),
            translation=np.array(one.camera.translation),
        )
        part, subject, action, _ = one.name.split("/")
        np.testing.assert_allclose(back, world[f"{part}/{subject}"][action], atol=1e-5)


def test_every_camera_looks_at_the_middle_of_the_room() -> None:
    table = published_sets.camera_table("humaneva_cameras.json")
    assert list(table["places"]) == ["S1", "S2", "S3"]
    for places in table["places"].values():
        for view in published_sets.seen(np.array([[0.0, 0.0, 0.9]]), places):
            assert np.abs(view[0, :2] / view[0, 2]).max() < 0.25
            assert 3 < view[0, 2] < 5


def test_the_set_prepares_with_detections(source: Path, tmp_path: Path) -> None:
    reader = HumanEva(source, keypoints="detectron_pt_coco")
    reader.require()
    with Writer(tmp_path / "out", reader.describe()) as writer:
        for sequence in reader.read():
            writer.add(sequence)
    dataset = open_folder(tmp_path / "out")
    assert dataset.has == ("keypoints", "joints")
    description = dataset.description
    assert (description.keypoint_skeleton, description.joint_skeleton) == ("coco17", "humaneva15")
    assert len(dataset.choose(split="train", subjects=["S1"], actions=["Walking"])) == 2 * 3
    assert set(dataset.lengths) == {40}


def rewrite(folder: Path, file: str, change: Callable[[dict[str, Any]], Any], *, source: Path) -> Path:
    """A copy of a set in which one file holds something else."""
    folder.mkdir()
    for path in source.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    content = unpickle.load(folder / file)
    change(content)
    np.savez_compressed(folder / file, **content)
    return folder


def test_takes_without_joints_are_left_out(source: Path, tmp_path: Path) -> None:
    def unlabel(content: dict[str, Any]) -> None:
        content["positions_3d"]["Unlabeled/S4"] = {"Box 2": np.zeros((5, 15, 3))}

    reader = HumanEva(rewrite(tmp_path / "set", JOINTS, unlabel, source=source), keypoints="detectron_pt_coco")
    assert {one.subject for one in reader.read()} == {"S1", "S2"}
    assert reader.count() == 36


DAMAGES: dict[str, tuple[str, Callable[[dict[str, Any]], Any], str]] = {
    "20 joints": (
        JOINTS,
        lambda content: content["positions_3d"]["Train/S1"].update({"Box 1 chunk0": np.zeros((40, 20, 3))}),
        "15 joints (T, 15, 3) of Train/S1, Box 1 chunk0, and holds (40, 20, 3)",
    ),
    "a subject of other files": (
        JOINTS,
        lambda content: content["positions_3d"].update(S1={}),
        'subjects "Train/S1" and "Validate/S1" were expected, found "S1"',
    ),
    "no keypoints of a subject": (DETECTED, lambda content: content["positions_2d"].pop("Train/S2"), "lacks Train/S2"),
    "two cameras": (
        DETECTED,
        lambda content: content["positions_2d"]["Train/S1"]["Box 1 chunk0"].pop(),
        "from the 3 cameras C1, C2, C3, and holds it from 2",
    ),
    "keypoints of Human3.6M": (
        DETECTED,
        lambda content: content["metadata"].update(keypoints_symmetry=[[4, 5, 6, 11, 12, 13], [1, 2, 3, 14, 15, 16]]),
        "in the order of humaneva15 or coco17",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_does_not_fit_is_named_in_one_sentence(source: Path, tmp_path: Path, damage: str) -> None:
    file, change, wanted = DAMAGES[damage]
    folder = rewrite(tmp_path / "set", file, change, source=source)
    with pytest.raises(InputError) as error:
        list(HumanEva(folder, keypoints="detectron_pt_coco").read())
    assert wanted in str(error.value)
    assert str(error.value).count(". ") == 0


def test_a_subject_whose_cameras_are_not_known_is_named(source: Path, tmp_path: Path) -> None:
    def newcomer(file: str) -> Callable[[dict[str, Any]], Any]:
        return lambda content: content[file].update({"Train/S4": content[file]["Train/S1"]})

    once = rewrite(tmp_path / "once", JOINTS, newcomer("positions_3d"), source=source)
    folder = rewrite(tmp_path / "set", DETECTED, newcomer("positions_2d"), source=once)
    with pytest.raises(InputError, match="where the cameras stood for subject S4; leave him out"):
        list(HumanEva(folder, keypoints="detectron_pt_coco").read())


def test_the_20_joint_files_are_not_those_that_are_wanted(source: Path, tmp_path: Path) -> None:
    (tmp_path / "data_3d_humaneva20.npz").write_bytes((source / JOINTS).read_bytes())
    with pytest.raises(InputError, match=r"lacks data_3d_humaneva15\.npz.* with 15 joints and not with 20"):
        HumanEva(tmp_path).require()
    with pytest.raises(InputError, match='Did you mean "detectron_pt_coco"'):
        HumanEva(source, keypoints="detectron").require()
