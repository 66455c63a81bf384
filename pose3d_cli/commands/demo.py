"""`pose3d demo`: the whole job on the clip that comes along, and how near the result is to the truth."""

from __future__ import annotations

import importlib.resources
import time
from pathlib import Path
from typing import Annotated

import typer

from in_the_wild import defaults
from pose3d_cli.commands import _options as options
from pose3d_cli.commands import _report as report_on

PANEL = "The whole job"

_ERRORS = ("MPJPE mm", "P-MPJPE mm", "acceleration mm/frame²")


def demo(
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", help="Where results go.", rich_help_panel=options.OUTPUT),
    ] = Path("out/demo"),
    model: options.Model = None,
    weights: options.Weights = None,
    variant: options.Variant = None,
    device: options.Device = "auto",
    overwrite: options.Overwrite = False,
) -> None:  # fmt: skip
    """Turn the clip that comes along into 3D poses, and measure them against the truth.

    The clip shows a drawn figure, so that its true joints are known; the detector's own 3D is measured beside ours.

    Example: pose3d demo -o out/demo
    """
    import in_the_wild as iw
    from in_the_wild.api import make_refinings
    from in_the_wild.pipeline import Pipeline
    from pose3d_cli import terminal
    from pose3d_cli.metrics.against_truth import LIMB_JOINTS, compare, read_truth

    assets = importlib.resources.files("in_the_wild.assets")
    clip, truth = (Path(str(assets / name)) for name in ("demo.mp4", "demo_truth.npz"))
    began = time.monotonic()
    where = iw.Output(output, overwrite=overwrite, detector_3d=True)
    try:
        lifter = options.load_lifter(weights, model=model, variant=variant, device=device)
        with (
            options.make_finder(defaults.DETECTOR, persons=1) as finder,
            terminal.voice().listening(clip.name) as report,
        ):
            pipeline = Pipeline(finder, lifter, make_refinings((), finder, lifter), iw.Selection(1))
            result = pipeline.run(clip, where, report=report)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"Finished files are kept in {output}.") from None
    report_on.step(result, began)

    found = {
        f"pose3d, {lifter.origin['model']}": iw.load(output / "poses3d.npz"),
        "BlazePose's own 3D": iw.load(output / "detector3d.npz"),
    }
    errors = compare(found, read_truth(truth))
    terminal.table(
        f"Error against the truth: {len(LIMB_JOINTS)} joints of the limbs, {next(iter(errors.values())).frames} frames",
        ("3D by", *_ERRORS),
        [
            (name, *(f"{value:.1f}" for value in (error.mpjpe, error.p_mpjpe, error.acceleration)))
            for name, error in errors.items()
        ],
        numbers=_ERRORS,
    )
    terminal.aside(f"Look at {output / 'overlay.mp4'}")
