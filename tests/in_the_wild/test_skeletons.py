"""Joints as data: every table agrees with itself, and with the authors' mirror lists."""

from __future__ import annotations

import json

import numpy as np
import pytest
import references
import torch
from hypothesis import given
from hypothesis import strategies as st

from in_the_wild.errors import SkeletonError
from in_the_wild.skeletons import SKELETONS, Skeleton, get_skeleton, mirror, mirror_name

every_skeleton = pytest.mark.parametrize("skeleton", SKELETONS.values(), ids=lambda skeleton: skeleton.name)


@every_skeleton
@given(seed=st.integers(0, 1000))
def test_flipping_twice_is_the_identity(skeleton: Skeleton, seed: int) -> None:
    points = torch.tensor(np.random.default_rng(seed).normal(size=(2, len(skeleton), 3)))
    torch.testing.assert_close(mirror(mirror(points, skeleton.flip), skeleton.flip), points)


@every_skeleton
def test_the_parents_make_one_tree_and_sides_match(skeleton: Skeleton) -> None:
    assert skeleton.parents.count(None) == 1
    for joint in range(len(skeleton)):
        steps, at = 0, joint
        while skeleton.parent_indices[at] >= 0:
            at, steps = skeleton.parent_indices[at], steps + 1
            assert steps < len(skeleton)
        assert at == skeleton.root
        assert (
            skeleton.side(skeleton.flip[joint])
            == {"left": "right", "right": "left", "middle": "middle"}[skeleton.side(joint)]
        )
        parent = skeleton.parents[joint]
        if parent is not None:  # the mirror image of a bone is a bone
            assert skeleton.parents[skeleton.flip[joint]] == mirror_name(parent)


@every_skeleton
def test_drawn_edges_are_symmetric_and_reach_every_joint(skeleton: Skeleton) -> None:
    edges = {frozenset(edge) for edge in skeleton.edges}
    assert {frozenset(skeleton.flip[j] for j in edge) for edge in edges} == edges
    assert {joint for edge in edges for joint in edge} == set(range(len(skeleton)))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("human36m17", "h36m"), ("mpi_inf_3dhp17", "3dhp"), ("humaneva15", "humaneva15"), ("coco17", "coco_to_h36m")],
)
def test_mirroring_equals_the_authors(ours: str, theirs: str) -> None:
    arrays = references.load("flip_conventions.npz")
    skeleton = get_skeleton(ours)
    points = torch.tensor(arrays[f"in/2d_{theirs}"])
    references.assert_equal(mirror(points, skeleton.flip), arrays[f"out/2d_{theirs}"])
    lists = json.loads(str(arrays["config"]))["lists"][theirs]
    assert [j for j in range(len(skeleton)) if skeleton.side(j) == "left"] == sorted(lists["kps_left"])


def test_a_wrong_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(SkeletonError, match='Did you mean "human36m17"'):
        get_skeleton("human36m")
    with pytest.raises(SkeletonError, match='Did you mean "left_knee"'):
        get_skeleton("coco17").index("left_kne")
