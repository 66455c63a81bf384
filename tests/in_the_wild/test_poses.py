"""The one table: what it refuses, and what its copies keep."""

from __future__ import annotations

import fakes
import numpy as np
import pytest

from in_the_wild.errors import InputError
from in_the_wild.poses import Poses, Source


def test_arrays_are_read_only_copies() -> None:
    keypoints = np.zeros((3, 17, 2))
    poses = fakes.poses2d(keypoints)
    keypoints += 1
    assert poses.keypoints.max() == 0
    with pytest.raises(ValueError, match="read-only"):
        poses.keypoints[0] = 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"keypoints": np.zeros((3, 17, 3))}, r"must have shape \(3, 17, 2\), found \(3, 17, 3\)"),
        ({"scores": np.zeros((3, 16))}, r"scores .* \(3, 17\), found \(3, 16\)"),
        ({"scores": np.full((3, 17), 1.5)}, r"\[0, 1\], found 1.5"),
        ({"keypoints": np.full((3, 17, 2), np.nan)}, "NaN"),
        ({"frame": [0, 1, 9]}, r"0\.\.2, found 0 to 9"),
        ({"frame": [0, 1, 1]}, "at most one pose in a frame"),
        ({"space": "moon"}, '"moon"'),
        ({"root": np.zeros((3, 2))}, r"root .* \(3, 3\)"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        fakes.poses2d(np.zeros((3, 17, 2))).replace(**changes)


def test_timestamps_must_rise() -> None:
    with pytest.raises(InputError, match="rising"):
        Source(path="a", width=1, height=1, fps=1.0, timestamps=np.array([0.0, 0.5, 0.5]))


def test_joining_people_and_taking_one_out_again() -> None:
    first = fakes.poses2d(np.full((3, 17, 2), 1.0))
    second = first.replace(person_id=[4, 4, 4], keypoints=np.full((3, 17, 2), 2.0))
    both = Poses.join([second, first])
    assert both.persons == [0, 4]
    np.testing.assert_array_equal(both.frame, [0, 0, 1, 1, 2, 2])
    np.testing.assert_array_equal(both.of_person(4).keypoints, second.keypoints)


# ---------------------------------------------------------------------------------------------- as people look at them


def two_people() -> Poses:
    """Person 0 in frames 0 to 3, person 7 in frames 2 and 3; her left wrist was not seen in frame 3."""
    first = fakes.poses2d(np.arange(4)[:, None, None] * np.ones((4, 17, 2)))
    second = first.rows(first.frame >= 2).replace(person_id=[7, 7])
    scores = second.scores.copy()
    scores[1, second.skeleton.index("left_wrist")] = 0
    return Poses.join([first, second.replace(scores=scores)])


def test_a_person_s_joint_is_a_path_with_nan_where_it_was_not_seen() -> None:
    person = two_people().person(7)
    assert person["left_wrist"].shape == (4, 2)
    np.testing.assert_array_equal(np.isnan(person["left_wrist"][:, 0]), [True, True, False, True])
    np.testing.assert_array_equal(person.seen("left_wrist"), [False, False, True, False])
    np.testing.assert_array_equal(person.seconds, two_people().video.timestamps)
    filled = two_people().person(7, filled=True)["left_wrist"][:, 0]
    np.testing.assert_array_equal(filled, [np.nan, np.nan, 2, 3])
    with pytest.raises(InputError, match=r'no joint "left_writs"\. Did you mean "left_wrist"'):
        person["left_writs"]
    with pytest.raises(InputError, match=r"no person 1; the ids are 0, 7\."):
        two_people().person(1)


def test_a_person_has_a_root_where_there_is_one() -> None:
    poses = two_people()
    assert poses.person(0).root is None
    rooted = poses.replace(root=np.ones((len(poses), 3))).person(7).root
    assert rooted is not None
    np.testing.assert_array_equal(np.isnan(rooted[:, 0]), [True, True, False, False])


def test_as_one_dense_array() -> None:
    dense = two_people().to_numpy()
    assert dense.shape == (4, 2, 17, 2)
    np.testing.assert_array_equal(dense[:, 0, 3, 1], [0, 1, 2, 3])
    assert np.isnan(dense[:2, 1]).all()
    nobody = two_people().rows(np.zeros(6, bool)).to_numpy()
    assert nobody.shape == (4, 0, 17, 2)


def test_as_a_tidy_table() -> None:
    pytest.importorskip("pandas", reason="pandas is an extra")
    table = two_people().to_dataframe()
    assert list(table.columns) == ["frame", "seconds", "person", "joint", "x", "y", "score"]
    assert len(table) == 6 * 17
    wrist = table[(table.person == 7) & (table.joint == "left_wrist")]
    assert wrist.frame.tolist() == [2, 3]
    assert wrist.x.tolist() == [2, 3]
    assert wrist.score.tolist() == [1, 0]


def test_between_two_times() -> None:
    poses = two_people()
    part = poses.between(0.04, 0.08)
    assert part.frame.tolist() == [1, 2, 2]
    assert part.video is poses.video


def test_what_it_says_of_itself_is_text_and_not_markup() -> None:
    video = fakes.video(4)
    poses = two_people().replace(video=Source("<b>x</b>.mp4", video.width, video.height, video.fps, video.timestamps))
    for said in (repr(poses), poses._repr_html_()):
        for fact in ("2 (ids 0, 7)", "coco17", "image", "pixels", "1280x720"):
            assert fact in said
    assert "<b>" not in poses._repr_html_()
    assert "&lt;b&gt;x&lt;/b&gt;.mp4" in poses._repr_html_()


def test_keypoints_have_no_place_in_the_world() -> None:
    with pytest.raises(InputError, match="camera space"):
        two_people().world()
