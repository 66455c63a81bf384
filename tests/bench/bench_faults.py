"""What goes wrong around a run, one fault after the other: `python tests/bench/bench_faults.py [FAULT ...]`.

Two short clips are run while something fails, and then again once it is mended. A try has

    lost   where the second run does not give the bytes of an undisturbed one, or leaves something half-written
    hung   where a run does not end in time
    told   how often the first run said so: once for each clip that gave nothing, by an exit code that fits

Disks are small file systems in memory, which root alone can mount; without root the faults that need them are left out.
Ends with exit code 1 where anything was lost or hung, or was not told once.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import web
from command_line import ROOT, START
from short_clips import made, make_clips

PATIENCE = 180.0  # seconds, on a machine that does other things too
# The smallest detector that comes along.
SETTINGS = ("--detector", "movenet")


@dataclass
class Row:
    """How often a fault was tried, and what came of it."""

    fault: str
    tries: int = 0
    lost: int = 0
    hung: int = 0
    told: list[int] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Nothing lost, nothing hung, everything told once."""
        return not self.lost and not self.hung and set(self.told) == {1}

    def __str__(self) -> str:
        told = "once" if set(self.told) == {1} else ", ".join(map(str, sorted(set(self.told)))) + " times"
        return f"{self.fault:<52} {self.tries:>5} {self.lost:>5} {self.hung:>5}   {told}"


@dataclass(frozen=True)
class Ran:
    """How a run ended: its exit code, None where it had to be killed, and what it complained of."""

    code: int | None
    said: str

    def errors(self, about: str = "") -> int:
        """How many errors were told that name something."""
        return sum(line.startswith("Error: ") and about in line for line in self.said.splitlines())


@dataclass(frozen=True)
class Bench:
    """Where faults are tried.

    Attributes:
        clips: The folder of the videos.
        whole: What an undisturbed run makes of them.
        scratch: An empty folder for one fault.
    """

    clips: Path
    whole: Mapping[str, str]
    scratch: Path


