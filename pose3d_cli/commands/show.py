"""`pose3d show`: what there is to choose from."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from in_the_wild import plugins
from in_the_wild.checkpoints import records, shipped
from in_the_wild.checkpoints.records.base import Record
from pose3d_cli.commands import _options as options
from pose3d_cli.commands import _show_data, _show_tables

if TYPE_CHECKING:
    from in_the_wild.checkpoints import Weights
    from in_the_wild.lifters.base import Lifter

_LISTS = ("models", "weights", "detectors", "refiners", "skeletons", "datasets", "tables")
_TOPICS = (*_LISTS, "data")


def show(
    topic: Annotated[
        str | None,
        typer.Argument(
            metavar="|".join(_TOPICS),
            help="What to list.",
            show_default="all of them",
            callback=lambda value: None if value is None else options.one_of("list", lambda: _TOPICS)(value),
            autocompletion=lambda incomplete: [name for name in _TOPICS if name.startswith(incomplete)],
        ),
    ] = None,
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME|FILE|DIR",
            help="With weights: those to describe, a file of the authors' included. With data: a prepared folder.",
            show_default="all weights that come with the program",
        ),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="With data: compare the arrays with the checksums that they were written with."),
    ] = False,
    runs: Annotated[
        Path, typer.Option(help="With tables: where what pose3d evaluate left is looked for.", metavar="DIR")
    ] = Path("runs"),
) -> None:
    """List all that there is to choose from, or tell what weights or a prepared data set hold.

    Models come with what was published of them, weights with origin and licence, data sets with the files they need;
    tables set published errors beside those that pose3d evaluate found here.

    Example: pose3d show weights pretrained_h36m_cpn.bin
    """
    if check and topic != "data":
        raise typer.BadParameter("Only a prepared data set can be checked: pose3d show data DIR --check")
    if topic == "data":
        if file is None:
            raise typer.BadParameter("Give the folder of a prepared data set: pose3d show data DIR")
        _show_data.data(Path(file), check=check)
        return
    if file is not None:
        if topic != "weights":
            raise typer.BadParameter(
                f"A file is described by: pose3d show weights {file}; a prepared folder by: pose3d show data {file}",
                param_hint="NAME|FILE|DIR",
            )
        options.check_weights(file)
        _file(file)
        return
    tables = {
        "models": _models,
        "weights": _weights,
        "detectors": _detectors,
        "refiners": _refiners,
        "skeletons": _skeletons,
        "datasets": _show_data.datasets,
        "tables": lambda: _show_tables.tables(runs),
    }
    for name in _LISTS if topic is None else (topic,):
        tables[name]()


def _models() -> None:
    from pose3d_cli import terminal

    rows = []
    for name in plugins.names("in_the_wild.lifters"):
        network = plugins.load("in_the_wild.lifters", name)
        rows.append((name, _first_line(network), f"{_frames(network, {})} frames", _answers(network)))
    terminal.table("Models that lift", ("name", "what it is", "window as published", "gives 3D of"), rows)
    of_refiners = records.records(records.REFINERS)
    refiners = [
        (name, _first_line(plugins.load("in_the_wild.refiners", name)))
        for name in dict.fromkeys(record.model for record in of_refiners)
    ]
    terminal.table("Models that refine", ("name", "what it is"), refiners)
    _published([*records.records(), *of_refiners])
    terminal.say(
        "\nTo use such a file: pose3d run clip.mp4 --weights FILE; under another name, add --variant NAME. "
        "A refiner's: --refiner NAME:weights=FILE."
    )


def _published(variants: Sequence[Record]) -> None:
    """Every checkpoint on lines of its own, under its project: names that are to be typed are never broken."""
    from pose3d_cli import terminal

    projects = dict.fromkeys((variant.model, variant.url, variant.licence) for variant in variants)
    for model, url, licence in projects:
        terminal.say(f"\nPublished of {model}: {url}; licence: {licence}")
        own = [variant for variant in variants if variant.model == model]
        for variant in sorted(own, key=lambda variant: variant.released is False):
            terminal.say(f"  {variant.name}   {_files(variant)}")
            reads = variant.training.get("input_skeleton") or variant.training.get("skeleton") or "poses"
            terminal.say(f"      {variant.data}; {variant.window} frames of {reads}; {_errors(variant)}")


def _files(variant: Record) -> str:
    """The names under which a checkpoint is given away."""
    if variant.released:
        return ", ".join(variant.files) or "in the authors' folder"
    return "(weights not given away)" if variant.released is False else "(not said whether weights are given away)"


def _errors(variant: Record) -> str:
    """The errors that are published, with where they are said."""
    said = [
        f"{name} {variant.reported[key]} mm"
        for key, name in (("mpjpe", "MPJPE"), ("p_mpjpe", "P-MPJPE"))
        if key in variant.reported
    ]
    besides = "; ".join(str(variant.reported[key]) for key in ("note", "source") if key in variant.reported)
    return f"{', '.join(said) or 'no MPJPE published'}{f' ({besides})' if besides else ''}"


def _weights() -> None:
    from in_the_wild import checkpoints
    from pose3d_cli import terminal

    lifters, refiners = [], []
    for name in shipped.names():
        content = checkpoints.read(shipped.find(name))
        arguments, training = content["arguments"], content["training"]
        origin = (training["data"], training["licence"])
        if content.get("family") == records.REFINERS:
            reads = f"{training['skeleton'] or 'any numbers'}, one frame in {arguments['interval']} at "
            refiners.append((name, f"{reads}{training['fps']:g}/s", *origin))
        else:
            network = plugins.load("in_the_wild.lifters", content["model"])
            joints = f"{training['input_skeleton']} to {training['output_skeleton']}"
            window = f"{_frames(network, arguments)} frames at {training['fps']:g}/s"
            lifters.append((name, content["model"], joints, window, *origin))
    columns = ("name", "model", "joints", "window", "trained on", "licence")
    terminal.table("Weights that come with the program", columns, lifters)
    if refiners:
        terminal.table("Weights of refiners", ("name", "reads", "trained on", "licence"), refiners)


def _file(name_or_path: str) -> None:
    """All that weights tell of themselves, and what is known of them besides."""
    from in_the_wild import checkpoints
    from pose3d_cli import terminal

    try:
        loaded, _ = options.load_weights(name_or_path, model=None, device="cpu")
    except checkpoints.NotALifterError as answer:
        terminal.say(str(answer))
        return
    terminal.table(loaded.source, ("", ""), _description(loaded))


def _description(loaded: Weights) -> list[tuple[str, str]]:
    lifter, training = loaded.lifter, loaded.training
    network = type(lifter)
    rows = [
        ("network", f"{loaded.model}: {_first_line(network)}"),
        ("published as", training.variant or "none of the recorded checkpoints"),
        ("arguments", ", ".join(f"{name}={value}" for name, value in loaded.arguments.items())),
        ("parameters", f"{sum(parameter.numel() for parameter in lifter.parameters()):,}"),
        ("window", f"{lifter.frames} frames at {training.fps:.4g}/s; gives 3D of {_answers(network)}"),
        ("reads", f"{training.input_skeleton}, {lifter.in_channels} numbers per keypoint ({training.normalisation})"),
        ("gives", f"{training.output_skeleton}, {'metres' if training.metres == 1 else 'millimetres'}"),
        ("trained on", training.data),
        ("licence", training.licence),
        ("sha256", loaded.sha256),
    ]
    names = [name for name in training.variant.split(" or ") if name in records.names()]
    for variant in (records.get(name) for name in names):
        numbers = {key: value for key, value in variant.reported.items() if key not in ("source", "note")}
        said = ", ".join(f"{key} {value}" for key, value in numbers.items()) or "nothing"
        rows += [
            (f"{variant.name} reports", f"{said} ({variant.reported.get('source', 'no source')})"),
            ("published at", variant.url),
        ]
    return rows


def _detectors() -> None:
    from pose3d_cli import terminal

    rows = []
    for name in plugins.names("in_the_wild.detectors"):
        detector = plugins.load("in_the_wild.detectors", name)
        rows.append((name, _first_line(detector), detector.skeleton.name))
    terminal.table("Detectors", ("name", "what it is", "skeleton"), rows)


def _refiners() -> None:
    from pose3d_cli import terminal

    rows = []
    for name in plugins.names("in_the_wild.refiners"):
        refiner = plugins.load("in_the_wild.refiners", name)
        settings = ", ".join(f"{key}={one.default}" for key, one in inspect.signature(refiner).parameters.items())
        does = [word for word, says in (("smooths", refiner.smooths), ("fills frames", refiner.fills)) if says]
        rows.append((name, _first_line(refiner), " and ".join(does), settings or "none"))
    terminal.table("Refiners", ("name", "what it is", "does", "settings"), rows)


def _skeletons() -> None:
    from in_the_wild.skeletons import SKELETONS
    from in_the_wild.steps.remap import reachable
    from pose3d_cli import terminal

    rows = [(name, len(one), ", ".join(reachable(one)) or "none") for name, one in SKELETONS.items()]
    terminal.table("Skeletons", ("name", "joints", "can be brought to"), rows, numbers=("joints",))


def _frames(network: type[Lifter], arguments: Mapping[str, Any]) -> int:
    """The window of a lifter built with these arguments."""
    return network(**arguments).frames


def _answers(network: type[Lifter]) -> str:
    return "every frame" if network.every_frame else "the centre frame"


def _first_line(member: type) -> str:
    """What the file of a plug-in opens with."""
    module = inspect.getmodule(member)
    return (inspect.getdoc(module) or "").partition("\n")[0]
