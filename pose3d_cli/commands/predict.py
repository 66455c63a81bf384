"""`pose3d predict`: the next moments of saved 3D poses."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from in_the_wild import devices
from pose3d_cli.commands import _options as options

PANEL = "Single steps"


def predict(
    poses3d: options.Poses3D,
    seconds: Annotated[
        float,
        typer.Option("--seconds", metavar="SECONDS", help="How far to continue every person's motion, in seconds.",
                     rich_help_panel=options.INPUT),
    ] = 0.4,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE.npz", help="Where the poses and their continuation go.",
                     rich_help_panel=options.OUTPUT),
    ] = Path("predicted.npz"),
    weights: Annotated[
        str,
        typer.Option("--weights", metavar="NAME|PATH", help="Weights of MixSynthFormer that predict: a name that "
                     "pose3d weights lists, or a file.", rich_help_panel=options.MODELS),
    ] = "mixsynthformer_predict",
    read_as: options.ReadAs = None,
    device: options.Device = "auto",
) -> None:  # fmt: skip
    """Turn 3D poses into the same poses and what people are about to do, up to the time the weights were trained for.

    Predicted rows follow each person's last one and have scores of 0.

    Example: pose3d predict poses3d.npz --seconds 0.4 -o predicted.npz
    """
    writer = options.result_format(output, poses3d)

    import in_the_wild as iw
    from in_the_wild.checkpoints import refiners
    from in_the_wild.files import make_writable
    from in_the_wild.refiners import mixsynthformer
    from pose3d_cli import terminal

    poses = iw.load(poses3d, read_as)
    make_writable(output.parent)
    trained = refiners.load(weights, device=devices.choose(device))
    with terminal.at_work("predict", total=poses.video.frames):
        predicted = mixsynthformer.predict(poses, trained, seconds=seconds)
    files = ", ".join(options.write_result(predicted, output, writer, poses3d))
    terminal.aside(f"{files}: {len(predicted) - len(poses)} poses added to {len(poses)}, {seconds:g} seconds ahead.")
