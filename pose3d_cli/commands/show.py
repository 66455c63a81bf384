"""`pose3d show`: what there is to choose from."""

from __future__ import annotations

import inspect
from typing import Annotated

import typer

from in_the_wild import plugins
from pose3d_cli.commands import _options as options

_TOPICS = ("models", "weights", "detectors", "skeletons")


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
) -> None:
    """List models, weights with their origin and licence, detectors and skeletons.

    Example: pose3d show weights
    """
    tables = {"models": _models, "weights": _weights, "detectors": _detectors, "skeletons": _skeletons}
    for name in _TOPICS if topic is None else (topic,):
        tables[name]()


def _models() -> None:
    from pose3d_cli import terminal

    rows = []
    for name in plugins.names("in_the_wild.lifters"):
        network = plugins.load("in_the_wild.lifters", name)
        window = inspect.signature(network).parameters["frames"].default
        answers = "every frame" if network.every_frame else "the centre frame"
        rows.append((name, _first_line(network), f"{window} frames", answers))
    terminal.table("Models", ("name", "what it is", "window as published", "gives 3D of"), rows)


def _weights() -> None:
    from in_the_wild import weights
    from pose3d_cli import terminal

    rows = []
    for name in weights.names():
        path = weights.find(name)
        content = weights.read(path)
        training = weights.Training(**content["training"])
        window = content["arguments"].get("frames", "")
        rows.append(
            (
                name,
                content["model"],
                f"{training.input_skeleton} to {training.output_skeleton}",
                f"{window} frames at {training.fps:g}/s",
                training.data,
                training.licence,
            )
        )
    columns = ("name", "model", "joints", "window", "trained on", "licence")
    terminal.table("Weights that come with the program", columns, rows)


def _detectors() -> None:
    from pose3d_cli import terminal

    rows = []
    for name in plugins.names("in_the_wild.detectors"):
        detector = plugins.load("in_the_wild.detectors", name)
        rows.append((name, _first_line(detector), detector.skeleton.name))
    terminal.table("Detectors", ("name", "what it is", "skeleton"), rows)


def _skeletons() -> None:
    from in_the_wild.remap import reachable
    from in_the_wild.skeletons import SKELETONS
    from pose3d_cli import terminal

    rows = [(name, len(one), ", ".join(reachable(one)) or "none") for name, one in SKELETONS.items()]
    terminal.table("Skeletons", ("name", "joints", "can be brought to"), rows, numbers=("joints",))


def _first_line(member: type) -> str:
    """What the file of a plug-in opens with."""
    module = inspect.getmodule(member)
    return (inspect.getdoc(module) or "").partition("\n")[0]
