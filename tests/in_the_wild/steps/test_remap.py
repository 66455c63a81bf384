"""Remaps: the field's own formulas, and what must hold for every pair of skeletons."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from in_the_wild.errors import SkeletonError
from in_the_wild.poses import SPACES, Poses, Source
from in_the_wild.skeletons import (
    BLAZEPOSE33,
    BODY25,
    COCO17,
    COCO18,
    HALPE26,
    HUMAN36M17,
    HUMANEVA15,
    MPI_INF_3DHP17,
    SKELETONS,
    Skeleton,
    get_skeleton,
)
from in_the_wild.steps.remap import reachable, remap

WIDTH = 640
PAIRS = [(source, get_skeleton(target)) for source in SKELETONS.values() for target in reachable(source)]
# What COCO has no joint for is made up in the picture: these go by way of it.
IMAGE_ONLY = [
    (source, target) for source in (COCO17, BLAZEPOSE33, BODY25, COCO18) for target in (HUMAN36M17, MPI_INF_3DHP17)
]
SPACE_PAIRS = [
    (source, target, space)
    for source, target in PAIRS
    for space in (["image"] if (source, target) in IMAGE_ONLY else SPACES)
]


def poses_of(skeleton: Skeleton, keypoints: np.ndarray, scores: np.ndarray, space: str = "image") -> Poses:
    rows = len(keypoints)
    return Poses(
        keypoints=keypoints,
        scores=scores,
        frame=np.arange(rows),
        person_id=np.arange(rows) % 3,
        skeleton=skeleton,
        space=space,
        video=Source(path="", width=WIDTH, height=480, fps=30, timestamps=np.arange(max(rows, 1)) / 30),
    )


def some_poses(skeleton: Skeleton, space: str, seed: int = 0, rows: int = 5) -> Poses:
    random = np.random.default_rng(seed)
    size = (rows, len(skeleton))
    return poses_of(skeleton, random.uniform(0, 400, (*size, SPACES[space])), random.uniform(0, 1, size), space)


def mirror(poses: Poses) -> Poses:
    """The poses in a mirrored picture, or mirrored through the plane x = 0."""
    flip = list(poses.skeleton.flip)
    keypoints = poses.keypoints[:, flip].copy()
    keypoints[..., 0] = (WIDTH if poses.space == "image" else 0) - keypoints[..., 0]
    return poses.replace(keypoints=keypoints, scores=poses.scores[:, flip])


def test_coco_to_human36m_is_the_demos_formula() -> None:
    """Arrays that the demos of StridedTransformer and STCFormer made (`h36m_coco_format`)."""
    reference = np.load(Path(__file__).parents[2] / "reference" / "coco_to_h36m.npz")
    given_poses = poses_of(COCO17, reference["in/kpts"][0], reference["in/scores"][0])
    got = remap(given_poses, "human36m17")
    # Pixels up to 600 in float32, added up in another order.
    np.testing.assert_allclose(got.keypoints, reference["out/kpts"][0], rtol=0, atol=2e-4)
    np.testing.assert_allclose(got.scores, reference["out/scores"][0], rtol=0, atol=1e-6)


@pytest.mark.parametrize(("source", "target", "space"), SPACE_PAIRS, ids=lambda item: getattr(item, "name", item))
def test_left_stays_left_and_shared_names_stay_in_place(source: Skeleton, target: Skeleton, space: str) -> None:
    poses = some_poses(source, space)
    got = remap(poses, target)
    assert got.skeleton == target
    assert got.space == space
    sides = [joint for joint in target.joints if joint in source.joints and ("left" in joint or "right" in joint)]
    assert len(sides) >= 12
    for joint in sides:
        assert (got.keypoints[:, target.index(joint)] == poses.keypoints[:, source.index(joint)]).all()
        assert (got.scores[:, target.index(joint)] == poses.scores[:, source.index(joint)]).all()
    assert (got.frame == poses.frame).all()
    assert (got.person_id == poses.person_id).all()


@settings(max_examples=8, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize(("source", "target", "space"), SPACE_PAIRS, ids=lambda item: getattr(item, "name", item))
def test_remapping_a_mirror_image_gives_the_mirror_image(
    source: Skeleton, target: Skeleton, space: str, data: st.DataObject
) -> None:
    size = (2, len(source))
    number = st.floats(-1000, 1000, width=32)
    keypoints = data.draw(arrays(np.float32, (*size, SPACES[space]), elements=number))
    scores = data.draw(arrays(np.float32, size, elements=st.floats(0, 1, width=32)))
    poses = poses_of(source, keypoints, scores, space)
    one, other = remap(mirror(poses), target), mirror(remap(poses, target))
    np.testing.assert_allclose(one.keypoints, other.keypoints, rtol=0, atol=2e-3)
    np.testing.assert_allclose(one.scores, other.scores, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("source", "target", "space"), SPACE_PAIRS, ids=lambda item: getattr(item, "name", item))
def test_a_moved_person_is_moved_the_same(source: Skeleton, target: Skeleton, space: str) -> None:
    poses = some_poses(source, space)
    offset = np.arange(1, SPACES[space] + 1) * 50
    moved = remap(poses.replace(keypoints=poses.keypoints + offset), target)
    np.testing.assert_allclose(moved.keypoints, remap(poses, target).keypoints + offset, rtol=0, atol=2e-3)


STANDING = {
    "nose": (320, 100), "left_eye": (328, 92), "right_eye": (312, 92),
    "left_ear": (340, 96), "right_ear": (300, 96),
    "left_shoulder": (360, 160), "right_shoulder": (280, 160), "left_elbow": (370, 220), "right_elbow": (270, 220),
    "left_wrist": (372, 280), "right_wrist": (268, 280), "left_hip": (344, 290), "right_hip": (296, 290),
    "left_knee": (344, 370), "right_knee": (296, 370), "left_ankle": (344, 450), "right_ankle": (296, 450),
    "head": (320, 60), "neck": (320, 160), "pelvis": (320, 290),
}  # fmt: skip
# The joints on the middle line, from above.
MIDDLE = {
    "human36m17": ("head", "neck", "thorax", "spine", "pelvis"),
    "mpi_inf_3dhp17": ("head_top", "head", "neck", "spine", "pelvis"),
    "humaneva15": ("head", "thorax", "pelvis"),
}


@pytest.mark.parametrize("source", [COCO17, HALPE26, BODY25, COCO18], ids=lambda skeleton: skeleton.name)
def test_a_standing_person_stands_in_what_every_lifter_reads(source: Skeleton) -> None:
    keypoints = np.array([STANDING.get(joint, (0, 0)) for joint in source.joints], dtype=float)[None]
    poses = poses_of(source, keypoints, np.ones((1, len(source))))
    for name in ("coco17", *MIDDLE):
        got = remap(poses, name)
        place = dict(zip(got.skeleton.joints, got.keypoints[0].tolist(), strict=True))
        for joint in got.skeleton.joints:
            if "left" in joint or "right" in joint:
                assert place[joint] == list(STANDING[joint])
        if name in MIDDLE:
            line = [place[joint] for joint in MIDDLE[name]]
            assert [x for x, _ in line] == pytest.approx([320] * len(line))
            heights = [y for _, y in line]
            assert heights == sorted(set(heights))
            assert place["pelvis"] == pytest.approx((320, 290))
            assert line[0][1] < STANDING["nose"][1]  # the head is above the nose
            thorax = place["neck" if name == "mpi_inf_3dhp17" else "thorax"]
            assert thorax[1] == pytest.approx(STANDING["left_shoulder"][1], abs=20)  # and it is between the shoulders


def test_human36m_and_mpi_inf_3dhp_are_each_others_inverse() -> None:
    for space in SPACES:
        poses = some_poses(HUMAN36M17, space)
        there = remap(poses, MPI_INF_3DHP17)
        back = remap(there, HUMAN36M17)
        assert (back.keypoints == poses.keypoints).all()
        assert (back.scores == poses.scores).all()
        # A bijection: every joint of the one is some joint of the other.
        assert sorted(there.scores[0].tolist()) == sorted(poses.scores[0].tolist())


def test_humaneva_pelvis_and_thorax_are_the_middles() -> None:
    poses = some_poses(COCO17, "image")
    got = remap(poses, "humaneva15")
    for joint, sides in {"pelvis": "hip", "thorax": "shoulder"}.items():
        pair = COCO17.indices(f"left_{sides}", f"right_{sides}")
        j = HUMANEVA15.index(joint)
        np.testing.assert_allclose(got.keypoints[:, j], poses.keypoints[:, pair].mean(axis=1), rtol=1e-6)
        np.testing.assert_allclose(got.scores[:, j], poses.scores[:, pair].mean(axis=1), rtol=1e-6)


def test_a_chain_is_its_steps() -> None:
    poses = some_poses(BLAZEPOSE33, "image")
    steps = remap(remap(remap(poses, COCO17), HUMAN36M17), MPI_INF_3DHP17)
    assert (remap(poses, MPI_INF_3DHP17).keypoints == steps.keypoints).all()


def test_the_own_skeleton_changes_nothing() -> None:
    poses = some_poses(COCO17, "image")
    assert remap(poses, "coco17") is poses


def test_the_path_of_the_root_is_kept() -> None:
    poses = some_poses(HUMAN36M17, "camera").replace(root=np.ones((5, 3)), root_source="given focal")
    got = remap(poses, MPI_INF_3DHP17)
    assert got.root is not None
    assert got.root_source == "given focal"


def test_what_cannot_be_is_refused() -> None:
    poses = some_poses(HUMAN36M17, "image")
    with pytest.raises(
        SkeletonError, match="from human36m17 to coco17; human36m17 leads to: humaneva15, mpi_inf_3dhp17"
    ):
        remap(poses, "coco17")
    with pytest.raises(SkeletonError, match="from humaneva15 to coco17; humaneva15 leads to: no other"):
        remap(some_poses(HUMANEVA15, "image"), COCO17)
    with pytest.raises(SkeletonError, match='Did you mean "coco17"'):
        remap(poses, "coco7")
    with pytest.raises(SkeletonError, match="defined for keypoints in a picture; found poses in camera space"):
        remap(some_poses(COCO17, "camera"), HUMAN36M17)


def test_no_rows() -> None:
    empty = Poses.empty(skeleton=COCO17, space="image", video=some_poses(COCO17, "image").video)
    assert len(remap(empty, HUMAN36M17)) == 0


def hidden(poses: Poses, *joints: str) -> Poses:
    """The same where nobody saw these joints: other programs say so by zeros."""
    scores, keypoints = poses.scores.copy(), poses.keypoints.copy()
    at = poses.skeleton.indices(*joints)
    scores[:, at], keypoints[:, at] = 0, 0
    return poses.replace(scores=scores, keypoints=keypoints)


def upright() -> Poses:
    """Three people who stand before the camera."""
    body = {
        "nose": (0, 0), "eye": (4, -4), "ear": (8, -2), "shoulder": (20, 30), "elbow": (24, 60), "wrist": (26, 90),
        "hip": (12, 90), "knee": (12, 130), "ankle": (12, 170),
    }  # fmt: skip
    places = [
        np.array(body[name.rpartition("_")[2]]) * ((-1 if name.startswith("right") else 1), 1) + (200, 60)
        for name in COCO17.joints
    ]
    return poses_of(COCO17, np.tile(np.array(places, float), (3, 1, 1)), np.ones((3, 17)))


@pytest.mark.parametrize(
    "joints",
    [
        ("left_ear",),
        ("left_eye", "left_ear"),
        ("nose",),
        ("right_ear", "left_ear"),
        ("left_hip",),
        ("right_shoulder",),
        ("nose", "left_eye", "right_eye"),
        ("nose", "left_eye", "right_eye", "left_ear", "right_ear"),
    ],
)
def test_joints_that_were_not_seen_draw_nothing_into_the_corner(joints: tuple[str, ...]) -> None:
    whole = remap(upright(), HUMAN36M17)
    part = remap(hidden(upright(), *joints), HUMAN36M17)
    seen = part.scores > 0
    apart = np.linalg.norm(part.keypoints - whole.keypoints, axis=-1)
    assert apart[seen].max() < 45, "no farther than a body part is wide"
    assert (part.scores <= whole.scores).all()
    assert part.scores[:, HUMAN36M17.index("thorax")].min() > 0
    head = part.scores[:, HUMAN36M17.index("head")]
    assert (head == 0).all() == {"left_eye", "right_eye"}.issubset(joints)
