"""Variables of MATLAB's .mat files of any version: up to 7 by scipy, 7.3, which is HDF5, by h5py.

Both come in MATLAB's own order of dimensions; cells come as lists, column by column. Only numbers are read: nothing in
a file can run, and a file cannot point to another one.

It knows nothing about what the variables mean.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import h5py
import numpy as np
from scipy.io import loadmat

from in_the_wild.errors import InputError

Variable = np.ndarray | list[np.ndarray]


def read(path: Path, names: Collection[str]) -> dict[str, Variable]:
    """Some variables of a .mat file: arrays of numbers, or lists of them where MATLAB has cells.

    Raises:
        InputError: no .mat file, a damaged one, one that lacks a variable, or one whose variables are no numbers.
    """
    try:
        found = _version_7_3(path, names) if h5py.is_hdf5(path) else _up_to_version_7(path, names)
    except Exception as error:  # damaged bytes make scipy and h5py stumble in any way
        raise InputError(
            f"{path} cannot be read: a .mat file with numbers in {', '.join(names)} was expected, found one that is "
            "missing, damaged or of another kind; get it again."
        ) from error
    missing = [name for name in names if name not in found]
    if missing:
        raise InputError(f"{path} lacks the variable {', '.join(missing)}; get the file from its authors again.")
    return found


def _up_to_version_7(path: Path, names: Collection[str]) -> dict[str, Variable]:
    variables = loadmat(path, appendmat=False, variable_names=list(names))
    return {name: _plain(variables[name]) for name in names if name in variables}


def _plain(value: np.ndarray) -> Variable:
    if value.dtype == object:
        return [_numbers(one) for one in value.ravel(order="F")]
    return _numbers(value)


def _version_7_3(path: Path, names: Collection[str]) -> dict[str, Variable]:
    with h5py.File(path, "r") as file:
        return {name: _variable(file, name) for name in names if name in file}


def _variable(file: h5py.File, name: str) -> Variable:
    if not isinstance(file.get(name, getlink=True), h5py.HardLink):
        raise ValueError(f"{name} is in another file")
    item = file[name]
    if item.dtype == h5py.ref_dtype:
        # HDF5 has the dimensions the other way round, so that its rows are MATLAB's columns.
        return [_dataset(file[reference]) for reference in item[()].ravel()]
    return _dataset(item)


def _dataset(item: h5py.Dataset) -> np.ndarray:
    if item.external or item.is_virtual:
        raise ValueError(f"{item.name} is in another file")
    return _numbers(item[()]).T


def _numbers(value: np.ndarray) -> np.ndarray:
    if value.dtype.kind not in "biuf":
        raise ValueError(f"numbers were expected, found {value.dtype}")
    return value
