"""Biovision hierarchies (BVH), read and written: a figure, and for every frame the angles of its joints.

A joint stands at its offset in its parent's frame, turned as its channels say, in their order and about axes that the
turns before have moved. Position channels stand in the offset's place. pybvh (MIT) reads most such files as quickly;
a reader of our own names the line that is broken, and takes joints with any number of channels.

It knows the format alone: neither names of joints nor units of length, which BVH files do not say.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.files import whole_file

# What stands before the frames, line by line.
_MOTION = (("MOTION",), ("FRAMES:",), ("FRAME", "TIME:"))
_CHANNELS = tuple(f"{axis}{kind}" for kind in ("position", "rotation") for axis in "xyz")


@dataclass(frozen=True)
class Joint:
    """A joint, or the end of a chain of them.

    Attributes:
        name: As the file calls it; the end of a chain is "NAME_end".
        parent: Position of its parent among the joints, -1 for the root.
        offset: (3,) from its parent, in the file's unit.
        channels: What its values are, in their order: "xposition", "zrotation", ...
    """

    name: str
    parent: int
    offset: np.ndarray
    channels: tuple[str, ...]


@dataclass(frozen=True)
class Recording:
    """A figure and its motion.

    Attributes:
        joints: J joints, parents first.
        values: (T, D) of all channels, joint by joint; angles in degrees.
        fps: Frames per second.
    """

    joints: tuple[Joint, ...]
    values: np.ndarray
    fps: float

    @property
    def names(self) -> tuple[str, ...]:
        """Of the joints, in the order of `forward_kinematics`."""
        return tuple(joint.name for joint in self.joints)


def read(path: Path) -> Recording:
    """Read a recording.

    Raises:
        InputError: not a BVH file, or frames that do not fit its joints; the message names file and line.
    """
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror or error}.") from error
    joints, after = _hierarchy(path, lines)
    # Lines are taken apart one by one: the words of an hour fill the memory.
    filled = ((n, lines[n].split()) for n in range(after, len(lines)) if lines[n].strip())
    header = list(islice(filled, len(_MOTION)))
    for (number, words), start in zip(header, _MOTION, strict=False):
        if tuple(word.upper() for word in words[: len(start)]) != start:
            raise _error(path, number, f'"{" ".join(start).title()}" was expected, found "{" ".join(words):.60}"')
    if len(header) < len(_MOTION):
        raise InputError(f"{path}: a BVH file was expected, with HIERARCHY and MOTION; it ends before its frames.")
    (_, (at_frames, frame_words), (at_time, time_words)) = header
    frames = _numbers(path, at_frames, frame_words[1:], 1)[0]
    seconds = _numbers(path, at_time, time_words[2:], 1)[0]
    if seconds <= 0:
        raise _error(path, at_time, f"a frame must last longer than 0 seconds, found {seconds:g}")
    found = sum(bool(line.strip()) for line in lines[at_time + 1 :])
    if found != frames or not found:
        raise _error(path, at_frames, f"{frames:g} frames are announced, found {found}")
    count = sum(len(joint.channels) for joint in joints)
    motion = enumerate(filled, start=1)
    values = [np.array(_numbers(path, number, words, count, f"frame {i}")) for i, (number, words) in motion]
    # Files round: .0083333 seconds are meant to be 120 frames a second, not 120.00048.
    fps, whole = 1 / seconds, float(round(1 / seconds))
    return Recording(tuple(joints), np.array(values), whole if abs(fps - whole) < 1e-4 * fps else fps)


def write(recording: Recording, path: Path) -> None:
    """Write a recording; the file appears whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    children: dict[int, list[int]] = {}
    for j, joint in enumerate(recording.joints):
        children.setdefault(joint.parent, []).append(j)
    hierarchy, order = _written(recording.joints, children, -1)
    # A line of motion has the joints in the order in which they are written, each before all that hangs on it.
    ends = np.cumsum([len(joint.channels) for joint in recording.joints])
    columns = [column for j in order for column in range(ends[j] - len(recording.joints[j].channels), ends[j])]
    row = " ".join(["%.5f"] * len(columns)) + "\n"
    with whole_file(path) as file:
        file.write("\n".join(["HIERARCHY", *hierarchy, "MOTION"]).encode())
        file.write(f"\nFrames: {len(recording.values)}\nFrame Time: {1 / recording.fps:.10f}\n".encode())
        for values in recording.values:
            file.write((row % tuple(values[columns].tolist())).encode())


