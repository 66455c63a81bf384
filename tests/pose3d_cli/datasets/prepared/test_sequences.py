"""Prepared folders: what is written is read back, nothing half-written is left, damage is said in one sentence."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import labelled
import numpy as np
import pytest

from in_the_wild.errors import InputError, OutputError
from pose3d_cli.datasets.prepared.sequences import (
    Camera,
    Description,
    Labelled,
    Writer,
    base_action,
    is_prepared,
    open_folder,
)

DESCRIPTION = Description(name="own", inputs="gt", keypoint_skeleton="coco17", joint_skeleton="human36m17")


def take(name: str = "a", frames: int = 5, **changes: Any) -> Labelled:
    rng = np.random.default_rng(len(name) + frames)
    values: dict[str, Any] = {
        "subject": "S1",
        "action": "Walking 1",
        "split": "train",
        "fps": 50.0,
        "camera": Camera("c", 1000, 1002, (1145.0, 1144.0, 512.0, 515.0, 0.1, 0, 0, 0, 0), (1.0, 0, 0, 0), (0.0, 1, 2)),
        "keypoints": rng.uniform(0, 1000, (frames, 17, 2)),
        "joints": rng.normal(0, 1, (frames, 17, 3)),
        "valid": rng.random(frames) < 0.5,
    }
    return Labelled(name=name, **{**values, **changes})


def write(folder: Path, *takes: Labelled) -> Path:
    with Writer(folder, DESCRIPTION) as writer:
        for one in takes:
            writer.add(one)
    return folder


def test_what_is_written_is_read_back_memory_mapped(tmp_path: Path) -> None:
    takes = [take("a", 5), take("b", 1200, subject="S9", split="test"), take("c", 7)]
    opened = open_folder(write(tmp_path / "set", *takes))
    assert opened.description == DESCRIPTION
    assert list(opened.lengths) == [5, 1200, 7]
    assert isinstance(opened.array("joints"), np.memmap)
    for given, found in zip(takes, opened, strict=True):
        assert dataclasses.replace(found, keypoints=None, joints=None, valid=None) == dataclasses.replace(
            given, keypoints=None, joints=None, valid=None
        )
        for name, values in given.arrays().items():
            np.testing.assert_array_equal(found.arrays()[name], values.astype(found.arrays()[name].dtype))
    assert opened.check() == []
    # The header, which was written before the length was known, is numpy's own.
    assert np.load(tmp_path / "set" / "joints.npy").shape == (1212, 17, 3)


def test_sequences_are_chosen_by_what_they_are(tmp_path: Path) -> None:
    opened = open_folder(labelled.write(tmp_path / "set"))
    assert {one.subject for one in opened.choose(split="test")} == {"S9"}
    walks = opened.choose(actions=["walk"], cameras=["B"])
    assert [one.name for one in walks] == ["S1/walk 1/B", "S9/walk 1/B"]
    (same,) = (one for one in opened if one.name == "S9/walk 1/B")
    assert same.joints is not None
    np.testing.assert_array_equal(walks[1].joints, same.joints)
    with pytest.raises(InputError, match=r'has no subject "S2".*Known: S1, S9'):
        opened.choose(subjects=["S1", "S2"])
    with pytest.raises(InputError, match="is left after choosing"):
        opened.choose(split="train", subjects=["S9"])


@pytest.mark.parametrize(("action", "base"), [("Walking 1", "Walking"), ("Walking", "Walking"), ("pick up", "pick up")])
def test_takes_of_an_action_are_one_action(action: str, base: str) -> None:
    assert base_action(action) == base


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (take("a"), "is there twice"),
        (take("b", joints=np.zeros((4, 17, 3))), "arrays of one length"),
        (take("b", joints=np.zeros((5, 15, 3))), "arrays like the first sequence's"),
        (take("b", valid=None), "arrays like the first sequence's"),
        (take("b", joints=np.full((5, 17, 3), np.nan)), "finite numbers were expected, joints"),
        (take("b", split="validation"), 'found "validation"'),
        (take("b", 0), "above 0"),
    ],
)
def test_what_does_not_fit_leaves_nothing(tmp_path: Path, second: Labelled, message: str) -> None:
    with pytest.raises(InputError, match=message):
        write(tmp_path / "set", take("a"), second)
    assert list(tmp_path.iterdir()) == []


def test_an_old_set_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    write(tmp_path / "set", take("old"))

    def stopped() -> None:
        with Writer(tmp_path / "set", DESCRIPTION) as writer:
            writer.add(take("new"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert [one.name for one in open_folder(tmp_path / "set")] == ["old"]
    write(tmp_path / "set", take("new"))
    assert [one.name for one in open_folder(tmp_path / "set")] == ["new"]
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_a_folder_of_other_things_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(OutputError, match="is no prepared data set; choose another folder"):
        Writer(tmp_path, DESCRIPTION)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"
    with pytest.raises(InputError, match="No sequence was found"):
        write(tmp_path / "empty")
    assert not (tmp_path / "empty").exists()


def test_damage_is_told_in_one_sentence(tmp_path: Path) -> None:
    assert not is_prepared(tmp_path)
    with pytest.raises(InputError, match=r"is no prepared data set: dataset\.json was expected"):
        open_folder(tmp_path)
    folder = write(tmp_path / "set", take())
    assert is_prepared(folder)
    joints = folder / "joints.npy"
    whole = joints.read_bytes()

    joints.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert open_folder(folder).check() == ["joints"]
    joints.write_bytes(whole[:-100])
    with pytest.raises(InputError, match=r"joints.npy is missing or damaged"):
        open_folder(folder)
    joints.unlink()
    with pytest.raises(InputError, match=r"joints.npy is missing or damaged"):
        open_folder(folder)
    np.save(joints, np.zeros((4, 17, 3), np.float32))
    with pytest.raises(InputError, match="should hold 5 frames and holds 4"):
        open_folder(folder)

    index = json.loads((folder / "dataset.json").read_text())
    for change in ({"format": "pose3d-dataset-9"}, {"colour": "blue"}, {"sha256": None}):
        (folder / "dataset.json").write_text(json.dumps({**index, **change}))
        with pytest.raises(InputError, match="does not describe a prepared data set of this version"):
            open_folder(folder)
    (folder / "dataset.json").write_text("{")
    with pytest.raises(InputError, match="does not describe"):
        open_folder(folder)


def test_an_array_that_would_run_code_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "set", take())

    class Hostile:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "ran",)

    np.save(folder / "joints.npy", np.array([Hostile()] * 5, dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match="damaged"):
        open_folder(folder)
    assert not (tmp_path / "ran").exists()
