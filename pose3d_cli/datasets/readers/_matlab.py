"""Variables of MATLAB's .mat files: of version 5 to 7 by `_mat5`, of version 7.3, which is HDF5, by h5py.

Both come in MATLAB's own order of dimensions; cells come as lists, column by column. Only numbers are read: nothing in
a file can run, a file cannot point to another one, and it may unpack to no more than `in_the_wild.arrays` allows.

It knows nothing about what the variables mean.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from pathlib import Path

import h5py
import numpy as np

from in_the_wild.arrays import most_bytes
from in_the_wild.errors import InputError
from in_the_wild.files import guarded, regular_file
from pose3d_cli.datasets.readers import _mat5
from pose3d_cli.datasets.readers._mat5 import Variable


def read(path: Path, names: Collection[str]) -> dict[str, Variable]:
    """Some variables of a .mat file: arrays of numbers, or lists of them where MATLAB has cells.

    Raises:
        InputError: no .mat file, a damaged one, one that lacks a variable, or one whose variables are no numbers.
    """
    expected = f"a .mat file with numbers in {', '.join(names)}"
    path = regular_file(path, expected=expected)
    bound = most_bytes(path)
    with guarded(path, expected=expected):
        if h5py.is_hdf5(path):
            with h5py.File(path, "r") as file:
                found = {name: _variable(file, name, bound) for name in names if name in file}
        else:
            found = _mat5.read(path.read_bytes(), names, bound=bound)
    missing = [name for name in names if name not in found]
    if missing:
        raise InputError(f"{path} lacks the variable {', '.join(missing)}; get the file from its authors again.")
    return found


def _variable(file: h5py.File, name: str, bound: int) -> Variable:
    if not isinstance(file.get(name, getlink=True), h5py.HardLink):
        raise ValueError(f"{name} is in another file")
    item = file[name]
    _check_sizes([item], bound)
    if item.dtype == h5py.ref_dtype:
        # HDF5 has the dimensions the other way round, so that its rows are MATLAB's columns.
        cells = [file[reference] for reference in item[()].ravel()]
        _check_sizes(cells, bound)
        return [_dataset(cell) for cell in cells]
    return _dataset(item)


def _dataset(item: h5py.Dataset) -> np.ndarray:
    if item.external or item.is_virtual:
        raise ValueError(f"{item.name} is in another file")
    if item.dtype.kind not in "biuf":
        raise ValueError(f"{item.dtype} in {item.name}")
    return np.asarray(item[()]).T


def _check_sizes(items: list[h5py.Dataset], bound: int) -> None:
    size = sum(math.prod(item.shape) * item.dtype.itemsize for item in items)
    if size > bound:
        raise ValueError(f"{items[0].name} of {size} bytes")
