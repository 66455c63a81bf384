"""Following, with a network and a finder that know where everybody is."""

from __future__ import annotations

import numpy as np

from in_the_wild.detectors._following import Candidate, Follower, PersonPose, iou
from in_the_wild.detectors._regions import Region

SIZE = 100.0
JOINTS = np.random.default_rng(0).uniform(-40, 40, (17, 2))


class World:
    """People at these x, all at y 200; counts how often each part was asked."""

    def __init__(self, *people: float) -> None:
        self.people = list(people)
        self.looks, self.finds = 0, 0
        self.ghosts: list[float] = []
        self.unsteady = 0.0  # how much more keypoints move than the region that is looked at grows
        self.more: list[float] = []  # whom another finder finds, without boxes

    def look(self, image: np.ndarray, region: Region) -> PersonPose:
        self.looks += 1
        near = [x for x in self.people if abs(x - region.x) < region.size / 2]
        x = min(near, key=lambda x: abs(x - region.x)) if near else region.x
        return PersonPose(
            keypoints=JOINTS * (1 + self.unsteady * (region.size / SIZE - 1)) + np.array([x, 200]),
            scores=np.ones(17),
            person=1.0 if near else 0.0,
            region=Region(x, 200, SIZE),
        )

    def find(self, image: np.ndarray, most: int) -> list[Candidate]:
        self.finds += 1
        boxes = [np.array([x - 40, 160, x + 40, 240.0]) for x in [*self.people, *self.ghosts]]
        return [Candidate(Region.about_box(box), box) for box in boxes]

    def find_more(self, image: np.ndarray, most: int) -> list[Candidate]:
        return [Candidate(Region(x, 200, SIZE)) for x in self.more]

    def follow(self, persons: int = 9) -> Follower:
        return Follower(self.look, [self.find_more, self.find], persons=persons)


IMAGE = np.zeros((8, 8, 3), np.uint8)


def middles(poses: list[PersonPose]) -> list[float]:
    return [pose.region.x for pose in poses]


def test_people_are_found_once_and_followed() -> None:
    world = World(100.0, 400.0)
    follower = world.follow()
    assert middles(follower(IMAGE, 0.0)) == [100, 400]
    assert (world.finds, world.looks) == (1, 6)  # everybody new is looked at three times
    world.people = [104.0, 397.0]
    assert middles(follower(IMAGE, 0.08)) == [104, 397]
    assert (world.finds, world.looks) == (1, 8)


def test_a_region_that_was_wrong_is_looked_at_again() -> None:
    world = World(100.0)
    follower = world.follow()
    follower(IMAGE, 0.0)
    world.people = [130.0]
    before = world.looks
    assert middles(follower(IMAGE, 0.08)) == [130]
    assert world.looks == before + 2


def test_new_people_are_looked_for_every_half_second_and_after_a_loss() -> None:
    world = World(100.0)
    follower = world.follow()
    for i in range(12):
        follower(IMAGE, i / 10)
    assert world.finds == 3
    world.people = [100.0, 400.0, 700.0]
    follower(IMAGE, 1.6)
    assert world.finds == 4
    world.people = [100.0, 900.0]
    assert middles(follower(IMAGE, 1.7)) == [100]
    assert middles(follower(IMAGE, 1.8)) == [100, 900]  # sooner than in half a second, for somebody was lost


def test_one_person_is_enough_where_one_is_wanted() -> None:
    world = World(100.0, 400.0)
    follower = world.follow(persons=1)
    for i in range(30):
        assert middles(follower(IMAGE, i / 10)) == [100]
    assert world.finds == 1


def test_ghosts_are_looked_at_and_left_out() -> None:
    world = World(100.0)
    world.ghosts = [150.0, 500.0]  # the network finds the person beside the first, and nobody at the second
    assert middles(world.follow()(IMAGE, 0.0)) == [100]


def test_somebody_new_who_is_another_pose_when_seen_closer_is_nobody() -> None:
    world = World(100.0)
    world.unsteady = 2.0
    assert not world.follow()(IMAGE, 0.0)
    world.unsteady = 0.8
    assert middles(world.follow()(IMAGE, 0.0)) == [100]


def test_a_finder_that_has_no_box_is_believed_less() -> None:
    world = World(100.0)
    world.more, world.unsteady = [100.0], 0.8
    assert middles(world.follow()(IMAGE, 0.0)) == [100]
    assert world.finds == 1  # the first finder was not enough
    world.people, world.more, world.ghosts = [300.0], [300.0], []
    world.find = lambda image, most: []  # type: ignore[method-assign]
    assert not world.follow()(IMAGE, 0.0)
    world.unsteady = 0.2
    assert middles(world.follow()(IMAGE, 0.0)) == [300]


def test_two_who_became_one_are_one() -> None:
    world = World(100.0, 180.0)
    follower = world.follow()
    assert len(follower(IMAGE, 0.0)) == 2
    world.people = [140.0]
    assert middles(follower(IMAGE, 0.1)) == [140]


def test_finders_are_asked_until_there_are_enough() -> None:
    world = World(100.0)
    world.more = [400.0]
    world.people.append(400.0)
    assert middles(world.follow(persons=1)(IMAGE, 0.0)) == [400]
    assert world.finds == 0
    follower = world.follow()
    looks = world.looks
    assert middles(follower(IMAGE, 0.0)) == [400, 100]
    assert world.looks == looks + 6
    follower(IMAGE, 1.0)
    assert world.looks == looks + 8  # who is followed is not looked at again, whichever finder names him


def test_looking_back_follows_nobody() -> None:
    world = World(100.0)
    follower = world.follow()
    follower(IMAGE, 0.0)
    world.people = [120.0]
    assert middles(follower.look_back(IMAGE)) == [120]
    world.people = [100.0]
    assert middles(follower(IMAGE, 0.1)) == [100]
    assert world.finds == 1


def test_iou() -> None:
    assert iou(np.array([0, 0, 2, 2.0]), np.array([1, 0, 3, 2.0])) == 1 / 3
    assert iou(np.array([0, 0, 1, 1.0]), np.array([2, 2, 3, 3.0])) == 0
    assert iou(np.zeros(4), np.zeros(4)) == 0
