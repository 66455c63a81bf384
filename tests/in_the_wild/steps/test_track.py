"""Ids of people whose paths are known: walkers of our own, with what detectors do to them."""

from __future__ import annotations

from pathlib import Path as FilePath

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from walkers import HEIGHT, WIDTH, Path, pose, seconds, table, walker

from in_the_wild import plugins
from in_the_wild.errors import InputError
from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import COCO17, SKELETONS, Skeleton
from in_the_wild.steps.track import track, track_ids
from in_the_wild.tracklets import looks_of
from in_the_wild.video.read import VideoReader

ROOT = FilePath(__file__).parents[3]


def assert_ids_are(ids: np.ndarray, who: np.ndarray) -> None:
    """Every person has one id and every id is one person."""
    pairs = {(int(a), int(b)) for a, b in zip(ids, who, strict=True)}
    assert len(pairs) == len(set(ids.tolist())) == len(set(who.tolist())), f"(id, person) pairs: {sorted(pairs)}"
    assert min(ids) >= 0


def going_right(time: float) -> float:
    return 300 + 160 * time


def going_left(time: float) -> float:
    return 1000 - 160 * time


# --------------------------------------------------------------------------------------------------------- crossing


@pytest.mark.parametrize("fps", [5, 25, 60])
def test_two_people_who_cross_keep_their_ids(fps: float) -> None:
    times = seconds(4, fps)
    poses, who = table(times, [walker(times, going_right), walker(times, going_left, y=210)])
    ids = track_ids(poses)
    kept = ids >= 0
    assert_ids_are(ids[kept], who[kept])
    assert kept.mean() > 0.95  # where one stands exactly before the other they may look like one found twice


@pytest.mark.parametrize("hidden", [0.2, 0.5, 0.8])
def test_somebody_hidden_while_crossing_comes_out_on_the_other_side(hidden: float) -> None:
    times = seconds(4)
    behind = walker(times, going_left, y=190, seen=lambda time: abs(time - 2.19) > hidden / 2)
    poses, who = table(times, [walker(times, going_right), behind])
    assert_ids_are(track_ids(poses), who)


def test_a_detector_that_goes_from_one_to_the_other_while_they_cross() -> None:
    times = seconds(4)
    middle, near = 700 / 320, 0.25
    first = walker(times, going_right, seen=lambda time: time < middle or time > middle + near)
    second = walker(times, going_left, y=210, seen=lambda time: time < middle - near or time > middle)
    poses, who = table(times, [first, second])
    ids = track_ids(poses)
    clear = np.abs(poses.seconds - middle) > near + 0.1
    assert_ids_are(ids[clear], who[clear])
    assert (ids >= 0).mean() > 0.95


def test_people_who_meet_and_turn_back_when_both_are_seen() -> None:
    times = seconds(4)
    poses, who = table(
        times,
        [
            walker(times, lambda time: 400 + 100 * np.sin(time * 0.8)),
            walker(times, lambda time: 640 - 100 * np.sin(time * 0.8), y=230),
        ],
    )
    assert_ids_are(track_ids(poses), who)


# ------------------------------------------------------------------------------------------------ gaps and returning


@pytest.mark.parametrize(("gap", "max_gap", "people"), [(0.8, 1.0, 1), (1.5, 1.0, 2), (1.5, 2.0, 1), (0.5, 0.3, 2)])
def test_gaps_up_to_the_longest_are_bridged(gap: float, max_gap: float, people: int) -> None:
    times = seconds(5)
    poses, _ = table(times, [walker(times, going_right, seen=lambda time: not 2 <= time < 2 + gap)])
    assert track(poses, max_gap=max_gap).persons == list(range(people))


def test_somebody_else_in_another_place_is_new() -> None:
    times = seconds(4)
    first = walker(times, lambda _: 250.0, seen=lambda time: time < 2)
    second = walker(times, lambda _: 1000.0, seen=lambda time: time > 2.3)
    poses, who = table(times, [first, second])
    assert_ids_are(track_ids(poses), who)


