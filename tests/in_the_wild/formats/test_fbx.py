"""FBX: how Blender is found and asked; where there is one, what it makes is read by it again."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from constant_bones import constant_bones
from moving_people import FPS, FRAMES, people

from in_the_wild.errors import InputError, PluginError
from in_the_wild.formats.fbx import Fbx
from in_the_wild.rig import BONES
from in_the_wild.skeletons import HUMAN36M17

# A Python with the package bpy, or Blender's own program, that tests are to use.
BLENDER = os.environ.get("POSE3D_BLENDER", "")
HAS_BLENDER = bool(BLENDER or shutil.which("blender") or importlib.util.find_spec("bpy"))


def program(folder: Path, script: str) -> Path:
    """A program that stands in for Blender; it is called with the arguments that Blender would be."""
    path = folder / "blender"
    path.write_text(f"#!{sys.executable}\nimport shutil, sys\nglb, fbx, fps, frames = sys.argv[-4:]\n{script}\n")
    path.chmod(0o755)
    return path


def test_without_blender_one_sentence_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *where: None if name == "bpy" else find(name, *where))
    with pytest.raises(PluginError, match=r"blender is not found.*fbx:blender=PATH.*\.glb or \.bvh"):
        people(0).save(tmp_path / "clip.fbx")
    with pytest.raises(PluginError, match="/nowhere/blender is not found"):
        people(0).save(tmp_path / "clip.fbx", "fbx:blender=/nowhere/blender")
    assert not (tmp_path / "clip.fbx").exists()


def test_blender_is_handed_the_bodies_and_the_rate(tmp_path: Path) -> None:
    told = "assert sys.argv[1] == '--background' and sys.argv[-5] == '--' and (fps, frames) == ('30.0', '120')"
    blender = program(tmp_path, f"{told}\nshutil.copy(glb, fbx)")
    people(0, 1).save(tmp_path / "clip.fbx", f"fbx:blender={blender}")
    assert (tmp_path / "clip.fbx").read_bytes().startswith(b"glTF")


@pytest.mark.parametrize("script", ["sys.exit('Error: no such importer')", "print('done')"])
def test_a_blender_that_fails_is_told(tmp_path: Path, script: str) -> None:
    blender = program(tmp_path, script)
    with pytest.raises(PluginError, match=r"could not make clip\.fbx: (Error: no such importer|it says no reason)"):
        people(0).save(tmp_path / "clip.fbx", f"fbx:blender={blender}")
    assert not (tmp_path / "clip.fbx").exists()


def test_axes_and_units_are_the_files_own() -> None:
    with pytest.raises(InputError, match="leave them out"):
        Fbx(up="z")


HEADS = """
import sys
import bpy, numpy
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.import_scene.fbx(filepath=sys.argv[-2])
(figure,) = [one for one in bpy.data.objects if one.type == "ARMATURE"]
heads = {bone.name: [] for bone in figure.pose.bones}
for frame in range(1, 121):
    bpy.context.scene.frame_set(frame)
    for bone in figure.pose.bones:
        heads[bone.name].append(list(figure.matrix_world @ bone.head))
numpy.savez(sys.argv[-1], **heads)
"""


@pytest.mark.slow
@pytest.mark.skipif(not HAS_BLENDER, reason="needs Blender: on PATH, as the package bpy, or named by POSE3D_BLENDER")
def test_blender_finds_the_bones_where_the_figures_are(tmp_path: Path) -> None:
    poses = people(4)
    poses.save(tmp_path / "clip.fbx", f"fbx:blender={BLENDER}" if BLENDER else None)
    (tmp_path / "heads.py").write_text(HEADS)
    python = "python" in Path(BLENDER or sys.executable).name
    command = [BLENDER or sys.executable] if python else [BLENDER or "blender", "--background", "--python"]
    given = ["--", str(tmp_path / "clip.fbx"), str(tmp_path / "heads.npz")]
    subprocess.run([*command, str(tmp_path / "heads.py"), *given], check=True, capture_output=True)
    expected = constant_bones(poses.keypoints.astype(float))
    with np.load(tmp_path / "heads.npz") as heads:
        for bone in BONES:
            if bone.start in HUMAN36M17.joints:  # Blender's axes are ours: z up
                own = expected[:, HUMAN36M17.index(bone.start)]
                np.testing.assert_allclose(heads[bone.name], own, atol=5e-4, err_msg=bone.name)
    assert (FPS, FRAMES) == (30, 120)
