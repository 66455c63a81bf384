"""`pose3d train`: a prepared data set, or motion capture, in; weights out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from in_the_wild import plugins
from pose3d_cli.commands import _options as options

PANEL = "Data, training, evaluation"
_TASKS = "pose3d_cli.training.tasks"


def train(
    config: Annotated[
        str,
        typer.Argument(
            help="A configuration: the name of a shipped one, or a file. JSON, YAML and TOML are data; a Python file "
            f"is code, which is run. Its key task says what is trained: {', '.join(plugins.names(_TASKS))}."
        ),
    ],
    data: Annotated[
        Path,
        typer.Option(
            help="A prepared data set (pose3d prepare), or a folder of motion capture packs, as the configuration has "
            "it.",
            rich_help_panel=options.INPUT,
        ),
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
    lifter: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|PATH",
            help="The lifter before what is trained, where the task has one, instead of the configuration's.",
            rich_help_panel=options.INPUT,
        ),
    ] = None,
    device: options.Device = "auto",
    threads: Annotated[
        int, typer.Option(help="CPU threads; 0 leaves it to torch.", rich_help_panel=options.ADVANCED)
    ] = 0,
    workers: Annotated[
        int,
        typer.Option(min=0, help="Processes that make batches ahead of the steps.", rich_help_panel=options.ADVANCED),
    ] = 1,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Log for TensorBoard too.", rich_help_panel=options.ADVANCED)
    ] = False,
) -> None:
    """Train on a prepared data set: P-STMO's stages, any lifter, the refine module, networks of refiners.

    Configurations with virtual cameras of their own are trained on motion capture packs instead. A run that was stopped
    goes on where it was when the same command is given again. Several processes: torchrun --nproc-per-node 2
    --no-python pose3d train ...

    Example: pose3d train pstmo_mocap_27 --data data/benchmark -o runs/pstmo_mocap_27
    """
    from in_the_wild.files import refuse_overwriting
    from pose3d_cli import config as configuration
    from pose3d_cli.training import tasks

    values = configuration.load(config, override or [])
    values = tasks.replace(values, {"start_from": start_from, "lifter": lifter}, name=config)
    folder = output or Path("runs") / Path(config).stem
    for name in ("best.pt", "last.pt", "state.pt"):
        refuse_overwriting(folder / name, [start_from, lifter])

    import torch

    from in_the_wild import devices
    from pose3d_cli import terminal
    from pose3d_cli.training import distributed, loop

    if threads:
        torch.set_num_threads(threads)
    device = devices.choose(device)
    with distributed.join(device) as world:
        task = tasks.build(values, source=data, name=config)
        with terminal.training_progress(total=task.schedule.steps) as progress:
            errors = loop.train(
                task,
                folder,
                progress,
                compute=loop.Compute(world.place(device), workers, world),
                record=loop.Record(values, tensorboard),
            )
        if world.first:
            terminal.aside(
                f"Best held-out {task.describe(errors)}; weights in {folder / 'best.pt'}, curve in "
                f"{folder / 'curve.png'}"
            )
            if beaten := task.no_better_than(errors):
                terminal.warn(
                    f"These weights are no better than {', '.join(beaten)}: train longer, or do not use them."
                )
    distributed.leave(world)
