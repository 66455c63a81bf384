"""SLEAP's analysis files: HDF5 with the tracks of everybody, as `sleap-convert --format analysis` writes it.

As docs.sleap.ai describes it ("Exporting the results", `sleap/info/write_tracking_h5.py`), arrays in Matlab's order:

    tracks         (P, 2, J, T)  pixels, NaN where nothing was found
    point_scores   (P, J, T)     confidences of the keypoints; may be missing
    node_names     (J,)          parts of the body
    track_names    (P,)          may be empty where nobody tracked

sleap-io also writes the order (T, P, J, 2) and says in an attribute `dims` which it is. Nodes have the names that
whoever labelled them gave; where these are not COCO's, a joint map says which they are.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.files import guarded, regular_file
from in_the_wild.formats._fields import poses_of
from in_the_wild.formats._people import KeypointsFormat, confidences
from in_the_wild.formats._preview import Preview
from in_the_wild.plugins import back_end
from in_the_wild.poses import Poses

_EXPECTED = "an analysis file of SLEAP"
# Axes of the tracks by what sleap-io calls them: frame, track, node, coordinate.
_ORDER = ("frame", "track", "node", "xy")


class Sleap(KeypointsFormat):
    """Keypoints of SLEAP; which of COCO's joints they are is said by names or by a joint map."""

    title: ClassVar[str] = "SLEAP's analysis files"
    suffixes: ClassVar[tuple[str, ...]] = (".h5", ".hdf5")

    @classmethod
    def recognises(cls, preview: Preview) -> bool:
        """See `Format.recognises`: by the names of its arrays."""
        return {"tracks", "node_names"} <= preview.groups

    def read(self, path: Path) -> Poses:
        """See `Format.read`."""
        h5py = back_end("h5py", install="h5py")
        regular_file(path, expected=_EXPECTED)
        with guarded(path, expected=_EXPECTED):
            with h5py.File(path, "r") as file:
                nodes = _names(path, file["node_names"])
                named = len(file.get("track_names", ())) > 0
                order = _order(file["tracks"], joints=len(nodes))
                tracks = np.moveaxis(_numbers(path, file["tracks"]), order, range(4))
                scores = np.ones(tracks.shape[:3])
                if "point_scores" in file:
                    without_xy = [axis for axis in np.argsort(order).tolist() if axis != _ORDER.index("xy")]
                    scores = np.moveaxis(_numbers(path, file["point_scores"]), np.argsort(without_xy), range(3))
            return poses_of(path, _fields(nodes, tracks, scores, named=named), self)


def _names(path: Path, dataset: Any) -> list[str]:
    # Where texts of any length are damaged, HDF5's own library may go round for ever.
    if dataset.dtype.kind != "S":
        raise InputError(f"{path}: names of one length in bytes were expected in {dataset.name}, as SLEAP writes them, "
                         f"found {dataset.dtype}.")  # fmt: skip
    return [str(name, "utf-8") for name in dataset[()]]


def _numbers(path: Path, dataset: Any) -> np.ndarray:
    if not np.issubdtype(dataset.dtype, np.number):
        raise InputError(f"{path}: numbers were expected in {dataset.name}, found {dataset.dtype}.")
    return np.asarray(dataset[()], np.float64)


def _order(dataset: Any, *, joints: int) -> list[int]:
    """Where frame, track, node and coordinate stand among the axes of the tracks."""
    if "dims" in dataset.attrs:
        said = json.loads(dataset.attrs["dims"])
        return [said.index(axis) for axis in _ORDER]
    # Matlab's order, unless the shape says that it is the other one.
    standard = dataset.shape[2:] == (joints, 2) and dataset.shape[1:3] != (2, joints)
    return [0, 1, 2, 3] if standard else [3, 0, 2, 1]


def _fields(nodes: list[str], tracks: np.ndarray, scores: np.ndarray, *, named: bool) -> dict[str, Any]:
    """Fields of tracks (T, P, J, 2) and scores (T, P, J), of people who are found in a frame."""
    there = np.isfinite(tracks).all(axis=3).any(axis=2)  # (T, P)
    frame, person = np.nonzero(there)
    return {
        "keypoints": tracks[there],
        "scores": confidences(scores[there]),
        "joints": nodes,
        "frame": frame,
        "person": person if named else np.full(len(person), -1),
    }
