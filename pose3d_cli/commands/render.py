"""`pose3d render`: the drawing step of `run` alone, in any layout, size and kind of film."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from pose3d_cli.commands import _drawing as drawn
from pose3d_cli.commands import _options as options
from pose3d_cli.commands import _report as report_on

if TYPE_CHECKING:
    from in_the_wild import Drawing, Video
    from in_the_wild.gather import Shown

PANEL = "Single steps"


def render(
    results: Annotated[
        list[Path],
        typer.Argument(metavar="RESULT", help="A folder of pose3d run, or a file of 3D poses; several of one video are "
                       "shown side by side."),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="The film: .mp4, .mov, .webm, .gif, .webp or .apng; "
                     "'frames/%04d.png' for numbered pictures; .png or .jpg for a single picture.",
                     show_default="out.mp4; of a single picture, and of a strip, out.png",
                     rich_help_panel=options.FIRST),
    ] = None,
    layout: drawn.Layout = None,
    video: Annotated[
        str | None,
        typer.Option("--video", metavar="VIDEO", help="The video they come from, to be shown as it was read then: the "
                     "same part of it, turned in the same way.", rich_help_panel=options.FIRST,
                     show_default="none; for layouts that show it the one that the poses were found in"),
    ] = None,
    height: Annotated[
        int | None,
        typer.Option("--height", metavar="PX", help="Height of the film in pixels.", min=32, max=16384,
                     show_default="the video's, within 360 to 720", rich_help_panel=options.FIRST),
    ] = None,
    background: drawn.Background = "dark",
    turntable: Annotated[
        bool,
        typer.Option("--turntable", help="Let the camera of the 3D view swing from side to side.",
                     rich_help_panel=options.FIRST),
    ] = False,
    max_mb: Annotated[
        float | None,
        typer.Option("--max-mb", metavar="MB", help="What a .gif, .webp or .apng must not exceed: its size, rate and "
                     "colours are chosen for that.", min=0.01, show_default="no limit", rich_help_panel=options.FIRST),
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option("--truth", metavar="FILE", help="3D poses that results are compared with: their lines, and the "
                     "error in millimetres.", show_default="none", rich_help_panel=options.FIRST),
    ] = None,
    poses2d: Annotated[
        Path | None,
        typer.Option("--poses2d", metavar="FILE.npz", help="Keypoints to draw on the video.",
                     show_default="poses2d_refined.npz, or else poses2d.npz, beside the poses",
                     rich_help_panel=options.INPUT),
    ] = None,
    names: options.Names = None,
    read_as: options.ReadAs = None,
    body: drawn.Body = "capsules",
    trails: drawn.Trails = None,
    angle: Annotated[
        float,
        typer.Option("--angle", metavar="DEG", help="Degrees about the vertical; at 0 the 3D view looks as the video's "
                     "camera does, above it from further left, at 90 from the left.", rich_help_panel=drawn.DRAWING),
    ] = 25.0,
    size: Annotated[
        str | None,
        typer.Option("--size", metavar="WxH", help="Instead of --height: width and height in pixels.",
                     show_default="as the layout needs", callback=options.taken_by(drawn.size_of),
                     rich_help_panel=options.OUTPUT),
    ] = None,
) -> None:  # fmt: skip
    """Turn 3D poses into a film: in 3D, beside the video or on it, from four sides, or several results side by side.

    Example: pose3d render out/clip --layout quad -o clip.mp4
    """
    if poses2d is not None and video is None and layout is None:
        raise typer.BadParameter("Keypoints are drawn on a video; give it with --video.", param_hint="'--poses2d'")
    if output is not None:
        options.require_suffix(output, *drawn.FILMS, *drawn.PICTURES)

    import in_the_wild as iw
    from in_the_wild.drawing.view import TURNTABLE

    view = iw.View3D(angle=angle, turn=TURNTABLE if turntable else 0.0)
    style = iw.Style(cast(Any, background), cast(Any, body), drawn.joints_of(trails))
    wanted = iw.Drawing(layout or "", view, style, height, drawn.size_of(size) if size else None, max_mb)
    _render(results, output, read_as, wanted, video=video, keypoints=poses2d, truth=truth, names=names or ())


def _render(
    results: list[Path], path: Path | None, read_as: str | None, drawing: Drawing, *, video: str | None, **given: Any
) -> None:
    """Draw, and say what was made; `given` is what `in_the_wild.render` is given beside."""
    import in_the_wild as iw
    from in_the_wild import gather, inputs
    from in_the_wild.files import make_writable, refuse_overwriting
    from pose3d_cli import terminal

    began = time.monotonic()
    beside = None if video is None else inputs.one(video)
    shown = gather.gather(results, names=given["names"], read_as=read_as)
    poses = shown[0].poses
    if path is None:
        path = Path("out.png" if poses.video.frames == 1 or drawing.layout == "strip" else "out.mp4")
    read = [gather.joints_of(one) for one in results]
    refuse_overwriting(path, [*read, given["keypoints"], given["truth"], *(() if beside is None else beside.files)])
    source = read[0] if beside is None else beside.footage
    result = iw.Result(source, path.parent, poses, frames=poses.video.frames, files=[path.name])
    if beside is not None:
        result.warnings += _doubts(shown[0], beside, given["keypoints"])
    make_writable(path.parent)
    result.warnings += iw.render(shown, path, video=video, drawing=drawing, progress=terminal.voice(), **given)
    report_on.step(result, began)


def _doubts(shown: Shown, video: Video, keypoints: Path | None) -> list[str]:
    """What the user should know of a video and keypoints that are named."""
    from in_the_wild.gather import keypoints_of

    doubts = []
    # Of an address nothing is known before it is fetched.
    if video.files and video.fingerprint() != shown.poses.meta.get("video_fingerprint", ""):
        doubts.append(f"{video.footage} is not the very file that the poses come from ({shown.poses.video.path}).")
    if keypoints is None and keypoints_of(shown) is None:
        beside = (shown.folder or Path()) / "poses2d.npz"
        doubts.append(f"There is no {beside}, so no skeleton is drawn on the video; name it: --poses2d.")
    return doubts
