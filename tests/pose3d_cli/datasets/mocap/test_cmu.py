"""The CMU database's files, as tests/support/cmu_files.py writes them, become joints of the packs in metres, z up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import packs
import pytest
from cmu_files import BONES, METRE, Angles, amc, asf, converted, walk, write

from in_the_wild import bvh
from in_the_wild.errors import InputError
from pose3d_cli.datasets.mocap import asf_amc, cmu
from pose3d_cli.datasets.mocap import packs as mocap
from pose3d_cli.datasets.mocap.packs import BODY22

# Independent kinematics: sines and cosines in 4x4 matrices, bone by bone and frame by frame.


def turn(axis: str, degrees: float) -> np.ndarray:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrix = np.eye(4)
    a, b = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix[a, a], matrix[a, b], matrix[b, a], matrix[b, b] = c, -s, s, c
    return matrix


def shift(x: float, y: float, z: float) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, 3] = x, y, z
    return matrix


def naive(values: Angles, t: int) -> dict[str, np.ndarray]:
    """4x4 of every bone's end in the world, metres."""
    x, y, z, rx, ry, rz = values["root"][t]
    world = {"root": shift(x / METRE, y / METRE, z / METRE) @ turn("z", rz) @ turn("y", ry) @ turn("x", rx)}
    for name, (parent, direction, length, axis, dof) in BONES.items():
        askew = turn("z", axis[2]) @ turn("y", axis[1]) @ turn("x", axis[0])
        moved = np.eye(4)
        for angle, degrees in zip(dof.split(), values[name][t] if dof else (), strict=True):
            moved = turn(angle[1], degrees) @ moved
        offset = np.array(direction) / np.linalg.norm(direction) * length
        world[name] = world[parent] @ askew @ moved @ np.linalg.inv(askew) @ shift(*offset)
    return world


def test_ends_of_bones_are_where_a_naive_calculation_has_them(tmp_path: Path) -> None:
    values = walk(40)
    folder = write(tmp_path, values)
    figure = asf_amc.read_asf(folder / "01.asf")
    ends, turned = asf_amc.forward_kinematics(figure, asf_amc.read_amc(folder / "01_01.amc", figure))
    assert set(figure.names) == {"root", *BONES}
    for t in (0, 17, 39):
        world = naive(values, t)
        for i, name in enumerate(figure.names):
            np.testing.assert_allclose(ends[t, i], world[name][:3, 3], atol=1e-8, err_msg=name)
            np.testing.assert_allclose(turned[t, i], world[name][:3, :3], atol=1e-8, err_msg=name)


SMALL = """:units
  length 0.9
  angle {angle}
:root
  order {order}
:bonedata
  begin
    name upper
    direction 1 0 0
    length {length}
    axis {axis} XYZ
    dof {dof}
  end
  begin
    name lower
    direction 0 2 0
    length {length}
    axis 0 0 0 XYZ
  end
:hierarchy
  begin
    root upper
    upper lower
  end
"""
UNIT = 0.9 / 0.0254  # a metre, where the header's length is 0.9
HALF_TURN = float(np.pi)


# By hand: from the root at (1, 2, 3), a metre along x and then one along y, both turned.
@pytest.mark.parametrize(
    ("axis", "dof", "angles", "root", "upper", "lower"),
    [
        pytest.param("0 0 0", "rz", "0", "0 0 0", (2, 2, 3), (2, 3, 3), id="at rest"),
        pytest.param("0 0 0", "rz", "90", "0 0 0", (1, 3, 3), (0, 3, 3), id="about z"),
        pytest.param(
            "0 90 0", "rz", "90", "0 0 0", (2, 2, 3), (2, 2, 4), id="about the bone's z, which is the world's x"
        ),
        pytest.param("0 0 0", "rx ry", "90 90", "0 0 0", (1, 2, 2), (2, 2, 2), id="x first, then y"),
        pytest.param("0 0 0", "ry rx", "90 90", "0 0 0", (1, 3, 3), (1, 3, 4), id="y first, then x"),
        pytest.param("0 0 0", "rz", "0", "90 90 0", (1, 2, 2), (2, 2, 2), id="the root, x first"),
    ],
)
def test_turns_worked_out_by_hand(
    tmp_path: Path, axis: str, dof: str, angles: str, root: str, upper: tuple[float, ...], lower: tuple[float, ...]
) -> None:
    path = tmp_path / "small.asf"
    path.write_text(SMALL.format(angle="deg", order="TX TY TZ RX RY RZ", length=UNIT, axis=axis, dof=dof))
    motion = tmp_path / "small.amc"
    motion.write_text(f":DEGREES\n7\nupper {angles}\nroot {UNIT} {2 * UNIT} {3 * UNIT} {root}\n")
    figure = asf_amc.read_asf(path)
    ends, _ = asf_amc.forward_kinematics(figure, asf_amc.read_amc(motion, figure))
    np.testing.assert_allclose(ends[0], [(1, 2, 3), upper, lower], atol=1e-9)


