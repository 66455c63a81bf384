"""Motion capture packs."""

from __future__ import annotations

import json
from pathlib import Path

import fuzz
import numpy as np
import pytest

from in_the_wild.errors import InputError
from pose3d_cli.datasets.mocap import packs as mocap
from pose3d_cli.datasets.mocap.packs import BODY22, Mocap


def test_packs_are_read_z_up_and_subjects_left_out(packs: Path, clips: Mocap) -> None:
    head, foot = BODY22.index("head"), BODY22.index("left_ankle")
    assert (clips.joints[:, head, 2] > clips.joints[:, foot, 2] + 0.5).all()
    own = [packs / "own.npz"]
    assert mocap.load(own, without=["9"]).names == ("own/walk", "own/squat")
    assert mocap.load(own, only=["9"]).actions == ("wave",)
    with pytest.raises(InputError, match="No sequence is left"):
        mocap.load(own, only=["nobody"])
    with pytest.raises(InputError, match="found no file"):
        mocap.load([packs / "missing.npz"])


def test_sequences_of_several_rates_are_brought_to_one(packs: Path, tmp_path: Path, clips: Mocap) -> None:
    with np.load(packs / "own.npz") as own:
        slow = {name: array[::2] if array.ndim == 3 else array for name, array in own.items()}
    np.savez(tmp_path / "slow.npz", **{**slow, "fps": np.array(25.0)})
    both = [packs / "own.npz", tmp_path / "slow.npz"]
    with pytest.raises(InputError, match="one frame rate"):
        mocap.load(both)
    found = mocap.load(both, fps=50.0)
    assert found.fps == 50
    for s, name in enumerate(clips.names):
        (twin,) = [t for t, other in enumerate(found.names) if other == name.replace("own/", "slow/")]
        theirs = found.sequence(twin)
        assert abs(len(theirs) - clips.lengths[s]) <= 1
        ours = clips.sequence(s)[: len(theirs)]
        np.testing.assert_allclose(theirs, ours, atol=0.01)
        np.testing.assert_allclose(theirs[::2], ours[::2], atol=1e-5)


def test_takes_are_left_out_and_kept_by_pattern(packs: Path) -> None:
    own = [packs / "own.npz"]
    assert mocap.load(own, without=["own/w*"]).names == ("own/squat",)
    assert mocap.load(own, without=["9", "own/s*"]).names == ("own/walk",)
    assert mocap.load(own, only=["own/w*"]).names == ("own/walk", "own/wave")
    assert mocap.load(own, only=["own/w*"], without=["9"]).names == ("own/walk",)


BONES = {"hip_width": 180, "thigh": 400, "shin": 430, "hip_spine": 200, "spine_thorax": 300, "thorax_neck": 130,
         "neck_head": 120, "shoulder_width": 360, "upper_arm": 290, "forearm": 260}  # fmt: skip


def with_bones(packs: Path, path: Path, has: dict[str, float]) -> Path:
    """The pack of our own, with what its bones are and what they are to be in its meta."""
    with np.load(packs / "own.npz") as own:
        meta = {**json.loads(str(own["meta"])), "bones_mm": has, "bones_cmu_direct_mm": BONES}
        np.savez(path, **{**own, "meta": np.array(json.dumps(meta))})
    return path


def test_rigs_are_brought_to_common_bones(packs: Path, tmp_path: Path, clips: Mocap) -> None:
    rig = with_bones(packs, tmp_path / "rig.npz", {**BONES, "thigh": 500, "shoulder_width": 300})
    np.testing.assert_array_equal(mocap.load([rig]).joints, clips.joints)
    found = mocap.load([rig], common_bones=True).joints
    hip, knee, ankle, thorax, shoulder, elbow = BODY22.indices(
        "left_hip", "left_knee", "left_ankle", "thorax", "right_shoulder", "right_elbow"
    )
    for joint, parent, scale in ((knee, hip, 0.8), (ankle, knee, 1), (shoulder, thorax, 1.2), (elbow, shoulder, 1)):
        before, after = (joints[:, joint] - joints[:, parent] for joints in (clips.joints, found))
        np.testing.assert_allclose(after, scale * before, atol=1e-5)


@pytest.mark.parametrize("has", [{"thigh": 400}, {**BONES, "thigh": 0}, {**BONES, "shin": 43}, {**BONES, "shin": "x"}])
def test_bones_that_make_no_sense_are_one_sentence(packs: Path, tmp_path: Path, has: dict[str, float]) -> None:
    rig = with_bones(packs, tmp_path / "rig.npz", has)
    with pytest.raises(InputError, match=r"rig\.npz cannot be read"):
        mocap.load([rig], common_bones=True)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"meta": np.array("{")}, "a damaged file"),
        ({"meta": np.array("[]")}, "a damaged file"),
        ({"meta": np.array('{"sequences": [{"name": "walk"}]}')}, "KeyError: 'subject'"),
        ({"meta": np.array('{"sequences": [{"name": "run", "subject": 1, "description": ""}]}')}, "run__j3d"),
        ({"fps": np.array(np.nan)}, "nan frames per second"),
        ({"fps": np.zeros(3)}, "a damaged file"),
        ({"walk__j3d": np.zeros((5, 16, 3))}, "a damaged file"),
        ({"walk__j3d": np.zeros((0, 17, 3)), "walk__face": np.zeros((0, 5, 3))}, "walk of shape"),
        ({"walk__j3d": np.full((5, 17, 3), np.nan), "walk__face": np.zeros((5, 5, 3))}, "nowhere"),
        ({"walk__j3d": np.full((5, 17, 3), 1e30), "walk__face": np.zeros((5, 5, 3))}, "nowhere"),
    ],
)
def test_packs_of_something_else_are_one_sentence(
    packs: Path, tmp_path: Path, changes: dict[str, np.ndarray], found: str
) -> None:
    with np.load(packs / "own.npz") as sound:
        np.savez(tmp_path / "own.npz", **{**sound, **changes})
    with pytest.raises(InputError, match=rf"own\.npz cannot be read: a motion capture pack was expected.*{found}"):
        mocap.load([tmp_path / "own.npz"])


def test_damaged_packs_are_one_sentence_or_read(packs: Path, tmp_path: Path) -> None:
    with np.load(packs / "own.npz") as sound:
        short = {name: array[:3] if array.ndim == 3 else array for name, array in sound.items()}
    np.savez_compressed(tmp_path / "sound.npz", **short)
    refused = 0
    for _, content in fuzz.mutations((tmp_path / "sound.npz").read_bytes(), seed=8, count=300):
        (tmp_path / "own.npz").write_bytes(content)
        try:
            mocap.load([tmp_path / "own.npz"])
        except InputError:
            refused += 1
    assert refused > 60
