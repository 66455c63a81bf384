"""Every format gives back what it was given; files of one's own are read as far as they tell."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fakes
import fuzz
import numpy as np
import pandas
import pytest

from in_the_wild import exports, formats
from in_the_wild.errors import InputError, OutputError, PluginError, Pose3DError
from in_the_wild.formats._motion import MotionFormat
from in_the_wild.poses import Poses
from in_the_wild.skeletons import COCO17, HUMAN36M17, Skeleton


def chance(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def table(person: int, frames: list[int], coordinates: int = 2) -> Poses:
    """One person in some frames of a clip of ten, at random places."""
    count = len(frames)
    places = chance(person + 1)
    return Poses(
        keypoints=places.normal(size=(count, 17, coordinates)) * (300 if coordinates == 2 else 1),
        scores=places.random((count, 17)).round(3),
        frame=np.array(frames),
        person_id=np.full(count, person),
        skeleton=COCO17 if coordinates == 2 else HUMAN36M17,
        space="image" if coordinates == 2 else "camera",
        video=fakes.video(10, fps=29.97),
        meta={"detector": {"name": "fake"}, "every": 1},
    )


def with_gaps() -> Poses:
    poses = table(3, [0, 1, 5, 9])
    scores = poses.scores.copy()
    scores[1, 4:9] = 0
    return poses.replace(scores=scores)


def rooted() -> Poses:
    poses = Poses.join([table(1, list(range(10)), 3), table(2, [2, 3, 9], 3)])
    return poses.replace(
        root=chance().normal(size=(len(poses), 3)) + np.array([0, 0, 4]), root_source="given focal length"
    )


def in_the_world() -> Poses:
    return table(1, list(range(10)), 3).replace(space="world")


def uneven_frames() -> Poses:
    times = np.cumsum(chance().uniform(0.01, 0.1, 10))
    return table(1, list(range(10))).replace(video=fakes.video(10, timestamps=times - times[0]))


CASES: dict[str, Callable[[], Poses]] = {
    "2D": lambda: table(1, list(range(10))),
    "3D": lambda: table(1, list(range(10)), 3),
    "two persons": lambda: Poses.join([table(1, list(range(10))), table(7, [3, 4, 5, 9])]),
    "gaps": with_gaps,
    "one row": lambda: table(0, [9]),
    "no rows": lambda: Poses.empty(skeleton=COCO17, space="image", video=fakes.video(10)),
    "no rows in 3D": lambda: Poses.empty(skeleton=HUMAN36M17, space="camera", video=fakes.video(10)),
    "root path": rooted,
    "world": in_the_world,
    "uneven frames": uneven_frames,
    "before tracking": lambda: Poses.join([table(-1, [0, 0, 0, 9, 9]), table(2, [0, 9])]),
}
# What a table has no place for, and whoever reads it says.
SAID = f"size={fakes.WIDTH}x{fakes.HEIGHT}"
WRITTEN = ["npz", "json", "csv", "csv:layout=wide", "parquet", "parquet:layout=wide"]


def read_again(path: Path, poses: Poses) -> Poses:
    if path.suffix != ".csv":
        return formats.read(path)
    nobody = "" if len(poses) > 1 else f",fps={poses.video.fps},skeleton={poses.skeleton.name},space={poses.space}"
    return formats.read(path, f"csv:{SAID}{nobody}")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("written", WRITTEN)
def test_what_was_written_comes_back(tmp_path: Path, written: str, case: str) -> None:
    poses = CASES[case]()
    path = tmp_path / f"poses{formats.load(written.partition(':')[0]).suffixes[0]}"
    formats.write(poses, path, written)
    again = read_again(path, poses)
    for name in ("keypoints", "scores", "frame", "person_id"):
        np.testing.assert_array_equal(getattr(again, name), getattr(poses, name), err_msg=name)
    np.testing.assert_array_equal(again.seconds, poses.seconds)
    assert (again.skeleton, again.space) == (poses.skeleton, poses.space)
    assert (again.video.width, again.video.height) == (fakes.WIDTH, fakes.HEIGHT)
    assert (again.root is None) == (poses.root is None)
    if poses.root is not None:
        np.testing.assert_array_equal(np.asarray(again.root), poses.root)
    if path.suffix != ".csv":
        np.testing.assert_array_equal(again.video.timestamps, poses.video.timestamps)
        assert again.video.fps == poses.video.fps
        assert (again.video.path, again.root_source, again.meta) == (poses.video.path, poses.root_source, poses.meta)


def test_every_format_is_tried_above_or_is_one_of_motion() -> None:
    """Those of motion, and COCO's, do not keep all that poses say; `test_round_trips` tries them."""
    tried = {one.partition(":")[0] for one in WRITTEN}
    written = {name for name in formats.names() if formats.load(name).writes}
    assert tried == {name for name in written if not issubclass(formats.load(name), MotionFormat)} - {"coco"}