def test_radians_and_another_order_of_the_root(tmp_path: Path) -> None:
    path = tmp_path / "small.asf"
    path.write_text(SMALL.format(angle="rad", order="RZ TY RY TX TZ RX", length=UNIT, axis="0 0 0", dof="rz"))
    motion = tmp_path / "small.amc"
    motion.write_text(f"1\nroot {HALF_TURN / 2} {2 * UNIT} 0 {UNIT} {3 * UNIT} 0\nupper {HALF_TURN}\n")
    figure = asf_amc.read_asf(path)
    ends, _ = asf_amc.forward_kinematics(figure, asf_amc.read_amc(motion, figure))
    np.testing.assert_allclose(ends[0], [(1, 2, 3), (1, 1, 3), (2, 1, 3)], atol=1e-9)


# BVH


def test_a_bvh_worked_out_by_hand(tmp_path: Path) -> None:
    """Channels in any order, each turn about axes that those before have moved, positions in the offset's place."""
    path = tmp_path / "arm.bvh"
    path.write_text(
        "HIERARCHY\nROOT base\n{\n  OFFSET 9 9 9\n"
        "  CHANNELS 6 Zrotation Yposition Xrotation Xposition Zposition Yrotation\n"
        "  JOINT upper arm\n  {\n    OFFSET 1 0 0\n    CHANNELS 1 Xrotation\n"
        "    JOINT hand\n    {\n      OFFSET 0 1 0\n      CHANNELS 4 Xposition Zrotation Xrotation Yrotation\n"
        "      End Site\n      {\n        OFFSET 0 0 2\n      }\n    }\n  }\n"
        "  End Site\n  {\n    OFFSET 0 0 1\n  }\n}\n"
        "MOTION\nFrames:\t2\nFrame Time:\t.0333333\n"
        "90 2 0 1 3 0  0  0 0 0 0\n"
        "90 2 90 1 3 0  -90  0 90 0 90\n\n"
    )
    recording = bvh.read(path)
    assert recording.fps == 30
    assert recording.names == ("base", "upper arm", "hand", "hand_end", "base_end")
    places, _ = bvh.forward_kinematics(recording)
    np.testing.assert_allclose(places[0], [(1, 2, 3), (1, 3, 3), (0, 3, 3), (0, 3, 5), (1, 2, 4)], atol=1e-9)
    # Base: Rz(90) Rx(90) takes x to y, y to z, z to x. Upper: -90 about x takes the rest of it back to Rz(90).
    # Hand: Rz(90) Ry(90) within that takes z to x, then to y, then to -x.
    np.testing.assert_allclose(places[1], [(1, 2, 3), (1, 3, 3), (0, 3, 3), (-2, 3, 3), (2, 2, 3)], atol=1e-9)


def only(folder: Path) -> cmu.Take:
    (take,) = cmu.read(folder)
    return take