def _written(
    joints: Sequence[Joint], children: Mapping[int, Sequence[int]], parent: int, depth: int = 0
) -> tuple[list[str], list[int]]:
    """The lines of all that hangs on a joint, and in which order."""
    lines: list[str] = []
    order: list[int] = []
    indent = "\t" * depth
    for j in children.get(parent, ()):
        joint = joints[j]
        heading = f"{'JOINT' if depth else 'ROOT'} {joint.name}" if joint.channels else "End Site"
        names = (f"{name[0].upper()}{name[1:]}" for name in joint.channels)
        below, onward = _written(joints, children, j, depth + 1)
        order += [j, *onward]
        lines += [
            f"{indent}{heading}",
            f"{indent}{{",
            f"{indent}\tOFFSET {' '.join(map('{:.6f}'.format, joint.offset))}",
        ]
        lines += [f"{indent}\tCHANNELS {len(joint.channels)} {' '.join(names)}"] * bool(joint.channels)
        lines += [*below, f"{indent}}}"]
    return lines, order


def forward_kinematics(recording: Recording) -> tuple[np.ndarray, np.ndarray]:
    """Where joints are, and how they are turned.

    Returns:
        (T, J, 3) in the file's unit and axes; and (T, J, 3, 3) from each joint's frame to the world. What hangs on a
        joint turns with it.
    """
    from scipy.spatial.transform import Rotation  # the lists of what there is answer without scipy

    frames = len(recording.values)
    places: list[np.ndarray] = []
    turned: list[np.ndarray] = []
    column = 0
    for joint in recording.joints:
        place = np.tile(joint.offset, (frames, 1))
        angles: dict[str, np.ndarray] = {}
        for channel in joint.channels:
            values = recording.values[:, column]
            column += 1
            if channel.endswith("position"):
                place[:, "xyz".index(channel[0])] = values
            else:
                angles[channel[0].upper()] = values
        rotation = np.broadcast_to(np.eye(3), (frames, 3, 3))
        if angles:
            # Capital letters: each turn is about axes that the turns before have moved.
            order, columns = "".join(angles), np.stack(list(angles.values()), axis=1)
            rotation = Rotation.from_euler(order, columns, degrees=True).as_matrix()
        if joint.parent >= 0:
            parent = turned[joint.parent]
            place = places[joint.parent] + (parent @ place[..., None])[..., 0]
            rotation = parent @ rotation
        places.append(place)
        turned.append(rotation)
    return np.stack(places, axis=1), np.stack(turned, axis=1)


def _hierarchy(path: Path, lines: Sequence[str]) -> tuple[list[Joint], int]:
    """The joints, and the line after the last bracket."""
    joints: list[Joint] = []
    opened: list[int] = []
    named = False  # and not opened yet
    for number, line in enumerate(lines):
        words = line.split()
        keyword = words[0].upper() if words else ""
        if keyword in ("ROOT", "JOINT", "END"):
            if bool(opened) == (keyword == "ROOT") or len(words) < 2 or named:
                raise _error(
                    path, number, f'one ROOT was expected, and joints with names within it, found "{line:.60}"'
                )
            parent = opened[-1] if opened else -1
            name = f"{joints[parent].name}_end" if keyword == "END" else " ".join(words[1:])
            joints.append(Joint(name, parent, np.full(3, np.nan), ()))
            named = True
        elif keyword == "{" and named:
            opened.append(len(joints) - 1)
            named = False
        elif keyword == "OFFSET" and opened and not named:
            old = joints[opened[-1]]
            offset = np.array(_numbers(path, number, words[1:], 3))
            joints[opened[-1]] = Joint(old.name, old.parent, offset, old.channels)
        elif keyword == "CHANNELS" and opened and not named:
            old = joints[opened[-1]]
            channels = tuple(word.lower() for word in words[2:])
            if [str(len(channels))] != words[1:2] or len(set(channels)) != len(channels):
                raise _error(path, number, f'a count and as many channels were expected, found "{line.strip():.60}"')
            if not set(channels) <= set(_CHANNELS):
                raise _error(
                    path, number, f'channels like Xposition and Zrotation were expected, found "{line.strip():.60}"'
                )
            joints[opened[-1]] = Joint(old.name, old.parent, old.offset, channels)
        elif keyword == "}" and opened and not named:
            if np.isnan(joints[opened.pop()].offset).any():
                raise _error(path, number, "a joint ends without its OFFSET")
            if not opened:
                return joints, number + 1
        elif keyword not in ("", "HIERARCHY") or (keyword == "HIERARCHY" and joints):
            raise _error(path, number, f'a joint, its OFFSET or its CHANNELS were expected, found "{line.strip():.60}"')
    raise InputError(f"{path}: a BVH file was expected, with HIERARCHY and MOTION; its hierarchy does not end.")


def _numbers(path: Path, number: int, words: Sequence[str], count: int, what: str = "") -> list[float]:
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        numbers = []
    if len(numbers) != count or not all(map(math.isfinite, numbers)):
        found = f"{len(words)}" if len(words) != count else f'"{" ".join(words)[:60]}"'
        needed = f"{count} number{'s' if count != 1 else ''}"
        raise _error(
            path, number, f"{what} needs {needed}, found {found}" if what else f"{needed} expected, found {found}"
        )
    return numbers


def _error(path: Path, number: int, sentence: str) -> InputError:
    return InputError(f"{path}, line {number + 1}: {sentence}.")
