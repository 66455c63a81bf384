"""What a film of poses shall look like: its layout, camera, style and size.

It knows nothing about how any of it is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from in_the_wild import plugins
from in_the_wild.drawing.style import USUAL, Style
from in_the_wild.drawing.view import View3D
from in_the_wild.errors import InputError, did_you_mean

LAYOUTS = "in_the_wild.layouts"
_LEAST, _MOST = 32, 16384  # pixels


@dataclass(frozen=True)
class Drawing:
    """What a film shall look like.

    Attributes:
        layout: Which panels it has: "overlay", "side", "scene", "quad", "compare" or "strip". "" takes side where there
            is a video, scene where there is none, and compare for several results.
        view: The 3D camera.
        style: How people and their surroundings look.
        height: In pixels; None takes the video's, brought within limits.
        size: Width and height instead, in pixels; None takes what the layout needs.
        max_mb: Megabytes that a GIF, WebP or APNG must not exceed; None for no limit.

    Raises:
        InputError: no such layout, or a size that no film can have.
    """

    layout: str = ""
    view: View3D = field(default_factory=View3D)
    style: Style = USUAL
    height: int | None = None
    size: tuple[int, int] | None = None
    max_mb: float | None = None

    def __post_init__(self) -> None:
        known = plugins.names(LAYOUTS)
        if self.layout and self.layout not in known:
            raise InputError(f'There is no layout "{self.layout}". {did_you_mean(self.layout, known)}')
        if self.height is not None and self.size is not None:
            raise InputError("Give the height of a film or its whole size, not both.")
        for side in (*(self.size or ()), *(() if self.height is None else (self.height,))):
            if not _LEAST <= side <= _MOST:
                raise InputError(f"A film's sides must lie in {_LEAST}..{_MOST} pixels, found {side}.")
        if self.max_mb is not None and not self.max_mb > 0:
            raise InputError(f"A limit of more than 0 megabytes was expected, found {self.max_mb:g}.")

    def layout_for(self, *, has_video: bool, results: int = 1) -> str:
        """The name of the layout for what there is to show."""
        return self.layout or ("compare" if results > 1 else "side" if has_video else "scene")


PLAIN = Drawing()  # nothing special is asked for
