"""MATLAB's files of version 5 to 7: what scipy writes is read alike; damage ends in an exception, never in a crash."""

from __future__ import annotations

import io
import zlib
from random import Random
from typing import Any

import numpy as np
import pytest
from fuzz import damaged
from scipy.io import loadmat, savemat

from pose3d_cli.datasets.readers import _mat5

BOUND = 1 << 20
VARIABLES: dict[str, Any] = {
    "doubles": np.arange(24.0).reshape(2, 3, 4),
    "singles": np.array([[0.5, 1.5]], np.float32),
    "bytes": np.arange(5, dtype=np.uint8)[None],
    "shorts": np.array([[-3], [7]], np.int16),
    "flags": np.array([[True, False]]),
    "one": np.array([[2.0]]),
    "none": np.zeros((0, 3)),
}


def cells() -> np.ndarray:
    made = np.empty((2, 2), object)
    for i in range(4):
        made.flat[i] = np.full((1, i + 1), float(i))
    return made


def written(*, packed: bool = True, **more: Any) -> bytes:
    file = io.BytesIO()
    savemat(file, {**VARIABLES, "cells": cells(), **more}, do_compression=packed)
    return file.getvalue()


@pytest.mark.parametrize("packed", [False, True])
def test_scipys_reader_reads_the_same(packed: bool) -> None:
    content = written(packed=packed, text="not a number")
    found = _mat5.read(content, [*VARIABLES, "cells", "missing"], bound=BOUND)
    theirs = loadmat(io.BytesIO(content))
    assert found.keys() == {*VARIABLES, "cells"}
    for name in VARIABLES:
        value = found[name]
        assert isinstance(value, np.ndarray)
        np.testing.assert_array_equal(value, theirs[name])
    for ours, other in zip(found["cells"], theirs["cells"].ravel(order="F"), strict=True):
        np.testing.assert_array_equal(ours, other)


@pytest.mark.parametrize("variable", ["text", 1j, {"a": 1.0}])
def test_what_is_no_real_number_is_refused(variable: Any) -> None:
    with pytest.raises(ValueError, match="where real numbers were expected"):
        _mat5.read(written(x=variable), ["x"], bound=BOUND)


def test_a_file_unpacks_to_no_more_than_its_bound() -> None:
    content = written()[:128] + (15).to_bytes(4, "little")
    packed = zlib.compress(bytes(100 * BOUND))
    with pytest.raises(ValueError, match=f"more than {BOUND} bytes"):
        _mat5.read(content + len(packed).to_bytes(4, "little") + packed, ["x"], bound=BOUND)


@pytest.mark.parametrize("packed", [False, True])
def test_damage_ends_in_an_exception_or_in_numbers(packed: bool) -> None:
    content, stopped = written(packed=packed), 0
    for number in range(300):
        try:
            _mat5.read(damaged(content, Random(number))[1], [*VARIABLES, "cells"], bound=BOUND)
        except Exception:  # what the door of `in_the_wild.files` turns into a sentence
            stopped += 1
    assert stopped > 50
