"""`pose3d train`: a prepared data set, or motion capture, in; weights out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from in_the_wild import devices
from in_the_wild.errors import ConfigError, InputError, did_you_mean
from pose3d_cli.commands import _options as options

# The keys of a configuration: those of all that is trained on motion capture, then those by the family of the network.
_SHARED = (
    "model", "arguments", "training", "hold_out", "stride", "cameras", "bodies", "noise", "bank", "clean", "batch",
    "seed", "schedule", "heldout",
)  # fmt: skip
_KEYS = {
    "lifters": (*_SHARED, "loss", "start_from", "start_parts"),
    "refiners": (*_SHARED, "lifter", "pool", "past_noise"),
}
# Those of a run on a prepared data set; what may be left out, with what stands for it.
_LABELLED = (
    "model", "arguments", "stage", "loss", "training", "data", "windows", "batch", "seed", "schedule", "test",
)  # fmt: skip
_LABELLED_DEFAULTS: Mapping[str, Any] = {
    "masks": {}, "start_from": None, "start_parts": None, "lifter": None, "freeze": False,
}  # fmt: skip
_REFINER = "mixsynthformer"


def train(
    config: Annotated[
        str,
        typer.Argument(
            help="A configuration: the name of a shipped one, or a file. JSON, YAML and TOML are data; a Python file "
            "is code, which is run."
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
            help="For the stage refine: the lifter before it, instead of the configuration's.",
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
    """Train on a prepared data set: P-STMO's stages, any lifter, the refine module, MixSynthFormer.

    Configurations with virtual cameras of their own are trained on motion capture packs instead. A run that was stopped
    goes on where it was when the same command is given again. Several processes: torchrun --nproc-per-node 2
    --no-python pose3d train ...

    Example: pose3d train pstmo_mocap_27 --data data/benchmark -o runs/pstmo_mocap_27
    """
    from pose3d_cli import config as configuration

    values = configuration.load(config, override or [])
    folder = output or Path("runs") / Path(config).stem
    refines = values.get("model") == _REFINER
    if refines and not (start_from is None and lifter is None):
        raise ConfigError(f"{_REFINER} is trained from straight lines; leave --start-from and --lifter out.")
    if "data" in values:
        how: dict[str, Any] = {"folder": folder, "device": device, "threads": threads}
        how |= {"workers": workers, "tensorboard": tensorboard}
        if refines:
            _train_sparse(config, values, data, **how)
        else:
            _train_labelled(config, values, data, start_from=start_from, lifter=lifter, **how)
        return
    if lifter is not None:
        raise ConfigError(
            f'--lifter is for the stage refine on a prepared data set; "{config}" has none, leave it out.'
        )
    _check_keys(config, values, _KEYS["refiners" if refines else "lifters"])
    packs = sorted(data.glob("*.npz"))
    if not packs:
        raise InputError(
            f"Motion capture packs (*.npz) were expected in {data}, found none; name their folder: --data."
        )

    import torch

    from in_the_wild import checkpoints
    from pose3d_cli import terminal
    from pose3d_cli.training import build, distributed

    if threads:
        torch.set_num_threads(threads)
    device = devices.choose(device)
    shared = {name: values[name] for name in _SHARED if name not in ("model", "bank", "heldout")}
    shared |= {"packs": packs, "bank": _asset(values["bank"])}
    shared |= {f"heldout_{name}": values["heldout"][name] for name in ("cameras", "every")}
    if refines:
        _train_refiner(shared, values, folder, device=device, workers=workers, tensorboard=tensorboard)
        return
    first = start_from or values["start_from"]
    with distributed.join(device) as world:
        run = build.build(
            **shared,
            model=values["model"],
            loss=values["loss"],
            start_from=None if first is None else checkpoints.find(first),
            start_parts=values["start_parts"],
        )
        with terminal.training_progress(total=run.schedule.steps) as progress:
            best = build.train(
                run,
                folder,
                device=world.place(device),
                on_step=progress.step,
                on_check=progress.check,
                workers=workers,
                configuration={**values, "start_from": first},
                tensorboard=tensorboard,
                world=world,
            )
        if world.first:
            typer.echo(
                f"Best held-out MPJPE {best:.1f} mm; weights in {folder / 'best.pt'}, curve in {folder / 'curve.png'}"
            )


def _train_labelled(
    config: str,
    values: Mapping[str, Any],
    data: Path,
    *,
    folder: Path,
    start_from: str | None,
    lifter: str | None,
    device: str,
    threads: int,
    workers: int,
    tensorboard: bool,
) -> None:
    """Train a lifter, or a stage of one, on a prepared data set."""
    values = {**_LABELLED_DEFAULTS, **values}
    _check_keys(config, values, (*_LABELLED, *_LABELLED_DEFAULTS))

    import torch

    from in_the_wild import checkpoints
    from pose3d_cli import terminal
    from pose3d_cli.training import build_labelled, distributed

    def file(name: str | None) -> Path | None:
        return None if name is None else checkpoints.find(name)

    if threads:
        torch.set_num_threads(threads)
    device = devices.choose(device)
    given = {"start_from": start_from or values["start_from"], "lifter": lifter or values["lifter"]}
    with distributed.join(device) as world:
        run = build_labelled.build(folder=data, **{**values, **{name: file(one) for name, one in given.items()}})
        with terminal.training_progress(total=run.schedule.steps) as progress:
            best = build_labelled.train(
                run,
                folder,
                configuration={**values, **given},
                device=world.place(device),
                world=world,
                on_step=progress.step,
                on_check=progress.compare,
                workers=workers,
                tensorboard=tensorboard,
            )
        if world.first:
            typer.echo(
                f"Best held-out error {best:.1f} {'mm' if run.stage != 'masked' else 'thousandths of half a width'}; "
                f"weights in {folder / 'best.pt'}, curve in {folder / 'curve.png'}"
            )


def _train_sparse(
    config: str,
    values: Mapping[str, Any],
    data: Path,
    *,
    folder: Path,
    device: str,
    threads: int,
    workers: int,
    tensorboard: bool,
) -> None:
    """Train MixSynthFormer on a prepared data set."""
    import torch

    from pose3d_cli import terminal
    from pose3d_cli.evaluation import baselines
    from pose3d_cli.training import build_sparse, distributed

    _check_keys(config, values, build_sparse.KEYS)
    if threads:
        torch.set_num_threads(threads)
    device = devices.choose(device)
    with distributed.join(device) as world:
        run = build_sparse.build(folder=data, **values)
        with terminal.training_progress(total=run.schedule.steps) as progress:
            best = build_sparse.train(
                run,
                folder,
                configuration=values,
                device=world.place(device),
                world=world,
                on_step=progress.step,
                on_check=progress.compare,
                workers=workers,
                tensorboard=tensorboard,
            )
        if world.first:
            _tell_best(best, folder, no_better_than=baselines.no_better_than(run.training, best))


def _tell_best(errors: Mapping[str, float], folder: Path, *, no_better_than: Sequence[str]) -> None:
    """What MixSynthFormer's best weights are good for."""
    from pose3d_cli import terminal

    said = ", ".join(f"{name} {value:.4g}" for name, value in errors.items())
    typer.echo(f"Best held-out {said}; weights in {folder / 'best.pt'}, curve in {folder / 'curve.png'}")
    if no_better_than:
        terminal.warn(
            f"These weights are no better than {', '.join(no_better_than)}: train longer, or do not use them."
        )


