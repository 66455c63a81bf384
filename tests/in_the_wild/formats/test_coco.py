"""COCO's annotations as they are written, against pycocotools."""

from __future__ import annotations

import json
from pathlib import Path

import fakes
import numpy as np
import pytest
from moving_bodies import person
from pycocotools.coco import COCO

from in_the_wild import formats
from in_the_wild.errors import InputError
from in_the_wild.excerpt import trimmed
from in_the_wild.poses import Poses
from in_the_wild.reasons import UNSEEN
from in_the_wild.skeletons import COCO17

SECONDS = np.arange(20) / 30


@pytest.fixture
def keypoints() -> Poses:
    """Two people in pixels; the second is not seen well, and comes late."""
    chance = np.random.default_rng(0)
    first = fakes.poses2d(chance.uniform(0, 300, (6, 17, 2)))
    second = fakes.poses2d(chance.uniform(0, 300, (6, 17, 2))).rows(np.arange(2, 6)).replace(person_id=np.full(4, 7))
    return Poses.join([first, second.replace(scores=chance.random((4, 17)) * (chance.random((4, 17)) > 0.3))])


def test_pycocotools_finds_the_same_people(keypoints: Poses, tmp_path: Path) -> None:
    keypoints.save(tmp_path / "a.json", "coco")
    coco = COCO(str(tmp_path / "a.json"))
    (category,) = coco.loadCats(coco.getCatIds(catNms=["person"]))
    assert category["keypoints"] == list(COCO17.joints)
    bones = {tuple(category["keypoints"][at - 1] for at in bone) for bone in category["skeleton"]}
    assert ("left_elbow", "left_wrist") in bones
    assert len(coco.getImgIds()) == 6
    assert coco.loadImgs([3])[0]["file_name"] == "fake/000003.jpg"
    annotations = coco.loadAnns(coco.getAnnIds(imgIds=[3]))
    assert [one["track_id"] for one in annotations] == [0, 7]
    rows = keypoints.rows(keypoints.frame == 3)
    for one, points, scores in zip(annotations, rows.keypoints, rows.scores, strict=True):
        triples = np.array(one["keypoints"]).reshape(17, 3)
        np.testing.assert_allclose(triples[:, :2], points, rtol=1e-6)
        np.testing.assert_array_equal(triples[:, 2], np.select([scores > UNSEEN, scores > 0], [2, 1], 0))
        assert one["num_keypoints"] == (scores > 0).sum()
        x, y, width, height = one["bbox"]
        seen = points[scores > 0]
        np.testing.assert_allclose([x, y, x + width, y + height], [*seen.min(0), *seen.max(0)], atol=0.02)


def test_keypoints_and_scores_come_back(keypoints: Poses, tmp_path: Path) -> None:
    keypoints.save(tmp_path / "a.json", "coco")
    again = formats.read(tmp_path / "a.json")
    seen = keypoints.scores > 0
    np.testing.assert_array_equal(again.keypoints[seen], keypoints.keypoints[seen])
    for name in ("scores", "frame", "person_id"):
        np.testing.assert_array_equal(getattr(again, name), getattr(keypoints, name), err_msg=name)
    assert (again.skeleton, again.video.fps, again.video.width) == (COCO17, 25.0, fakes.WIDTH)


@pytest.mark.parametrize("start", [1 / 25, 3 / 25])
def test_a_part_has_the_names_of_the_whole_videos_pictures(keypoints: Poses, tmp_path: Path, start: float) -> None:
    first = round(start * 25)
    part = trimmed(keypoints, start=start, end=None)
    part.save(tmp_path / "a.json", "coco")
    said = json.loads((tmp_path / "a.json").read_text())
    assert [image["file_name"] for image in said["images"]] == [f"fake/{k:06d}.jpg" for k in range(first, 6)]
    assert said["images"][0]["frame_id"] == first
    again = formats.read(tmp_path / "a.json")
    np.testing.assert_allclose(again.seconds, part.seconds)
    np.testing.assert_array_equal(again.frame, part.frame + first)
    # Of others, whose first frame is 1, nobody knows that it is not the first.
    (tmp_path / "b.json").write_text(json.dumps({**said, "info": None}))
    np.testing.assert_array_equal(formats.read(tmp_path / "b.json").frame, part.frame + (first if first != 1 else 0))


def test_joints_in_3d_of_a_part_keep_their_times(tmp_path: Path) -> None:
    part = trimmed(person(SECONDS, who=0, frames=np.arange(20)), start=0.2, end=None)
    part.save(tmp_path / "a.json", "coco")
    np.testing.assert_allclose(formats.read(tmp_path / "a.json").seconds, part.seconds, atol=1e-6)


def test_joints_in_3d_stand_beside(tmp_path: Path) -> None:
    poses = Poses.join([
        person(SECONDS, who=0, frames=np.arange(20)),
        person(SECONDS, who=3, frames=np.arange(5, 9)),
    ])  # fmt: skip
    poses.save(tmp_path / "a.json", "coco")
    said = json.loads((tmp_path / "a.json").read_text())
    assert said["info"]["description"] == "pose3d: joints in camera space, metres"
    assert len(COCO(str(tmp_path / "a.json")).getAnnIds(imgIds=[6])) == 2
    again = formats.read(tmp_path / "a.json")
    np.testing.assert_array_equal(again.keypoints, poses.keypoints)
    np.testing.assert_array_equal(np.asarray(again.root), np.asarray(poses.root))
    said["annotations"][0]["keypoints_3d"].pop()
    (tmp_path / "damaged.json").write_text(json.dumps(said))
    with pytest.raises(InputError, match=r"damaged\.json"):
        formats.read(tmp_path / "damaged.json")


def test_scores_that_are_none_are_refused(keypoints: Poses, tmp_path: Path) -> None:
    keypoints.save(tmp_path / "a.json", "coco")
    said = json.loads((tmp_path / "a.json").read_text())
    said["annotations"][0]["keypoint_scores"][0] = 7
    (tmp_path / "a.json").write_text(json.dumps(said))
    with pytest.raises(InputError, match='annotation 1 should have "keypoint_scores" from 0 to 1'):
        formats.read(tmp_path / "a.json")