@pytest.mark.parametrize("name", formats.names())
def test_a_format_says_what_it_is(name: str) -> None:
    kind = formats.load(name)
    assert kind.title
    assert kind.suffixes
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in kind.suffixes)
    assert kind.reads or kind.writes


def test_where_formats_end_alike_the_one_of_that_name_is_written() -> None:
    written = [kind for kind in map(formats.load, formats.names()) if kind.writes]
    for suffix, kind in formats.writers_by_suffix().items():
        alike = [one for one in written if suffix in one.suffixes]
        assert kind in alike
        assert len(alike) == 1 or kind.name() == suffix[1:]
    assert exports.file_name("a", formats.make("coco")) == "a_coco.json"


def test_content_tells_the_format_before_the_name_does(tmp_path: Path) -> None:
    poses = table(1, [0, 1, 2])
    for name in ("npz", "json"):
        formats.write(poses, tmp_path / "poses.dat", name)
        np.testing.assert_array_equal(formats.read(tmp_path / "poses.dat").keypoints, poses.keypoints)
    (tmp_path / "poses.dat").rename(tmp_path / "POSES.CSV")
    assert len(formats.read(tmp_path / "POSES.CSV")) == 3
    formats.write(poses, tmp_path / "UPPER.NPZ")
    assert len(formats.read(tmp_path / "UPPER.NPZ")) == 3


def test_names_and_settings_that_there_are_not(tmp_path: Path) -> None:
    poses = table(1, [0])
    with pytest.raises(InputError, match=r"ending in \.\w.* or \..* was expected, found poses\.xyz"):
        formats.write(poses, tmp_path / "poses.xyz")
    (tmp_path / "poses.txt").write_text("x")
    with pytest.raises(InputError, match=r"poses\.txt is no file of poses .*\.npz.* of one of the formats alphapose"):
        formats.read(tmp_path / "poses.txt")
    with pytest.raises(PluginError, match='Did you mean "csv"'):
        formats.write(poses, tmp_path / "poses.csv", "csvv")
    with pytest.raises(InputError, match=r'no setting "layouts". Did you mean "layout"'):
        formats.write(poses, tmp_path / "poses.csv", "csv:layouts=wide")
    with pytest.raises(InputError, match='tidy or wide was expected, found "broad"'):
        formats.write(poses, tmp_path / "poses.csv", "csv:layout=broad")
    with pytest.raises(InputError, match=r"name it poses\.csv"):
        formats.write(poses, tmp_path / "poses.npz", "csv:layout=wide")
    assert [path.name for path in tmp_path.iterdir()] == ["poses.txt"]