def _train_refiner(
    shared: Mapping[str, Any],
    values: Mapping[str, Any],
    folder: Path,
    *,
    device: str,
    workers: int,
    tensorboard: bool,
) -> None:
    from pose3d_cli import terminal
    from pose3d_cli.evaluation import baselines
    from pose3d_cli.training import build_refiner, distributed

    with distributed.join(device) as world:
        run = build_refiner.build(
            **shared,
            folder=folder,
            lifter=values["lifter"],
            pool=values["pool"],
            past_noise=values["past_noise"],
            device=world.place(device),
        )
        with terminal.training_progress(total=run.schedule.steps) as progress:
            best = build_refiner.train(
                run,
                folder,
                device=world.place(device),
                on_step=progress.step,
                on_check=progress.compare,
                workers=workers,
                configuration=values,
                tensorboard=tensorboard,
                world=world,
            )
    if world.first:
        _tell_best(best, folder, no_better_than=baselines.no_better_than(run.training, best))


def _check_keys(config: str, values: Mapping[str, Any], known: Sequence[str]) -> None:
    for key in values:
        if key not in known:
            raise ConfigError(f'Configuration "{config}" has an unknown group "{key}". {did_you_mean(key, known)}')
    missing = [key for key in known if key not in values]
    if missing:
        raise ConfigError(
            f'Configuration "{config}" must have the groups {", ".join(known)}; missing: {", ".join(missing)}.'
        )


def _asset(name: str | None) -> Path | None:
    """A file that a configuration names: a path, or one that comes with the program."""
    import importlib.resources

    if name is None or Path(name).is_file():
        return None if name is None else Path(name)
    shipped = Path(str(importlib.resources.files("in_the_wild.assets") / name))
    if not shipped.is_file():
        raise ConfigError(f"The configuration names {name}, which is neither a file nor comes with the program.")
    return shipped
