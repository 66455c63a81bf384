"""Windows against the authors' index tables."""

from __future__ import annotations

import json

import numpy as np
import pytest
import references
from hypothesis import given
from hypothesis import strategies as st

from in_the_wild import windows
from in_the_wild.errors import InputError


def test_centred_windows_equal_the_authors_where_theirs_have_the_right_length() -> None:
    arrays = references.load("pstmo_windows_tds.npz")
    compared = 0
    for i, row in enumerate(json.loads(str(arrays["config"]))["rows"]):
        if row["chunk_length"] != 1 or row["augment"] or not (arrays[f"out/len2d_{i}"] == row["frames"]).any():
            continue
        ours = windows.centred(row["sequence_length"], frames=row["frames"], tds=row["tds"])
        lengths = arrays[f"out/len2d_{i}"]
        right = lengths == row["frames"]
        np.testing.assert_array_equal(ours[right], arrays[f"out/idx2d_{i}"][right][:, : row["frames"]])
        compared += int(right.sum())
    assert compared > 150


def test_centred_windows_equal_those_of_3dhp_at_valid_frames() -> None:
    arrays = references.load("pstmo_windows_3dhp.npz")
    for i, row in enumerate(json.loads(str(arrays["config"]))["rows"]):
        ours = windows.centred(row["sequence_length"], frames=row["frames"])
        np.testing.assert_array_equal(ours[arrays[f"in/valid_{i}"] == 1], arrays[f"out/idx2d_{i}"])


@given(count=st.integers(1, 60), half=st.integers(0, 15), tds=st.integers(1, 4))
def test_every_window_is_centred_and_stays_inside(count: int, half: int, tds: int) -> None:
    look = windows.centred(count, frames=2 * half + 1, tds=tds)
    assert look.shape == (count, 2 * half + 1)
    np.testing.assert_array_equal(look[:, half], np.arange(count))
    assert look.min() == 0
    assert look.max() == count - 1
    assert (np.diff(look, axis=1) >= 0).all()


@given(count=st.integers(1, 100), frames=st.integers(1, 30))
def test_consecutive_windows_cover_every_frame(count: int, frames: int) -> None:
    look = windows.consecutive(count, frames=frames)
    assert look.shape == (-(-count // frames), frames)
    assert set(look.ravel()) == set(range(count))


@given(count=st.integers(1, 100), frames=st.integers(1, 30), data=st.data())
def test_overlapping_windows_cover_every_frame_and_end_with_the_sequence(
    count: int, frames: int, data: st.DataObject
) -> None:
    step = data.draw(st.integers(1, frames))
    look = windows.consecutive(count, frames=frames, step=step)
    assert set(look.ravel()) == set(range(count))
    assert look[-1, -1] == count - 1
    starts = look[:, 0]
    assert (np.diff(starts) <= step).all()
    assert (np.diff(starts) > 0).all()  # no window twice


def test_the_middle_of_a_window_counts_most() -> None:
    np.testing.assert_allclose(windows.blend(5), np.array([1, 2, 3, 2, 1]) / 3)
    np.testing.assert_allclose(windows.blend(1), [1])


def test_steps_that_leave_gaps_are_refused() -> None:
    with pytest.raises(InputError, match="found frames 9, sequence 20, step 10"):
        windows.consecutive(20, frames=9, step=10)


@pytest.mark.parametrize("arguments", [{"frames": 4}, {"frames": 0}, {"frames": 9, "tds": 0}])
def test_impossible_windows_are_refused(arguments: dict[str, int]) -> None:
    with pytest.raises(InputError, match="odd number of frames"):
        windows.centred(10, **arguments)
