"""Scenes drawn at random: what their kinds say is so in their pictures."""

from __future__ import annotations

import numpy as np
import pytest

from pose3d_cli.datasets.mocap.packs import BODY22, COCO_IN_BODY22, Mocap
from pose3d_cli.datasets.synthetic import scenes, virtual
from pose3d_cli.datasets.synthetic.scenes import KINDS, random_scene


@pytest.fixture
def motion(clips: Mocap) -> virtual.VirtualWindows:
    return virtual.VirtualWindows(clips, frames=5, stride=2)


def test_a_scene_is_its_seed_s(motion: virtual.VirtualWindows) -> None:
    first, again, other = (random_scene(motion, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.picture(3), again.picture(3))
    assert not np.array_equal(first.picture(3), other.picture(3))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_people_are_whole_cut_off_or_hidden_as_the_kind_says(motion: virtual.VirtualWindows, kind: str) -> None:
    for seed in range(8):
        scene = random_scene(motion, np.random.default_rng(seed), kind=kind)
        assert scene.kind == kind
        assert scene.keypoints.shape == (5, 17, 2)
        assert np.isfinite(scene.keypoints).all()
        assert (scene.joints[..., 2] > 0.1).all()
        assert scene.inside.all() == (kind != "cut off")
        assert scene.inside.any()
        assert (scene.people.shape[1] > 1) == (kind == "behind people")


@pytest.mark.slow
def test_furniture_stands_before_some_of_the_person_and_only_where_the_kind_says(
    motion: virtual.VirtualWindows,
) -> None:
    hidden: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for kind, shares in hidden.items():
        for seed in range(12):
            scene = random_scene(motion, np.random.default_rng(seed), kind=kind)
            columns, rows = scene.keypoints[scene.inside].astype(int).T
            shares.append((scene.room.depth[rows, columns] < scene.joints[..., 2].mean() - 0.3).mean())
    assert np.mean(hidden["whole"]) < 0.02
    assert np.mean(hidden["behind furniture"]) > 0.15


@pytest.mark.slow
def test_what_is_shown_is_in_the_picture_and_not_behind_furniture(motion: virtual.VirtualWindows) -> None:
    shares = {}
    for kind in ("whole", "cut off", "behind furniture"):
        some = [random_scene(motion, np.random.default_rng(seed), kind=kind) for seed in range(8)]
        shares[kind] = np.mean([scene.shown for scene in some])
        assert all(scene.inside[scene.shown[:, COCO_IN_BODY22]].all() for scene in some)
    assert shares["whole"] > 0.99
    assert 0.3 < shares["cut off"] < 0.95
    assert 0.3 < shares["behind furniture"] < 0.95
    little = [random_scene(motion, np.random.default_rng(s), kind="cut off", kept=(0.25, 0.6)) for s in range(8)]
    assert np.mean([scene.shown for scene in little]) < shares["cut off"]


def test_children_are_smaller_than_their_heads_say(motion: virtual.VirtualWindows) -> None:
    body = motion.motion(1, np.random.default_rng(0))[0].astype(np.float64)
    child = scenes._as_child(body, size=0.6)

    def length(joints: np.ndarray, a: str, b: str) -> np.ndarray:
        return np.linalg.norm(joints[:, BODY22.index(a)] - joints[:, BODY22.index(b)], axis=-1)

    np.testing.assert_allclose(length(child, "left_hip", "left_knee"), 0.6 * length(body, "left_hip", "left_knee"))
    heads = length(child, "left_ear", "right_ear") / length(body, "left_ear", "right_ear")
    assert (heads > 0.75).all()
    np.testing.assert_allclose(child[:, BODY22.root], 0.6 * body[:, BODY22.root])
