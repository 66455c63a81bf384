"""Exports: which files, in which formats; excerpts by `Poses.save`."""

from __future__ import annotations

import doctest
from pathlib import Path

import fakes
import numpy as np
import pytest

from in_the_wild import exports, formats
from in_the_wild.errors import InputError, OutputError, PluginError, Pose3DError
from in_the_wild.poses import Poses


@pytest.fixture
def walk() -> Poses:
    """Two people in camera space, two seconds."""
    one = fakes.poses3d(*fakes.walking(50))
    return Poses.join([one, one.replace(person_id=np.full(50, 3))])


def test_the_examples_hold() -> None:
    assert doctest.testmod(exports).failed == 0


def test_lists_of_formats() -> None:
    assert exports.parse_formats("") == []
    csv, json = exports.parse_formats("csv:layout=wide,json")
    assert (csv, json) == (formats.make("csv:layout=wide"), formats.make("json"))


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("csvv", PluginError, 'Did you mean "csv"'),
        ("csv,json:layout=wide", InputError, 'json has no setting "layout"'),
        ("json,csv,json", InputError, "found json twice"),
    ],
)
def test_lists_that_cannot_be_written(text: str, error: type[Pose3DError], message: str) -> None:
    with pytest.raises(error, match=message):
        exports.parse_formats(text)


def test_formats_that_are_read_alone_are_not_written() -> None:
    for name in formats.names():
        if not formats.load(name).writes:
            with pytest.raises(InputError, match="are read alone"):
                exports.parse_formats(name)


def test_save_takes_an_excerpt(walk: Poses, tmp_path: Path) -> None:
    path = tmp_path / "part.json"
    assert walk.save(path, persons=[3], between=(0.5, 1.0), fps=50, space="world") == [path]
    again = formats.read(path)
    assert (again.persons, again.space, again.video.fps) == ([3], "world", 50.0)
    np.testing.assert_allclose(again.seconds, 0.52 + np.arange(25) * 0.02)  # the first frame from half a second on
    np.testing.assert_allclose(again.keypoints[::2], walk.world().of_person(3).keypoints[13:26], atol=1e-5)


def test_what_a_format_cannot_choose_is_refused(walk: Poses, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no choice of up; leave it out"):
        walk.save(tmp_path / "a.npz", up="y")
    assert not list(tmp_path.iterdir())


def test_inputs_are_not_written_over(walk: Poses, tmp_path: Path) -> None:
    walk.save(tmp_path / "a.npz")
    with pytest.raises(OutputError, match="written over the input"):
        exports.write(walk, tmp_path / "a.npz", formats.make("npz"), inputs=[tmp_path / "a.npz"])
