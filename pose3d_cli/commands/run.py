"""`pose3d run`: the whole job, for one video or many."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from in_the_wild import defaults
from pose3d_cli import everywhere
from pose3d_cli.commands import _drawing as drawn
from pose3d_cli.commands import _options as options
from pose3d_cli.commands import _report as report_on

if TYPE_CHECKING:
    from in_the_wild.result import Film

PANEL = "The whole job"

_FILMS = (*(film.removeprefix(".") for film in drawn.FILMS), "none")


def run(
    ctx: typer.Context,
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT", help="Videos: files, folders, 'clips/*.mp4', @list.txt, numbered pictures "
                       "(frames/%04d.png or their folder), single pictures, http, https and rtsp addresses. Or 2D "
                       "keypoints that were found before, of this or another program; pose3d formats lists which."),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", help="Where results go, in a folder for each video.",
                     rich_help_panel=options.FIRST),
    ] = Path("out"),
    model: options.Model = None,
    weights: options.Weights = None,
    variant: options.Variant = None,
    detector: options.Detector = defaults.DETECTOR,
    start: options.Start = None,
    end: options.End = None,
    rotate: options.Rotate = "auto",
    mirror: options.Mirror = False,
    stream: options.Stream = 0,
    fps: options.PicturesFps = None,
    video: options.KeypointsVideo = None,
    joints: options.Joints = None,
    read_as: options.ReadAs = None,
    persons: options.Persons = "all",
    roi: options.Roi = None,
    max_people: options.MaxPeople = None,
    refiner: options.Refiners = None,
    looks: options.Looks = "auto",
    every: options.Every = None,
    tds: options.Tds = "auto",
    flip: options.Flip = True,
    smooth: options.Smooth = None,
    overlap: options.Overlap = defaults.OVERLAP,
    focal: options.Focal = None,
    fov: options.Fov = None,
    camera: options.Camera = None,
    height: options.Height = None,
    device: options.Device = "auto",
    render: Annotated[
        str,
        typer.Option(
            "--render",
            help="The kind of film that shows the result; of a picture it is a .png.",
            metavar="|".join(_FILMS),
            rich_help_panel=options.FIRST,
            **options.one_of("film format", lambda: _FILMS),
        ),
    ] = "mp4",
    view: Annotated[
        bool,
        typer.Option("--view/--no-view", help="Also write a page of the poses beside their video, for any browser; "
                     "pose3d view makes it of earlier results.", rich_help_panel=options.OUTPUT),
    ] = True,
    layout: drawn.Layout = None,
    export: options.Exports = "",
    overwrite: options.Overwrite = False,
) -> None:  # fmt: skip
    """Turn videos of people into 3D poses, as files and as a film.

    DIR/NAME/ gets poses2d.npz (pixels), poses3d.npz (metres), overlay.mp4 (of a picture overlay.png), view.html (to
    look at it in a browser) and run.json (what was done and assumed). A second run takes the 2D of the first where the
    video and what is read of it, the detector and --looks are the same. Refined keypoints go to poses2d_refined.npz,
    the formats of --export to poses3d.csv and so on. Times are those of the whole video, also with --start. Keypoints
    are lifted in place of a video's, and drawn on the one that --video names.

    Example: pose3d run clip.mp4 -o out --persons largest
    """
    # What is not there is told at once, before anything heavy is imported.
    read = options.reading_of(start=start, end=end, rotate=rotate, mirror=mirror, stream=stream, fps=fps)
    given = options.inputs_of(inputs, read, read_as=read_as, video=video, joints=joints)

    from in_the_wild import Drawing, Keypoints, Output, run_each
    from in_the_wild.api import persons_sought
    from pose3d_cli import terminal

    keypoints_alone = all(isinstance(one, Keypoints) for one in given)

    lens = options.lens_of(focal=focal, fov=fov, camera=camera)
    began = time.monotonic()
    rows: list[report_on.Row] = []
    try:
        lifter = options.load_lifter(
            weights, model=model, variant=variant, device=device,
            flip=flip, tds=options.tds_of(tds), smoothing=smooth, overlap=overlap,
        )  # fmt: skip
        refiners = options.refiners_of(refiner, height)
        whom = options.selection_of(persons, roi, max_people)
        with ExitStack() as opened:
            finder = detector if keypoints_alone else opened.enter_context(options.make_finder(
                detector, persons=persons_sought(whom), looks=looks, every=every, device=device
            ))  # fmt: skip
            where = Output(
                output, cast("Film", render), overwrite, exports=export, view=view, drawing=Drawing(layout or "")
            )
            for result in run_each(
                given, where, model=lifter, detector=finder, refiner=refiners, persons=whom, lens=lens,
                progress=terminal.voice(),
            ):  # fmt: skip
                if result.error is not None and ctx.meta[everywhere.DEBUG]:
                    raise result.error
                rows.append(report_on.told(result, time.monotonic() - began))
                began = time.monotonic()
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"Finished files are kept in {output}.") from None
    failed = report_on.have_failed(rows)
    if len(given) > 1 or not failed:
        report_on.summary(rows)
    if failed:
        raise typer.Exit(1)
