"""FBX: people as animated bodies for Maya, MotionBuilder, Unreal and Unity, made by Blender, which must be there.

The format is Autodesk's and not published; Blender's exporter writes it. It is found as the program `blender`, or as
the Python package `bpy`, or named: "fbx:blender=/Applications/Blender.app/Contents/MacOS/Blender". Blender is asked to
turn the GLB file of `_gltf` into FBX by the script `_blender_fbx`, in a process of its own. Without Blender, BVH holds
the same motion without the bodies.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from in_the_wild.errors import InputError, PluginError
from in_the_wild.files import whole_file
from in_the_wild.formats._figures import FigureFormat
from in_the_wild.formats._gltf import binary_gltf
from in_the_wild.poses import Poses

_SCRIPT = Path(__file__).with_name("_blender_fbx.py")
_QUIET = ("--background", "--factory-startup", "--python-exit-code", "1", "--python")


@dataclass(frozen=True, kw_only=True)
class Fbx(FigureFormat):
    """Animated bodies, by Blender.

    Args:
        space: "world" (the floor at 0) or "camera" (the camera at 0).
        up: "y"; programs that read such files turn them into their own axes.
        units: "m"; likewise.
        blender: The program, or a Python that has the package bpy; "" finds one of them.

    Raises:
        InputError: other axes or units, or another space.
    """

    title: ClassVar[str] = "animated bodies (FBX), by Blender"
    suffixes: ClassVar[tuple[str, ...]] = (".fbx",)
    reads: ClassVar[bool] = False

    blender: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.up, self.units) != ("y", "m"):
            raise InputError("An FBX file says its axes and units, which programs heed; leave them out.")

    def write(self, poses: Poses, path: Path) -> None:
        """See `Format.write`.

        Raises:
            PluginError: there is no Blender, or it failed.
        """
        command = _command(self.blender)
        motion, people = self.figures(poses)
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder, "clip.glb"), Path(folder, "clip.fbx")
            source.write_bytes(b"".join(binary_gltf(motion, people, {})))
            given = [str(source), str(target), repr(motion.fps), str(motion.frames)]
            done = subprocess.run([*command, "--", *given], capture_output=True, text=True, check=False)
            if done.returncode or not target.is_file():
                errors = [line.strip() for line in (done.stdout + done.stderr).splitlines() if "Error" in line]
                reason = errors[-1] if errors else "it says no reason"
                raise PluginError(f"{command[0]} could not make {path.name}: {reason:.200}")
            with whole_file(path) as file, target.open("rb") as made:
                shutil.copyfileobj(made, file)


def _command(blender: str) -> list[str]:
    """How Blender is asked to run the script.

    Raises:
        PluginError: there is none.
    """
    program = shutil.which(blender or "blender")
    if program is None and not blender and importlib.util.find_spec("bpy"):
        program = sys.executable
    if program is None:
        raise PluginError(
            f"FBX is written by Blender, and {blender or 'blender'} is not found. Install it (blender.org, or pip "
            "install bpy), say where it is with --format fbx:blender=PATH, or export .glb or .bvh, which do without."
        )
    return [program, str(_SCRIPT)] if "python" in Path(program).name.lower() else [program, *_QUIET, str(_SCRIPT)]
