"""`pose3d run`: the whole job, for one video or many."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from in_the_wild.errors import InputError, Pose3DError
from pose3d_cli.commands import _options as options
from pose3d_cli.commands import _report as report_on

if TYPE_CHECKING:
    from in_the_wild.pipeline import RefineOn, Render

PANEL = "The whole job"

_RENDERS = ("mp4", "gif", "none")


def run(
    ctx: typer.Context,
    inputs: Annotated[
        list[Path], typer.Argument(metavar="INPUT", help="Video files.")
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", help="Where results go, in a folder for each video.",
                     rich_help_panel=options.OUTPUT),
    ] = Path("out"),
    model: options.Model = None,
    weights: options.Weights = None,
    variant: options.Variant = None,
    detector: options.Detector = options.DEFAULT_DETECTOR,
    detector_weights: options.DetectorWeights = None,
    detector_config: options.DetectorConfig = None,
    person_weights: options.PersonWeights = None,
    persons: options.Persons = "all",
    refiner: options.Refiners = None,
    refiner_on: options.RefineOn = "2d",
    every: options.Every = 1,
    tds: options.Tds = "auto",
    flip: options.Flip = True,
    smooth: options.Smooth = None,
    overlap: options.Overlap = options.DEFAULT_OVERLAP,
    focal: options.Focal = None,
    fov: options.Fov = None,
    device: options.Device = "auto",
    render: Annotated[
        str,
        typer.Option(
            "--render",
            help="The film of the result: skeletons on the video, and the 3D view beside it.",
            metavar="|".join(_RENDERS),
            callback=options.one_of("film format", lambda: _RENDERS),
            rich_help_panel=options.OUTPUT,
        ),
    ] = "mp4",
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Detect anew, also where the folder holds results of another video.",
                     rich_help_panel=options.OUTPUT),
    ] = False,
) -> None:  # fmt: skip
    """Turn videos of people into 3D poses, as files and as a film.

    DIR/NAME/ gets poses2d.npz (pixels), poses3d.npz (metres), overlay.mp4 and run.json (what was done and assumed).
    A second run takes the 2D of the first where video, detector and --every are the same. Refined keypoints go to
    poses2d_refined.npz.

    Example: pose3d run clip.mp4 -o out --persons largest
    """
    folders = result_folders(inputs, output)

    from in_the_wild import pipeline
    from pose3d_cli import terminal

    rows: list[report_on.Row] = []
    failed = False
    try:
        lifter, chosen_device = options.load_weights(weights, model=model, variant=variant, device=device)
        refiners = options.build_refiners(refiner or [], every=every, device=device)
        with options.build_detector(
            detector,
            people=options.people_of(persons),
            weights=detector_weights,
            config=detector_config,
            person_weights=person_weights,
            device=chosen_device,
        ) as finder:
            for video, folder in zip(inputs, folders, strict=True):
                began = time.monotonic()
                try:
                    with terminal.progress(video.name) as report:
                        result = pipeline.run(
                            video,
                            folder,
                            detector=finder,
                            weights=lifter,
                            persons=options.persons_of(persons),
                            tds=options.tds_of(tds),
                            flip=flip,
                            smoothing=smooth,
                            overlap=overlap,
                            every=every,
                            refiners=refiners,
                            refine_on=cast("RefineOn", refiner_on),
                            focal=focal,
                            fov=fov,
                            picture=cast("Render", render),
                            overwrite=overwrite,
                            device=chosen_device,
                            report=report,
                        )
                except Pose3DError as error:
                    if ctx.find_root().params.get("debug"):
                        raise
                    terminal.complain(f"Error: {error}")
                    failed = True
                    rows.append(report_on.failed(video))
                    continue
                report_on.warnings(result)
                rows.append(report_on.row(result, time.monotonic() - began))
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"Finished files are kept in {output}.") from None
    if len(inputs) > 1 or not failed:
        report_on.table(rows)
    if failed:
        raise typer.Exit(1)


def result_folders(inputs: Sequence[Path], output: Path) -> list[Path]:
    """A folder for each input: named after the file, with its folder before it where names would be the same.

    Raises:
        InputError: files that are not there, or the same file twice.
    """
    missing = [str(path) for path in inputs if not path.exists()]
    if missing:
        raise InputError(f"Video files were expected, found no {', '.join(missing)}; check name and folder.")
    resolved = [path.resolve() for path in inputs]
    twice = [str(path) for path, count in Counter(resolved).items() if count > 1]
    if twice:
        raise InputError(f"Every video can be given once; {', '.join(twice)} came more than once.")
    forms: tuple[Callable[[Path], str], ...] = (
        lambda path: path.stem,
        lambda path: f"{path.parent.name}_{path.stem}",
        lambda path: f"{path.parent.name}_{path.name}".replace(".", "_"),
        lambda path: "_".join(path.parts[1:]).replace(".", "_"),
    )
    # Windows and macOS take "A" and "a" for one folder.
    taken = [Counter(form(path).casefold() for path in resolved) for form in forms]
    names = [
        next((form(path) for form, count in zip(forms, taken, strict=True) if count[form(path).casefold()] == 1), "")
        for path in resolved
    ]
    if len({name.casefold() for name in names}) < len(names) or not all(names):
        names = [f"{number:03d}_{path.stem}" for number, path in enumerate(resolved, start=1)]
    return [output / name for name in names]
