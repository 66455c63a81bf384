"""The frame in a file's name is found beside dates, versions and checksums, and never in a checksum."""

from __future__ import annotations

import random

import pytest

from in_the_wild.errors import InputError
from in_the_wild.frame_names import frame_numbers


def hashed(number: int) -> str:
    return f"{random.Random(number).getrandbits(128):032x}"


@pytest.mark.parametrize(
    "name",
    [
        "{:06d}.jpg",
        "{}.png",
        "frame_{}_jpg.rf.{hash}.jpg",
        "clip_mp4-{:04d}_jpg.rf.{hash}.jpg",
        "{hash}_{}.json",
        "2024-05-01_take3_{:012d}_keypoints.json",
        "C:\\pictures 7\\IMG {}.JPG",
        "123e4567-e89b-12d3-a456-4266141{:05d}-frame{}.json",
    ],
)
@pytest.mark.parametrize("shuffled", [False, True])
def test_the_number_that_rises_is_the_frame(name: str, shuffled: bool) -> None:
    expected = [3, 4, 5, 7, 8, 12, 40]
    if shuffled:
        random.Random(0).shuffle(expected)
    names = [name.format(*([one] * name.count("{}") or [one]), hash=hashed(one)) if "4266" not in name
             else f"{random.Random(one).getrandbits(32):08x}-e89b-12d3-a456-426614174000-frame{one}.json"
             for one in expected]  # fmt: skip
    assert frame_numbers(names, where="here") == expected


def test_one_name_has_one_frame_and_none_have_none() -> None:
    assert frame_numbers(["take2_000007.jpg"], where="here") == [7]
    assert frame_numbers([], where="here") == []


@pytest.mark.parametrize(
    "names",
    [
        ["a.jpg", "b.jpg"],
        [f"{hashed(one)}.jpg" for one in range(5)],
        ["a_1.jpg", "b_1.jpg", "a_2.jpg"],
        ["1_10.jpg", "2_20.jpg", "3_30.jpg"],
        ["1_30.jpg", "3_10.jpg", "2_20.jpg"],
        ["20240501.jpg", "19991231.jpg", "20100101.jpg"],
        ["1.jpg", "one.jpg"],
    ],
)
def test_what_tells_no_order_is_asked_for(names: list[str]) -> None:
    with pytest.raises(InputError, match="here: the order of frames was expected in their names"):
        frame_numbers(names, where="here")


def test_an_hour_of_frames_is_read_at_once() -> None:
    names = [f"take2_{number}_keypoints.json" for number in range(108_000)]
    assert frame_numbers(names, where="here")[-1] == 107_999
