"""What `pose3d run --live` does: a camera, an address or a file to figures in a page, as it goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from itertools import chain
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import typer

from pose3d_cli import browser, terminal

if TYPE_CHECKING:
    from in_the_wild.batch.recipe import Recipe
    from in_the_wild.lens import Lens
    from in_the_wild.live.keep import Recording
    from in_the_wild.live.loop import Figures
    from in_the_wild.live.source import Camera
    from in_the_wild.result import Output
    from in_the_wild.video.footage import Video

# Options that live looking cannot heed, and why.
_WANTS_THE_END = "it takes the whole clip, and a live one has no end"
_NOT_LIVE = {
    "start": "live looking begins now",
    "end": "live looking goes on until you stop it with Ctrl-C",
    "fps": "what comes live has times of its own",
    "video": "keypoints that were found before are not live",
    "joints": "keypoints that were found before are not live",
    "read_as": "keypoints that were found before are not live",
    "refiner": _WANTS_THE_END,
    "height": _WANTS_THE_END,
    "max_gap": _WANTS_THE_END,
    "looks": "every picture is looked at that the machine gets to",
    "every": "every picture is looked at that the machine gets to",
    "tds": "live lifting works in time, not in frames",
    "overlap": "each frame has a window of its own",
    "jobs": "there is one camera",
    "skip_existing": "there is one camera",
}
_WANT_THE_END = ("longest", "moving")


def check(ctx: typer.Context, *, live: bool, latency: float | None) -> None:
    """Refuse options that do not go together.

    Raises:
        typer.BadParameter: some do not.
    """
    if not live:
        if latency is not None:
            raise typer.BadParameter("It bounds the delay of live figures; give --live too.", param_hint="'--latency'")
        return
    for name, why in _NOT_LIVE.items():
        if name in ctx.params and _is_typed(ctx, name):
            option = f"--{name.replace('_', '-')}"
            raise typer.BadParameter(f"It does not go with --live: {why}; leave it out.", param_hint=f"'{option}'")
    if ctx.params["persons"] in _WANT_THE_END:
        raise typer.BadParameter(
            f"It does not go with --live: {_WANTS_THE_END}; take largest.", param_hint="'--persons'"
        )


def _is_typed(ctx: typer.Context, option: str) -> bool:
    """Whether the user gave an option."""
    source = ctx.get_parameter_source(option)
    return source is not None and source.name == "COMMANDLINE"


def source_of(inputs: Sequence[str], read: Callable[[str], Video]) -> Camera | Video:
    """The one thing that is looked at: a camera by its number, an address, or a file.

    Args:
        inputs: As they were given.
        read: What `reading_of` gives.

    Raises:
        typer.BadParameter: several, or what does not come as time goes on.
    """
    from in_the_wild.live.source import Camera
    from in_the_wild.video.footage import PictureSequence

    if len(inputs) != 1:
        raise typer.BadParameter(f"One source was expected with --live, found {len(inputs)}: {', '.join(inputs)}.")
    (given,) = inputs
    if given.isdecimal():
        return Camera(int(given))
    video: Video = read(given)
    if isinstance(video.footage, PictureSequence) or ("://" not in given and not Path(given).is_file()):
        raise typer.BadParameter(
            f"With --live a camera's number, an address or a video file was expected, found {given}; check its name."
        )
    return video


def kept(ctx: typer.Context, output: Output, source: Camera | Video) -> Output | None:
    """Where what is shown is kept; None where nobody named a folder."""
    from in_the_wild.files import name_within

    if not _is_typed(ctx, "output"):
        return None
    if output.store is not None:
        raise typer.BadParameter("What is live is kept in a folder of this machine; give one.", param_hint="'--output'")
    return replace(output, folder=output.folder / name_within(Path(source.name).stem))


def run(source: Camera | Video, recipe: Recipe, output: Output | None, latency: float | None) -> None:
    """Look, lift and show until the source ends or somebody stops it; then write what was shown, where that is asked.

    Args:
        source: What is looked at.
        recipe: Who looks and lifts.
        output: What is kept; None keeps nothing.
        latency: Seconds of later frames that the lifter may see; None takes the usual.
    """
    import torch

    from in_the_wild.batch.recipe import loaded
    from in_the_wild.live.causal import LATENCY, CausalLifter
    from in_the_wild.live.keep import Recording
    from in_the_wild.live.loop import watch

    torch.set_num_threads(1)  # a window of one person gains nothing from more, and the detector wants the others
    with ExitStack() as opened:
        pipeline = opened.enter_context(loaded(replace(recipe, refiners=("none",)), terminal.note))
        assert pipeline.finder is not None
        lifter = CausalLifter(pipeline.lifter, pipeline.lens, LATENCY if latency is None else latency)
        recording = None if output is None else Recording(output, source.name)
        delays: list[float] = []
        try:
            with closing(watch(source, pipeline.finder.detector, lifter, pipeline.selection)) as coming:
                _show(coming, source.name, recording, delays)
        except KeyboardInterrupt:
            terminal.note("Stopped.")
        finally:
            if delays:
                terminal.aside(f"{len(delays)} figures, {median(delays):.2f} s after their pictures (median)")
            if recording is not None:
                asked = {"live": source.name, "latency": lifter.latency, **pipeline.selection.settings}
                _keep(recording, pipeline.lens, asked)


def _show(coming: Iterator[Figures], name: str, recording: Recording | None, delays: list[float]) -> None:
    """Show figures in a page, and keep them; their delays are noted."""
    from in_the_wild.live.broadcast import Broadcast
    from in_the_wild.live.serve import serve
    from in_the_wild.page.live import page

    with ExitStack() as opened:
        if recording is not None:
            opened.enter_context(recording)
        report = opened.enter_context(terminal.voice().listening(name))
        first = next(coming, None)
        if first is None:
            return
        height, width = first.image.shape[:2]
        stage = opened.enter_context(serve(page(name, first.poses.skeleton, (width, height))))
        terminal.aside(stage.address)
        if not browser.show(stage.address):
            terminal.note(
                "No browser can be opened from here; open the address in one of this machine. Ctrl-C ends it."
            )
        broadcast = Broadcast(stage)
        for figures in chain([first], coming):
            broadcast.show(figures)
            if recording is not None:
                recording.add(figures)
            delays.append(figures.delay)
            report("live", len(delays), None)


def _keep(recording: Recording, lens: Lens, asked: Mapping[str, Any]) -> None:
    """Make the files of what was shown."""
    try:
        with terminal.voice().listening("recording") as report:
            result = recording.finish(lens, asked, report=report)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"Finished files are kept in {recording.folder}.") from None
    for warning in result.warnings:
        terminal.warn(warning)
    terminal.aside(f"{result.folder}: {', '.join(result.files)}")
