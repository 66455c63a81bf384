"""A script that Blender runs, not a part of the program: a GLB file of ours becomes an FBX file.

    blender --background --factory-startup --python-exit-code 1 --python _blender_fbx.py -- clip.glb clip.fbx 30 276
    python _blender_fbx.py -- clip.glb clip.fbx 30 276      where Python has Blender as a package: pip install bpy

The figures are frames a second and how many frames there are. Every frame is kept as it is; bones get no leaves.
"""

from __future__ import annotations

import sys
from pathlib import Path

# Python looks for modules beside a script first, where json.py and csv.py are formats of poses.
sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != Path(__file__).resolve().parent]

import bpy  # noqa: E402


def convert(source: str, target: str, *, fps: float, frames: int) -> None:
    """Convert one file; what goes wrong is raised."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps = max(1, round(fps))
    scene.render.fps_base = scene.render.fps / fps
    bpy.ops.import_scene.gltf(filepath=source, disable_bone_shape=True)
    scene.frame_start, scene.frame_end = 0, frames - 1
    bpy.ops.export_scene.fbx(
        filepath=target,
        object_types={"ARMATURE", "MESH"},
        add_leaf_bones=False,
        bake_anim_use_nla_strips=False,
        bake_anim_use_all_actions=False,
        bake_anim_simplify_factor=0.0,
    )


if __name__ == "__main__":
    glb, fbx, rate, count = sys.argv[sys.argv.index("--") + 1 :]
    convert(glb, fbx, fps=float(rate), frames=int(count))
