"""BVH: a skeleton at rest and the angles of its joints, which programs for animation import.

One file holds one person: bones of the person's own constant lengths, the same on both sides, a T-pose at rest, the
path of the hips, and rotations; `in_the_wild.rigging` says how they follow from joint positions. Y is up and lengths
are centimetres unless told otherwise; at rest a person looks along z. What joints are called, and the axes about which
they turn, are those that a program expects: `preset=blender|mixamo|unity|maya|cmu`, see `_bone_names`.

All files of a clip have all of its frames, so that people stay together; a person who is not seen stays in the nearest
pose, or goes from one to the next. What was seen and what was not, and the video's name, have no place in such files.

Read are figures whose joints are called as one of these programs, or Biovision, calls them. Positions follow by forward
kinematics, of the joints of Human3.6M; its head is the end of the head, its neck where the head begins. A file says no
unit: it is the one told, or else that in which the legs are as long as people's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from in_the_wild import bvh
from in_the_wild.errors import InputError
from in_the_wild.files import guarded, regular_file
from in_the_wild.formats import _axes
from in_the_wild.formats._bone_names import PRESETS, SECOND, Preset, recognised
from in_the_wild.formats._figures import FigureFormat
from in_the_wild.formats._motion import Motion, Track, person_files, person_in, poses_of_motion
from in_the_wild.formats._preview import Preview
from in_the_wild.poses import Poses
from in_the_wild.rig import BONES, PARENTS, RiggedMotion
from in_the_wild.skeletons import HUMAN36M17

_MARK = "HIERARCHY"
_EXPECTED = "a BVH file"
_POSITION = ("xposition", "yposition", "zposition")
# Metres of a leg from hip to ankle, of the smallest child and the tallest adult.
_SHORTEST, _LONGEST = 0.3, 1.2
# Metres in a unit: those that files come in. CMU's is an inch, 0.45 of it.
_UNITS = {**_axes.METRES, "in": 0.0254, "cmu": 0.0254 / 0.45}


@dataclass(frozen=True, kw_only=True)
class Bvh(FigureFormat):
    """Animated skeletons.

    Args:
        preset: Whose names joints have, and how they turn: "blender", "mixamo", "unity", "maya" or "cmu".
        space: See `MotionFormat`, as the others.
        up: Which axis points up.
        units: Of lengths.

    Raises:
        InputError: another preset, space, axis or unit.
    """

    title: ClassVar[str] = "skeleton animation (BVH)"
    suffixes: ClassVar[tuple[str, ...]] = (".bvh",)

    units: str = "cm"
    preset: str = "blender"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.preset not in PRESETS:
            raise InputError(f'A preset {", ".join(PRESETS)} was expected, found "{self.preset}".')

    @classmethod
    def recognises(cls, preview: Preview) -> bool:
        """See `Format.recognises`: the word that every such file begins with."""
        return preview.text.lstrip().upper().startswith(_MARK)

    def files(self, poses: Poses, path: Path) -> list[Path]:
        """See `Format.files`."""
        return person_files(path, poses.persons)

    def write(self, poses: Poses, path: Path) -> None:
        """See `Format.write`."""
        motion, people = self.figures(poses)
        for moved, file in zip(people, self.files(poses, path), strict=True):
            bvh.write(_recording(moved, motion.fps, PRESETS[self.preset]), file)

    def read(self, path: Path) -> Poses:
        """See `Format.read`."""
        path = regular_file(path, expected=_EXPECTED)
        with guarded(path, expected=_EXPECTED):
            recording = bvh.read(path)
            program, bones = recognised([joint.name for joint in recording.joints if joint.channels])
            points, seen = _points(recording, bones)
        unit = self._unit(recording, bones, program)
        track = Track(
            person_in(path), points * _UNITS[unit], np.broadcast_to(seen, points.shape[:2]), np.ones(len(points), bool)
        )
        motion = Motion(HUMAN36M17, recording.fps, 0.0, len(points), (track,))
        return poses_of_motion(motion, path, replace(self, units="m"), {"bvh": {"names": program, "units": unit}})

    def _unit(self, recording: bvh.Recording, bones: Mapping[str, str], program: str) -> str:
        """The unit told, if people have such legs in it; else the one in which they have.

        Raises:
            InputError: there is no such unit.
        """
        lengths = {joint.name: float(np.linalg.norm(joint.offset)) for joint in recording.joints}
        leg = sum(lengths[bones[bone]] for bone in ("left_shin", "left_foot"))
        likely = (self.units, "cmu") if program == "cmu" else (self.units,)
        for unit in (*likely, *_UNITS):
            if _SHORTEST <= leg * _UNITS[unit] <= _LONGEST:
                return unit
        raise InputError(
            f"Legs as long as people's were expected, found {leg:g} units, in none of {', '.join(_UNITS)}."
        )


def _recording(moved: RiggedMotion, fps: float, preset: Preset) -> bvh.Recording:
    """A figure in motion as a BVH file has it."""
    from in_the_wild.rotations import continuous_euler  # with scipy, for which lists of formats need not wait

    turns = tuple(f"{axis}rotation" for axis in preset.order.lower())
    joints: list[bvh.Joint] = []
    columns: list[np.ndarray] = []
    still = np.zeros((len(moved.root), len(turns)))
    last: dict[str, int] = {}  # the joint that the next bone hangs on

    def add(name: str, parent: int, offset: np.ndarray, angles: np.ndarray = still) -> int:
        joints.append(bvh.Joint(name, parent, offset, turns))
        columns.append(angles)
        return len(joints) - 1

    for b, (bone, above) in enumerate(zip(BONES, PARENTS, strict=True)):
        first, *others = preset.bones[bone.name]
        parent, offset = last.get(bone.parent, -1), moved.rig.offsets[b]
        if bone.parent in SECOND:
            offset = offset - SECOND[bone.parent] * moved.rig.ends[above] * (len(preset.bones[bone.parent]) > 1)
        if bone.name in preset.before:
            parent = add(preset.before[bone.name], parent, np.zeros(3))
        joint = add(first, parent, offset, continuous_euler(moved.rotations[:, b], preset.order))
        rest = moved.rig.ends[b]
        for other in others:
            joint = add(other, joint, SECOND[bone.name] * rest)
            rest = (1 - SECOND[bone.name]) * rest
        last[bone.name] = joint
        if b not in PARENTS:
            joints.append(bvh.Joint(f"{joints[joint].name}_end", joint, rest, ()))
    joints[0] = replace(joints[0], channels=(*_POSITION, *turns))
    return bvh.Recording(tuple(joints), np.concatenate([moved.root, *columns], axis=1), fps)


def _points(recording: bvh.Recording, bones: Mapping[str, str]) -> tuple[np.ndarray, np.ndarray]:
    """The joints of Human3.6M in a recording: (T, 17, 3) in its unit and axes, and (17,) which of them it has."""
    places, _ = bvh.forward_kinematics(recording)
    names = recording.names
    found = {bone.start: places[:, names.index(bones[bone.name])] for bone in BONES[1:] if bone.name in bones}
    found["thorax"] = places[:, names.index(bones["neck"])]
    found["pelvis"] = (found["left_hip"] + found["right_hip"]) / 2
    if (top := _top_of_head(recording, names.index(bones["head"]))) >= 0:
        found["head"] = places[:, top]
    seen = np.array([joint in found for joint in HUMAN36M17.joints])
    found.setdefault("spine", (found["pelvis"] + found["thorax"]) / 2)
    found.setdefault("head", found["neck"])
    return np.stack([found[joint] for joint in HUMAN36M17.joints], axis=1), seen


def _top_of_head(recording: bvh.Recording, head: int) -> int:
    """The joint where the head ends, -1 where there is none."""
    ends = ("end", "nub", "site")
    children = (j for j, joint in enumerate(recording.joints) if joint.parent == head)
    return next((j for j in children if recording.joints[j].name.lower().endswith(ends)), -1)