def start(inputs: object, out: Path, *more: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Begin a run in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", START, "run", str(inputs), "-o", str(out), *SETTINGS, *more],
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "1000", **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def ended(process: subprocess.Popen[str]) -> Ran:
    """Wait for a run, and end it where it does not end."""
    try:
        said = process.communicate(timeout=PATIENCE)[1]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return Ran(None, process.communicate()[1])
    return Ran(process.returncode, said)


def run(inputs: object, out: Path, *more: str, environment: Mapping[str, str] | None = None) -> Ran:
    """A run from beginning to end."""
    return ended(start(inputs, out, *more, environment=environment))


def is_whole(bench: Bench, out: Path) -> bool:
    """Whether a folder holds what an undisturbed run makes, and nothing else."""
    return made(out) == bench.whole


def half_written(out: Path) -> list[Path]:
    """Files that have no name yet."""
    return [path for path in out.rglob("*") if path.is_file() and (path.name.startswith(".") or ".part" in path.name)]


# --- the faults ------------------------------------------------------------------------------------------------------


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """A file system of so many bytes."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def remount(folder: Path, how: str) -> None:
    """Change a file system that is in use."""
    subprocess.run(["mount", "-o", f"remount,{how}", folder], check=True)


def disk_full(bench: Bench, row: Row) -> None:
    """The disk has room for so much of the results and no more, up to each file in turn and into its middle."""
    sample = bench.scratch / "sample"
    run(bench.clips, sample)
    sizes = [path.stat().st_size for path in sorted(sample.rglob("*"), key=lambda path: path.stat().st_mtime_ns)
             if path.is_file()]  # fmt: skip
    page, full = 4096, 0
    for size in sizes:
        for room in {full + page, full + size // 2 + page}:
            with small_disk(bench.scratch / "disk", room) as disk:
                first = run(bench.clips, disk / "out")
                left = half_written(disk)
                remount(disk, "size=64m")
                again = run(bench.clips, disk / "out")
                _count(row, [first, again], lost=bool(left) or not is_whole(bench, disk / "out"))
            # Where there was room for everything, nothing is to be told.
            told = [first.errors(f"/{clip.stem}/") for clip in _clips(bench)]
            row.told.append((max(told) or first.errors()) if first.code else 1)
        full += -(-size // page) * page


def _clips(bench: Bench) -> list[Path]:
    return sorted(bench.clips.iterdir())


def _count(row: Row, runs: list[Ran], *, lost: bool) -> None:
    row.tries += 1
    row.lost += lost
    row.hung += any(one.code is None for one in runs)


def killed(bench: Bench, row: Row, *, tries: int) -> None:
    """Everything is killed at a random moment, as by a power cut; what is left is finished by a second run."""
    chance = random.Random(0)
    began = time.monotonic()
    run(bench.clips, bench.scratch / "sample")
    lasts = time.monotonic() - began
    for number in range(tries):
        out = bench.scratch / f"out{number}"
        process = start(bench.clips, out)
        time.sleep(chance.uniform(0.1, 1.0) * lasts)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        again = run(bench.clips, out)
        _count(row, [again], lost=again.code != 0 or not is_whole(bench, out) or bool(half_written(out)))
        row.told.append(1)  # nobody is left who could tell


def read_only(bench: Bench, row: Row) -> None:
    """Results cannot be written where they should go."""
    with small_disk(bench.scratch / "disk", 1 << 26) as disk:
        remount(disk, "ro")
        first = run(bench.clips, disk / "out")
        remount(disk, "rw")
        again = run(bench.clips, disk / "out")
        _count(row, [first, again], lost=not is_whole(bench, disk / "out"))
    row.told.append(first.errors() if first.code == 1 else 0)


def read_only_source(bench: Bench, row: Row) -> None:
    """Videos lie where nothing can be written, as on a camera's card; that is no fault."""
    with small_disk(bench.scratch / "disk", 1 << 26) as disk:
        for clip in _clips(bench):
            shutil.copy(clip, disk)
        remount(disk, "ro")
        first = run(disk, bench.scratch / "out")
    # Where a video lies is told in its results.
    _count(row, [first], lost=first.code != 0 or made(bench.scratch / "out").keys() != bench.whole.keys())
    row.told.append(1 + first.errors())


def pipe(bench: Bench, row: Row) -> None:
    """A source that stalls: a pipe into which nobody writes, beside a video."""
    clips = _copied(bench, bench.scratch / "clips")
    os.mkfifo(clips / "camera.mp4")
    for named in (clips, f"{clips}/*.mp4"):
        first = run(named, bench.scratch / "out")
        _count(row, [first], lost=len(made(bench.scratch / "out")) != len(bench.whole))
        shutil.rmtree(bench.scratch / "out")
        # In a folder, what is no file is passed over; by a pattern it is meant.
        row.told.append(first.errors("camera.mp4") if named is not clips else 1)


def _copied(bench: Bench, folder: Path) -> Path:
    shutil.copytree(bench.clips, folder)
    return folder


def stalling_server(bench: Bench, row: Row, *, ends: bool) -> None:
    """A server that sends a part of a video, and then no more: it goes on saying nothing, or ends the connection."""
    data = _clips(bench)[0].read_bytes()
    for part in (0, len(data) // 3, len(data) - 100):
        with stingy(data, part, ends=ends) as address:
            out = bench.scratch / f"out{part}"
            (bench.scratch / "list.txt").write_text(f"{address}\n{_clips(bench)[1]}\n")
            first = run(f"@{bench.scratch}/list.txt", out)
        neighbour = _clips(bench)[1].stem
        done = {name: value for name, value in bench.whole.items() if name.startswith(neighbour)}
        _count(row, [first], lost=done.items() - made(out).items() != set() or bool(half_written(out)))
        row.told.append(first.errors("127.0.0.1") if first.code == 1 else 0)


@contextmanager
def stingy(data: bytes, part: int, *, ends: bool) -> Iterator[str]:
    """The address of a server that promises a file and sends only a part of it."""
    open_: list[socket.socket] = []

    def serve(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client = listening.accept()[0]
                client.recv(1 << 16)
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(data) + data[:part])
                client.close() if ends else open_.append(client)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/clip.mp4"
        for client in open_:
            client.close()


def slow_server(bench: Bench, row: Row) -> None:
    """A server that needs long, and sends everything; that is no fault."""
    with web.serving(bench.clips, pause=0.5) as server:
        first = run(f"{server.url}/{_clips(bench)[0].name}", bench.scratch / "out")
    _count(row, [first], lost=first.code != 0)
    row.told.append(1 + first.errors())


def changing_size(bench: Bench, row: Row, *, grows: bool) -> None:
    """A video becomes shorter, or longer, while it is read, and is what it was for the second run."""
    clips = _copied(bench, bench.scratch / "clips")
    changing = _clips(Bench(clips, {}, clips))[0]
    data = changing.read_bytes()
    began = time.monotonic()
    run(clips, bench.scratch / "sample")
    whole, lasts = made(bench.scratch / "sample"), time.monotonic() - began
    for number in range(8):
        out = bench.scratch / f"out{number}"
        process = start(clips, out)
        # Before it is claimed, and for a moment after, nobody has looked at it: what it is then is what is run.
        while process.poll() is None and not (out / ".claims" / f"{changing.stem}.lock").exists():
            time.sleep(0.01)
        time.sleep(lasts * 0.04 * (number + 1))
        changing.write_bytes(data + data if grows else data[: len(data) // 2])
        first = ended(process)
        changing.write_bytes(data)
        again = run(clips, out)
        _count(row, [first, again], lost=made(out) != whole or bool(half_written(out)))
        row.told.append(first.errors(changing.stem) if first.code else 1)


def clock_jumps(bench: Bench, row: Row) -> None:
    """The time of day jumps by hours, forwards and back, whenever somebody asks for it."""
    code = bench.scratch / "code"
    code.mkdir()
    (code / "sitecustomize.py").write_text(
        "import random, time\n"
        "def jumping(real=time.time, chance=random.Random(0)):\n    return real() + chance.uniform(-1e5, 1e5)\n"
        "time.time = jumping\n"
    )
    for number in range(3):
        out = bench.scratch / f"out{number}"
        first = run(bench.clips, out, environment={"PYTHONPATH": f"{code}{os.pathsep}{ROOT}"})
        _count(row, [first], lost=first.code != 0 or not is_whole(bench, out))
        row.told.append(1 + first.errors())


ROOT_ALONE: Mapping[str, Callable[[Bench, Row], None]] = {
    "disk full at each write": disk_full,
    "folder of results is read-only": read_only,
    "folder of videos is read-only (no fault)": read_only_source,
}
FAULTS: Mapping[str, Callable[[Bench, Row], None]] = {
    "everything killed at a random moment": partial(killed, tries=20),
    "source stalls: a pipe": pipe,
    "source stalls: a server falls silent": partial(stalling_server, ends=False),
    "network drops: a server hangs up": partial(stalling_server, ends=True),
    "network is slow (no fault)": slow_server,
    "source becomes shorter while it is read": partial(changing_size, grows=False),
    "source becomes longer while it is read": partial(changing_size, grows=True),
    "clock jumps (no fault)": clock_jumps,
}


def main() -> None:
    """Try the faults, print the table, and fail where something was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fault", nargs="*", help="parts of names; none tries all")
    asked = parser.parse_args().fault
    faults = {**(ROOT_ALONE if os.geteuid() == 0 else {}), **FAULTS}
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        clips, out = Path(folder) / "clips", Path(folder) / "out"
        make_clips(clips, 2)
        assert run(clips, out).code == 0
        print(f"{'fault':<52} {'tries':>5} {'lost':>5} {'hung':>5}   told")
        for name, fault in faults.items():
            if asked and not any(part in name for part in asked):
                continue
            scratch = Path(folder) / f"fault{len(rows)}"
            scratch.mkdir()
            rows.append(Row(name))
            fault(Bench(clips, made(out), scratch), rows[-1])
            print(rows[-1], flush=True)
    if not all(row.passed for row in rows):
        sys.exit("a fault did harm")


if __name__ == "__main__":
    main()
