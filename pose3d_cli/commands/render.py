"""`pose3d render`: the drawing step of `run` alone."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pose3d_cli.commands import _options as options
from pose3d_cli.commands import _report as report_on

if TYPE_CHECKING:
    from in_the_wild import Result, Video

PANEL = "Single steps"


def render(
    poses3d: options.Poses3D,
    video: Annotated[
        str | None,
        typer.Option("--video", metavar="VIDEO", help="The video they come from, to be shown beside them as it was "
                     "read then: the same part, turned in the same way.",
                     show_default="the 3D view alone", rich_help_panel=options.INPUT),
    ] = None,
    poses2d: Annotated[
        Path | None,
        typer.Option("--poses2d", metavar="FILE.npz", help="Keypoints to draw on the video.",
                     show_default="poses2d_refined.npz, or else poses2d.npz, beside POSES3D.npz",
                     rich_help_panel=options.INPUT),
    ] = None,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE.mp4|.gif|.png",
                     help="The film; of a single picture a .png.", rich_help_panel=options.OUTPUT),
    ] = Path("out.mp4"),
    turn: Annotated[
        bool,
        typer.Option("--turn/--fixed", help="Let the camera of the 3D view swing from side to side, or stand still.",
                     rich_help_panel=options.OUTPUT),
    ] = True,
    angle: Annotated[
        float,
        typer.Option("--angle", metavar="DEG", help="Degrees about the vertical; at 0 the 3D view looks as the video's "
                     "camera does, above it from further left.", rich_help_panel=options.OUTPUT),
    ] = 0.0,
    read_as: options.ReadAs = None,
    height: Annotated[
        int | None,
        typer.Option("--height", metavar="PX", help="Height of the film in pixels, an even number.", min=64,
                     max=4320, show_default="the video's, within 360 to 720", rich_help_panel=options.OUTPUT),
    ] = None,
) -> None:  # fmt: skip
    """Turn 3D poses into a film: the 3D view, beside the video if that is given.

    Example: pose3d render out/clip/poses3d.npz --video clip.mp4 -o clip.gif
    """
    options.require_suffix(output, ".mp4", ".gif", ".png")
    if poses2d is not None and video is None:
        raise typer.BadParameter("Keypoints are drawn on a video; give it with --video.", param_hint="'--poses2d'")

    import in_the_wild as iw
    from in_the_wild import inputs
    from in_the_wild.files import make_writable, refuse_overwriting

    began = time.monotonic()
    beside = None if video is None else inputs.one(video)
    refuse_overwriting(output, [poses3d, poses2d, *(() if beside is None else beside.files)])
    poses = iw.load(poses3d, read_as)
    shown = poses3d if beside is None else beside.footage
    result = iw.Result(shown, output.parent, poses, frames=poses.video.frames, files=[output.name])
    keypoints = None if beside is None else _keypoints(poses3d, beside, poses2d, result)
    view = iw.View3D(angle=angle) if turn else iw.View3D(angle=angle, turn=0.0)
    make_writable(output.parent)
    result.warnings += iw.render(
        poses, output, video=video, keypoints=keypoints, view=view, height=height, progress=True
    )
    report_on.step(result, began)


def _keypoints(poses3d: Path, video: Video, poses2d: Path | None, result: Result) -> Path | None:
    """The keypoints to draw: those that are named, or else those beside the poses; doubts are added to the warnings."""
    from in_the_wild.leftovers import KEYPOINTS
    from in_the_wild.pipeline import REFINED

    assert result.poses is not None
    # Of an address nothing is known before it is fetched.
    if video.files and video.fingerprint() != result.poses.meta.get("video_fingerprint", ""):
        source = result.poses.video.path
        result.warnings.append(f"{video.footage} is not the very file that the poses come from ({source}).")
    if poses2d is not None:
        return poses2d
    beside = [poses3d.with_name(name) for name in (REFINED, KEYPOINTS)]
    for path in beside:
        if path.is_file():
            return path
    result.warnings.append(f"There is no {beside[-1]}, so no skeleton is drawn on the video; name it: --poses2d.")
    return None