def test_an_unwritable_place_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for suffix in set(formats.suffixes(writes=True)) - {".fbx"}:  # which asks for Blender first
        with pytest.raises(OutputError, match="Cannot write"):
            formats.write(rooted(), tmp_path / "file" / f"a{suffix}")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_npz_opens_without_pickle(tmp_path: Path) -> None:
    formats.write(fakes.poses2d(np.zeros((3, 17, 2))), tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        assert {"keypoints", "scores", "frame", "time", "person", "joints", "meta"} <= set(file.files)
        np.testing.assert_allclose(file["time"], [0, 0.04, 0.08])
        assert list(file["joints"]) == list(COCO17.joints)


def test_tables_have_units_in_their_headings(tmp_path: Path) -> None:
    formats.write(rooted(), tmp_path / "tidy.csv")
    formats.write(rooted(), tmp_path / "wide.csv", "csv:layout=wide")
    formats.write(table(1, [0]), tmp_path / "pixels.csv")
    tidy, wide, pixels = (
        list(csv.DictReader((tmp_path / name).open(newline=""))) for name in ("tidy.csv", "wide.csv", "pixels.csv")
    )
    root = ["root_x_m", "root_y_m", "root_z_m"]
    assert list(tidy[0]) == ["seconds", "frame", "person", "joint", "x_m", "y_m", "z_m", "score", "space", *root]
    assert list(pixels[0]) == ["seconds", "frame", "person", "joint", "x_px", "y_px", "score", "space"]
    assert [list(wide[0])[at] for at in (0, 1, 2, 3, 7, 10)] == [
        "seconds", "frame", "person", "space", "pelvis_x_m", "pelvis_score",
    ]  # fmt: skip
    assert len(tidy) == 17 * len(wide) == 17 * 13
    assert tidy[16]["joint"] == "right_wrist"
    assert float(tidy[16]["x_m"]) == float(wide[0]["right_wrist_x_m"])


def test_rows_of_a_table_may_come_in_any_order(tmp_path: Path) -> None:
    poses = rooted()
    poses.save(tmp_path / "a.csv")
    head, *rows = (tmp_path / "a.csv").read_text().splitlines()
    joints = [row.split(",")[3] for row in rows]
    by_joint = sorted(range(len(rows)), key=lambda at: (HUMAN36M17.index(joints[at]), at))
    (tmp_path / "b.csv").write_text("\n".join([head, *(rows[at] for at in by_joint)]))
    again = formats.read(tmp_path / "b.csv", f"csv:{SAID}")
    np.testing.assert_array_equal(again.keypoints, poses.keypoints)
    np.testing.assert_array_equal(np.asarray(again.root), np.asarray(poses.root))


def test_pandas_opens_a_typed_table(tmp_path: Path) -> None:
    poses = rooted()
    poses.save(tmp_path / "a.parquet", space="world", units="cm")
    found = pandas.read_parquet(tmp_path / "a.parquet")
    text = pandas.Series(["a"]).dtype  # "object" before pandas 3, "str" since
    assert found.dtypes.astype(str).to_dict() == {
        "seconds": "float64", "frame": "int64", "person": "int64", "joint": str(text), "x_cm": "float32",
        "y_cm": "float32", "z_cm": "float32", "score": "float32", "space": str(text),
    }  # fmt: skip
    heads = found[(found.joint == "head") & (found.person == 2)]
    expected = poses.world().of_person(2).keypoints[:, HUMAN36M17.index("head"), 2] * 100
    np.testing.assert_allclose(heads.z_cm, expected, rtol=1e-6)
    found.drop(columns="space").to_parquet(tmp_path / "theirs.parquet")  # without our notes
    again = formats.read(tmp_path / "theirs.parquet", "parquet:space=world,size=1280x720,fps=29.97")
    np.testing.assert_allclose(again.keypoints, poses.world().keypoints, atol=1e-6)


def test_a_skeleton_of_its_own_is_kept_where_notes_are(tmp_path: Path) -> None:
    arm = Skeleton("arm", ("shoulder", "elbow", "wrist"), (None, "shoulder", "elbow"))
    poses = table(1, [0, 1], 3)
    poses = poses.replace(keypoints=poses.keypoints[:, :3], scores=poses.scores[:, :3], skeleton=arm)
    for suffix in (".npz", ".json", ".parquet"):
        poses.save(tmp_path / f"a{suffix}")
        assert formats.read(tmp_path / f"a{suffix}").skeleton == arm


def test_other_axes_and_units_are_said_in_the_file(tmp_path: Path) -> None:
    poses = rooted()
    poses.save(tmp_path / "a.csv", units="mm", up="y")
    poses.save(tmp_path / "a.json", units="cm", up="z", space="world")
    row = next(csv.DictReader((tmp_path / "a.csv").open(newline="")))
    assert row["space"] == "camera, y up"
    x, y, z = poses.keypoints[0, 0]
    assert [float(row[f"{axis}_mm"]) for axis in "xyz"] == pytest.approx([1000 * x, -1000 * y, -1000 * z], rel=1e-6)
    assert float(row["root_z_mm"]) == pytest.approx(-1000 * np.asarray(poses.root)[0, 2], rel=1e-6)
    said = json.loads((tmp_path / "a.json").read_text())
    assert (said["version"], said["units"], said["up"], said["axes"]) == (2, "centimetres", "z", "z up, floor at 0")
    poses.save(tmp_path / "usual.json")
    said = json.loads((tmp_path / "usual.json").read_text())
    assert (said["version"], said["units"], "up" in said) == (1, "metres", False)
    with pytest.raises(InputError, match="in pixels, y down: leave out units and up"):
        table(1, [0]).save(tmp_path / "pixels.csv", units="mm")


@pytest.mark.parametrize("change", [{"units": "feet"}, {"units": "pixels"}, {"up": "x"}, {"version": 3}])
def test_json_in_axes_and_units_that_there_are_not(tmp_path: Path, change: dict[str, Any]) -> None:
    rooted().save(tmp_path / "a.json", up="y")
    content = json.loads((tmp_path / "a.json").read_text())
    (tmp_path / "a.json").write_text(json.dumps({**content, **change}))
    with pytest.raises(InputError, match=r"a\.json"):
        formats.read(tmp_path / "a.json")


def test_json_keeps_a_skeleton_of_its_own(tmp_path: Path) -> None:
    arm = Skeleton("arm", ("shoulder", "elbow", "wrist"), (None, "shoulder", "elbow"))
    poses = Poses.empty(skeleton=arm, space="camera", video=fakes.video(2))
    formats.write(poses, tmp_path / "a.json")
    assert formats.read(tmp_path / "a.json").skeleton == arm


def own(**changes: Any) -> dict[str, Any]:
    """Keypoints that somebody writes by hand; None leaves a key out."""
    meta = {"space": "image", "skeleton": "coco17", "video": "a.mp4", "size": [640, 360], "fps": 25.0}
    fields: dict[str, Any] = {
        "keypoints": chance().uniform(0, 300, (4, 17, 2)),
        "scores": np.ones((4, 17)),
        "frame": np.arange(4),
        "person": np.zeros(4, dtype=int),
        "timestamps": np.arange(4) / 25,
        "joints": np.array(COCO17.joints),
        "meta": {**meta, **changes.pop("meta", {})},
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def save(path: Path, fields: dict[str, Any]) -> Path:
    meta = fields.pop("meta", None)
    np.savez(path, **fields, **({} if meta is None else {"meta": np.array(json.dumps(meta))}))
    return path


def no_meta(*keys: str) -> dict[str, Any]:
    return dict.fromkeys(keys)


@pytest.mark.parametrize(
    "changes",
    [
        {"scores": None},
        {"frame": None},
        {"person": None},
        {"frame": None, "person": None},
        {"joints": None},
        {"meta": no_meta("skeleton")},
        {"meta": no_meta("space")},
        {"meta": no_meta("fps")},
        {"meta": no_meta("video")},
        {"timestamps": None},
        {"timestamps": None, "meta": no_meta("fps"), "time": np.arange(4) / 25},
        {"timestamps": None, "frame": None, "meta": no_meta("fps"), "time": np.arange(4) / 25},
        {"keypoints": chance().integers(0, 300, (4, 17, 2))},
    ],
)
def test_what_can_be_told_from_the_rest_is(tmp_path: Path, changes: dict[str, Any]) -> None:
    fields = own(**changes)
    poses = formats.read(save(tmp_path / "own.npz", dict(fields)))
    np.testing.assert_array_equal(poses.keypoints, fields["keypoints"].astype(np.float32))
    assert poses.scores.min() == 1
    assert poses.frame.tolist() == [0, 1, 2, 3]
    assert poses.persons == [0]
    assert (poses.skeleton, poses.space) == (COCO17, "image")
    np.testing.assert_allclose(poses.video.timestamps, np.arange(4) / 25)
    assert poses.video.fps == pytest.approx(25)


@pytest.mark.parametrize(
    ("changes", "asked", "answer"),
    [
        ({"meta": no_meta("size")}, "size=WIDTHxHEIGHT", "size=640x360"),
        ({"meta": no_meta("fps"), "timestamps": None}, "fps=25", "fps=25"),
        ({"meta": no_meta("skeleton"), "joints": None}, r"skeleton=coco17\|human36m17", "skeleton=coco17"),
        (
            {"meta": {"space": None, "skeleton": "human36m17"}, "joints": None, "keypoints": np.zeros((4, 17, 3))},
            "space=camera",
            "space=world",
        ),
    ],
)
def test_what_cannot_be_told_is_asked_for(tmp_path: Path, changes: dict[str, Any], asked: str, answer: str) -> None:
    path = save(tmp_path / "own.npz", own(**changes))
    with pytest.raises(InputError, match=f"does not say .*--read-as npz:{asked}"):
        formats.read(path)
    assert len(formats.read(path, f"npz:{answer}")) == 4


def test_nothing_but_keypoints_and_what_is_said(tmp_path: Path) -> None:
    np.savez(tmp_path / "own.npz", keypoints=np.zeros((3, 33, 2)))
    poses = formats.read(tmp_path / "own.npz", "npz:size=640x360,fps=30")
    assert poses.skeleton.name == "blazepose33"


def test_joints_in_another_order_are_put_in_ours(tmp_path: Path) -> None:
    fields = own()
    order = chance().permutation(17)
    shuffled = {**fields, "keypoints": fields["keypoints"][:, order], "joints": fields["joints"][order]}
    poses = formats.read(save(tmp_path / "own.npz", shuffled))
    np.testing.assert_array_equal(poses.keypoints, fields["keypoints"].astype(np.float32))


def test_nan_where_nothing_was_seen_is_read_as_not_seen(tmp_path: Path) -> None:
    keypoints = chance().uniform(0, 300, (4, 17, 2))
    keypoints[1, 3], keypoints[2, 5, 0] = np.nan, np.nan
    unseen = np.isnan(keypoints).any(2)
    for scores in (None, np.where(unseen, 0, 1), np.where(unseen, np.nan, 1), np.ones((4, 17))):
        poses = formats.read(save(tmp_path / "own.npz", own(keypoints=keypoints, scores=scores)))
        assert np.argwhere(poses.scores == 0).tolist() == [[1, 3], [2, 5]]
        assert np.isfinite(poses.keypoints).all()


def test_people_of_a_frame_whom_nobody_tells_apart_wait_for_tracking(tmp_path: Path) -> None:
    poses = formats.read(save(tmp_path / "own.npz", own(person=None, frame=[0, 0, 1, 1])))
    assert poses.person_id.tolist() == [-1] * 4


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"keypoints": None}, "lacks keypoints"),
        ({"keypoints": np.zeros((4, 17))}, "keypoints: shape"),
        ({"keypoints": np.zeros((4, 16, 2))}, "17 joints of coco17"),
        ({"keypoints": np.full((4, 17, 2), np.inf)}, "keypoints: numbers up to"),
        ({"keypoints": np.full((4, 17, 2), 1e30)}, "keypoints: numbers up to"),
        ({"keypoints": np.full((4, 17, 2), "far")}, "keypoints: numbers"),
        ({"keypoints": np.zeros((4, 17, 2), complex)}, "keypoints: numbers"),
        ({"scores": np.zeros((3, 17))}, "scores: shape"),
        ({"scores": np.full((4, 17), 2)}, "scores: numbers from 0 to 1"),
        ({"scores": np.full((4, 17), np.nan)}, "scores: numbers from 0 to 1"),
        ({"frame": [0, 1, 2, 2.5]}, "frame: whole numbers"),
        ({"frame": [0, 1, 2, 1e300]}, "frame: whole numbers"),
        ({"frame": [0, 1, 2, -1]}, "frame: whole numbers"),
        ({"frame": [0, 1, 2, 9]}, "at least 10 frames"),
        ({"frame": [0, 1, 2, 9_999_999_999], "timestamps": None}, "frame: whole numbers"),
        ({"person": [0, 0, 0, np.nan]}, "person: whole numbers"),
        (
            {"person": None, "frame": [0, 0, 1, 1], "keypoints": np.zeros((4, 17, 3)), "joints": None,
             "meta": {"space": "camera", "skeleton": "human36m17"}},
            "person: an id for every row",
        ),
        ({"frame": [0, 0, 1, 1]}, "at most one pose in a frame"),
        ({"timestamps": [0, 0.1, np.nan, 0.3]}, "rising seconds"),
        ({"timestamps": [0, 0.2, 0.1, 0.3]}, "rising seconds"),
        ({"joints": np.array(["a"] * 17)}, "joints: every name was expected once"),
        ({"joints": np.array([*COCO17.joints[:-1], "tail"])}, "lacks 1 of the 17 joints of coco17: right_ankle"),
        ({"root": np.full((4, 3), 4e30)}, "root: numbers"),
        ({"root": np.full((4, 3), np.nan)}, "root: finite"),
        ({"root": np.zeros((4, 2))}, "root: shape"),
        (
            {"keypoints": np.full((4, 17, 3), (320.0, 180.0, 0.9)), "scores": None, "meta": {"space": "camera"}},
            "keypoints: .*found up to 320, as of pixels, and thirds from 0 to 1, as of scores",
        ),
        ({"meta": {"space": "moon"}}, 'space: one of .*found "moon"'),
        ({"meta": {"space": "camera"}}, "3 coordinates were expected in camera space"),
        ({"meta": {"space": 3}}, "space: text"),
        ({"meta": {"skeleton": "coco81"}}, 'no skeleton "coco81"'),
        ({"meta": {"skeleton": ["coco17"]}}, "skeleton: text"),
        ({"meta": {"size": [640]}}, "size: width and height"),
        ({"meta": {"size": [0, 360]}}, "size: width and height"),
        ({"meta": {"size": [1e30, 360]}}, "size: width and height"),
        ({"meta": {"size": ["640", "360"]}}, "size: width and height"),
        ({"meta": {"size": "640x360"}}, "size: width and height"),
        ({"meta": {"fps": 0}}, "fps: frames per second"),
        ({"meta": {"fps": float("nan")}}, "fps: frames per second"),
        ({"meta": {"fps": "25"}}, "fps: frames per second"),
        ({"meta": {"video": 1}}, "video: text"),
        ({"meta": {"looks": "all"}}, "meta: other notes of looks, cuts, cleaned, whole_clip"),
        ({"meta": {"cuts": [None]}}, "meta: other notes"),
        ({"meta": {"cleaned": {"0": [[3]]}}}, "meta: other notes"),
        ({"meta": {"whole_clip": {"0": {"standing": [3]}}}}, "meta: other notes"),
        ({"meta": {"every": "2"}}, "meta every"),
        ({"meta": {"every": 0}}, "meta"),
        ({"meta": {"video_warnings": [1]}}, "meta"),
        ({"meta": {"refiners": "all"}}, "meta refiners"),
        ({"meta": {"note": float("inf")}}, "meta: finite"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_sentence(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = save(tmp_path / "own.npz", own(**changes))
    with pytest.raises(Pose3DError, match=message) as caught:
        formats.read(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["", "not a zip", "pickle", "other", "meta", "list", "deep"])
def test_other_files_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "other.npz"
    metas = {"meta": "{", "list": "[1]", "deep": "[" * 10_000}
    if content == "pickle":
        np.savez(path, keypoints=np.array([{"a": 1}], dtype=object))
    elif content == "other":
        np.savez(path, a=np.zeros(3))
    elif content in metas:
        np.savez(path, keypoints=np.zeros((1, 17, 2)), meta=np.array(metas[content]))
    else:
        path.write_text(content)
    with pytest.raises(InputError, match=r"poses2d\.npz or poses3d\.npz"):
        formats.read(path)


TIDY = "frame,person,joint,x_mm,y_mm,z_mm,note\n0,1,neck,1000,2000,3000,a\n0,1,head_top,,,,b\n"


@pytest.mark.parametrize(
    "text",
    [
        "\ufefffps;frame;x\n".replace("fps;frame;x", "frame;person;joint;x_m;y_m;z_m") + "0;1;neck;1,0;2,0;3,0\n",
        TIDY.split("0,1,head_top", maxsplit=1)[0],
        "frame,neck_x_cm,neck_y_cm,neck_z_cm\n\n0,100,200,300\n\n",
    ],
)
def test_tables_of_others_are_read(tmp_path: Path, text: str) -> None:
    joints = "".join(f"0;1;{joint};;;\n" for joint in HUMAN36M17.joints if joint != "neck")
    if ";" in text:
        text += joints
    elif "joint" in text:
        text += "".join(f"0,1,{joint},,,,\n" for joint in HUMAN36M17.joints if joint != "neck")
    else:
        others = [joint for joint in HUMAN36M17.joints if joint != "neck"]
        head, *rows = text.splitlines()
        head += "".join(f",{joint}_{axis}_m" for joint in others for axis in "xyz")
        text = "\n".join([head, *(row + "," * 48 if row else row for row in rows)])
    (tmp_path / "a.csv").write_text(text)
    poses = formats.read(tmp_path / "a.csv", "csv:size=640x360,fps=25,space=camera")
    np.testing.assert_allclose(poses.keypoints[0, HUMAN36M17.index("neck")], [1, 2, 3])
    assert poses.scores.sum() == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a,b\n1,2\n",
        "frame,joint,x_px\n0,nose,1\n",
        "frame,joint,x_px,y_px\n0,nose,1\n",
        "frame,joint,x_px,y_px\n0,nose,1,anna\n",
        "joint,x_px,y_px\nnose,1,2\n",
        "frame,frame,x_px,y_px\n0,0,1,2\n",
        "frame,joint,x_px,y_px\n0,horn,1,2\n",
        "frame,joint,x_m,y_m,z_m,space\n0,neck,1,2,3,moon\n",
        "frame,nose_x_px,nose_y_px,neck_x_m,neck_y_m,neck_z_m\n0,1,2,3,4,5\n",
        'frame,joint,x_px,y_px\n0,"nose,1,2\n',
    ],
)
def test_tables_of_something_else_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(InputError, match=r"a\.csv"):
        formats.read(tmp_path / "a.csv", "csv:size=640x360,fps=25")


