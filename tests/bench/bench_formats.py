"""An hour of 30 frames a second in every format: `python tests/bench/bench_formats.py [FORMAT ...]`.

Prints for one person and for two the seconds of a processor for writing (and reading, where a format is read), the
size of the files, and the most memory that the process took beyond the poses themselves. Each format is written and
read by a process of its own. Ends with exit code 1 where an hour of one person takes more to write than the goals.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from moving_bodies import person
from peak_memory import KILOBYTES

from in_the_wild import formats
from in_the_wild.poses import Poses

RATE, SECONDS = 30, 3600
GOAL_SECONDS, GOAL_MEGABYTES = 30.0, 600.0  # of writing one person's hour

_WRITE = f"""
import sys, time
from pathlib import Path
from in_the_wild import formats
source, target, spec = sys.argv[1:]
poses = formats.read(source)
before = {KILOBYTES}
began = time.process_time()
files = poses.save(target, spec)
took = time.process_time() - began
print(took, ({KILOBYTES} - before) / 1024, sum(file.stat().st_size for file in files) / 1e6, files[0], sep="\\t")
"""
_READ = f"""
import sys, time
from in_the_wild import formats
import numpy, scipy.interpolate
before = {KILOBYTES}
began = time.process_time()
formats.read(sys.argv[1], sys.argv[2])
print(time.process_time() - began, ({KILOBYTES} - before) / 1024, sep="\\t")
"""


def hour(people: int) -> Poses:
    """So many people, seen in every frame of an hour."""
    seconds = np.arange(RATE * SECONDS) / RATE
    every = np.arange(len(seconds))
    return Poses.join([person(seconds, who=who, frames=every, seed=who) for who in range(people)])


def measured(program: str, *arguments: str) -> list[str]:
    """What a program prints, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False)
    return done.stdout.split("\t") if done.returncode == 0 else [done.stderr.strip().splitlines()[-1]]


def main(wanted: list[str]) -> bool:
    """Print the table; whether every format is within the goals."""
    within = True
    specs = wanted or [name for name in formats.names() if formats.load(name).writes]
    print(f"{'people':>6}  {'format':24} {'write s':>8} {'peak MB':>8} {'file MB':>8} {'read s':>8} {'peak MB':>8}")
    for people in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "hour.npz"
            hour(people).save(source)
            for spec in specs:
                kind = formats.load(spec.partition(":")[0])
                written = measured(_WRITE, str(source), f"{folder}/out{kind.suffixes[0]}", spec)
                if len(written) == 1:
                    print(f"{people:6}  {spec:24} {written[0]}")
                    continue
                took, peak, size, file = written
                within &= people > 1 or (float(took) <= GOAL_SECONDS and float(peak) <= GOAL_MEGABYTES)
                said = f"{spec},size=1280x720" if ":" in spec else f"{spec}:size=1280x720"
                read = measured(_READ, file.strip(), said if kind.name() == "csv" else spec) if kind.reads else ["", ""]
                numbers = "".join(f" {float(one):8.1f}" if one.strip() else " " * 9 for one in (took, peak, size))
                back = "".join(f" {float(one):8.1f}" for one in read) if len(read) == 2 and read[0] else f" {read[0]}"
                print(f"{people:6}  {spec:24}{numbers}{back}", flush=True)
    return within


if __name__ == "__main__":
    sys.exit(not main(sys.argv[1:]))