def test_somebody_much_smaller_is_new() -> None:
    times = seconds(4)
    near = walker(times, lambda _: 600.0, y=50, height=600, seen=lambda time: time < 2)
    far = walker(times, lambda _: 600.0, y=300, height=60, seen=lambda time: time > 2.3)
    poses, who = table(times, [near, far])
    assert_ids_are(track_ids(poses), who)


def out_and_back(away: float) -> Path:
    """Out over the right edge at 2 s, and back over it."""

    def x(time: float) -> float:
        if time < 2:
            return 900 + 195 * time
        return 5000 if time < 2 + away else 1290 - 195 * (time - 2 - away)

    return x


@pytest.mark.parametrize(("away", "people"), [(0.6, 1), (2.0, 1), (4.5, 2)])
def test_somebody_who_leaves_may_return_over_the_same_edge(away: float, people: int) -> None:
    times = seconds(5 + away)
    poses, _ = table(times, [walker(times, out_and_back(away))])
    assert track(poses).persons == list(range(people))


def test_somebody_who_comes_in_over_the_other_edge_is_new() -> None:
    times = seconds(6)
    leaving = walker(times, lambda time: 900 + 195 * time)
    coming = walker(times, lambda time: -20 + 195 * (time - 3.5), seen=lambda time: time > 3.5)
    poses, who = table(times, [leaving, coming])
    assert_ids_are(track_ids(poses), who)


# ---------------------------------------------------------------------------------------------- what detectors do


def test_three_people_side_by_side_with_noise() -> None:
    times = seconds(3)

    def swaying(middle: float) -> Path:
        return lambda time: middle + 20 * np.sin(3 * time)

    people = [walker(times, swaying(x), y=200 + x / 50) for x in (300, 600, 900)]
    poses, who = table(times, people, noise=8)
    assert_ids_are(track_ids(poses), who)


def test_a_person_found_twice_is_one() -> None:
    times = seconds(3)
    person = walker(times, going_right)
    again = {frame: points + 3 for frame, points in person.items() if frame % 2}
    with_wild_limbs = {}
    for frame, points in list(person.items())[20:30]:
        with_wild_limbs[frame] = points.copy()
        limbs = COCO17.indices("left_knee", "left_ankle", "right_ankle", "left_wrist")
        with_wild_limbs[frame][limbs] += (120, -90)
    poses, _ = table(times, [person, again, with_wild_limbs])
    tracked = track(poses)
    assert tracked.persons == [0]
    assert len(tracked) == len(times)


def test_a_part_of_a_person_found_as_a_person_is_a_ghost() -> None:
    times = seconds(3)
    person = walker(times, going_right)
    legs = {frame: pose(going_right(times[frame]), 360, 140, 0) for frame in range(40, 46)}
    poses, who = table(times, [person, legs])
    ids = track_ids(poses)
    assert (ids[who == 0] == 0).all()
    assert (ids[who == 1] == -1).all()


def test_somebody_seen_for_a_moment_is_a_ghost_unless_the_clip_is_a_moment() -> None:
    times = seconds(3)
    poses, who = table(times, [walker(times, going_right), {50: pose(1100, 100, 200, 0), 51: pose(1100, 100, 200, 0)}])
    ids = track_ids(poses)
    assert set(ids[who == 1]) == {-1}
    for frames in (1, 2):
        times = seconds(frames / 30)
        poses, who = table(times, [walker(times, going_right), walker(times, going_left)])
        assert_ids_are(track_ids(poses), who)


def test_parts_of_a_person_found_again_and_again_are_ghosts() -> None:
    times = seconds(3)
    person = walker(times, going_right)
    legs = {
        frame: pose(going_right(times[frame]), 360, 140, 0)
        for start in (20, 36, 52)
        for frame in range(start, start + 6)
    }
    poses, who = table(times, [person, legs])
    ids = track_ids(poses)
    assert (ids[who == 0] == 0).all()
    assert (ids[who == 1] == -1).all()


