"""MOT: the coordinates of OpenSim's models over time, angles in degrees, which move a model as it is.

    Coordinates
    version=1
    nRows=230
    nColumns=25
    inDegrees=yes
    endheader
    time  pelvis_tilt  pelvis_list  pelvis_rotation  pelvis_tx  pelvis_ty  pelvis_tz  hip_flexion_r  hip_adduction_r ...
    0.00000000  -4.1234  ...

Columns stand between tabs. Names and signs are those of a model: of Rajagopal et al.'s of the whole body, or of
gait2392, which has no arms and counts a knee's flexion as negative. In both

    pelvis_tilt, pelvis_list, pelvis_rotation      backwards, right side down, to the left are positive
    hip_flexion, hip_adduction, hip_rotation       forwards, towards the other leg, inwards
    knee_angle                                     flexion
    lumbar_extension, _bending, _rotation          of the torso against the pelvis: backwards, to the right, to the left
    arm_flex, arm_add, arm_rot, elbow_flex         forwards, towards the body, inwards; flexion

and every joint turns about z, x and y of the model's axes (x forwards, y up, z to the right), each moved by those
before it. Hence the pelvis's tilt and list are what they are called of somebody who looks along x alone. pelvis_tx, ty
and tz put the hips of the model where the person's are, metres in the axes of a TRC file of the same poses.

Angles are those of a figure of constant bones, see `in_the_wild.rigging`: turns of thighs and upper arms about
themselves are told by bent knees and elbows alone. Ankles, toes, forearms and hands, whose turns joints do not tell,
are left out, so that a model keeps its defaults. Lengths are the model's own; scale it with a TRC file.

    Rajagopal et al., "Full-body musculoskeletal model for muscle-driven simulation of human gait", IEEE Transactions on
    Biomedical Engineering 63, 2016
    Delp et al., "OpenSim: open-source software to create and analyze dynamic simulations of movement", IEEE
    Transactions on Biomedical Engineering 54, 2007

A file begins with the first frame that has the person and ends with the last; who is missing in between moves from one
pose to the next. Several people are a file each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.files import whole_file
from in_the_wild.formats import _axes
from in_the_wild.formats._figures import FigureFormat
from in_the_wild.formats._motion import person_files
from in_the_wild.poses import Poses
from in_the_wild.rig import DOWN, FORWARD, LEFT, NAMES, RiggedMotion

if TYPE_CHECKING:
    from scipy.spatial.transform import Rotation

_ORDER = "ZXY"
_SIDES = ("right", "left")


@dataclass(frozen=True)
class _Model:
    """What models differ in.

    Attributes:
        hips: Metres, the middle of the hips in the pelvis's own axes.
        knee: What a flexed knee's angle is multiplied by.
        has_arms: Whether arms are part of it.
    """

    hips: tuple[float, float, float]
    knee: float
    has_arms: bool


_MODELS: Mapping[str, _Model] = {
    "rajagopal": _Model((-0.056276, -0.07849, 0.0), knee=1.0, has_arms=True),
    "gait2392": _Model((-0.0707, -0.0661, 0.0), knee=-1.0, has_arms=False),
}

# The model's axes x, y and z as columns, as they lie in a bone of our figure at rest. At rest models hang their arms,
# which our figure stretches out: of these y points back to the shoulder, and z is the axis about which the elbow bends.
_BODY = np.stack([FORWARD, -DOWN, -LEFT], axis=1)
_ARMS = {"left": np.stack([FORWARD, -LEFT, DOWN], axis=1), "right": np.stack([FORWARD, LEFT, -DOWN], axis=1)}


@dataclass(frozen=True, kw_only=True)
class Mot(FigureFormat):
    """Coordinates of OpenSim's models.

    Args:
        space: See `MotionFormat`.
        up: Is "y".
        units: Are "m".
        model: Whose coordinates: "rajagopal" or "gait2392".

    Raises:
        InputError: another value of one of them.
    """

    title: ClassVar[str] = "joint angles for OpenSim (MOT)"
    suffixes: ClassVar[tuple[str, ...]] = (".mot",)
    reads: ClassVar[bool] = False

    model: str = "rajagopal"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.model not in _MODELS:
            raise InputError(f'A model {" or ".join(_MODELS)} was expected, found "{self.model}".')
        if (self.up, self.units) != ("y", "m"):
            raise InputError(f"OpenSim's models have y up and metres, found {self.up} up and {self.units}.")

    def files(self, poses: Poses, path: Path) -> list[Path]:
        """See `Format.files`."""
        return person_files(path, poses.persons)

    def write(self, poses: Poses, path: Path) -> None:
        """See `Format.write`."""
        motion, people = self.figures(poses)
        for track, moved, file in zip(motion.tracks, people, self.files(poses, path), strict=True):
            there = np.flatnonzero(track.present)
            part = slice(there[0], there[-1] + 1)
            columns = {"time": motion.start + np.arange(motion.frames) / motion.fps}
            columns |= dict(_coordinates(moved, _MODELS[self.model]))
            _write_table({name: values[part] for name, values in columns.items()}, file)


def _write_table(columns: Mapping[str, np.ndarray], path: Path) -> None:
    rows = np.stack(list(columns.values()), axis=1)
    header = ["Coordinates", "version=1", f"nRows={len(rows)}", f"nColumns={len(columns)}", "inDegrees=yes"]
    line = "\t".join(["%.8f"] * len(columns)) + "\n"
    with whole_file(path) as file:
        file.write("\n".join([*header, "endheader", "\t".join(columns)]).encode() + b"\n")
        for row in rows:
            file.write((line % tuple(row)).encode())


def _coordinates(moved: RiggedMotion, model: _Model) -> Iterator[tuple[str, np.ndarray]]:
    """All coordinates by name, (T,) each, of a figure in the axes of a file with y up."""
    from scipy.spatial.transform import Rotation

    def turned(*bones: str, start: np.ndarray = _BODY, end: np.ndarray = _BODY) -> Rotation:
        """The last of bones that hang on each other against what the first one hangs on, in the model's axes."""
        turn = Rotation.from_matrix(start.T @ ground.T)
        for bone in bones:
            turn = turn * Rotation.from_quat(moved.rotations[:, NAMES.index(bone)])
        return turn * Rotation.from_matrix(ground @ end)

    ground = _axes.to_file(np.eye(3), space="world", up="y", units="m").T  # from our axes to the file's
    pelvis = turned("hips", start=ground.T)
    yield from _angles(("pelvis_tilt", "pelvis_list", "pelvis_rotation"), pelvis)
    places = moved.root - pelvis.apply(model.hips)
    yield from zip(("pelvis_tx", "pelvis_ty", "pelvis_tz"), places.T, strict=True)
    for side in _SIDES:
        hip = [f"hip_{turn}_{side[0]}" for turn in ("flexion", "adduction", "rotation")]
        yield from _angles(hip, turned(f"{side}_thigh"), side)
        yield f"knee_angle_{side[0]}", -model.knee * _bend(turned(f"{side}_shin"))
    yield from _angles(("lumbar_extension", "lumbar_bending", "lumbar_rotation"), turned("spine", "chest"))
    for side in _SIDES if model.has_arms else ():
        arm = [f"arm_{turn}_{side[0]}" for turn in ("flex", "add", "rot")]
        yield from _angles(arm, turned(f"{side}_shoulder", f"{side}_upper_arm", end=_ARMS[side]), side)
        yield f"elbow_flex_{side[0]}", _bend(turned(f"{side}_forearm", start=_ARMS[side], end=_ARMS[side]))


def _angles(names: Sequence[str], turns: Rotation, side: str = "right") -> Iterator[tuple[str, np.ndarray]]:
    """Degrees of a joint about its three axes; inwards is the other way round for a left limb than for a right one."""
    mirrored = (1, 1, 1) if side == "right" else (1, -1, -1)
    yield from zip(names, (_degrees(turns) * mirrored).T, strict=True)


def _bend(turns: Rotation) -> np.ndarray:
    """(T,) degrees of a hinge; forwards is positive."""
    return _degrees(turns)[:, 0]


def _degrees(turns: Rotation) -> np.ndarray:
    """(T, 3) about z, x and y."""
    from in_the_wild.rotations import continuous_euler  # with scipy, for which lists of formats need not wait

    return continuous_euler(turns.as_quat(), _ORDER)
