"""`pose3d render`: the drawing step of `run` alone."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from pose3d_cli.commands import _options as options
from pose3d_cli.commands import _report as report_on

PANEL = "Single steps"


def render(
    poses3d: Annotated[
        Path,
        typer.Argument(metavar="POSES3D.npz", help="3D poses, from pose3d run or pose3d lift."),
    ],
    video: Annotated[
        Path | None,
        typer.Option("--video", metavar="FILE", help="The video they come from, to be shown beside them.",
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
        typer.Option("--output", "-o", metavar="FILE.mp4|FILE.gif", help="The film.", rich_help_panel=options.OUTPUT),
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
    height: Annotated[
        int | None,
        typer.Option("--height", metavar="PX", help="Height of the film in pixels, an even number.", min=64,
                     max=4320, show_default="the video's, within 360 to 720", rich_help_panel=options.OUTPUT),
    ] = None,
) -> None:  # fmt: skip
    """Turn 3D poses into a film: the 3D view, beside the video if that is given.

    Example: pose3d render out/clip/poses3d.npz --video clip.mp4 -o clip.gif
    """
    options.require_suffix(output, ".mp4", ".gif")
    if poses2d is not None and video is None:
        raise typer.BadParameter("Keypoints are drawn on a video; give it with --video.", param_hint="'--poses2d'")

    import numpy as np

    from in_the_wild import formats, pipeline
    from in_the_wild.camera import to_world
    from in_the_wild.steps.render.view import View3D
    from in_the_wild.video.read import VideoReader
    from pose3d_cli import terminal

    began = time.monotonic()
    poses = formats.read(poses3d)
    world = to_world(poses)
    result = pipeline.Result(video=video or poses3d, folder=output.parent, frames=poses.video.frames)
    result.people = poses.persons
    reader = keypoints = None
    if video is not None:
        reader = VideoReader(video)
        if pipeline.fingerprint(video) != poses.meta.get("video_fingerprint", ""):
            result.warnings.append(f"{video} is not the very file that the poses come from ({poses.video.path}).")
        beside = poses3d.with_name(pipeline.REFINED)
        if not beside.is_file():
            beside = poses3d.with_name("poses2d.npz")
        if poses2d is not None or beside.is_file():
            keypoints = formats.read(poses2d or beside)
            # Only the people who were lifted, under the same ids.
            keypoints = keypoints.rows(np.isin(keypoints.person_id, poses.persons))
        else:
            result.warnings.append(f"There is no {beside}, so no skeleton is drawn on the video; name it: --poses2d.")
    view = View3D(angle=angle) if turn else View3D(angle=angle, turn=0.0)
    pipeline.make_writable(output.parent)
    with terminal.progress(output.name) as report:
        pipeline.draw(
            world, output, video=reader, keypoints=keypoints, view=view, height=height, result=result, report=report
        )
    report_on.warnings(result)
    report_on.table([report_on.row(result, time.monotonic() - began)])
