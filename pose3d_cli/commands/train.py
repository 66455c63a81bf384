"""`pose3d train`: motion capture in, weights out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from in_the_wild.errors import ConfigError, InputError
from pose3d_cli.commands import _options as options

_KEYS = (
    "model", "arguments", "training", "hold_out", "stride", "cameras", "bodies", "noise", "bank", "clean",
    "start_from", "batch", "seed", "schedule", "heldout",
)  # fmt: skip


def train(
    config: Annotated[str, typer.Argument(help="A configuration: a file, or the name of a shipped one.")],
    data: Annotated[
        Path, typer.Option(help="Folder of motion capture packs (*.npz).", rich_help_panel=options.INPUT)
    ] = Path("data/mocap"),
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder of the run. Default: runs/CONFIG.", rich_help_panel=options.OUTPUT),
    ] = None,
    override: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change a value: schedule.steps=200. Repeatable.", rich_help_panel=options.INPUT),
    ] = None,
    start_from: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|PATH",
            help="Weights to start from, instead of the configuration's: shipped ones by name, or a file.",
            rich_help_panel=options.INPUT,
        ),
    ] = None,
    device: options.Device = "auto",
    threads: Annotated[
        int, typer.Option(help="CPU threads; 0 leaves it to torch.", rich_help_panel=options.ADVANCED)
    ] = 0,
) -> None:
    """Train a lifter on motion capture seen through random virtual cameras.

    A run that was stopped goes on where it was when the same command is given again.

    Example: pose3d train pstmo_coco_27 --data data/mocap -o runs/pstmo_coco_27
    """
    from pose3d_cli import config as configuration

    values = configuration.load(config, override or [])
    missing, unknown = set(_KEYS) - set(values), set(values) - set(_KEYS)
    if missing or unknown:
        raise ConfigError(
            f'Configuration "{config}" must have the groups {", ".join(_KEYS)}; '
            f"missing: {', '.join(sorted(missing)) or 'none'}, unknown: {', '.join(sorted(unknown)) or 'none'}."
        )
    packs = sorted(data.glob("*.npz"))
    if not packs:
        raise InputError(
            f"Motion capture packs (*.npz) were expected in {data}, found none; name their folder: --data."
        )

    import torch

    from in_the_wild import weights
    from pose3d_cli import terminal
    from pose3d_cli.training import build

    if threads:
        torch.set_num_threads(threads)
    folder = output or Path("runs") / Path(config).stem
    first = start_from or values["start_from"]
    run = build.build(
        packs=packs,
        model=values["model"],
        arguments=values["arguments"],
        training=values["training"],
        hold_out=values["hold_out"],
        stride=values["stride"],
        cameras=values["cameras"],
        bodies=values["bodies"],
        noise=values["noise"],
        bank=_asset(values["bank"]),
        clean=values["clean"],
        start_from=None if first is None else weights.find(first),
        batch=values["batch"],
        seed=values["seed"],
        schedule=values["schedule"],
        heldout_cameras=values["heldout"]["cameras"],
        heldout_every=values["heldout"]["every"],
    )
    with terminal.training_progress(total=run.schedule.steps) as progress:
        best = build.train(
            run, folder, device=terminal.choose_device(device), on_step=progress.step, on_check=progress.check
        )
    typer.echo(f"Best held-out MPJPE {best:.1f} mm; weights in {folder / 'best.pt'}, curve in {folder / 'curve.png'}")


def _asset(name: str | None) -> Path | None:
    """A file that a configuration names: a path, or one that comes with the program."""
    import importlib.resources

    if name is None or Path(name).is_file():
        return None if name is None else Path(name)
    shipped = Path(str(importlib.resources.files("in_the_wild.assets") / name))
    if not shipped.is_file():
        raise ConfigError(f"The configuration names {name}, which is neither a file nor comes with the program.")
    return shipped
