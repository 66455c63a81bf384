"""DeepLabCut's results: a table with three or four lines of headings, as CSV or as HDF5.

As DeepLabCut's `analyze_videos` writes them (deeplabcut.github.io, "standard DeepLabCut user guide"), a column for each
x, y and likelihood, and a row for each frame:

    scorer       NETWORK   NETWORK   NETWORK      ...
    individuals  one       one       one          ...   where there are several animals, or people
    bodyparts    snout     snout     snout        ...
    coords       x         y         likelihood   ...
    0            120.5     88.1      0.99         ...

HDF5 holds the same as pandas' `to_hdf(..., format="table")` does: rows as records, and the headings as a pickled list,
which is read without running what a pickle asks for. Parts of the body have the names that whoever labelled them gave;
where these are not COCO's, a joint map says which they are. Labelled pictures, which DeepLabCut keeps in the same
tables, have no likelihood, and their names for frames.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from in_the_wild import unpickle
from in_the_wild.errors import InputError
from in_the_wild.files import guarded, regular_file
from in_the_wild.formats._fields import poses_of
from in_the_wild.formats._people import KeypointsFormat, confidences
from in_the_wild.formats._preview import Preview
from in_the_wild.frame_names import frame_numbers
from in_the_wild.plugins import back_end
from in_the_wild.poses import Poses

_EXPECTED = "a table of DeepLabCut"
_LEVELS = ("scorer", "individuals", "bodyparts", "coords")
# Points that belong to no individual, such as the corners of a cage.
_NOBODY = "single"

# (individual, part of the body, coordinate) of a column.
Heading = tuple[str, str, str]


class DeepLabCut(KeypointsFormat):
    """Keypoints of DeepLabCut; which of COCO's joints they are is said by names or by a joint map."""

    title: ClassVar[str] = "DeepLabCut's tables"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".h5", ".hdf5")

    @classmethod
    def recognises(cls, preview: Preview) -> bool:
        """See `Format.recognises`: by the lines of headings, or by what pandas calls its tables in HDF5."""
        if preview.groups:
            return bool(preview.groups & {"df_with_missing", "keypoints"})
        lines = preview.text.splitlines()[:4]
        return len(lines) > 2 and lines[0].startswith("scorer,") and any(one.startswith("bodyparts,") for one in lines)

    def read(self, path: Path) -> Poses:
        """See `Format.read`."""
        regular_file(path, expected=_EXPECTED)
        with guarded(path, expected=_EXPECTED):
            with path.open("rb") as file:
                is_hdf5 = file.read(4) == b"\x89HDF"
            frames, headings, values = _hdf5(path) if is_hdf5 else _csv(path)
            return poses_of(path, _fields(path, frames, headings, values), self)


def _csv(path: Path) -> tuple[np.ndarray, list[Heading], np.ndarray]:
    """Frames (T,), the headings of the columns, and the columns (T, C) of a CSV file."""
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""), strict=True))
    above = {row[0]: row for row in rows[:4] if row and row[0] in _LEVELS}
    below = [row for row in rows[len(above) :] if row]
    if not {"bodyparts", "coords"} <= above.keys() or not below:
        raise InputError(
            f'{path}: lines of headings "bodyparts" and "coords", and a row for each frame, were expected.'
        )
    # Labelled pictures have a path in three columns, with nothing above the second and the third.
    first = next(column for column, cell in enumerate(above["coords"]) if column and cell)
    headings = _headings([above[level][first:] for level in _LEVELS if level in above])
    values = [[float(cell) if cell.strip() else np.nan for cell in row[first:]] for row in below]
    names = [row[first - 1] for row in below]
    frames = (
        [int(float(name)) for name in names] if first == 1 and _are_numbers(names) else frame_numbers(names, where=path)
    )
    return np.array(frames), headings, np.array(values)


def _are_numbers(names: Sequence[str]) -> bool:
    return all(name.strip().removesuffix(".0").isdecimal() for name in names)


def _headings(levels: Sequence[Sequence[str]]) -> list[Heading]:
    """Of the columns, of three or four lines above them."""
    own = levels if len(levels) == 4 else [levels[0], [""] * len(levels[0]), *levels[1:]]
    return [(str(one), str(part), str(axis)) for one, part, axis in zip(*own[1:], strict=True)]


def _hdf5(path: Path) -> tuple[np.ndarray, list[Heading], np.ndarray]:
    """The same of an HDF5 file."""
    h5py = back_end("h5py", install="h5py")
    with h5py.File(path, "r") as file:
        group = next(file[name] for name in ("df_with_missing", "keypoints", *file) if name in file)
        if "table" not in group:
            raise InputError(
                f"{path}: a table of pandas was expected, as DeepLabCut's analyze_videos writes it, found one of "
                'another layout; save it again with to_hdf(..., format="table"), or give the CSV file.'
            )
        table = group["table"][()]
        axes = unpickle.loads(bytes(group.attrs["non_index_axes"]))
    blocks = [table[name] for name in table.dtype.names if name.startswith("values_block")]
    values = np.concatenate([np.asarray(block, np.float64).reshape(len(table), -1) for block in blocks], axis=1)
    columns = [tuple(column) for column in axes[0][1]]
    if len(columns) != values.shape[1]:
        raise InputError(f"{path}: {len(columns)} headings were expected to stand over as many columns, found "
                         f"{values.shape[1]} columns.")  # fmt: skip
    index = table["index"]
    frames = index if index.dtype.kind in "iu" else frame_numbers([str(one, "utf-8") for one in index], where=path)
    return np.asarray(frames), _headings(list(zip(*columns, strict=True))), values


def _fields(path: Path, frames: np.ndarray, headings: list[Heading], values: np.ndarray) -> dict[str, Any]:
    at = {heading: column for column, heading in enumerate(headings)}
    parts = list(dict.fromkeys(part for individual, part, _ in headings if individual != _NOBODY))
    individuals = [one for one in dict.fromkeys(individual for individual, _, _ in headings) if one != _NOBODY]
    if len(at) < len(headings) or not parts or values.shape != (len(frames), len(headings)):
        raise InputError(f"{path}: a column for each x, y and likelihood was expected, found two alike or none.")

    def column(individual: str, part: str, axis: str) -> np.ndarray:
        if (individual, part, axis) in at:
            return values[:, at[individual, part, axis]]
        return np.full(len(frames), 1.0 if axis == "likelihood" else np.nan)

    people = [
        np.stack([[column(one, part, axis) for axis in ("x", "y", "likelihood")] for part in parts])
        for one in individuals
    ]  # (J, 3, T) each
    rows = np.concatenate([np.moveaxis(person, -1, 0) for person in people])  # (N, J, 3)
    found = np.isfinite(rows[..., :2]).all(axis=2)
    rows[..., 2] = np.where(found & np.isnan(rows[..., 2]), 1.0, rows[..., 2])  # points that people set
    there = found.any(axis=1)
    return {
        "keypoints": rows[there, :, :2],
        "scores": confidences(rows[there, :, 2]),
        "joints": parts,
        "frame": np.tile(frames, len(individuals))[there],
        "person": np.repeat(np.arange(len(individuals)), len(frames))[there],
    }