@pytest.mark.parametrize("last", [45, 47])
def test_a_detector_that_slips_off_and_finds_the_person_anew(last: int) -> None:
    times = seconds(3)
    person = walker(times, going_right, seen=lambda time: time >= 1.5)
    slipping = walker(times, going_right, seen=lambda time: time < 1.5)
    for frame in range(43, last + 1):  # the legs alone, while the whole person is found again from frame 45 on
        slipping[frame] = pose(going_right(times[frame]), 330, 180, 0)
    poses, _ = table(times, [person, slipping])
    tracked = track(poses)
    assert tracked.persons == [0]
    assert tracked.frame.tolist() == list(range(len(times)))
    for frame in (45, last):
        nose = tracked.keypoints[frame, COCO17.index("nose")]
        assert nose == pytest.approx(person[frame][COCO17.index("nose")], abs=10)


def test_variable_frame_rate() -> None:
    times = np.cumsum(np.random.default_rng(3).choice([1 / 60, 1 / 30, 1 / 12, 0.15], size=120))
    times -= times[0]
    middle = times[-1] / 2
    people = [
        walker(times, lambda time: 640 + 90 * (time - middle)),
        walker(times, lambda time: 640 - 90 * (time - middle), y=215),
    ]
    poses, who = table(times, people)
    ids = track_ids(poses)
    assert_ids_are(ids[ids >= 0], who[ids >= 0])
    assert (ids >= 0).mean() > 0.9


# ------------------------------------------------------------------------------------------------- the table's shape


def test_ids_follow_first_appearance_and_rows_follow_frames() -> None:
    times = seconds(3)
    people = [
        walker(times, lambda _: 900.0, seen=lambda time: time > 1),
        walker(times, lambda _: 200.0, height=200),
        walker(times, lambda _: 500.0, height=300),
    ]
    poses, who = table(times, people)
    ids = track_ids(poses)
    assert [set(ids[who == person]) for person in (0, 1, 2)] == [{2}, {1}, {0}]
    tracked = track(poses)
    assert len(tracked) == len(poses)
    assert (np.diff(tracked.frame * 10 + tracked.person_id) > 0).all()


@pytest.mark.parametrize("skeleton", SKELETONS.values(), ids=SKELETONS.keys())
def test_any_skeleton(skeleton: Skeleton) -> None:
    random = np.random.default_rng(0)
    frames = 30
    shape = random.uniform(0, 200, size=(len(skeleton), 2))
    moving = shape + 100 + np.arange(frames)[:, None, None]
    standing = np.repeat(shape[None] + np.array([500, 80]), frames, axis=0)
    keypoints = np.concatenate([moving, standing])
    poses = Poses(
        keypoints=keypoints,
        scores=np.full(keypoints.shape[:2], 0.8),
        frame=np.tile(np.arange(frames), 2),
        person_id=np.full(2 * frames, -1),
        skeleton=skeleton,
        space="image",
        video=Source(path="", width=WIDTH, height=HEIGHT, fps=30, timestamps=seconds(1)),
    )
    assert_ids_are(track_ids(poses), np.repeat([0, 1], frames))


def test_nobody() -> None:
    poses, _ = table(seconds(1), [])
    assert len(track(poses)) == 0


def test_wrong_wishes_are_refused() -> None:
    poses, _ = table(seconds(1), [walker(seconds(1), going_right)])
    for max_gap in (-1.0, float("nan")):
        with pytest.raises(InputError, match="longest gap"):
            track(poses, max_gap=max_gap)
    for looks in ([0, 30], [-1, 5]):
        with pytest.raises(InputError, match=r"frames 0\.\.29"):
            track(poses, looks=np.array(looks))
    with pytest.raises(InputError, match="camera"):
        track(poses.replace(keypoints=np.zeros((len(poses), 17, 3)), space="camera"))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32 - 1), scale=st.sampled_from([0.25, 1.0, 3.0]))
def test_neither_the_order_of_rows_nor_the_size_of_pixels_matters(seed: int, scale: float) -> None:
    times = seconds(1.5)
    people = [
        walker(times, lambda time: 500 + 160 * time),
        walker(times, lambda time: 740 - 160 * time, y=190, seen=lambda time: abs(time - 0.75) > 0.1),
    ]
    poses, _ = table(times, people)
    order = np.random.default_rng(seed).permutation(len(poses))
    other = poses.replace(
        keypoints=poses.keypoints * scale,
        video=Source(path="", width=int(WIDTH * scale), height=int(HEIGHT * scale), fps=30, timestamps=times),
    ).rows(order)
    assert (track_ids(other) == track_ids(poses)[order]).all()