def test_joints_are_those_of_the_packs_in_z_up(tmp_path: Path) -> None:
    assert BODY22.joints == cmu.JOINTS
    values = walk(241)
    take = only(write(tmp_path / "subjects" / "01", values))
    assert (take.name, take.subject, take.action, take.fps) == ("01_01", "01", "01_01", 50.0)
    assert take.joints.shape == (101, 22, 3)
    assert take.joints.dtype == np.float32
    for t in (0, 50, 100):  # seconds 0, 1, 2: frames 0, 120, 240
        world = naive(values, t * 12 // 5)
        y_up = {name: matrix[:3, 3] for name, matrix in world.items()}
        left_wrist = y_up["lhumerus"] + 0.955 * (y_up["lwrist"] - y_up["lhumerus"])
        raised = world["upperneck"][:3, 3]
        head = world["head"][:3, :3] @ turn("x", -10.04)[:3, :3]  # subject 01 holds the head 10.04 degrees low
        expected = {
            "pelvis": (y_up["lhipjoint"] + y_up["rhipjoint"]) / 2,
            "right_knee": y_up["rfemur"],
            "left_ankle": y_up["ltibia"],
            "spine": y_up["lowerback"],
            "thorax": y_up["lowerneck"],
            "left_shoulder": y_up["lclavicle"],
            "right_elbow": y_up["rhumerus"],
            "left_wrist": left_wrist,
            "neck": raised + head @ (0, 0.03, 0.05),
            "head": raised + head @ (0, 0.15, 0.01),
            "left_eye": raised + head @ (0.032, 0.07, 0.105),
            "right_ear": raised + head @ (-0.075, 0.055, 0.02),
        }
        for name, (x, y, z) in expected.items():
            np.testing.assert_allclose(take.joints[t, BODY22.index(name)], (x, -z, y), atol=2e-6, err_msg=name)


def test_left_is_left_up_is_up_and_feet_are_near_the_floor(tmp_path: Path) -> None:
    take = only(write(tmp_path, walk(241)))
    at = {name: take.joints[:, i] for i, name in enumerate(BODY22.joints)}
    went = at["pelvis"][-1] - at["pelvis"][0]
    np.testing.assert_allclose(np.linalg.norm(went), 2.4, atol=0.01)
    forward = went / np.linalg.norm(went)
    left = np.cross([0, 0, 1], forward)
    for part in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist", "eye", "ear"):
        assert ((at[f"left_{part}"] - at[f"right_{part}"]) @ left > 0).all(), part
    assert ((at["nose"] - at["left_ear"]) @ forward > 0.05).all()
    assert (at["left_wrist"][:, 2] > at["left_shoulder"][:, 2]).all()  # the raised hand
    assert (at["right_wrist"][:, 2] < at["right_shoulder"][:, 2]).all()
    assert (at["head"][:, 2] > at["thorax"][:, 2]).all()
    lowest = np.minimum(at["left_ankle"][:, 2], at["right_ankle"][:, 2])
    assert 0 < lowest.min() < lowest.max() < 0.2


def test_both_forms_of_a_take_are_the_same_motion(tmp_path: Path) -> None:
    """The bone that BVH lacks is, in this skeleton, just what is put in its place; the wrist of the right arm too."""
    values = walk(150)
    amc_take = only(write(tmp_path / "amc", values))
    (tmp_path / "bvh").mkdir()
    (tmp_path / "bvh" / "01_01.bvh").write_text(converted(values))
    bvh_take = only(tmp_path / "bvh")
    assert bvh_take.name == amc_take.name
    np.testing.assert_allclose(bvh_take.joints, amc_take.joints, atol=2e-6)


def test_of_a_take_in_both_forms_amc_is_read(tmp_path: Path) -> None:
    folder = write(tmp_path, walk(150))
    (folder / "01_01.bvh").write_text("not read")
    assert [path.name for path in cmu.find(folder)] == ["01.asf", "01_01.amc"]
    assert only(folder).name == "01_01"


@pytest.mark.parametrize(("nod", "raised"), [(12.0, 7.0), (-4.0, -9.0), (40.0, 15.0)])
def test_heads_of_unknown_subjects_are_raised_to_look_five_degrees_down(
    tmp_path: Path, nod: float, raised: float
) -> None:
    """As far as fifteen degrees do."""
    values = walk(150, nod=nod)
    for name in ("root", "thorax"):
        values[name][:, -3:] = 0
    take = only(write(tmp_path, values, name="99_01"))
    at = {name: take.joints[:, i] for i, name in enumerate(BODY22.joints)}
    forward = at["nose"] - (at["left_ear"] + at["right_ear"]) / 2
    elevation = np.degrees(np.arctan2(forward[:, 2], np.hypot(forward[:, 0], forward[:, 1])))
    below = np.degrees(np.arctan2(0.055 - 0.035, 0.13 - 0.02))  # the nose is lower than the ears
    np.testing.assert_allclose(elevation, -nod + raised - below, atol=1e-3)


# Rates, cuts, names


@pytest.mark.parametrize(
    ("name", "seconds", "listed", "fps"),
    [
        ("01_01", None, "", 120),
        ("60_01", None, "", 60),
        ("01_01", None, "01 60\n", 60),
        ("01_01", None, "\n01_02 30\n01_01 100.5\n01 60\n", 100.5),
        ("01_01", "0.0166667", "", 60),
        ("01_01", "0.0333333", "", 30),
        ("61_01", ".0083333", "", 60),
        ("61_01", "0.0333333", "", 30),
    ],
)
def test_frame_rates(tmp_path: Path, name: str, seconds: str | None, listed: str, fps: float) -> None:
    values = walk(201, fps=fps)
    if seconds is None:
        write(tmp_path / "subjects", values, name=name)
    else:
        (tmp_path / "subjects").mkdir()
        (tmp_path / "subjects" / f"{name}.bvh").write_text(converted(values, seconds=float(seconds)))
    (tmp_path / "frame-rates.txt").write_text(listed)
    take = only(tmp_path)
    assert take.fps == 50
    assert len(take.joints) == int(200 / fps * 50 + 1e-9) + 1
    speed = np.diff(take.joints[:, BODY22.root], axis=0).mean(axis=0) * 50
    np.testing.assert_allclose(speed, (0, -1.2, 0), atol=0.05)


def test_jumps_are_cut_out(tmp_path: Path) -> None:
    """One frame 0.2 m to the side: 24 m/s and 2880 m/s^2 before and after it. Five frames more go on both sides."""
    values = walk(400)
    values["root"][150, 0] += 0.2 * METRE
    values["root"][250, 0] += 0.2 * METRE
    first, last = cmu.read(write(tmp_path, values))
    assert (first.name, last.name) == ("01_01_s0", "01_01_s1")
    # Frames 0 to 143 stay, 144 to 156 go; 157 to 243 are no second; 257 to 399 stay.
    assert len(first.joints) == int(143 / 2.4) + 1
    assert len(last.joints) == int(142 / 2.4) + 1
    whole = walk(400)
    world = naive(whole, 257)
    x, y, z = world["lfemur"][:3, 3]
    np.testing.assert_allclose(last.joints[0, BODY22.index("left_knee")], (x, -z, y), atol=2e-6)


def test_sharp_turns_are_cut_out_at_any_rate() -> None:
    joints = np.zeros((180, 2, 3))
    joints[90:, 1, 0] = 0.3  # 18 m/s at 60 frames/s
    assert cmu.whole_pieces(joints, fps=60) == [(0, 87), (93, 180)]
    assert cmu.whole_pieces(joints * 0.83, fps=60) == [(0, 180)]  # 14.9 m/s and 896 m/s^2
    assert cmu.whole_pieces(joints * 0.84, fps=60) == [(0, 87), (93, 180)]  # 15.1 m/s and 907 m/s^2


def test_a_t_pose_is_left_out_and_a_recording_that_starts_otherwise_is_kept_whole(tmp_path: Path) -> None:
    text = converted(walk(121))
    (tmp_path / "01_01.bvh").write_text(text)
    first, *rest = text.partition("Frame Time: ")[2].splitlines()[1:]
    bare = text.replace("Frames: 122", "Frames: 121").replace(first + "\n", "", 1)
    assert len(rest) == 121
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "01_02.bvh").write_text(bare)
    a, b = cmu.read(tmp_path)
    np.testing.assert_array_equal(a.joints, b.joints)


