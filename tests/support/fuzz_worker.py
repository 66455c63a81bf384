"""Damages files of one group, has them read, and tells on its output what came of each; memory and time are bounded.

    python -m fuzz_worker FOLDER GROUP FIRST (COUNT | SECONDSs)

Every case is one line of JSON when it starts and one when it ends, so that whoever reads them knows which case a
process died of. The case alone decides what is damaged, and how.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
import time
import traceback
import warnings
from itertools import count
from pathlib import Path
from random import Random
from types import FrameType

import torch
from fuzz import damaged
from fuzz_kinds import GROUPS, Kind

from in_the_wild.errors import Pose3DError

# What a file of some hundred kilobytes may ask for, beyond what the program needs without it.
MEMORY = 1 << 30
# Of the processor, so that other work on the machine does not count.
SECONDS = 20.0
# Characters of an error, folders' names included, that somebody still reads.
LONGEST = 2000


class _TooLong(BaseException):
    """A case that does not come to an end."""


def _stop(number: int, frame: FrameType | None) -> None:
    raise _TooLong(f"did not end within {SECONDS:.0f} seconds of processor time")


def _bound_memory() -> None:
    status = Path("/proc/self/status")
    if status.exists():
        (used,) = (line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmSize:"))
        resource.setrlimit(resource.RLIMIT_AS, (int(used) * 1024 + MEMORY,) * 2)


def _where(error: BaseException) -> str:
    """The last place of our own code that an error went through."""
    ours = [
        f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
        if "in_the_wild" in frame.filename or "pose3d_cli" in frame.filename
    ]
    return ours[-1] if ours else "?"


def _try(kind: Kind, folder: Path, rng: Random) -> tuple[str, str]:
    """Damage one file, read, and put the file back.

    Returns:
        "read", "clear" or "other", and what was said.
    """
    files = sorted(path for path in folder.glob(kind.which) if path.is_file())
    path = rng.choice(files)
    sound = path.read_bytes()
    damage, content = damaged(sound, rng)
    path.write_bytes(content)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        kind.read(folder)
    except Pose3DError as error:
        said = str(error)
        if 0 < len(said) < LONGEST:
            return "clear", said
        return "other", f"{path.name} ({damage}): {len(said)} characters are no sentence: {said[:99]!r}"
    except (Exception, _TooLong) as error:
        return "other", f"{path.name} ({damage}): {type(error).__name__}: {str(error)[:200]} [{_where(error)}]"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        path.write_bytes(sound)
    return "read", ""


def main(folder: Path, group: str, first: int, limit: str) -> None:
    """Run cases until there were enough, or until the time is up."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    kinds = list(GROUPS[group].items())
    for name, kind in kinds:
        place = folder / name
        if not place.exists():
            place.mkdir(parents=True)
            kind.write(place)
            kind.read(place)  # a sample that is not sound would hide whatever damage does
    if sys.platform != "win32":
        signal.signal(signal.SIGPROF, _stop)
        _bound_memory()
    until = time.monotonic() + float(limit[:-1]) if limit.endswith("s") else None
    for number in count(first):
        if (number >= int(limit)) if until is None else (time.monotonic() > until):
            return
        name, kind = kinds[number % len(kinds)]
        print(json.dumps({"case": number, "kind": name}), flush=True)
        outcome, said = _try(kind, folder / name, Random(f"{name} {number}"))
        print(json.dumps({"case": number, "kind": name, "outcome": outcome, "said": said}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4])
