"""GLB: people as animated bodies, in one file that browsers, viewers, game engines and Blender open (glTF 2.0).

Every person is a simple rounded body on a skeleton of the person's own constant bone lengths, see
`in_the_wild.rigging`; left is orange, right is blue. In a T-pose at rest it looks along z. Who is not there for a while
is not shown. Times are the video's, from the first frame on. Axes and units are glTF's own: y up, metres.

An hour of one person at 30 frames a second is 16 MB.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from in_the_wild.errors import InputError
from in_the_wild.files import whole_file
from in_the_wild.formats._figures import FigureFormat
from in_the_wild.formats._gltf import binary_gltf
from in_the_wild.poses import Poses


@dataclass(frozen=True, kw_only=True)
class Glb(FigureFormat):
    """Animated bodies.

    Args:
        space: "world" (the floor at 0) or "camera" (the camera at 0).
        up: "y", as glTF has it.
        units: "m", as glTF has it.

    Raises:
        InputError: other axes or units, or another space.
    """

    title: ClassVar[str] = "animated bodies (glTF)"
    suffixes: ClassVar[tuple[str, ...]] = (".glb",)
    reads: ClassVar[bool] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.up, self.units) != ("y", "m"):
            raise InputError(f"glTF is y up in metres, always; found {self.up} up in {self.units}. Leave them out.")

    def write(self, poses: Poses, path: Path) -> None:
        """See `Format.write`."""
        motion, people = self.figures(poses)
        notes = {"video": poses.video.path, "space": self.space, "fps": motion.fps, "start_seconds": motion.start}
        parts = binary_gltf(motion, people, notes)
        with whole_file(path) as file:
            for part in parts:
                file.write(part)
