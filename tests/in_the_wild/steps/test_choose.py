"""Whom a selection keeps, of walkers whose paths are known."""

from __future__ import annotations

import numpy as np
import pytest
from walkers import Path, seconds, table, walker

from in_the_wild.errors import InputError
from in_the_wild.poses import Poses
from in_the_wild.selection import Selection
from in_the_wild.steps.choose import choose


def tracked(times: np.ndarray, people: list[dict[int, np.ndarray]], *, cuts: tuple[int, ...] = ()) -> Poses:
    """The people under ids of their order here, as tracking would leave them."""
    poses, who = table(times, people)
    return poses.replace(person_id=who).with_meta(cuts=cuts)


def at(x: float) -> Path:
    return lambda _: x


# Who is large, who is in the middle, who is there for long, and who moves: four people.
TIMES = seconds(4)
LARGE, CENTRAL, LASTING, MOVING = range(4)
FOUR = tracked(
    TIMES,
    [
        walker(TIMES, at(150), y=60, height=600, seen=lambda time: time < 3.5),
        walker(TIMES, at(640), y=250, height=220, seen=lambda time: time < 3.5),
        walker(TIMES, at(1200), height=200),
        walker(TIMES, lambda time: 750 + 90 * time, y=150, height=150, seen=lambda time: time < 3.5),
    ],
)


@pytest.mark.parametrize(
    ("selection", "kept"),
    [
        (Selection(), [0, 1, 2, 3]),
        (Selection("largest"), [LARGE]),
        (Selection("centre"), [CENTRAL]),
        (Selection("longest"), [LASTING]),
        (Selection("moving"), [MOVING]),
        (Selection(1), [LARGE]),
        (Selection(2), [LARGE, CENTRAL]),
        (Selection(9), [0, 1, 2, 3]),
        (Selection(max_people=2), [LARGE, CENTRAL]),
        (Selection("ids:3,0"), [0, 3]),
        (Selection("ids:1,3", max_people=1), [CENTRAL]),
        (Selection(roi=(540, 0, 740, 720)), [1, 2, 3]),
        (Selection("largest", roi=(540, 0, 740, 720)), [CENTRAL]),
        (Selection(roi=(0, 0, 20, 20)), []),
    ],
    ids=str,
)
def test_whom_a_selection_keeps(selection: Selection, kept: list[int]) -> None:
    chosen = choose(FOUR, selection)
    assert chosen.persons == kept
    assert len(chosen) == np.isin(FOUR.person_id, kept).sum()
    assert chosen.meta == FOUR.meta


def test_ids_that_nobody_has_are_refused() -> None:
    with pytest.raises(InputError, match=r"no person 7 in walkers; the ids are 0, 1, 2, 3"):
        choose(FOUR, Selection("ids:1,7"))


def test_area_counts_by_the_time_it_is_seen() -> None:
    times = seconds(6)
    passing = walker(times, at(900), height=400, seen=lambda time: time < 1)
    staying = walker(times, at(300), height=250)
    assert choose(tracked(times, [passing, staying]), Selection("largest")).persons == [1]


def test_time_counts_by_the_frames_that_were_looked_at() -> None:
    times = seconds(6)
    early, late = (lambda time: time < 2), (lambda time: time >= 2)
    poses = tracked(times, [walker(times, at(300), seen=early), walker(times, at(900), seen=late)])
    poses = poses.rows((poses.seconds < 2) | (poses.frame % 30 == 0))
    assert choose(poses.with_meta(looks=np.unique(poses.frame).tolist()), Selection("longest")).persons == [1]
    assert choose(poses, Selection("longest")).persons == [0], "every frame was looked at, it is said"


def test_most_of_the_time_in_a_region() -> None:
    times = seconds(4)
    poses = tracked(times, [walker(times, lambda time: 100 + 200 * time)])
    assert choose(poses, Selection(roi=(0, 0, 600, 720))).persons == [0]
    assert choose(poses, Selection(roi=(0, 0, 400, 720))).persons == []


def test_jitter_is_no_motion() -> None:
    """Somebody far away, whose keypoints jitter by more of their size, does not move."""
    times = seconds(4)
    far, random = walker(times, at(200), height=60), np.random.default_rng(0)
    jittering = {frame: pose + random.normal(scale=2, size=pose.shape) for frame, pose in far.items()}
    moving = walker(times, lambda time: 500 + 100 * time, height=300)
    assert choose(tracked(times, [jittering, moving]), Selection("moving")).persons == [1]


def test_every_shot_keeps_its_own() -> None:
    times = seconds(4)
    people = [
        walker(times, at(300), height=400, seen=lambda time: time < 2),
        walker(times, at(800), height=150, seen=lambda time: time < 2),
        walker(times, at(800), height=150, seen=lambda time: time >= 2),
    ]
    assert choose(tracked(times, people, cuts=(60,)), Selection("largest")).persons == [0, 2]
    assert choose(tracked(times, people), Selection("largest")).persons == [0]


def test_nobody() -> None:
    assert len(choose(FOUR.rows(np.zeros(len(FOUR), bool)), Selection("largest"))) == 0