def test_descriptions_come_from_the_index(tmp_path: Path) -> None:
    write(tmp_path / "subjects" / "01", walk(130))
    write(tmp_path / "subjects" / "02", walk(130), name="02_07")
    (tmp_path / "cmu-mocap-index-text.txt").write_text(
        "Subject #1 (climb)\n\n01_01\tplayground - climb, go under\n02_01\twalk\n"
    )
    takes = list(cmu.read(tmp_path))
    assert [(take.subject, take.action) for take in takes] == [("01", "playground - climb, go under"), ("02", "02_07")]


def test_files_may_lie_flat_count_on_from_any_frame_and_have_names_of_their_own(tmp_path: Path) -> None:
    folder = tmp_path / "studio"
    folder.mkdir()
    (folder / "figure.asf").write_text(asf())
    (folder / "stroll.amc").write_text(amc(walk(130), first=98))
    take = only(folder)
    assert (take.name, take.subject) == ("stroll", "studio")


# Beside the packs


def test_files_and_packs_are_loaded_alike(tmp_path: Path) -> None:
    raw = write(tmp_path / "cmu" / "01", walk(241)).parent
    write(raw / "02", walk(130), name="02_01")
    loaded = mocap.load([raw])
    assert loaded.names == ("01_01", "02_01")
    assert loaded.fps == 50
    assert loaded.lengths.tolist() == [101, 54]
    first, second = cmu.read(raw)
    np.testing.assert_array_equal(loaded.sequence(0), first.joints)
    np.testing.assert_array_equal(loaded.sequence(1), second.joints)
    assert mocap.load(mocap.find(raw), only=["02"]).names == ("02_01",)
    assert mocap.load(mocap.find(raw), without=["02"]).names == ("01_01",)
    with pytest.raises(InputError, match="No sequence is left"):
        mocap.load([raw], only=["03"])

    pack = tmp_path / "packs" / "own.npz"
    pack.parent.mkdir()
    packs.write(pack, {"walk": "8"})
    assert mocap.find(pack.parent) == [pack]
    assert mocap.load([pack, raw]).names == ("own/walk", "01_01", "02_01")