def test_a_tracked_table_tracks_the_same_again() -> None:
    times = seconds(4)
    poses, _ = table(times, [walker(times, going_right), walker(times, going_left, y=210)])
    once = track(poses)
    assert (track(once).person_id == once.person_id).all()


# ---------------------------------------------------------------------------------------------------- sparse detection


def looks(poses: Poses, every: int) -> np.ndarray:
    return looks_of(poses.with_meta(every=every))


def thinned(poses: Poses, who: np.ndarray, every: int) -> tuple[Poses, np.ndarray]:
    """The rows of every so many-th frame and the last."""
    kept = np.isin(poses.frame, looks(poses, every))
    return poses.rows(kept), who[kept]


@pytest.mark.parametrize("every", [5, 10])
@pytest.mark.parametrize("speed", [0, 160, 400, 700])
def test_a_walker_seen_in_some_frames_is_one_person(every: int, speed: float) -> None:
    times = seconds(4 if speed < 200 else 900 / speed, 25)
    poses, who = thinned(*table(times, [walker(times, lambda time: 200 + speed * time)]), every)
    assert_ids_are(track_ids(poses, looks=looks(poses, every)), who)


@pytest.mark.parametrize("every", [5, 10])
def test_two_people_who_cross_between_looks_keep_their_ids(every: int) -> None:
    times = seconds(4, 25)
    poses, who = thinned(*table(times, [walker(times, going_right), walker(times, going_left, y=210)]), every)
    ids = track_ids(poses, looks=looks(poses, every))
    kept = ids >= 0
    assert_ids_are(ids[kept], who[kept])
    assert kept.sum() >= len(kept) - 1  # where one stands exactly before the other they look like one found twice
    with pytest.raises(AssertionError):  # where every frame is taken to have been looked at
        assert_ids_are(track_ids(poses)[kept], who[kept])


def test_one_wrong_pose_between_looks_is_nobody() -> None:
    times = seconds(4, 25)
    somebody = walker(times, going_right)
    wrong = {50: pose(900, 300, 150, 0.0)}
    poses, who = thinned(*table(times, [somebody, wrong]), 10)
    ids = track_ids(poses, looks=looks(poses, 10))
    assert (ids[who == 1] == -1).all()
    assert (ids[who == 0] == 0).all()


def test_rows_of_frames_that_are_said_not_to_be_looked_at() -> None:
    times = seconds(1, 25)
    poses, _ = table(times, [walker(times, going_right)])
    assert len(track(poses, looks=looks(poses, 1000))) == len(poses), "rows tell that their frames were looked at"


def test_looks_in_any_rhythm() -> None:
    """Close together and far apart by turns, as where a detector looks again."""
    times = seconds(6, 60)
    poses, who = table(times, [walker(times, lambda time: 200 + 140 * time),
                               walker(times, lambda time: 1040 - 140 * time, y=215)])  # fmt: skip
    looked_at = np.unique(np.cumsum(np.random.default_rng(2).choice([1, 2, 4, 6, 12], size=len(times))))
    looked_at = np.union1d(looked_at[looked_at < len(times)], [0, len(times) - 1])
    kept = np.isin(poses.frame, looked_at)
    ids = track_ids(poses.rows(kept), looks=looked_at)
    assert_ids_are(ids[ids >= 0], who[kept][ids >= 0])
    assert (ids >= 0).mean() > 0.95


@pytest.mark.parametrize("missed", [1, 2])
def test_a_look_or_two_without_somebody_lose_nobody(missed: int) -> None:
    """Two who meet while one of them is missed: they keep to their ways."""
    times = seconds(4, 12)
    second = walker(times, lambda time: 900 - 120 * time, y=215)
    for frame in range(22, 22 + missed):
        del second[frame]
    poses, who = table(times, [walker(times, lambda time: 420 + 120 * time), second])
    ids = track_ids(poses)
    assert_ids_are(ids[ids >= 0], who[ids >= 0])


