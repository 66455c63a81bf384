"""`pose3d lift`: the lifting step of `run` alone."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from in_the_wild import defaults
from pose3d_cli.commands import _options as options
from pose3d_cli.commands import _report as report_on

PANEL = "Single steps"


def lift(
    poses2d: Annotated[
        Path,
        typer.Argument(metavar="KEYPOINTS", help="2D keypoints, from pose3d run or detect, or of another program: a "
                       "file, or a folder of OpenPose's or AlphaPose's files."),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="Where the 3D poses go: .npz, .json or .csv.",
                     rich_help_panel=options.FIRST),
    ] = Path("poses3d.npz"),
    model: options.Model = None,
    weights: options.Weights = None,
    variant: options.Variant = None,
    video: options.KeypointsVideo = None,
    joints: options.Joints = None,
    read_as: options.ReadAs = None,
    persons: options.Persons = "all",
    roi: options.Roi = None,
    max_people: options.MaxPeople = None,
    tds: options.Tds = "auto",
    flip: options.Flip = True,
    smooth: options.Smooth = None,
    overlap: options.Overlap = defaults.OVERLAP,
    max_gap: options.MaxGap = None,
    focal: options.Focal = None,
    fov: options.Fov = None,
    camera: options.Camera = None,
    height: options.Height = None,
    device: options.Device = "auto",
) -> None:  # fmt: skip
    """Turn 2D keypoints into 3D poses in metres.

    The file is like that of pose3d run. Keypoints are recognised by their content; people without ids are tracked.

    Example: pose3d lift alphapose-results.json --video clip.mp4 -o poses3d.npz
    """
    writer = options.result_format(output, poses2d, *(Path(path) for path in (video, joints) if path is not None))

    import in_the_wild as iw
    from in_the_wild.files import make_writable
    from in_the_wild.result import Result
    from in_the_wild.steps.identify import identify
    from pose3d_cli import terminal

    began = time.monotonic()
    lens = options.lens_of(focal=focal, fov=fov, camera=camera)
    given = iw.Keypoints(poses2d, video=video, format=read_as, joints=joints).load()
    found, told = identify(given, video=video)
    make_writable(output.parent)
    lifter = options.load_lifter(
        weights, model=model, variant=variant, device=device,
        flip=flip, tds=options.tds_of(tds), smoothing=smooth, overlap=overlap,
        max_gap=max_gap,
    )  # fmt: skip
    whom = options.selection_of(persons, roi, max_people)
    poses = iw.lift(found, lifter, persons=whom, lens=lens, progress=terminal.voice())
    if height is not None:
        poses = iw.refine(poses, options.refiners_of((), height))
    files = options.write_result(poses, output, writer, poses2d)
    result = Result(poses2d, output.parent, poses, frames=poses.video.frames, files=files)
    result.warnings += [*given.meta.get("warnings", []), *told]
    if not poses.persons:
        result.warnings.append(f"No person was found in {poses2d.name}; the results have no rows.")
    report_on.step(result, began)
