"""glTF 2.0: people as bodies that move, as the one file that others open, GLB.

A document of JSON says what there is, and a block of bytes after it holds all numbers. Every person is two nodes of the
scene: one that has the body, "person 0", and one that has the bones, "person 0 skeleton". One animation moves all.
Turns are kept as 16-bit numbers, a fiftieth of a millimetre at the end of an arm; bones that do not turn have none.

It knows nothing about poses.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from in_the_wild.body_mesh import SIDES, BodyMesh, body_mesh, rest_places
from in_the_wild.errors import InputError
from in_the_wild.formats._motion import Motion
from in_the_wild.look import SIDE_COLOURS
from in_the_wild.rig import NAMES, PARENTS, RiggedMotion
from in_the_wild.versions import __version__

# Where a figure at rest looks, y up.
_FORWARD = np.array([0, 0, 1.0])
# glTF's names for kinds of numbers, and of what a buffer is for.
_COMPONENTS = {"f4": 5126, "u4": 5125, "u1": 5121, "i2": 5122}
_SHAPES = {(): "SCALAR", (3,): "VEC3", (4,): "VEC4", (4, 4): "MAT4"}
_VERTICES, _INDICES = 34962, 34963
_JSON, _BINARY = b"JSON", b"BIN\0"
# Turns as 16-bit numbers.
_FULL = 32767
_LARGEST = 2**32 - 1
# A size that is not seen, and that other programs can still divide by.
_TINY = 1e-3


def binary_gltf(motion: Motion, people: Sequence[RiggedMotion], notes: Mapping[str, Any]) -> list[bytes]:
    """People in motion as a binary glTF file, piece by piece.

    Args:
        motion: Who is there when.
        people: The figure of each track, y up in metres.
        notes: What else the file says.

    Raises:
        InputError: more than such a file can hold.
    """
    scene = _Scene()
    times = scene.add(np.arange(motion.frames) / motion.fps, "f4", bounds=True)
    for track, moved in zip(motion.tracks, people, strict=True):
        root = _add_person(scene, f"person {track.person}", moved, times)
        _add_absence(scene, root, track.present, motion.fps)
    parts = scene.parts(notes)
    if sum(map(len, parts)) > _LARGEST:
        raise InputError("A file of glTF holds no more than 4 GB; export less of the time, or fewer people.")
    return parts


@dataclass
class _Scene:
    """A glTF document that grows, and the numbers that it speaks of.

    Attributes:
        nodes, meshes, skins, accessors, views, channels, samplers: Lists of the document.
        roots: Nodes that stand in the scene.
        binary: The numbers, piece by piece.
    """

    nodes: list[dict[str, Any]] = field(default_factory=list)
    meshes: list[dict[str, Any]] = field(default_factory=list)
    skins: list[dict[str, Any]] = field(default_factory=list)
    accessors: list[dict[str, Any]] = field(default_factory=list)
    views: list[dict[str, Any]] = field(default_factory=list)
    channels: list[dict[str, Any]] = field(default_factory=list)
    samplers: list[dict[str, Any]] = field(default_factory=list)
    roots: list[int] = field(default_factory=list)
    binary: list[bytes] = field(default_factory=list)
    length: int = 0

    def add(self, values: np.ndarray, kind: str, *, target: int | None = None, bounds: bool = False) -> int:
        """Numbers that the document speaks of; the accessor's position.

        Args:
            values: (N, ...).
            kind: How they are kept: "f4", "u4", "u1", or "i2", which stands for -1 to 1.
            target: What a graphics card keeps them for.
            bounds: Whether the least and the greatest are told.
        """
        kept = np.ascontiguousarray(np.rint(values * _FULL) if kind == "i2" else values, f"<{kind}")
        content = kept.tobytes()
        content += bytes(-len(content) % 4)
        view = {"buffer": 0, "byteOffset": self.length, "byteLength": kept.nbytes}
        self.views.append(view | ({} if target is None else {"target": target}))
        accessor = {
            "bufferView": len(self.views) - 1,
            "componentType": _COMPONENTS[kind],
            "count": len(kept),
            "type": _SHAPES[kept.shape[1:]],
        }
        if kind == "i2":
            accessor["normalized"] = True
        if bounds:
            accessor |= {
                "min": np.atleast_1d(kept.min(axis=0)).tolist(),
                "max": np.atleast_1d(kept.max(axis=0)).tolist(),
            }
        self.accessors.append(accessor)
        self.binary.append(content)
        self.length += len(content)
        return len(self.accessors) - 1

    def animate(self, node: int, path: str, times: int, values: int, *, steps: bool = False) -> None:
        """Let a node's "translation", "rotation" or "scale" follow values at times, or jump from one to the next."""
        self.samplers.append({"input": times, "output": values, "interpolation": "STEP" if steps else "LINEAR"})
        self.channels.append({"sampler": len(self.samplers) - 1, "target": {"node": node, "path": path}})

    def parts(self, notes: Mapping[str, Any]) -> list[bytes]:
        """The file, piece by piece; `notes` are said in it."""
        document = {
            "asset": {"version": "2.0", "generator": f"pose3d {__version__}", "extras": dict(notes)},
            "scene": 0,
            "scenes": [{"nodes": self.roots}],
            "nodes": self.nodes,
            "meshes": self.meshes,
            "skins": self.skins,
            "materials": [_material(side) for side in SIDES],
            "animations": [{"name": "motion", "channels": self.channels, "samplers": self.samplers}],
            "accessors": self.accessors,
            "bufferViews": self.views,
            "buffers": [{"byteLength": self.length}],
        }
        text = json.dumps(document, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 4)
        total = 12 + 8 + len(text) + 8 + self.length
        head = struct.pack("<4sII", b"glTF", 2, min(total, _LARGEST))
        return [
            head + struct.pack("<I4s", len(text), _JSON) + text,
            struct.pack("<I4s", min(self.length, _LARGEST), _BINARY),
            *self.binary,
        ]