def test_nobody_who_was_there_in_between_is_passed_over() -> None:
    """Somebody at the edge, found now and then: one person, not two who take turns."""
    times = seconds(6, 12)
    seen = {2, 3, 4, 20, 21, 22, 23, 38, 39, 40, 41, 56, 57, 58}
    person = walker(times, lambda time: -10 + 8 * np.sin(9 * time), seen=lambda time: round(time * 12) in seen)
    poses, _ = table(times, [person], noise=4)
    assert track(poses).persons == [0]
    assert len(track(poses)) == len(seen)


# ------------------------------------------------------------------------------------------------------- colours

RED, GREEN = [50.0, 60, 40] * 2, [50.0, -45, 40] * 2


def behind_a_wall(*, swapping: bool) -> tuple[Poses, np.ndarray]:
    """Two people of one size who walk towards each other, are both hidden for 1.2 s, and cross there, or turn back."""
    times = seconds(5)
    way = 170 * (2.5 - abs(times - 2.5)) if not swapping else 170 * times

    def seen(time: float) -> bool:
        return abs(time - 2.5) > 0.6

    places = {round(float(time), 6): float(place) for time, place in zip(times, way, strict=True)}
    return table(times, [
        walker(times, lambda time: 300 + places[round(float(time), 6)], seen=seen),
        walker(times, lambda time: 980 - places[round(float(time), 6)], y=205, seen=seen),
    ])  # fmt: skip


@pytest.mark.parametrize("swapping", [True, False])
def test_colours_tell_who_comes_out_of_hiding(swapping: bool) -> None:
    poses, who = behind_a_wall(swapping=swapping)
    noise = np.random.default_rng(0).normal(scale=4, size=(len(who), 6))
    ids = track_ids(poses, appearance=np.where((who == 0)[:, None], RED, GREEN) + noise)
    assert_ids_are(ids, who)


def test_where_colours_are_not_known_motion_tells() -> None:
    poses, who = behind_a_wall(swapping=True)
    assert_ids_are(track_ids(poses), who)
    assert_ids_are(track_ids(poses, appearance=np.full((len(who), 6), np.nan)), who)


def test_somebody_else_in_the_same_place_is_new() -> None:
    times = seconds(4)
    poses, who = table(times, [walker(times, lambda _: 600.0, seen=lambda time: time < 1.5),
                               walker(times, lambda _: 600.0, seen=lambda time: time > 2.5)])  # fmt: skip
    assert track(poses, appearance=np.tile(RED, (len(who), 1))).persons == [0]
    assert track(poses, appearance=np.where((who == 0)[:, None], RED, GREEN)).persons == [0, 1]


# -------------------------------------------------------------------------------------------------------------- cuts


def test_nobody_is_followed_over_a_cut() -> None:
    times = seconds(4)
    poses, _ = table(times, [walker(times, going_right)])
    tracked = track(poses, cuts=[40, 80])
    assert tracked.persons == [0, 1, 2]
    assert [(int(rows.frame[0]), int(rows.frame[-1])) for rows in map(tracked.of_person, tracked.persons)] == [
        (0, 39), (40, 79), (80, 119)]  # fmt: skip
    assert tracked.meta["cuts"] == [40, 80]


def test_a_gap_is_not_bridged_over_a_cut() -> None:
    times = seconds(4)
    poses, _ = table(times, [walker(times, going_right, seen=lambda time: not 1.8 < time < 2.2)])
    assert track(poses).persons == [0]
    assert track(poses, cuts=[60]).persons == [0, 1]


def test_a_shot_of_a_moment_keeps_its_people() -> None:
    times = seconds(4)
    poses, _ = table(times, [walker(times, going_right)])
    assert track(poses, cuts=[60, 64]).persons == [0, 1, 2]
    assert track(poses, cuts=[60, 64], looks=looks(poses, 3)).persons == [0, 1, 2]


