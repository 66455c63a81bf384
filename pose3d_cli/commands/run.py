"""`pose3d run`: the whole job, for one video or many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, cast

import typer

from in_the_wild import defaults
from pose3d_cli import everywhere
from pose3d_cli.commands import _drawing as drawn
from pose3d_cli.commands import _live as live_run
from pose3d_cli.commands import _options as options
from pose3d_cli.commands import _report as report_on

if TYPE_CHECKING:
    from in_the_wild.batch.clip import Clip
    from in_the_wild.batch.engines.base import Engine
    from in_the_wild.batch.outcome import Outcome
    from in_the_wild.batch.recipe import Recipe
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
        str,
        typer.Option("--output", "-o", metavar="DIR", help="Where results go, a folder for each video: poses, a "
                     "film, and view.html to look at them; also an address such as s3://bucket/out.",
                     rich_help_panel=options.FIRST),
    ] = "out",
    export: options.Exports = "",
    persons: options.Persons = "all",
    start: options.Start = None,
    end: options.End = None,
    layout: drawn.Layout = None,
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
    fov: Annotated[float | None, options.under(options.FIRST, options.Fov)] = None,
    jobs: options.Jobs = "1",
    live: Annotated[
        bool,
        typer.Option("--live", help="Show figures in a page as INPUT goes on: a camera's number such as 0, an rtsp or "
                     "http address, or a file at its own pace. Results are kept where -o is given; Ctrl-C ends it.",
                     rich_help_panel=options.FIRST),
    ] = False,
    model: Annotated[str | None, options.under(options.MODELS, options.Model)] = None,
    detector: Annotated[str, options.under(options.MODELS, options.Detector)] = defaults.DETECTOR,
    weights: options.Weights = None,
    variant: options.Variant = None,
    refiner: options.Refiners = None,
    device: options.Device = "auto",
    height: options.Height = None,
    focal: options.Focal = None,
    camera: options.Camera = None,
    rotate: options.Rotate = "auto",
    mirror: options.Mirror = False,
    roi: options.Roi = None,
    max_people: options.MaxPeople = None,
    video: options.KeypointsVideo = None,
    joints: options.Joints = None,
    read_as: options.ReadAs = None,
    stream: options.Stream = 0,
    fps: options.PicturesFps = None,
    looks: options.Looks = "auto",
    every: options.Every = None,
    tds: options.Tds = "auto",
    flip: options.Flip = True,
    smooth: options.Smooth = None,
    overlap: options.Overlap = defaults.OVERLAP,
    max_gap: options.MaxGap = None,
    latency: Annotated[
        float | None,
        typer.Option("--latency", metavar="SECONDS", help="With --live: later pictures that a figure may be told by, "
                     "and so at least its delay; more are better.", min=0.0, max=5.0, show_default="0.2",
                     rich_help_panel=options.ADVANCED),
    ] = None,
    engine: options.Engine = None,
    address: options.Address = None,
    view: Annotated[
        bool,
        typer.Option("--view/--no-view", help="Also write a page of the poses beside their video, for any browser; "
                     "pose3d view makes it of earlier results.", rich_help_panel=options.OUTPUT),
    ] = True,
    overwrite: options.Overwrite = False,
    skip_existing: options.SkipExisting = False,
) -> None:  # fmt: skip
    """Turn videos of people into 3D poses, as files and as a film.

    DIR/NAME/ gets poses2d.npz (pixels), poses3d.npz (metres), overlay.mp4 (of a picture overlay.png), view.html (to
    look at it in a browser) and run.json (what was done and assumed). A second run takes the 2D of the first where the
    video and what is read of it, the detector and --looks are the same. Refined keypoints go to poses2d_refined.npz,
    the formats of --export to poses3d.csv and so on. Times are those of the whole video, also with --start. Keypoints
    are lifted in place of a video's, and drawn on the one that --video names.

    Of several inputs, DIR also gets report.csv and index.html. Stopped or killed, the same command goes on where it
    was: results of the same video and settings are kept, and runs that share a folder share the work.

    Example: pose3d run clip.mp4 -o out --persons largest
    """
    live_run.check(ctx, live=live, latency=latency)
    # What is not there is told at once, before anything heavy is imported.
    read = options.reading_of(start=start, end=end, rotate=rotate, mirror=mirror, stream=stream, fps=fps)
    source = live_run.source_of(inputs, read) if live else None
    given = [] if live else options.inputs_of(inputs, read, read_as=read_as, video=video, joints=joints)
    chosen = options.selection_of(persons, roi, max_people)
    lens = options.lens_of(focal=focal, fov=fov, camera=camera)

    from in_the_wild import Drawing, Keypoints, Output
    from in_the_wild.batch import many
    from in_the_wild.batch.recipe import Recipe

    recipe = Recipe(
        model,
        {"weights": weights, "variant": options.variant_of(variant), "flip": flip, "tds": options.tds_of(tds),
         "smoothing": smooth, "overlap": overlap, "max_gap": max_gap},
        detector=None if given and all(isinstance(one, Keypoints) for one in given) else detector,
        looks=looks,
        every=every,
        refiners=tuple(options.refiners_of(refiner, height)),
        persons=chosen,
        lens=lens,
        device=device,
    )  # fmt: skip
    where = replace(
        Output.at(output), film=cast("Film", render), overwrite=overwrite, exports=export, view=view,
        drawing=Drawing(layout or ""),
    )  # fmt: skip
    if source is not None:
        live_run.run(source, recipe, live_run.kept(ctx, where, source), latency)
        return
    workers = None if jobs == "auto" else int(jobs)
    is_batch = len(given) > 1 or workers != 1 or skip_existing or engine is not None or where.store is not None
    crowd = options.make_engine(engine, workers, address)
    clips = many.clips_of(given, where, resumes=is_batch, skip_existing=skip_existing)
    outcomes = _worked_on(clips, recipe, crowd, debug=ctx.meta[everywhere.DEBUG])
    if is_batch:
        many.finish(outcomes, where)
    failed = any(outcome.error is not None for outcome in outcomes)
    if len(given) > 1 or not failed:
        report_on.summary([report_on.row(outcome) for outcome in outcomes])
    if failed:
        raise typer.Exit(1)


def _worked_on(clips: Sequence[Clip], recipe: Recipe, engine: Engine, *, debug: bool) -> list[Outcome]:
    """What came of each clip, told as it comes; where a program is debugged, the first error ends it."""
    from in_the_wild.batch import many
    from pose3d_cli import terminal

    outcomes: list[Outcome] = []
    try:
        workers = min(engine.jobs, len(clips))
        with terminal.voice().together(workers=workers, clips=len(clips)) as crew:
            for outcome in many.run(clips, recipe, engine, crew):
                outcomes.append(outcome)
                report_on.tell(outcome)
                if outcome.trace and debug:
                    terminal.complain(outcome.trace)
                    raise typer.Exit(1)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_left(clips, outcomes)) from None
    return many.in_order(clips, outcomes)


def _left(clips: Sequence[Clip], outcomes: Sequence[Outcome]) -> str:
    """What is done and what is not, when a run is stopped."""
    output = next(clip.output for clip in clips if clip.output is not None)
    folder = output.folder.parent if output.store is None else output.where.rpartition("/")[0]
    kept = f"Finished files are kept in {folder}."
    if len(clips) == 1:
        return kept
    done = sum(outcome.error is None for outcome in outcomes)
    return f"{done} of {len(clips)} videos are done, {len(clips) - done} are not. {kept} The same command goes on."
