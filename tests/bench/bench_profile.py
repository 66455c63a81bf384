"""Where the time of a whole run goes: `bench_profile.py [VIDEO ...] [--rounds N]`; without a video, the demo.

One person is followed, with what `run` does by itself, without film and page, and with the smallest detector; a run is
a process of its own, they take turns, and medians count. Printed are seconds and processor seconds of every stage,
those of all threads and of ffmpeg; below a stage its largest parts, as long as their own thread took. Parts of which
one runs beside the other, as decoding does, add up to more than the stage. "start" is until the first stage begins:
what is imported, and networks that are loaded.
"""

from __future__ import annotations

import argparse
import importlib.resources
import os
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from inspect import isgeneratorfunction
from multiprocessing import get_context
from operator import attrgetter
from pathlib import Path
from pkgutil import resolve_name
from resource import RUSAGE_SELF, getrusage
from typing import Any
from unittest.mock import patch

# A part's name -> the functions that it is, by their dotted names; those of generators count what each item takes.
PARTS: Mapping[str, tuple[str, ...]] = {
    "decoding": ("in_the_wild.video.read.VideoReader._decoded",),
    "thumbnails": ("in_the_wild.video.read._thumbnail",),
    "to RGB": ("in_the_wild.video.develop.Developer.image",),
    "cuts": ("in_the_wild.cuts.CutDetector.add", "in_the_wild.cuts.CutDetector.cuts"),
    "finding people": (
        "in_the_wild.detectors._multipose.MultiPoseNetwork.__call__",
        "in_the_wild.detectors._blazepose.PersonNetwork.__call__",
    ),
    "landmarks": ("in_the_wild.detectors._blazepose.LandmarkNetwork.__call__",),
    "camera": ("in_the_wild.camera_tracking.CameraTracker.add",),
    "colours": ("in_the_wild.steps.detect.appearance",),
    "sampling keypoints": ("in_the_wild.steps.lift.sample_track", "in_the_wild.steps.lift.normalise"),
    "the lifter": ("in_the_wild.steps.lift.lift_with_flip",),
    "root": ("in_the_wild.steps.lift.root_from_reprojection", "in_the_wild.steps.lift.smooth_root_depth"),
    "solving": ("in_the_wild.refiners.whole_clip.WholeClip.solve",),
    "drawing": ("in_the_wild.layouts.side.Side.draw",),
    "encoding": ("in_the_wild.video.write.VideoWriter.write", "in_the_wild.video.write.VideoWriter.__exit__"),
    "the video of the page": ("in_the_wild.steps.show.footage",),
    "the page": ("in_the_wild.steps.show.write",),
}
START, ALL = "start", "in all"


@dataclass(frozen=True)
class Setting:
    """What is asked of a run."""

    name: str
    detector: str = "blazepose"
    shown: bool = True


SETTINGS = (
    Setting("by itself"),
    Setting("--render none --no-view", shown=False),
    Setting("--render none --no-view --detector blazepose:model=lite", "blazepose:model=lite", shown=False),
)


@dataclass
class Cost:
    """Wall and processor seconds of a stage, or of a part in its own thread, and how often it was there."""

    seconds: float = 0.0
    processor: float = 0.0
    times: int = 0