def test_an_empty_folder_is_answered_with_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\*\.npz.*\*\.amc.*\*\.bvh"):
        mocap.find(tmp_path)
    with pytest.raises(InputError, match=r"\*\.amc, \*\.bvh"):
        list(cmu.read(tmp_path))


# Broken files


def damaged(old: str, new: str, *, times: int = 1) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, times)

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            damaged("root lhipjoint", "root lhippjoint"),
            r'01\.asf, line \d+: no bone is called "lhippjoint"\. Did you.*"lhip',
        ),
        (damaged("lfemur ltibia", "lfemur ltibia rfoot"), r'line \d+: "rfoot" must hang on one bone alone'),
        (damaged("ltibia lfoot", "lfoot lfoot"), r"hang on the root in the end; these do not: lfoot"),
        (
            damaged(f"length {0.09 * METRE:.9f}", "length -1.5"),
            r'line \d+: "lwrist" needs a length of at least 0 and a direction, found -1.5 along',
        ),
        (damaged("length 0.45", "length 0"), r"length in :units must be above 0, found 0"),
        (damaged("position 0 0 0", "position 0 1 0"), r"a root at rest at 0 0 0 was expected, found position 0 1 0"),
        (
            damaged("order TX TY TZ RX RY RZ", "order TX TY TZ RX RY"),
            r"root's order must hold tx ty tz rx ry rz, found tx",
        ),
        (
            damaged("dof rx ry rz", "dof rx ry tz"),
            r'line \d+: "lfemur" may turn by rx, ry and rz alone, found rx ry tz',
        ),
        (damaged("axis 0 0 20   XYZ", "axis 0 0 20   XYX"), r'axis of "lfemur" needs three angles and XYZ'),
        (damaged("axis 0 0 20   XYZ", "axis 0 20   XYZ"), r'line \d+: axis of "lfemur" needs 3 numbers, found "0 20"'),
        (damaged("name rfemur", "name lfemur"), r'line \d+: a bone needs a name of its own, found "lfemur"'),
        (damaged("head", "hat", times=100), r"the bones head were expected, found root, "),
        (lambda text: "", r"an ASF skeleton was expected, with :bonedata and :hierarchy; found 0 lines"),
    ],
)
def test_broken_skeletons(tmp_path: Path, change: Callable[[str], str], message: str) -> None:
    folder = write(tmp_path, walk(3))
    (folder / "01.asf").write_text(change((folder / "01.asf").read_text()))
    with pytest.raises(InputError, match=message) as caught:
        list(cmu.read(folder))
    assert "01.asf" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            damaged("\nltibia ", "\nltibbia "),
            r'line 7: the skeleton has no moving bone "ltibbia"\. Did you mean "ltibia"',
        ),
        (damaged("\nltibia ", "\nltibia 1 "), r'line 7: "ltibia" in frame 5 needs 1 number, found "1 20'),
        (damaged("\n6\nroot ", "\n6\nroot nan "), r'line \d+: "root" in frame 6 needs 6 numbers, found "nan'),
        (damaged("\n6\nroot ", "\n6\nrooot "), r'line \d+: the skeleton has no moving bone "rooot"'),
        (damaged("\n6\n", "\n8\n"), r"line \d+: frame 6 was expected, found 8"),
        (damaged("\n6\n", "\n"), r'line \d+: "root" is there twice in frame 5'),
        (damaged("\n5\n", "\n"), r'line 4: the number of a frame was expected, found "root'),
        (damaged("\nltibia 20.000000000", ""), r'line \d+: frame 5 ends without "ltibia"'),
        (damaged(":DEGREES", ":RADIANS"), r"line 3: angles in the unit of the ASF file were expected"),
        (lambda text: text.rpartition("\nrwrist")[0], r'line \d+: frame 7 ends without "rwrist"'),
        (lambda text: ":DEGREES\n", r"an AMC motion was expected, found no frames"),
    ],
)
def test_broken_motions(tmp_path: Path, change: Callable[[str], str], message: str) -> None:
    folder = write(tmp_path, walk(3))
    (folder / "01_01.amc").write_text(change(amc(walk(3), first=5)))
    with pytest.raises(InputError, match=message) as caught:
        list(cmu.read(folder))
    assert "01_01.amc" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            damaged("JOINT Spine1", "JOINT Spine7"),
            r"joints of cgspeed's conversion for MotionBuilder Spine1 were expected",
        ),
        (
            damaged("OFFSET 0.000000000 0.000000000 0.000000000", "OFFSET 0 0"),
            r"line 4: 3 numbers expected, found 2",
        ),
        (damaged("CHANNELS 3 Z", "CHANNELS 4 Z"), r"line \d+: a count and as many channels were expected"),
        (damaged("Zrotation", "Wrotation"), r"line 5: channels like Xposition and Zrotation were expected"),
        (damaged("MOTION\n", ""), r'line \d+: "Motion" was expected, found "Frames: 4"'),
        (damaged("Frames: 4", "Frames: 5"), r"line \d+: 5 frames are announced, found 4"),
        (damaged("Frame Time: 0.0083333", "Frame Time: 0"), r"line \d+: a frame must last longer than 0 seconds"),
        (lambda text: text.rstrip().rpartition(" ")[0], r"line \d+: frame 4 needs 72 numbers, found 71"),
        (lambda text: text.rstrip() + "x", r"line \d+: frame 4 needs 72 numbers, found \"-?\d"),
        (
            damaged("}\n}\nMOTION", "}\nMOTION"),
            r'line \d+: a joint, its OFFSET or its CHANNELS were expected, found "MOTION"',
        ),
        (damaged("ROOT Hips", "JOINT Hips"), r"line 2: one ROOT was expected"),
        (lambda text: "", r"a BVH file was expected, with HIERARCHY and MOTION"),
    ],
)
def test_broken_recordings(tmp_path: Path, change: Callable[[str], str], message: str) -> None:
    (tmp_path / "01_01.bvh").write_text(change(converted(walk(3))))
    with pytest.raises(InputError, match=message) as caught:
        list(cmu.read(tmp_path))
    assert "01_01.bvh" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_motion_without_its_skeleton(tmp_path: Path) -> None:
    folder = write(tmp_path, walk(3), name="12_01")
    (folder / "12.asf").unlink()
    with pytest.raises(InputError, match=r"12_01\.amc needs its skeleton: 12\.asf was expected beside it, found 0 "):
        cmu.find(folder)
    for name in ("13.asf", "14.asf"):
        (folder / name).write_text(asf())
    with pytest.raises(InputError, match=r"12\.asf was expected beside it, found 2 "):
        cmu.find(folder)


def test_a_take_that_is_there_twice(tmp_path: Path) -> None:
    for part in ("a", "b"):
        write(tmp_path / part, walk(3))
    with pytest.raises(InputError, match=r"b/01_01\.amc and .*a/01_01\.amc are one take"):
        cmu.find(tmp_path)


def test_a_broken_list_of_frame_rates(tmp_path: Path) -> None:
    write(tmp_path, walk(3))
    (tmp_path / "frame-rates.txt").write_text("01 60\n02 fast\n")
    with pytest.raises(InputError, match=r'frame-rates\.txt, line 2: a subject or take and its rate.*"02 fast"'):
        list(cmu.read(tmp_path))