def _material(side: str) -> dict[str, Any]:
    # Colours on screens are not proportional to light, which glTF counts in.
    light = [round((value / 255) ** 2.2, 4) for value in SIDE_COLOURS[side]]
    surface = {"baseColorFactor": [*light, 1.0], "metallicFactor": 0.0, "roughnessFactor": 0.7}
    return {"name": side, "pbrMetallicRoughness": surface}


def _add_person(scene: _Scene, name: str, moved: RiggedMotion, times: int) -> int:
    """A person's bones, body and motion; the node that they hang on."""
    root = len(scene.nodes)
    bones = [root + 1 + b for b in range(len(NAMES))]
    scene.roots += [root, root + 1 + len(NAMES)]
    scene.nodes.append({"name": f"{name} skeleton", "children": [bones[0]]})
    for b, bone in enumerate(NAMES):
        node: dict[str, Any] = {"name": bone, "translation": moved.rig.offsets[b].tolist()}
        children = [bones[child] for child, parent in enumerate(PARENTS) if parent == b]
        scene.nodes.append(node | ({"children": children} if children else {}))
        turns = moved.rotations[:, b]
        if np.ptp(turns, axis=0).max() > 1 / _FULL:
            scene.animate(bones[b], "rotation", times, scene.add(turns, "i2"))
        else:
            scene.nodes[-1]["rotation"] = (turns[0] / np.linalg.norm(turns[0])).tolist()
    scene.animate(bones[0], "translation", times, scene.add(moved.root, "f4"))
    inverse = np.tile(np.eye(4), (len(NAMES), 1, 1))
    inverse[:, 3, :3] = -rest_places(moved.rig)  # by columns, as glTF has matrices
    scene.skins.append({"joints": bones, "skeleton": root, "inverseBindMatrices": scene.add(inverse, "f4")})
    _add_mesh(scene, body_mesh(moved.rig, _FORWARD))
    scene.nodes.append({"name": name, "mesh": len(scene.meshes) - 1, "skin": len(scene.skins) - 1})
    return root


def _add_mesh(scene: _Scene, body: BodyMesh) -> None:
    whole = np.zeros((len(body.vertices), 4))
    whole[:, 0] = 1
    joints = np.zeros_like(whole)
    joints[:, 0] = body.bones
    attributes = {
        "POSITION": scene.add(body.vertices, "f4", target=_VERTICES, bounds=True),
        "NORMAL": scene.add(body.normals, "f4", target=_VERTICES),
        "JOINTS_0": scene.add(joints, "u1", target=_VERTICES),
        "WEIGHTS_0": scene.add(whole, "f4", target=_VERTICES),
    }
    primitives = [
        {
            "attributes": attributes,
            "indices": scene.add(body.triangles[side].ravel(), "u4", target=_INDICES),
            "material": SIDES.index(side),
        }
        for side in SIDES
    ]
    scene.meshes.append({"primitives": primitives})


def _add_absence(scene: _Scene, root: int, present: np.ndarray, fps: float) -> None:
    """Hide a person in frames without them, by making them tiny."""
    if present.all():
        return
    changes = np.flatnonzero(np.diff(present, prepend=not present[0]))
    sizes = np.repeat(np.where(present[changes], 1.0, _TINY)[:, None], 3, axis=1)
    scene.animate(root, "scale", scene.add(changes / fps, "f4", bounds=True), scene.add(sizes, "f4"), steps=True)
