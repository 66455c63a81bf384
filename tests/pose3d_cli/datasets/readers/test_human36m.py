"""Human3.6M in VideoPose3D's files: joints, cameras and keypoints come out right, and what does not fit is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import published_sets
import pytest
import references

from in_the_wild import plugins, unpickle
from in_the_wild.camera import project
from in_the_wild.errors import InputError
from in_the_wild.skeletons import HUMAN36M16, HUMAN36M17, MPII16, Skeleton
from pose3d_cli.datasets.prepared.sequences import Labelled, Writer, open_folder
from pose3d_cli.datasets.readers.human36m import JOINTS32, Human36M


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published_sets.write_human36m(tmp_path_factory.mktemp("human36m"))


def read(folder: Path, **settings: str) -> dict[str, Labelled]:
    return {sequence.name: sequence for sequence in Human36M(folder, **settings).read()}


def rewrite(folder: Path, file: str, change: Callable[[dict[str, Any]], None], *, source: Path) -> Path:
    """A copy of a set in which one file holds something else."""
    folder.mkdir()
    for path in source.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    content = unpickle.load(folder / file)
    change(content)
    np.savez_compressed(folder / file, **content)
    return folder


def refused(folder: Path, **settings: str) -> str:
    """The sentence with which a set is refused."""
    with pytest.raises(InputError) as error:
        read(folder, **settings)
    return str(error.value)


def test_every_take_from_every_camera(source: Path) -> None:
    reader = plugins.load("pose3d_cli.datasets.readers", "human36m")(source)
    found = list(reader.read())
    assert len(found) == reader.count() == 3 * 2 * 4
    first = found[0]
    assert first.name == "S1/Walking/54138969"
    assert (first.subject, first.action, first.split, first.fps) == ("S1", "Walking", "train", 50)
    assert {one.action for one in found} == {"Walking", "Greeting 1"}
    assert {one.subject: one.split for one in found} == {"S1": "train", "S5": "train", "S9": "test"}
    assert [one.camera.name for one in found[:4]] == ["54138969", "55011271", "58860488", "60457274"]
    assert [one.camera.height for one in found[:4]] == [1002, 1000, 1000, 1002]
    assert {one.camera.width for one in found} == {1000}


def test_the_set_prepares(source: Path, tmp_path: Path) -> None:
    reader = Human36M(source)
    reader.require()
    with Writer(tmp_path / "out", reader.describe()) as writer:
        for sequence in reader.read():
            writer.add(sequence)
    dataset = open_folder(tmp_path / "out")
    assert dataset.has == ("keypoints", "true_keypoints", "joints")
    assert dataset.description.inputs == "cpn_ft_h36m_dbb"
    assert len(dataset.choose(split="test", actions=["Greeting"], cameras=["60457274"])) == 1
    assert dataset[0].camera == next(iter(reader.read())).camera


def test_the_joints_of_each_camera_project_onto_the_true_keypoints(source: Path) -> None:
    for one in read(source, keypoints="gt").values():
        arrays = one.arrays()
        pixels = project(arrays["joints"], np.array(one.camera.intrinsics))
        np.testing.assert_allclose(pixels, arrays["keypoints"], atol=0.01)
        assert 2 < arrays["joints"][..., 2].mean() < 7


def test_joints_stay_themselves_from_32_to_17(source: Path) -> None:
    arrays = references.load("h36m_32_to_17.npz")
    np.testing.assert_array_equal(Human36M(source).choose(arrays["in/x"]), arrays["out/x"])


def test_the_joints_that_are_kept_are_those_of_the_papers() -> None:
    kept = [0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27]
    assert [JOINTS32.index(joint) for joint in HUMAN36M17.joints] == kept
    assert len(set(JOINTS32)) == 32


def test_numbers_of_the_cameras(source: Path) -> None:
    # From the data set's own metadata.
    found = read(source)
    camera = found["S9/Walking/58860488"].camera
    assert camera.quaternion == (0.13357827067375183, -0.1367100477218628, 0.7689454555511475, -0.6100738644599915)
    assert camera.translation == pytest.approx((-1.6709921875, 5.21198583984375, 1.528387939453125))
    assert camera.intrinsics == (
        *(1149.1407470703125, 1148.7989501953125),
        *(519.8158569335938, 501.40264892578125),
        *(-0.2083381861448288, 0.25548800826072693, -0.0024604974314570427),
        *(0.0014843869721516967, -0.0007599993259645998),
    )


def test_every_camera_looks_at_the_middle_of_the_room_from_its_corner() -> None:
    table = published_sets.camera_table("human36m_cameras.json")
    assert list(table["places"]) == ["S1", "S5", "S6", "S7", "S8", "S9", "S11"]
    for places in table["places"].values():
        middle = np.array([[[0.0, 0.0, 0.9]]])
        for camera, place, view in zip(table["cameras"], places, published_sets.seen(middle, places), strict=True):
            assert np.linalg.norm(place["quaternion"]) == pytest.approx(1, abs=1e-6)
            pixel = project(view, np.array(camera["intrinsics"]))[0, 0]
            assert np.abs(pixel - [500, 500]).max() < 200
            assert 3.5 < view[0, 0, 2] < 6.5
        corners = {tuple(np.sign(place["translation_mm"][:2])) for place in places}
        assert len(corners) == 4


def test_detections_are_cut_to_the_motion_capture(source: Path) -> None:
    positions = unpickle.load(source / "data_2d_h36m_cpn_ft_h36m_dbb.npz")["positions_2d"]
    assert len(positions["S1"]["Walking"][2]) == 43
    arrays = read(source)["S1/Walking/58860488"].arrays()
    assert {len(values) for values in arrays.values()} == {40}
    np.testing.assert_array_equal(arrays["keypoints"], positions["S1"]["Walking"][2][:40])


def test_true_keypoints_stand_beside_detections(source: Path, tmp_path: Path) -> None:
    detected, true = read(source), read(source, keypoints="gt")
    for name, one in detected.items():
        arrays = one.arrays()
        np.testing.assert_array_equal(arrays["true_keypoints"], true[name].arrays()["keypoints"])
        assert 0.5 < np.abs(arrays["keypoints"] - arrays["true_keypoints"]).mean() < 5
    assert source / "data_2d_h36m_gt.npz" in Human36M(source).files()
    for name in ("data_3d_h36m.npz", "data_2d_h36m_cpn_ft_h36m_dbb.npz"):
        (tmp_path / name).write_bytes((source / name).read_bytes())
    assert {one.true_keypoints is None for one in read(tmp_path).values()} == {True}


@pytest.mark.parametrize(
    ("keypoints", "order", "joints"),
    [
        ("detectron_pt_coco", "coco17", HUMAN36M17),
        ("sh_pt_mpii", "mpii16", HUMAN36M16),
        ("gt", "human36m17", HUMAN36M17),
    ],
)
def test_the_order_of_keypoints_is_told_from_their_sides(
    source: Path, keypoints: str, order: str, joints: Skeleton
) -> None:
    description = Human36M(source, keypoints=keypoints).describe()
    assert (description.keypoint_skeleton, description.joint_skeleton) == (order, joints.name)
    one = read(source, keypoints=keypoints)["S9/Walking/54138969"]
    whole = read(source)["S9/Walking/54138969"].arrays()["joints"]
    np.testing.assert_array_equal(one.arrays()["joints"], whole[:, HUMAN36M17.indices(*joints.joints)])
    # The truth of other keypoints is not in the files.
    assert (one.true_keypoints is None) == (order != "human36m17")


def test_a_stacked_hourglass_goes_with_16_joints() -> None:
    # P-STMO and STCFormer delete joint 9 of the 17.
    assert HUMAN36M16.joints == tuple(np.delete(HUMAN36M17.joints, 9))
    assert [j for j in range(16) if MPII16.side(j) == "left"] == [3, 4, 5, 13, 14, 15]
    assert [j for j in range(16) if MPII16.side(j) == "right"] == [0, 1, 2, 10, 11, 12]


def test_missing_files_are_named_with_what_there_is(source: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match='Did you mean "cpn_ft_h36m_dbb"'):
        Human36M(source, keypoints="cpn_ft").require()
    with pytest.raises(InputError, match=r"lacks data_3d_h36m\.npz, data_2d_h36m_gt\.npz\. Expected: .*DATASETS\.md"):
        Human36M(tmp_path, keypoints="gt").require()


def _three_d(change: Callable[[Any], Any]) -> Callable[[dict[str, Any]], None]:
    def apply(content: dict[str, Any]) -> None:
        actions = content["positions_3d"]["S5"]
        actions["Greeting 1"] = change(actions["Greeting 1"])

    return apply


def _two_d(change: Callable[[Any], Any]) -> Callable[[dict[str, Any]], None]:
    def apply(content: dict[str, Any]) -> None:
        actions = content["positions_2d"]["S5"]
        actions["Greeting 1"] = change(actions["Greeting 1"])

    return apply


DAMAGES: dict[str, tuple[str, Callable[[dict[str, Any]], Any], str]] = {
    "17 joints": (
        "data_3d_h36m.npz",
        _three_d(lambda joints: joints[:, :17]),
        "32 joints (T, 32, 3) of S5, Greeting 1, and holds (40, 17, 3)",
    ),
    "no joints": ("data_3d_h36m.npz", _three_d(lambda _: "gone"), "and holds str"),
    "unknown subject": (
        "data_3d_h36m.npz",
        lambda content: content["positions_3d"].update(S2=content["positions_3d"]["S5"]),
        "S1, S5, S6, S7, S8, S9, S11, found S2",
    ),
    "no dictionary": (
        "data_3d_h36m.npz",
        lambda content: content.update(positions_3d=np.zeros((4, 32, 3))),
        "positions_3d, a dictionary of subjects",
    ),
    "a subject without keypoints": (
        "data_2d_h36m_cpn_ft_h36m_dbb.npz",
        lambda content: content["positions_2d"].pop("S9"),
        "lacks S9, Walking",
    ),
    "an action without keypoints": (
        "data_2d_h36m_cpn_ft_h36m_dbb.npz",
        lambda content: content["positions_2d"]["S1"].pop("Greeting 1"),
        "lacks S1, Greeting 1",
    ),
    "three cameras": ("data_2d_h36m_cpn_ft_h36m_dbb.npz", _two_d(lambda views: views[:3]), "and holds it from 3"),
    "an empty camera": (
        "data_2d_h36m_cpn_ft_h36m_dbb.npz",
        _two_d(lambda views: [*views[:3], None]),
        "S5, Greeting 1, camera 60457274, and holds NoneType",
    ),
    "16 keypoints": (
        "data_2d_h36m_cpn_ft_h36m_dbb.npz",
        _two_d(lambda views: [view[:, :16] for view in views]),
        "17 keypoints (T, 17, 2) of S5, Greeting 1, camera 54138969, and holds (43, 16, 2)",
    ),
    "too few frames": (
        "data_2d_h36m_cpn_ft_h36m_dbb.npz",
        _two_d(lambda views: [view[:39] for view in views]),
        "holds 39 frames of S5, Greeting 1, camera 54138969, and the 3D file 40",
    ),
    "another order": (
        "data_2d_h36m_cpn_ft_h36m_dbb.npz",
        lambda content: content["metadata"].update(keypoints_symmetry=[[1, 2], [3, 4]]),
        "in the order of human36m17 or coco17 or mpii16, and its left ones are [1, 2]",
    ),
    "no metadata": (
        "data_2d_h36m_cpn_ft_h36m_dbb.npz",
        lambda content: content.pop("metadata"),
        "which keypoints are left and right",
    ),
}


def test_a_third_number_is_the_score(source: Path, tmp_path: Path) -> None:
    """As detectron_pt_coco has it."""
    scores = np.linspace(0.2, 1.2, 17)

    def with_scores(content: dict[str, Any]) -> None:
        for actions in content["positions_2d"].values():
            for action, views in actions.items():
                actions[action] = [
                    np.concatenate([view, np.broadcast_to(scores[:, None], (*view.shape[:2], 1))], axis=-1)
                    for view in views
                ]

    file = "data_2d_h36m_cpn_ft_h36m_dbb.npz"
    folder = rewrite(tmp_path / "set", file, with_scores, source=source)
    for plain, scored in zip(Human36M(source).read(), Human36M(folder).read(), strict=True):
        assert plain.scores is None
        np.testing.assert_array_equal(scored.arrays()["keypoints"], plain.arrays()["keypoints"])
        np.testing.assert_allclose(scored.arrays()["scores"][0], np.minimum(scores, 1))


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_does_not_fit_is_named_in_one_sentence(source: Path, tmp_path: Path, damage: str) -> None:
    file, change, wanted = DAMAGES[damage]
    folder = rewrite(tmp_path / "set", file, change, source=source)
    sentence = refused(folder)
    assert wanted in sentence
    assert str(folder) in sentence
    assert sentence.count(". ") == 0


def test_truncated_and_hostile_files_are_named(source: Path, tmp_path: Path) -> None:
    class Runs:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "ran",)

    for file in ("data_3d_h36m.npz", "data_2d_h36m_cpn_ft_h36m_dbb.npz"):
        folder = rewrite(tmp_path / f"cut {file}", file, lambda content: None, source=source)
        (folder / file).write_bytes((folder / file).read_bytes()[:5000])
        assert f"{file} cannot be read" in refused(folder)
        hostile = rewrite(
            tmp_path / f"hostile {file}", file, lambda content: content.update(extra={"a": [Runs()]}), source=source
        )
        assert "could run code" in refused(hostile)
    assert not (tmp_path / "ran").exists()
