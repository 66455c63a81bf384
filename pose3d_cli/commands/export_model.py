"""`pose3d export-model`: a lifter for programs that run .onnx files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pose3d_cli.commands import _options as options

PANEL = "Data, training, evaluation"


def export_model(
    weights: Annotated[str | None, options.weights_argument("A lifter's weights")] = None,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE.onnx", help="Where the network goes.",
                     rich_help_panel=options.OUTPUT),
    ] = Path("model.onnx"),
    model: options.Model = None,
    variant: options.Variant = None,
) -> None:  # fmt: skip
    """Turn a lifter's weights into an .onnx file, for any number of windows at once.

    It reads "keypoints" and gives "joints"; its metadata say how keypoints are normalised and what the joints are. The
    file is compared with torch before it is written. Needs the packages onnx and onnxruntime.

    Example: pose3d export-model pstmo_coco -o pstmo.onnx
    """
    options.require_suffix(output, ".onnx")

    from in_the_wild import onnx_export
    from in_the_wild.checkpoints import NotALifterError
    from in_the_wild.errors import InputError
    from in_the_wild.files import make_writable, refuse_overwriting
    from pose3d_cli import terminal

    refuse_overwriting(output, [weights])
    make_writable(output.parent)
    try:
        loaded, _ = options.load_weights(weights, model=model, variant=variant, device="cpu")
    except NotALifterError as error:
        raise InputError(
            f"{Path(str(weights)).name} holds no lifter, and nothing else is exported; "
            f"pose3d weights {weights} says what it holds."
        ) from error
    exported = onnx_export.export(loaded, output)
    read, given = (", ".join(map(str, shape)) for shape in (exported.reads, exported.gives))
    terminal.aside(
        f"{output}: {onnx_export.INPUT} (B, {read}) -> {onnx_export.OUTPUT} (B, {given}) of {loaded.source}; "
        f"at most {exported.difference_mm:.1g} mm from what torch gives."
    )
