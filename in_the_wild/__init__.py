"""Video in, 3D human poses out: the library under the `pose3d` command.

    import in_the_wild as iw

    poses = iw.run("clip.mp4", model="pstmo")
    poses.person(1)["left_wrist"]

It needs no labels and never talks to the terminal unless it is asked for progress; datasets, training and commands are
in `pose3d_cli`. Names are resolved at first use, so that importing it costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from in_the_wild.lazy import resolver
from in_the_wild.versions import __version__

if TYPE_CHECKING:
    from in_the_wild.api import detect, lift, load, load_lifter, plot, refine, render, run, run_each, view
    from in_the_wild.batch.many import run_many
    from in_the_wild.batch.outcome import Outcome
    from in_the_wild.batch.recipe import Recipe
    from in_the_wild.drawing.film import Drawing
    from in_the_wild.drawing.style import Style
    from in_the_wild.drawing.view import View3D
    from in_the_wild.errors import BatchError, Pose3DError
    from in_the_wild.excerpt import Excerpt
    from in_the_wild.keypoints import Keypoints
    from in_the_wild.lens import Lens
    from in_the_wild.looks import Looks
    from in_the_wild.pipeline import Refining
    from in_the_wild.poses import Person, Poses, Source
    from in_the_wild.result import Output, Result
    from in_the_wild.selection import Selection
    from in_the_wild.steps.detect import Finder
    from in_the_wild.steps.lift import TrainedLifter
    from in_the_wild.video.footage import Video

_HOMES = {
    "api": ("detect", "lift", "load", "load_lifter", "plot", "refine", "render", "run", "run_each", "view"),
    "batch.many": ("run_many",),
    "batch.outcome": ("Outcome",),
    "batch.recipe": ("Recipe",),
    "drawing.film": ("Drawing",),
    "drawing.style": ("Style",),
    "drawing.view": ("View3D",),
    "errors": ("BatchError", "Pose3DError"),
    "excerpt": ("Excerpt",),
    "keypoints": ("Keypoints",),
    "lens": ("Lens",),
    "looks": ("Looks",),
    "pipeline": ("Refining",),
    "poses": ("Person", "Poses", "Source"),
    "result": ("Output", "Result"),
    "selection": ("Selection",),
    "steps.detect": ("Finder",),
    "steps.lift": ("TrainedLifter",),
    "video.footage": ("Video",),
}

__all__ = [
    "BatchError",
    "Drawing",
    "Excerpt",
    "Finder",
    "Keypoints",
    "Lens",
    "Looks",
    "Outcome",
    "Output",
    "Person",
    "Pose3DError",
    "Poses",
    "Recipe",
    "Refining",
    "Result",
    "Selection",
    "Source",
    "Style",
    "TrainedLifter",
    "Video",
    "View3D",
    "__version__",
    "detect",
    "lift",
    "load",
    "load_lifter",
    "plot",
    "refine",
    "render",
    "run",
    "run_each",
    "run_many",
    "view",
]

if not TYPE_CHECKING:
    __getattr__ = resolver(__name__, _HOMES)

    def __dir__() -> list[str]:
        return __all__
