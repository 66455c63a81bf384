"""Many clips, worked on in each way that there is: `python tests/bench/bench_batch.py [--only PART ...]`.

    seconds   40 clips of 1 to 3 seconds: a process for each, one process, --jobs 2, Ray with two workers; what each way
              takes, and whether all of them give the same bytes
    kills     20 times everything is killed at a random moment, and the same command given again until it ends: whether
              the results are those of an undisturbed run, and anything finished was made twice
    ray       a worker is killed under Ray, and a machine of the cluster lost, midway
    soak      200 clips through one process, and through two workers: how memory and open files grow with the clips

Parts with Ray are left out where it is not installed. Ends with exit code 1 where bytes differ, anything was lost or
made twice, or memory grows.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import mixed_clips
import numpy as np
import psutil
from batches import arrays_in
from short_clips import made
from watched import Cost, begun, costs, family

_HAS_RAY = importlib.util.find_spec("ray") is not None
_RAY = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled"}
_KILLS = 20
# A clip may cost so much memory for good, bytes, and so many open files.
_GROWTH, _FILES = 50_000, 0.01


def ended(*arguments: object) -> Cost:
    """What a run took that ends well."""
    process = begun("run", *arguments, "--quiet", environment=_RAY)
    with costs(process.pid) as cost:
        process.communicate()
    assert process.returncode == 0, arguments
    return cost


# --- seconds ---------------------------------------------------------------------------------------------------------


def seconds(scratch: Path, count: int) -> bool:
    """Each way to work on clips, what it takes and gives."""
    clips = mixed_clips.make_clips(scratch / "clips", count)
    ways: dict[str, Callable[[Path], Cost]] = {
        "a process for each": lambda out: sum((ended(clip, "-o", out) for clip in clips), Cost()),
        "one process": lambda out: ended(scratch / "clips", "-o", out),
        "--jobs 2": lambda out: ended(scratch / "clips", "-o", out, "--jobs", 2),
    }
    if _HAS_RAY:
        ways["Ray, two workers"] = lambda out: ended(scratch / "clips", "-o", out, "--jobs", 2, "--engine", "ray")
    first: tuple[Mapping[str, bytes], Mapping[str, str]] | None = None
    same = True
    for name, way in ways.items():
        cost = way(scratch / name)
        found = arrays_in(scratch / name), made(scratch / name)
        first = first or found
        arrays = _equal(*(_without_pictures(each[0]) for each in (found, first)))
        files = _equal(*(_without_pictures(each[1]) for each in (found, first)))
        names = {Path(name).name for name, value in first[1].items() if found[1].get(name) != value}
        same = same and found[0] == first[0]
        but = f" (but {', '.join(sorted(names))})" if names else ""
        print(f"{name:<20} {cost}   the same: {arrays} arrays, {files} files{but}", flush=True)
    return same


def _without_pictures(found: Mapping[str, Any]) -> dict[str, Any]:
    """Without the small pictures that a batch alone makes."""
    return {name: value for name, value in found.items() if not name.endswith("poster.jpg")}


def _equal(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """How many are equal, of how many."""
    names = one.keys() | other.keys()
    return f"{sum(one.get(name) == other.get(name) for name in names)} of {len(names)}"


# --- kills -----------------------------------------------------------------------------------------------------------


def kills(scratch: Path, count: int) -> bool:
    """Everything is killed, again and again."""
    mixed_clips.make_clips(scratch / "clips", count, seconds=(0.5, 1.0))
    lasts = ended(scratch / "clips", "-o", scratch / "whole", "--jobs", 2).seconds
    whole = made(scratch / "whole")
    chance = random.Random(0)
    killed = rounds = lost = twice = kept = 0
    while killed < _KILLS:
        out = scratch / f"out{rounds}"
        rounds += 1
        finished: dict[Path, tuple[int, int]] = {}
        while killed < _KILLS and not (ends := _broken_off(scratch / "clips", out, chance.uniform(0, 1) * lasts)):
            killed += 1
            finished |= _finished(out)
        if not ends:
            ended(scratch / "clips", "-o", out, "--jobs", 2)
        lost += made(out) != whole or bool(_half_written(out))
        twice += sum(_state(path) != before for path, before in finished.items())
        kept += len(finished)
    print(
        f"{killed} kills in {rounds} folders of {count} clips: {lost} folders differ from an undisturbed run's, "
        f"{twice} of {kept} files of finished stages were made twice",
        flush=True,
    )
    return not lost and not twice


def _broken_off(clips: Path, out: Path, after: float) -> bool:
    """Begin a run and kill all of it after so many seconds; whether it had ended by then."""
    process = begun("run", clips, "-o", out, "--jobs", 2, "--quiet")
    with suppress(subprocess.TimeoutExpired):
        assert process.wait(after) == 0
        return True
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return False


def _finished(out: Path) -> dict[Path, tuple[int, int]]:
    """The files of finished stages, as the records of whole runs and of parts tell of them, and which they are."""
    found: dict[Path, tuple[int, int]] = {}
    for record in (*out.glob("*/run.json"), *out.glob("*/unfinished.json")):
        told = json.loads(record.read_text())
        names = told.get("files") or [name for end in told["stages"].values() for name in end["files"]]
        found |= {path: _state(path) for path in (record.parent / name for name in names)}
    return found


def _state(path: Path) -> tuple[int, int]:
    """Tells a file from another that took its place."""
    there = path.stat()
    return there.st_ino, there.st_mtime_ns


def _half_written(out: Path) -> list[Path]:
    """Files that have no name yet."""
    return [path for path in out.glob("*/.*") if path.parent.name != ".claims"]


# --- Ray -------------------------------------------------------------------------------------------------------------


def ray(scratch: Path, count: int) -> bool:
    """A worker dies, and a machine."""
    mixed_clips.make_clips(scratch / "clips", count, seconds=(0.5, 1.0))
    passed = True
    with _cluster() as (address, lose_machine):
        # Undisturbed, by workers of as many threads: the bytes of films depend on these.
        _struck(scratch / "clips", scratch / "whole", address, lambda: None)
        whole = made(scratch / "whole")
        for name, strike in (("a worker killed", _kill_worker), ("a machine lost", lose_machine)):
            out = scratch / name
            began = time.monotonic()
            told = _struck(scratch / "clips", out, address, strike)
            said = [one for one in told if one["event"] == "result"]
            same = made(out) == whole
            print(
                f"Ray, {name}: {time.monotonic() - began:.0f} s, {len(said)} of {count} clips told, "
                f"{sum(one['error'] is not None for one in said)} without a result, "
                f"{'the bytes' if same else 'NOT the bytes'} of an undisturbed run",
                flush=True,
            )
            passed = passed and same and len(said) == count
    return passed


@contextmanager
def _cluster() -> Iterator[tuple[str, Callable[[], None]]]:
    """A cluster of two machines with a core each, which are processes of this one; and how to lose the second."""
    os.environ.update(_RAY)
    from ray.cluster_utils import Cluster

    settings = {"object_store_memory": 80_000_000, "include_dashboard": False, "num_cpus": 1}
    running = Cluster(initialize_head=True, head_node_args=settings)
    second = running.add_node(False, **settings)
    yield str(running.address), lambda: running.remove_node(second, allow_graceful=False)
    running.shutdown()


def _struck(clips: Path, out: Path, address: str, strike: Callable[[], None]) -> list[dict[str, Any]]:
    """What a run tells that is struck while both workers are at their second clips."""
    arguments = ("run", clips, "-o", out, "--jobs", 2, "--engine", "ray", "--address", address, "--json")
    process = begun(*arguments, environment=_RAY)
    assert process.stdout is not None
    told: list[dict[str, Any]] = []
    for line in process.stdout:
        told.append(json.loads(line))
        if told[-1]["event"] == "result" and sum(one["event"] == "result" for one in told) == 2:
            strike()
    process.wait()
    return told


def _kill_worker() -> None:
    """Kill one of the workers."""
    workers = [one for one in family(os.getpid()) if "ray::" in " ".join(_command(one))]
    random.Random(0).choice(sorted(workers, key=lambda one: one.pid)).kill()


def _command(process: psutil.Process) -> list[str]:
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        return list(process.cmdline())
    return []


# --- soak ------------------------------------------------------------------------------------------------------------


def soak(scratch: Path, count: int) -> bool:
    """Whether memory and open files grow with the clips."""
    mixed_clips.make_clips(scratch / "clips", count, seconds=(0.3, 0.6))
    passed = True
    for jobs in (1, 2):
        for memory, files in _held(scratch / "clips", scratch / f"out{jobs}", jobs):
            more, opened = (_growth(one) for one in (memory, files))
            passed = passed and more < _GROWTH and opened < _FILES
            print(
                f"--jobs {jobs}, a process over {count} clips: {memory[0] / 1e6:.0f} MB at first, "
                f"{memory[count // 2] / 1e6:.0f} half way, {memory[-1] / 1e6:.0f} at last, then {more / 1e3:+.0f} kB a "
                f"clip; {files[0]:.0f} files open at first, {files[-1]:.0f} at last, {opened:+.3f} a clip",
                flush=True,
            )
    return passed


def _held(clips: Path, out: Path, jobs: int) -> list[tuple[list[float], list[float]]]:
    """Of each process that lasts, what it held each time that a clip was finished: bytes, and open files."""
    process = begun("run", clips, "-o", out, "--jobs", jobs, "--json")
    assert process.stdout is not None
    held: dict[int, list[tuple[float, float]]] = defaultdict(list)
    finished = 0
    for line in process.stdout:
        told = json.loads(line)
        if told["event"] == "result":
            assert told["error"] is None, told
            finished += 1
            for one in family(process.pid):
                with suppress(psutil.NoSuchProcess):
                    held[one.pid].append((one.memory_info().rss, one.num_fds()))
    assert process.wait() == 0
    lasting = [looks for looks in held.values() if len(looks) > 0.9 * finished]
    return [([memory for memory, _ in looks], [files for _, files in looks]) for looks in lasting]


def _growth(values: Sequence[float]) -> float:
    """How much more there is with each clip of the second half: the first meets most of the sizes that there are, and
    what was made for each stays."""
    later = values[len(values) // 2 :]
    return float(np.polyfit(np.arange(len(later)), later, 1)[0])


PARTS: Mapping[str, tuple[Callable[[Path, int], bool], int]] = {
    "seconds": (seconds, 40), "kills": (kills, 6), "ray": (ray, 6), "soak": (soak, 200),
}  # fmt: skip


def main() -> None:
    """Measure, print, and fail where something is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=[*PARTS], default=[*PARTS])
    parser.add_argument("--clips", type=int, help="how many, in place of the usual number of each part")
    asked = parser.parse_args()
    wrong = []
    for name in asked.only:
        part, usual = PARTS[name]
        if name == "ray" and not _HAS_RAY:
            print("ray: left out, as Ray is not installed")
            continue
        with tempfile.TemporaryDirectory() as scratch:
            if not part(Path(scratch), asked.clips or usual):
                wrong.append(name)
    if wrong:
        sys.exit(f"not as it should be: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