def test_a_cut_that_is_no_frame_between_others_is_none() -> None:
    times = seconds(1)
    poses, who = table(times, [walker(times, going_right)])
    assert_ids_are(track_ids(poses, cuts=[0, 30, 500, -3]), who)


# ------------------------------------------------------------------------------------------------------------ ghosts


@pytest.mark.parametrize(("duration", "score", "people"), [(0.6, 0.2, 1), (0.6, 0.5, 2), (1.5, 0.2, 2)])
def test_somebody_hardly_seen_for_a_short_time_is_a_ghost(duration: float, score: float, people: int) -> None:
    """As a detector makes them of an arm at the picture's border."""
    times = seconds(4)
    ghost = walker(times, lambda _: 1240.0, seen=lambda time: 1 < time < 1 + duration)
    poses, who = table(times, [walker(times, lambda time: 300 + 20 * time), ghost])
    poses = poses.replace(scores=np.where((who == 1)[:, None], score * (poses.scores > 0), poses.scores))
    assert track(poses).persons == list(range(people))


def test_somebody_hardly_seen_for_half_the_clip_is_there() -> None:
    times = seconds(0.8)
    poses, _ = table(times, [walker(times, going_right)])
    assert track(poses.replace(scores=poses.scores * 0.2)).persons == [0]


@pytest.mark.parametrize(("share", "people"), [(0.25, 1), (0.7, 2)])
def test_what_is_found_at_few_looks_is_a_ghost(share: float, people: int) -> None:
    """A thing in full view that a detector takes for somebody now and then, at the same place."""
    times = seconds(6, 12)
    looks = np.random.default_rng(4).uniform(size=len(times)) < share
    thing = {frame: pose(900, 300, 200, 0.0) for frame in np.flatnonzero(looks).tolist()}
    poses, _ = table(times, [walker(times, lambda time: 100 + 60 * time), thing])
    assert track(poses).persons == list(range(people))


def test_somebody_hidden_by_another_most_of_the_time_is_there() -> None:
    times = seconds(6, 12)
    hidden = walker(times, lambda _: 665.0, y=230, height=260, seen=lambda time: time % 2.4 < 0.7)
    poses, who = table(times, [walker(times, lambda _: 600.0, height=320), hidden])
    assert_ids_are(track_ids(poses), who)


def found_by_blazepose(path: FilePath, *, frames: slice = slice(None), columns: slice = slice(None)) -> Poses:
    """Whom BlazePose finds in some frames of a clip, of which a part is cut out."""
    reader = VideoReader(path)
    pictures = [np.ascontiguousarray(frame.image[:, columns]) for frame in reader][frames]
    height, width, _ = pictures[0].shape
    fps = reader.info.fps
    with plugins.load("in_the_wild.detectors", "blazepose")(persons=4) as detector:
        found = [detector(picture, i / fps) for i, picture in enumerate(pictures)]
    people = [len(detection.scores) for detection in found]
    return Poses(
        keypoints=np.concatenate([detection.keypoints for detection in found]),
        scores=np.concatenate([detection.scores for detection in found]),
        frame=np.repeat(np.arange(len(found)), people),
        person_id=np.full(sum(people), -1),
        skeleton=detector.skeleton,
        space="image",
        video=Source(path.name, width, height, fps, np.arange(len(found)) / fps),
    )


GHOST = ROOT.parent / "shared" / "cases" / "hostile" / "ghost_at_border.mp4"


@pytest.mark.slow
@pytest.mark.skipif(not GHOST.is_file(), reason="../shared/cases/hostile/ghost_at_border.mp4 is not here")
def test_somebody_half_outside_the_picture_is_one_person() -> None:
    assert track(found_by_blazepose(GHOST)).persons == [0]


@pytest.mark.slow
@pytest.mark.parametrize("columns", [slice(500, None), slice(0, 500)], ids=["at the left", "at the right"])
def test_somebody_who_walks_over_the_border_is_one_person(columns: slice) -> None:
    found = found_by_blazepose(ROOT / "assets" / "demo.mp4", frames=slice(40, 120), columns=columns)
    tracked = track(found)
    assert tracked.persons == [0]
    assert len(tracked) > 0.8 * len(np.unique(found.frame))
