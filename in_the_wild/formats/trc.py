"""TRC: markers as text, which OpenSim scales models and solves joint angles with.

    PathFileType  4  (X/Y/Z)  walk.trc
    DataRate  CameraRate  NumFrames  NumMarkers  Units  OrigDataRate  OrigDataStartFrame  OrigNumFrames
    30  30  2  17  mm  30  1  2
    Frame#  Time  Hip          RHip         ...
                  X1  Y1  Z1   X2  Y2  Z2   ...

    1  0.000000  12.345  ...

Columns stand between tabs. Coordinates are in the world, y up, in millimetres; OpenSim takes metres as well. A joint
that is missing is nan, as OpenSim writes it; it takes cells that are left empty too, but not at a line's end. What was
guessed or filled in is not told from what was seen, unless it is left out (`unseen=missing`). Seconds are those of the
video; a file begins with the first frame that has somebody, and ends with the last. Several people are a file each,
since OpenSim takes one subject at a time, or all in one with `people=prefixed`. Markers are called as Pose2Sim calls
them (`names=opensim`), or as this program calls joints (`names=pose3d`).

Joint angles are another table, and another format: MOT, see `mot`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, TextIO

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.files import guarded, regular_file, whole_file
from in_the_wild.formats._markers import MarkerFormat, tracks_of
from in_the_wild.formats._motion import Motion, poses_of_motion
from in_the_wild.formats._preview import Preview
from in_the_wild.poses import Poses

_MARK = "PathFileType"
_EXPECTED = "a TRC file of markers"
# Digits behind the point, for thousandths of a millimetre.
_DIGITS = {"mm": 3, "cm": 4, "m": 6}
_FIELDS = "DataRate CameraRate NumFrames NumMarkers Units OrigDataRate OrigDataStartFrame OrigNumFrames"
# What a file may hold: characters in a heading, frames, and frames a second.
_LONGEST_LINE = 1 << 20
_MOST_FRAMES, _FASTEST = 10_000_000, 1e6
# Times and rates that differ by less are the same, of which one is rounded.
_SAME_RATE = 0.02


@dataclass(frozen=True, kw_only=True)
class Trc(MarkerFormat):
    """Markers for OpenSim.

    Args:
        space: "world" (the floor at 0) or "camera" (the camera at 0).
        up: Which axis points up, "y" or "z"; a file does not say it.
        units: "mm", "cm" or "m"; a file that is read says its own.
        names: What joints are called: "opensim" or "pose3d". Read are both.
        people: Several are written in one file each, "files", or all in one, "prefixed".
        unseen: Joints that nobody saw are written where the poses have them, "kept", or left out, "missing".
    """

    title: ClassVar[str] = "markers for OpenSim (TRC)"
    suffixes: ClassVar[tuple[str, ...]] = (".trc",)

    units: str = "mm"

    @classmethod
    def recognises(cls, preview: Preview) -> bool:
        """See `Format.recognises`: the word that every such file begins with."""
        return preview.text.startswith(_MARK)

    def _write_markers(self, motion: Motion, labels: list[str], path: Path) -> None:
        there = np.flatnonzero(np.any([track.present for track in motion.tracks], axis=0))
        first, behind = there[0], there[-1] + 1
        # (T, M, 3) -> (T, 3 M)
        values = np.concatenate([track.joints[first:behind] for track in motion.tracks], axis=1)
        values = values.reshape(behind - first, -1)
        start = motion.start + first / motion.fps
        line = "\t".join(["%d", "%.6f", *[f"%.{_DIGITS[self.units]}f"] * values.shape[1]])
        with whole_file(path) as file:
            file.write(self._header(motion.fps, len(values), labels, path.name).encode())
            for frame, row in enumerate(values):
                file.write((line % (frame + 1, start + frame / motion.fps, *row)).encode() + b"\n")

    def _header(self, fps: float, count: int, labels: list[str], name: str) -> str:
        rate, frames = f"{fps:.9g}", str(count)
        lines = [
            [_MARK, "4", "(X/Y/Z)", name],
            _FIELDS.split(),
            [rate, rate, frames, str(len(labels)), self.units, rate, "1", frames],
            ["Frame#", "Time", *(cell for label in labels for cell in (label, "", ""))],
            ["", "", *(f"{axis}{number}" for number in range(1, len(labels) + 1) for axis in "XYZ")],
            [],
        ]
        return "".join("\t".join(line) + "\n" for line in lines)

    def read(self, path: Path) -> Poses:
        """See `Format.read`."""
        path = regular_file(path, expected=_EXPECTED)
        with guarded(path, expected=_EXPECTED), path.open(encoding="utf-8-sig") as file:
            header, labels = _read_header(file)
            rows = _read_rows(file, columns=2 + 3 * len(labels))
            if not len(rows):
                raise InputError(f"{path} holds no motion: lines of figures were expected below its headings.")
            frame, start, fps = _frames_of(rows[:, 1], float(header.get("DataRate") or 0))
            places = np.full((frame[-1] + 1, len(labels), 3), np.nan)
            places[frame] = rows[:, 2:].reshape(len(rows), -1, 3)
        skeleton, tracks = tracks_of(labels, places, np.ones(places.shape[:2], bool), path)
        read_as = replace(self, units=header.get("Units", self.units).lower())
        return poses_of_motion(Motion(skeleton, fps, start, len(places), tuple(tracks)), path, read_as)


def _read_header(file: TextIO) -> tuple[dict[str, str], list[str]]:
    """What the first lines say by name, and the markers' labels; the file stands below the axes' line then.

    Raises:
        ValueError: these are not the lines of such a file.
    """
    first, fields, values, labels, _ = (file.readline(_LONGEST_LINE) for _ in range(5))
    names = labels.split("\t")[2:] if "\t" in labels else labels.split()[2:]
    markers = [name.strip() for name in names if name.strip()]
    if not first.startswith(_MARK) or not markers:
        raise ValueError("headings of another kind")
    if len(set(markers)) < len(markers):
        raise ValueError("two markers of one name")
    return dict(zip(fields.split(), values.split(), strict=False)), markers


def _read_rows(file: TextIO, *, columns: int) -> np.ndarray:
    """(T, columns) the figures, NaN in cells that are empty or left out at a line's end."""
    rows: list[np.ndarray] = []
    for line in file:
        cells = line.rstrip("\r\n").split("\t") if "\t" in line else line.split()
        if len(cells) > columns and any(cell.strip() for cell in cells[columns:]):
            raise ValueError(f"a line of more than {columns} columns")
        figures = [float(cell) if cell.strip() else np.nan for cell in cells[:columns]]
        if figures and not np.isnan(figures[:2]).all():
            rows.append(np.array([*figures, *[np.nan] * (columns - len(figures))]))
    return np.array(rows)


def _frames_of(seconds: np.ndarray, rate: float) -> tuple[np.ndarray, float, float]:
    """(T,) the frame of every line, the second of the first one, and how many come in a second.

    Raises:
        ValueError: times that do not rise, or no rate.
    """
    if not np.isfinite(seconds).all() or (np.diff(seconds) <= 0).any():
        raise ValueError("times that do not rise")
    if len(seconds) > 1:
        measured = 1 / float(np.median(np.diff(seconds)))
        # A rate that contradicts the times is that of something else.
        rate = rate if abs(rate - measured) <= _SAME_RATE * measured else measured
    if not 0 < rate < _FASTEST:
        raise ValueError(f"a rate of {rate:g} frames a second")
    frame = np.rint((seconds - seconds[0]) * rate).astype(np.int64)
    if (np.diff(frame) <= 0).any() or frame[-1] > _MOST_FRAMES:
        raise ValueError("times that are no frames of one rate")
    return frame, float(seconds[0]), rate
