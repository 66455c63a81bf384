"""`pose3d weights`: trained networks, those that come with the program and any file of one."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

from in_the_wild import plugins
from in_the_wild.checkpoints import index, records, shipped
from in_the_wild.errors import WeightsError
from pose3d_cli.commands import _family
from pose3d_cli.commands import _options as options

if TYPE_CHECKING:
    from in_the_wild.checkpoints import Checkpoint, Weights

PANEL = _family.PANEL


def weights(
    name: Annotated[str | None, _family.one("checkpoint", shipped.names, also="FILE", check=False)] = None,
) -> None:
    """Weights that come with the program, and what any file of weights holds, the authors' own included.

    Example: pose3d weights pretrained_h36m_cpn.bin
    """
    if name is None:
        rows = [(one, *_line(told)) for one, told in index.read().items()]
        _family.lines("weights", "Weights that come with the program", rows, ("network", "reads", "gives", "licence"))
    else:
        options.WEIGHTS["callback"](name)
        _tell(name)


def _line(told: Mapping[str, Any]) -> tuple[str, ...]:
    """What stands in the list of one of them; the first sentence of its licence names it."""
    training, licence = told["training"], str(told["training"]["licence"]).partition(". ")[0]
    if told["family"] == records.REFINERS:
        interval = told["arguments"]["interval"]
        which = "frames" if interval == 1 else f"one frame in {interval}"
        joints = training["skeleton"] or "any numbers"
        return told["model"], f"{joints}, {which} at {training['fps']:g}/s", joints, licence
    window = f"{training['input_skeleton']}, {told['window']} frames at {training['fps']:g}/s"
    return told["model"], window, training["output_skeleton"], licence


def _tell(name_or_path: str) -> None:
    """All that weights tell of themselves, and what is known of them besides."""
    from in_the_wild import checkpoints
    from pose3d_cli import terminal

    try:
        loaded, _ = options.load_weights(name_or_path, model=None, device="cpu")
    except checkpoints.NotALifterError as answer:
        with suppress(WeightsError):  # not a refiner's either: the answer says what it is
            found = checkpoints.recognise(name_or_path, family=records.REFINERS)
            _family.facts(found.path.name, _of_a_refiner(found))
        terminal.say(str(answer))
    else:
        _family.facts(loaded.source, _of_a_lifter(loaded))


def _of_a_lifter(loaded: Weights) -> list[tuple[str, str]]:
    lifter, training = loaded.lifter, loaded.training
    gives = "every frame" if lifter.every_frame else "the centre frame"
    rows = [
        ("network", f"{loaded.model}: {plugins.title('in_the_wild.lifters', loaded.model)}"),
        ("published as", training.variant or "none of the recorded checkpoints"),
        ("arguments", _family.settings(loaded.arguments)),
        ("parameters", f"{sum(parameter.numel() for parameter in lifter.parameters()):,}"),
        ("window", f"{lifter.frames} frames at {training.fps:.4g}/s; gives 3D of {gives}"),
        ("reads", f"{training.input_skeleton}, {lifter.in_channels} numbers per keypoint ({training.normalisation})"),
        ("gives", f"{training.output_skeleton}, {'metres' if training.metres == 1 else 'millimetres'}"),
        ("trained on", training.data),
        ("licence", training.licence),
        ("sha256", loaded.sha256),
    ]
    names = [name for name in training.variant.split(" or ") if name in records.names()]
    for record in map(records.get, names):
        numbers = {key: value for key, value in record.reported.items() if key not in ("source", "note")}
        said = ", ".join(f"{key} {value}" for key, value in numbers.items()) or "nothing"
        rows += [
            (f"{record.name} reports", f"{said} ({record.reported.get('source', 'no source')})"),
            ("published at", record.url),
        ]
    return rows


def _of_a_refiner(found: Checkpoint) -> list[tuple[str, str]]:
    training = found.training or {}
    return [
        ("network", f"{found.model}: {plugins.title('in_the_wild.refiners', found.model)}"),
        ("arguments", _family.settings(found.arguments)),
        ("parameters", f"{sum(value.numel() for value in found.state.values()):,}"),
        *((key.replace("_", " "), str(value)) for key, value in training.items() if value != ""),
    ]