@dataclass
class Profile:
    """What one run took.

    Attributes:
        costs: Of stages, by their name and "", and of their parts.
        frames: Of the video.
        memory: The most megabytes of the process.
    """

    costs: dict[tuple[str, str], Cost] = field(default_factory=lambda: defaultdict(Cost))
    frames: int = 0
    memory: float = 0.0
    stage: str = START

    @contextmanager
    def counting(self, part: str, clock: Callable[[], float] = time.thread_time) -> Iterator[None]:
        """Count a block as one of a part; of the stage itself if it has no name."""
        cost = self.costs[self.stage, part]
        began, before = time.perf_counter(), clock()
        try:
            yield
        finally:
            cost.seconds += time.perf_counter() - began
            cost.processor += clock() - before
            cost.times += 1

    def counted(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function whose calls count; of a generator, its items."""

        def call(*args: Any, **kwargs: Any) -> Any:
            with self.counting(part):
                return function(*args, **kwargs)

        def one_by_one(*args: Any, **kwargs: Any) -> Iterator[Any]:
            items, end = function(*args, **kwargs), object()
            while (item := self.counted(part, next)(items, end)) is not end:
                yield item

        return one_by_one if isgeneratorfunction(function) else call


def processor_seconds() -> float:
    """Of this process and of those that it waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def profiled(video: Path, setting: Setting, folder: Path) -> Profile:
    """Run a video once, in a process that has done nothing else."""
    profile, began = Profile(), time.perf_counter()
    import in_the_wild as iw
    from in_the_wild import memory
    from in_the_wild.result import Result

    memory.keep_freed()  # as the command does

    clock = Result.clock

    @contextmanager
    def stage(result: Result, name: str, frames: int | None = None) -> Iterator[Any]:
        if profile.stage == START:
            profile.costs[START, ""] = Cost(time.perf_counter() - began, processor_seconds(), 1)
        profile.stage = name
        with profile.counting("", processor_seconds), clock(result, name, frames) as more:
            yield more

    with ExitStack() as stack:
        stack.enter_context(patch.object(Result, "clock", stage))
        for part, functions in PARTS.items():
            for function in functions:
                stack.enter_context(patch(function, profile.counted(part, resolve_name(function))))
        output = iw.Output(folder, film="mp4" if setting.shown else "none", view=setting.shown, overwrite=True)
        poses = iw.run(video, output, detector=setting.detector, persons=1)
    profile.costs[ALL, ""] = Cost(time.perf_counter() - began, processor_seconds(), 1)
    profile.frames, profile.memory = poses.video.frames, getrusage(RUSAGE_SELF).ru_maxrss / 1024
    return profile


def told(video: Path, setting: Setting, rounds: list[Profile]) -> None:
    """Print the medians of some runs of a video."""
    frames, whole = rounds[0].frames, statistics.median(one.costs[ALL, ""].seconds for one in rounds)
    memory = statistics.median(one.memory for one in rounds)
    working = statistics.median(one.costs[ALL, ""].seconds - one.costs[START, ""].seconds for one in rounds)
    print(f"\n{video.name}, {frames} frames, {setting.name}: {frames / working:.0f} frames/s, {memory:.0f} MB")
    print(f"{'stage, and parts of it':28}      s  share  CPU s  frames/s  times")
    for stage, part in rounds[0].costs:
        costs = [one.costs[stage, part] for one in rounds]
        seconds, processor = (statistics.median(map(attrgetter(of), costs)) for of in ("seconds", "processor"))
        name = f"  {part}" if part else stage
        print(
            f"{name:28} {seconds:6.2f}  {seconds / whole:5.0%} {processor:6.2f} "
            f"{frames / max(seconds, 1e-9):9.0f} {costs[0].times:6d}",
            flush=True,
        )


def rounds_of(video: Path, rounds: int) -> dict[Setting, list[Profile]]:
    """Some runs of a video with every setting, by turns."""
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")  # as the command does
    found: dict[Setting, list[Profile]] = {setting: [] for setting in SETTINGS}
    for _ in range(rounds):
        for setting, profiles in found.items():
            # A process that has run something before would have it loaded.
            with ProcessPoolExecutor(1, get_context("spawn")) as alone, tempfile.TemporaryDirectory() as folder:
                profiles.append(alone.submit(profiled, video, setting, Path(folder)).result())
    return found


def main(videos: list[Path], rounds: int) -> None:
    """Print the tables."""
    for video in videos or [Path(str(importlib.resources.files("in_the_wild.assets") / "demo.mp4"))]:
        for setting, profiles in rounds_of(video, rounds).items():
            told(video, setting, profiles)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("videos", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    main(**vars(parser.parse_args()))
