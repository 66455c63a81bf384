"""USDA: people as animated bodies in the text of OpenUSD, for Omniverse, Houdini, Maya, Unreal and Blender.

Every person is a `SkelRoot` of UsdSkel, "person_0", with the bones, the motion and a simple rounded body; left is
orange, right is blue. The skeleton has the person's own constant bone lengths, see `in_the_wild.rigging`; in a T-pose
at rest it looks along z (along -y where z is up). Who is not there for a while is invisible. Frames are counted from 0;
the file says how many there are in a second, which axis is up, and what its unit is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from in_the_wild.body_mesh import SIDES, body_mesh, rest_places
from in_the_wild.files import whole_file
from in_the_wild.formats import _axes
from in_the_wild.formats._figures import FigureFormat
from in_the_wild.formats._motion import Motion, Track
from in_the_wild.look import SIDE_COLOURS
from in_the_wild.poses import Poses
from in_the_wild.rig import BONES, NAMES, RiggedMotion
from in_the_wild.versions import __version__

_FORWARD = {"y": np.array([0, 0, 1.0]), "z": np.array([0, -1.0, 0])}


@dataclass(frozen=True, kw_only=True)
class Usda(FigureFormat):
    """Animated bodies as text; settings as of `MotionFormat`."""

    title: ClassVar[str] = "animated bodies (OpenUSD)"
    suffixes: ClassVar[tuple[str, ...]] = (".usda", ".usd")
    reads: ClassVar[bool] = False

    def write(self, poses: Poses, path: Path) -> None:
        """See `Format.write`."""
        motion, people = self.figures(poses)
        with whole_file(path) as file:
            file.write(self._header(motion, poses.video.path).encode())
            for track, moved in zip(motion.tracks, people, strict=True):
                for part in _person(track, moved, _FORWARD[self.up]):
                    file.write(part.encode())
            file.write(b"}\n")

    def _header(self, motion: Motion, video: str) -> str:
        rate = f"{motion.fps:.9g}"
        said = json.dumps(f"Written by pose3d {__version__} from {video}, in {self.space} space.", ensure_ascii=False)
        return f"""#usda 1.0
(
    defaultPrim = "people"
    doc = {said}
    metersPerUnit = {_axes.METRES[self.units]:g}
    upAxis = "{self.up.upper()}"
    timeCodesPerSecond = {rate}
    framesPerSecond = {rate}
    startTimeCode = 0
    endTimeCode = {motion.frames - 1}
)

def Xform "people"
{{
"""


def _person(track: Track, moved: RiggedMotion, forward: np.ndarray) -> Iterator[str]:
    """A person's part of the file, piece by piece."""
    name = f"person_{track.person}"
    home = f"/people/{name}"
    joints = _listed(f'"{path}"' for path in _paths())
    yield f'    def SkelRoot "{name}"\n    {{\n'
    if not track.present.all():
        changes = np.flatnonzero(np.diff(track.present, prepend=not track.present[0]))
        shown = (f'{frame}: "{"inherited" if track.present[frame] else "invisible"}"' for frame in changes)
        yield f"        token visibility.timeSamples = {{ {', '.join(shown)} }}\n"
    yield f"""        def Skeleton "skeleton" (
            prepend apiSchemas = ["SkelBindingAPI"]
        )
        {{
            uniform token[] joints = {joints}
            uniform matrix4d[] bindTransforms = {_moved_by(rest_places(moved.rig))}
            uniform matrix4d[] restTransforms = {_moved_by(moved.rig.offsets)}
            rel skel:animationSource = <{home}/motion>
        }}
        def SkelAnimation "motion"
        {{
            uniform token[] joints = {joints}
            half3[] scales = {_listed(["(1, 1, 1)"] * len(NAMES))}
            float3[] translations.timeSamples = {{
"""
    yield from _translations(moved)
    yield "            }\n            quatf[] rotations.timeSamples = {\n"
    yield from _rotations(moved)
    yield "            }\n        }\n"
    yield _body(moved, forward, home)
    yield "    }\n"


def _paths() -> list[str]:
    """Bones as UsdSkel names joints, each with those that it hangs on before it."""
    paths: dict[str, str] = {}
    for bone in BONES:
        paths[bone.name] = f"{paths[bone.parent]}/{bone.name}" if bone.parent else bone.name
    return list(paths.values())


def _translations(moved: RiggedMotion) -> Iterator[str]:
    others = ", ".join(map(_triple, moved.rig.offsets[1:]))
    for frame, place in enumerate(moved.root.tolist()):
        yield f"                {frame}: [{_triple(place)}, {others}],\n"


def _rotations(moved: RiggedMotion) -> Iterator[str]:
    line = "                %d: " + _listed(["(%.6f, %.6f, %.6f, %.6f)"] * len(NAMES)) + ",\n"
    for frame, turns in enumerate(np.roll(moved.rotations, 1, axis=-1)):  # USD has the real part first
        yield line % (frame, *turns.ravel().tolist())


def _body(moved: RiggedMotion, forward: np.ndarray, home: str) -> str:
    body = body_mesh(moved.rig, forward)
    corners = np.concatenate([body.triangles[side] for side in SIDES])
    # Colours on screens are not proportional to light, which USD counts in.
    light = {side: (np.array(SIDE_COLOURS[side]) / 255) ** 2.2 for side in SIDES}
    colours = (text for side in SIDES for text in [_triple(light[side])] * len(body.triangles[side]))
    return f"""        def Mesh "body" (
            prepend apiSchemas = ["SkelBindingAPI"]
        )
        {{
            uniform token subdivisionScheme = "none"
            int[] faceVertexCounts = {_listed(["3"] * len(corners))}
            int[] faceVertexIndices = {_listed(map(str, corners.ravel()))}
            point3f[] points = {_listed(map(_triple, body.vertices))}
            normal3f[] normals = {_listed(map(_triple, body.normals))} (
                interpolation = "vertex"
            )
            color3f[] primvars:displayColor = {_listed(colours)} (
                interpolation = "uniform"
            )
            int[] primvars:skel:jointIndices = {_listed(map(str, body.bones))} (
                elementSize = 1
                interpolation = "vertex"
            )
            float[] primvars:skel:jointWeights = {_listed(["1"] * len(body.bones))} (
                elementSize = 1
                interpolation = "vertex"
            )
            rel skel:skeleton = <{home}/skeleton>
        }}
"""


def _moved_by(places: np.ndarray) -> str:
    """Matrices that move by so much."""
    return _listed(f"((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), {_triple(place)[:-1]}, 1))" for place in places)


def _triple(values: Iterable[float]) -> str:
    return "(" + ", ".join(f"{value:.6g}" for value in values) + ")"


def _listed(words: Iterable[str]) -> str:
    return f"[{', '.join(words)}]"
