"""Acclaim's skeletons (ASF) and motions (AMC), the CMU database's own form: joint angles in, joint positions out.

A bone turns about its own axes, which stand askew in the figure: with C the turn from the figure's axes to the bone's
and M the angles of a frame, a bone's orientation is its parent's times C M C^-1, and its end lies `length` along
`direction` from its parent's end. Angles named in the order "rx ry rz" turn about x first, then y, then z of the bone
at rest.

It knows the format alone: neither the names of the CMU database's bones nor frame rates, which AMC files do not say.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from in_the_wild.errors import InputError, did_you_mean

ROOT = "root"
# Lengths in a file times 1 / (the header's "length") are inches (mocap.cs.cmu.edu/faqs.php).
_INCH = 0.0254
_ROOT_ORDER = ("tx", "ty", "tz", "rx", "ry", "rz")


@dataclass(frozen=True)
class Bone:
    """A bone at rest.

    Attributes:
        name: As the file calls it.
        parent: The bone that it hangs on, or "root".
        offset: (3,) from its start to its end, metres.
        axes: (3, 3) from the bone's axes to the figure's.
        turns: What its angles turn about, in their order: "x", "y", "z", three at most; a stiff bone has none.
    """

    name: str
    parent: str
    offset: np.ndarray
    axes: np.ndarray
    turns: str


@dataclass(frozen=True)
class Figure:
    """A skeleton.

    Attributes:
        bones: Parents first.
        root_order: Meaning of the root's six values, such as ("tx", "ty", "tz", "rx", "ry", "rz").
        metres: Of one unit of length in the file.
        degrees: Whether angles are in degrees, not radians.
    """

    bones: tuple[Bone, ...]
    root_order: tuple[str, ...]
    metres: float
    degrees: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The root and the bones, in the order of `forward_kinematics`."""
        return (ROOT, *(bone.name for bone in self.bones))


def read_asf(path: Path) -> Figure:
    """Read a skeleton.

    Raises:
        InputError: not an ASF file, or bones that do not make one tree; the message names file and line.
    """
    units: dict[str, str] = {}
    root: dict[str, list[str]] = {}
    bones: dict[str, dict[str, list[str]]] = {}
    parents: dict[str, str] = {}
    section, bone = "", None  # type: str, dict[str, list[str]] | None
    number = 0
    for number, words in _lines(path):
        keyword, values = words[0].lower(), words[1:]
        if keyword.startswith(":"):
            section = keyword[1:]
        elif section == "units":
            units[keyword] = " ".join(values).lower()
        elif section == "root":
            root[keyword] = values
        elif section == "bonedata" and keyword == "begin":
            bone = {"line": [str(number)]}
        elif section == "bonedata" and bone is not None and keyword == "end":
            name = " ".join(bone.get("name", []))
            if not name or name in bones or name == ROOT:
                raise InputError(f'{path}, line {number}: a bone needs a name of its own, found "{name:.60}".')
            bones[name], bone = bone, None
        elif section == "bonedata" and bone is not None:
            bone[keyword] = values
        elif section == "hierarchy" and keyword not in ("begin", "end"):
            for name in words:
                if name != ROOT and name not in bones:
                    raise InputError(
                        f'{path}, line {number}: no bone is called "{name:.60}". {did_you_mean(name, bones)}'
                    )
            for name in values:
                if name in parents or name == ROOT:
                    raise InputError(f'{path}, line {number}: "{name}" must hang on one bone alone.')
                parents[name] = words[0]
    if not bones or not parents:
        raise InputError(f"{path}: an ASF skeleton was expected, with :bonedata and :hierarchy; found {number} lines.")
    length = _numbers(path, 0, "length in :units", [units.get("length", "1")], 1)[0]
    if length <= 0:
        raise InputError(f"{path}: the length in :units must be above 0, found {length:g}.")
    root_order = _root_order(path, root)
    degrees = units.get("angle", "deg") != "rad"
    return Figure(
        bones=tuple(
            _bone(path, name, bones[name], parent=parents[name], metres=_INCH / length, degrees=degrees)
            for name in _parents_first(path, bones, parents)
        ),
        root_order=root_order,
        metres=_INCH / length,
        degrees=degrees,
    )


def _root_order(path: Path, root: Mapping[str, list[str]]) -> tuple[str, ...]:
    """The order of the root's six numbers, in lower case; at rest it must stand at the origin."""
    for key in ("position", "orientation"):
        if any(_numbers(path, 0, f"{key} in :root", root.get(key, ["0", "0", "0"]), 3)):
            raise InputError(f"{path}: a root at rest at 0 0 0 was expected, found {key} {' '.join(root[key]):.60}.")
    order = tuple(word.lower() for word in root.get("order", _ROOT_ORDER))
    if sorted(order) != sorted(_ROOT_ORDER):
        raise InputError(f"{path}: the root's order must hold {' '.join(_ROOT_ORDER)}, found {' '.join(order):.60}.")
    return order