@pytest.mark.parametrize(
    "content",
    [
        "{}",
        "[]",
        "{",
        '{"format": "pose3d-poses", "version": 2, "people": []}',
        '{"format": "other", "people": []}',
        '{"format": "pose3d-poses", "people": 3}',
        '{"format": "pose3d-poses", "people": [3]}',
        '{"format": "pose3d-poses", "skeleton": [], "people": []}',
        '{"format": "pose3d-poses", "people": [{"keypoints": [[[1, 2], [3]]]}]}',
        '{"format": "pose3d-poses", "people": [{"keypoints": [[["a", "b"]]]}]}',
        '{"version": 1.3, "people": [{"pose_keypoints_2d": [1, 2, 3]}]}',
    ],
)
def test_json_of_something_else_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(InputError, match=r"a\.json"):
        formats.read(tmp_path / "a.json")


@pytest.mark.parametrize("written", WRITTEN)
def test_damaged_files_are_one_sentence_or_read(tmp_path: Path, written: str) -> None:
    poses = Poses.join([table(1, [0, 1, 2], 3), table(2, [0, 2], 3)]).replace(root=np.ones((5, 3)))
    suffix = formats.load(written.partition(":")[0]).suffixes[0]
    formats.write(poses, tmp_path / f"a{suffix}", written)
    path = tmp_path / f"damaged{suffix}"
    refused = []
    for damage, content in fuzz.mutations((tmp_path / f"a{suffix}").read_bytes(), seed=3, count=400):
        path.write_bytes(content)
        try:
            read_again(path, poses)
        except Pose3DError as error:
            refused.append((damage, str(error)))
    assert len(refused) > 30
    assert not [case for case in refused if "\n" in case[1]]


def test_joints_in_metres_need_no_picture(tmp_path: Path) -> None:
    rooted().save(tmp_path / "a.csv")
    again = formats.read(tmp_path / "a.csv")
    np.testing.assert_allclose(again.keypoints, rooted().keypoints, atol=1e-6)
    np.savez(tmp_path / "b.npz", keypoints=np.zeros((3, 17, 2)))
    with pytest.raises(InputError, match="how large the video's picture is"):
        formats.read(tmp_path / "b.npz", "npz:skeleton=coco17,fps=25")
