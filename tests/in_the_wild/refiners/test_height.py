"""Height: people as tall as they are said to be, with all that is in metres."""

from __future__ import annotations

import numpy as np
import pytest
from true_people import walker

from in_the_wild.errors import InputError
from in_the_wild.ground import Evidence, Ground, estimate
from in_the_wild.poses import Poses
from in_the_wild.refiners.height import Height
from in_the_wild.stature import stature
from in_the_wild.world import grounds_of, noted


def two_people() -> Poses:
    """Two people of one size in camera space, solved, before a camera 1.2 m above the floor."""
    one = walker()
    joints = one.keypoints[..., [0, 2, 1]] * [1, -1, 1]
    root = joints[:, 0] + [0, 1.2, 4]
    poses = one.replace(keypoints=joints - joints[:, :1], root=root, space="camera", root_source="given focal length")
    other = poses.replace(person_id=np.ones(len(one)), root=root + np.array([1, 0, 0]))
    ground = Ground(np.array([0, -1.0, 0]), 1.2, (), (1.0, 1.0))
    solved = {person: {"bones": {"left_knee": 0.4}, "standing": {"left_ankle": [[0, 3]]}} for person in ("0", "1")}
    return Poses.join([poses, other]).with_meta(
        ground=[noted(ground, start=0.0, stands=4)], whole_clip=solved, assumptions={"scale": "unknown"}
    )


def tall(poses: Poses, person: int) -> float:
    own = poses.of_person(person)
    return stature(own.keypoints, own.skeleton)


def test_everybody_is_as_tall_as_was_said() -> None:
    before = two_people()
    after = Height(metres="1.90")(before)
    scale = 1.9 / tall(before, 0)
    assert [tall(after, person) for person in (0, 1)] == pytest.approx([1.9, 1.9], abs=1e-4)
    assert after.root == pytest.approx(scale * np.asarray(before.root), rel=1e-5)
    assert grounds_of(after.meta)[0][1].camera_height == pytest.approx(1.2 * scale, abs=1e-4)
    assert after.meta["whole_clip"]["0"]["bones"]["left_knee"] == pytest.approx(0.4 * scale, abs=1e-4)
    assert after.meta["whole_clip"]["0"]["standing"] == {"left_ankle": [[0, 3]]}
    assert after.meta["heights"]["1"] == {"metres": 1.9, "how": "given", "scaled_by": round(scale, 4)}
    assert after.meta["assumptions"]["scale"] == "heights as given: 1.90 m for person 0, 1.90 m for person 1"


def test_one_person_may_be_named_and_the_others_stay() -> None:
    before = two_people()
    after = Height(metres="1:1.50")(before)
    assert tall(after, 0) == pytest.approx(tall(before, 0), abs=1e-5)
    assert tall(after, 1) == pytest.approx(1.5, abs=1e-4)
    assert list(after.meta["heights"]) == ["1"]


def test_somebody_who_is_not_there_is_no_height_of() -> None:
    with pytest.raises(InputError, match="There is no person 5, whose height was given; the ids are 0, 1"):
        Height(metres="5:1.80")(two_people())


def test_a_known_size_stays_and_tells_that_of_others() -> None:
    up = np.array([0, -1.0, 0])
    # Feet on a floor 1.5 m below the camera; the second person is taken for a tenth too small, and so for too near.
    places = np.array([[x, 1.425, z] for x in (-1, 0, 1) for z in (3, 4, 5, 6)])
    known = estimate([Evidence(up, places, of_known_size=True), Evidence(up, places / 1.1)])
    assert known.sizes[0] == pytest.approx(1, abs=0.002)
    assert known.sizes[1] == pytest.approx(1.1, abs=0.04)
    assert known.camera_height == pytest.approx(1.5, abs=0.04)