def read_amc(path: Path, figure: Figure) -> dict[str, np.ndarray]:
    """Read a motion of a figure.

    Frames are counted on from any number: cut files keep the numbers of the whole.

    Returns:
        For the root and every bone that turns (T, D) its values as they are in the file.

    Raises:
        InputError: values that are not the figure's; the message names file, line and frame.
    """
    expected = {ROOT: 6} | {bone.name: len(bone.turns) for bone in figure.bones if bone.turns}
    columns: dict[str, list[list[float]]] = {name: [] for name in expected}
    first = frames = 0
    for number, words in _lines(path):
        name, values = words[0], words[1:]
        if name.startswith(":"):
            if name.lower() == (":radians" if figure.degrees else ":degrees"):
                raise InputError(f"{path}, line {number}: angles in the unit of the ASF file were expected.")
        elif not values and name.isdigit():
            _check_whole(path, number, first + frames - 1, frames, columns)
            first = first if frames else int(name)
            if int(name) != first + frames:
                raise InputError(f"{path}, line {number}: frame {first + frames} was expected, found {name:.60}.")
            frames += 1
        elif not frames:
            raise InputError(
                f'{path}, line {number}: the number of a frame was expected, found "{" ".join(words):.60}".'
            )
        elif name not in expected:
            raise InputError(
                f'{path}, line {number}: the skeleton has no moving bone "{name:.60}". {did_you_mean(name, expected)}'
            )
        elif len(columns[name]) == frames:
            raise InputError(f'{path}, line {number}: "{name}" is there twice in frame {first + frames - 1}.')
        else:
            what = f'"{name}" in frame {first + frames - 1}'
            columns[name].append(_numbers(path, number, what, values, expected[name]))
    if not frames:
        raise InputError(f"{path}: an AMC motion was expected, found no frames.")
    _check_whole(path, number, first + frames - 1, frames, columns)
    return {name: np.array(rows) for name, rows in columns.items()}


def forward_kinematics(figure: Figure, motion: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Where bones end, and how they are turned.

    Args:
        figure: B - 1 bones and the root.
        motion: As `read_amc` gives it.

    Returns:
        (T, B, 3) metres in the file's axes (y up in the CMU database), the root's position first; and (T, B, 3, 3)
        from each bone's frame, which at rest is the figure's, to the world.
    """
    at = {channel: motion[ROOT][:, i] for i, channel in enumerate(figure.root_order)}
    turns = "".join(channel[1] for channel in figure.root_order if channel[0] == "r")
    angles = np.stack([at[f"r{axis}"] for axis in turns], axis=1)
    ends = {ROOT: np.stack([at["tx"], at["ty"], at["tz"]], axis=1) * figure.metres}
    turned = {ROOT: Rotation.from_euler(turns, angles, degrees=figure.degrees).as_matrix()}
    for bone in figure.bones:
        rotation = turned[bone.parent]  # (T, 3, 3)
        if bone.turns:
            own = Rotation.from_euler(bone.turns, motion[bone.name], degrees=figure.degrees).as_matrix()
            rotation = rotation @ bone.axes @ own @ bone.axes.T
        turned[bone.name] = rotation
        ends[bone.name] = ends[bone.parent] + rotation @ bone.offset
    return np.stack(list(ends.values()), axis=1), np.stack(list(turned.values()), axis=1)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Number and words of every line that says something."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror or error}.") from error
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].split()
        if words:
            yield number, words


def _numbers(path: Path, line: int, what: str, values: list[str], count: int) -> list[float]:
    try:
        numbers = [float(value) for value in values]
    except ValueError:
        numbers = []
    if len(numbers) != count or not all(map(math.isfinite, numbers)):
        where = f"{path}, line {line}" if line else f"{path}"
        raise InputError(
            f'{where}: {what} needs {count} number{"s" if count != 1 else ""}, found "{" ".join(values):.60}".'
        )
    return numbers


def _check_whole(path: Path, line: int, frame: int, frames: int, columns: Mapping[str, list[list[float]]]) -> None:
    for name, rows in columns.items():
        if len(rows) != frames:
            raise InputError(f'{path}, line {line}: frame {frame} ends without "{name}".')


def _bone(path: Path, name: str, given: Mapping[str, list[str]], *, parent: str, metres: float, degrees: bool) -> Bone:
    line = int(given["line"][0])
    direction = np.array(_numbers(path, line, f'direction of "{name}"', given.get("direction", []), 3))
    length = _numbers(path, line, f'length of "{name}"', given.get("length", []), 1)[0]
    size = float(np.linalg.norm(direction))
    if length < 0 or (size == 0 and length > 0):
        raise InputError(
            f'{path}, line {line}: "{name}" needs a length of at least 0 and a direction, found '
            f"{length:g} along {direction.tolist()}."
        )
    *askew, order = given.get("axis", ["0", "0", "0", "XYZ"])
    if sorted(order.lower()) != ["x", "y", "z"]:
        raise InputError(f'{path}, line {line}: axis of "{name}" needs three angles and XYZ in some order.')
    turns = [turn.lower() for turn in given.get("dof", [])]
    if len(set(turns)) != len(turns) or not {"rx", "ry", "rz"}.issuperset(turns):
        raise InputError(f'{path}, line {line}: "{name}" may turn by rx, ry and rz alone, found {" ".join(turns):.60}.')
    return Bone(
        name=name,
        parent=parent,
        offset=direction / (size or 1) * length * metres,
        axes=Rotation.from_euler(
            order.lower(), _numbers(path, line, f'axis of "{name}"', askew, 3), degrees=degrees
        ).as_matrix(),
        turns="".join(turn[1] for turn in turns),
    )


def _parents_first(path: Path, bones: Mapping[str, object], parents: Mapping[str, str]) -> list[str]:
    ordered: list[str] = []
    waiting = [ROOT]
    while waiting:
        parent = waiting.pop(0)
        children = [name for name in bones if parents.get(name) == parent]
        ordered += children
        waiting += children
    loose = sorted(bones.keys() - set(ordered))
    if loose:
        raise InputError(f"{path}: every bone must hang on the root in the end; these do not: {', '.join(loose)}.")
    return ordered
