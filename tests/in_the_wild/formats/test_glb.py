"""GLB: another program's reader and Khronos' validator find the bodies where the figures are."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pygltflib
import pytest
from constant_bones import constant_bones
from moving_people import FPS, FRAMES, people, y_up
from scipy.spatial.transform import Rotation

from in_the_wild.errors import InputError
from in_the_wild.formats._gltf import _SHAPES
from in_the_wild.formats.glb import Glb
from in_the_wild.look import SIDE_COLOURS
from in_the_wild.poses import Poses
from in_the_wild.rig import BONES
from in_the_wild.skeletons import HUMAN36M17

# What numbers are kept as, by glTF's names.
_KINDS = {5121: np.uint8, 5122: np.int16, 5125: np.uint32, 5126: np.float32}
# What Khronos' validator says of a file, as JSON.
VALIDATE = """
const validator = require('gltf-validator'), fs = require('fs');
validator.validateBytes(new Uint8Array(fs.readFileSync(process.argv[1])))
    .then(report => console.log(JSON.stringify(report.issues)));
"""


def has_validator() -> bool:
    if shutil.which("node") is None:
        return False
    return not subprocess.run(["node", "-e", "require('gltf-validator')"], capture_output=True, check=False).returncode


class Opened:
    """A file as pygltflib opens it, with what is needed to see where its nodes are."""

    def __init__(self, path: Path) -> None:
        self.document: Any = pygltflib.GLTF2().load(str(path))
        self.nodes = self.document.nodes
        self.parents = {child: n for n, node in enumerate(self.nodes) for child in node.children or ()}

    def numbers(self, accessor: int) -> np.ndarray:
        one = self.document.accessors[accessor]
        view = self.document.bufferViews[one.bufferView]
        shape = next(shape for shape, name in _SHAPES.items() if name == one.type)
        count = int(one.count * np.prod(shape))
        found = np.frombuffer(self.document.binary_blob(), _KINDS[one.componentType], count, view.byteOffset)
        values: np.ndarray = found.reshape(-1, *shape).astype(float)
        return values / 32767 if one.normalized else values

    def motion(self, node: int, path: str) -> tuple[np.ndarray, np.ndarray] | None:
        """Seconds and values of what moves a node."""
        animation = self.document.animations[0]
        for channel in animation.channels:
            if (channel.target.node, channel.target.path) == (node, path):
                sampler = animation.samplers[channel.sampler]
                return self.numbers(sampler.input), self.numbers(sampler.output)
        return None

    def places(self, skin: int) -> dict[str, np.ndarray]:
        """Where the bones of a person start, (T, 3) by name."""
        found: dict[str, np.ndarray] = {}
        turned: dict[int, tuple[np.ndarray, Rotation]] = {}
        for joint in self.document.skins[skin].joints:
            node = self.nodes[joint]
            own = self.motion(joint, "rotation")
            still = np.tile(node.rotation or [0, 0, 0, 1], (FRAMES, 1))
            turn = Rotation.from_quat(still if own is None else own[1])
            moved = self.motion(joint, "translation")
            place = np.tile(node.translation or [0, 0, 0], (FRAMES, 1)) if moved is None else moved[1]
            if self.parents[joint] in turned:
                base, above = turned[self.parents[joint]]
                place, turn = base + above.apply(place), above * turn
            turned[joint] = (place, turn)
            found[node.name] = place
        return found


def written(poses: Poses, folder: Path) -> Path:
    (file,) = poses.save(folder / "clip.glb")
    return file


def test_the_bones_are_where_the_figures_are(tmp_path: Path) -> None:
    poses = people(0, 3)
    opened = Opened(written(poses, tmp_path))
    for skin, person in enumerate(poses.persons):
        places = opened.places(skin)
        expected = y_up(constant_bones(poses.of_person(person).keypoints.astype(float)))
        for bone in BONES:
            if bone.start in HUMAN36M17.joints:
                own = expected[:, HUMAN36M17.index(bone.start)]
                np.testing.assert_allclose(places[bone.name], own, atol=3e-4, err_msg=bone.name)


def test_people_are_nodes_and_times_are_the_videos(tmp_path: Path) -> None:
    opened = Opened(written(people(0, 3), tmp_path))
    scene = [opened.nodes[node].name for node in opened.document.scenes[0].nodes]
    assert scene == ["person 0 skeleton", "person 0", "person 3 skeleton", "person 3"]
    found = opened.motion(opened.document.skins[1].joints[0], "translation")
    assert found is not None
    np.testing.assert_allclose(found[0], np.arange(FRAMES) / FPS, atol=1e-6)
    assert opened.document.asset.extras["space"] == "world"


def test_the_body_is_about_its_bones_and_sides_have_their_colours(tmp_path: Path) -> None:
    opened = Opened(written(people(0), tmp_path))
    materials = [material.name for material in opened.document.materials]
    bounds = opened.numbers(opened.document.skins[0].inverseBindMatrices)
    starts = -bounds[:, 3, :3]
    for primitive in opened.document.meshes[0].primitives:
        side = materials[primitive.material]
        used = np.unique(opened.numbers(primitive.indices)).astype(int)
        vertices = opened.numbers(primitive.attributes.POSITION)[used]
        bones = opened.numbers(primitive.attributes.JOINTS_0)[used, 0].astype(int)
        assert np.linalg.norm(vertices - starts[bones], axis=1).max() < 0.6
        names = {opened.nodes[opened.document.skins[0].joints[bone]].name for bone in np.unique(bones)}
        if side == "middle":
            assert names == {"hips", "spine", "chest", "neck", "head"}
        else:
            assert all(name.startswith(side) for name in names)
            assert (vertices[:, 0].mean() > 0) == (side == "left"), "the left is at +x where a figure looks along z"
    light = opened.document.materials[materials.index("left")].pbrMetallicRoughness.baseColorFactor[:3]
    np.testing.assert_allclose(np.array(light) ** (1 / 2.2) * 255, SIDE_COLOURS["left"], atol=1)


def test_the_surface_looks_outwards(tmp_path: Path) -> None:
    opened = Opened(written(people(0), tmp_path))
    for primitive in opened.document.meshes[0].primitives:
        vertices = opened.numbers(primitive.attributes.POSITION)
        normals = opened.numbers(primitive.attributes.NORMAL)
        corners = opened.numbers(primitive.indices).astype(int).reshape(-1, 3)
        a, b, c = (vertices[corners[:, corner]] for corner in range(3))
        faces = np.cross(b - a, c - a)
        assert ((faces * normals[corners].sum(axis=1)).sum(axis=1) > 0).all()


def test_who_is_not_there_is_not_shown(tmp_path: Path) -> None:
    poses = Poses.join([people(0), people(2, frames=slice(30, 60))])
    opened = Opened(written(poses, tmp_path))
    assert opened.motion(opened.document.scenes[0].nodes[0], "scale") is None
    found = opened.motion(opened.document.scenes[0].nodes[2], "scale")
    assert found is not None
    np.testing.assert_allclose(found[0], [0, 30 / FPS, 60 / FPS])
    assert (found[1][:, 0] == 1).tolist() == [False, True, False]
    assert found[1][[0, 2]].max() < 0.01


@pytest.mark.skipif(not has_validator(), reason="needs node, and NODE_PATH to lead to npm's gltf-validator")
def test_khronos_validator_finds_nothing(tmp_path: Path) -> None:
    file = written(Poses.join([people(0), people(2, frames=slice(30, 60)), people(5, frames=slice(7, 8))]), tmp_path)
    done = subprocess.run(["node", "-e", VALIDATE, str(file)], capture_output=True, text=True, check=True)
    issues = json.loads(done.stdout)
    assert (issues["numErrors"], issues["numWarnings"], issues["messages"]) == (0, 0, [])


def test_axes_and_units_are_gltfs() -> None:
    for how in ({"up": "z"}, {"units": "cm"}):
        with pytest.raises(InputError, match="y up in metres, always"):
            Glb(**how)
