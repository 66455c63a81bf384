"""Work for engines that is done at once: clips say by their names what becomes of them, and of their workers."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from in_the_wild.batch.clip import Clip
from in_the_wild.batch.engines.base import Work
from in_the_wild.batch.outcome import Outcome
from in_the_wild.progress import Report
from in_the_wild.result import Output
from in_the_wild.video.footage import Video


@contextmanager
def _load(tell: Callable[[str], None]) -> Iterator[str]:
    tell("loaded")
    yield f"loaded in {os.getpid()}"


def _do(clip: Clip, loaded: str, report: Report) -> Outcome:
    """Die for "dies", die at the first try for "dies once", be at it for long and then tidy up for "long"."""
    assert clip.folder is not None
    clip.folder.mkdir(parents=True, exist_ok=True)
    tried = clip.folder / f"tried by {os.getpid()}"
    tries = len(list(clip.folder.iterdir())) + 1
    tried.touch()
    report("work", 1, 2)
    if clip.folder.name == "dies" or (clip.folder.name == "dies once" and tries == 1):
        os.kill(os.getpid(), signal.SIGKILL)
    if clip.folder.name == "long":
        try:
            time.sleep(600)
        finally:
            (clip.folder / "tidied up").touch()
    report("work", 2, 2)
    return Outcome(clip.source, clip.name, clip.folder, "done", warnings=(loaded,))


TOY = Work(_load, _do)


def toy_clips(folder: Path, *names: str) -> list[Clip]:
    """Clips of these names, whose files go into folders of these names."""
    return [Clip(Video(f"{name}.mp4"), Output(folder / name)) for name in names]
