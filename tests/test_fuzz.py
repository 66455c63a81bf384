"""No file makes the program fail in a way that it should not: damaged ones of every kind end in one clear sentence.

Each group of kinds is damaged and read in a process of its own, with bounded memory; a process that dies has found
something. Every case is the same wherever and whenever it runs. More of them, for ten minutes:

    pytest tests/test_fuzz.py --fuzz-seconds 600
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fuzz_kinds import GROUPS

SUPPORT = Path(__file__).parent / "support"
# Of each group; seconds on a slow machine.
CASES = {
    "poses": 600,
    "keypoints": 1200,
    "weights": 240,
    "settings": 160,
    "motion capture": 400,
    "data sets": 400,
    "videos": 240,
}
# A process that dies again and again has nothing new to tell.
DEATHS = 5


def _lines(folder: Path, group: str, first: int, limit: str) -> Iterator[dict[str, Any]]:
    """What a worker tells, and at last how it ended."""
    command = [sys.executable, "-m", "fuzz_worker", str(folder), group, str(first), limit]
    environment = {**os.environ, "PYTHONPATH": str(SUPPORT)}
    with (folder / "complaints.txt").open("w+") as complaints:
        worker = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=complaints, text=True)
        assert worker.stdout is not None
        with worker:
            for line in worker.stdout:
                yield json.loads(line)
        complaints.seek(0)
        yield {"exit": worker.returncode, "complaints": complaints.read()[-500:]}


def _cases(folder: Path, group: str, limit: str) -> Iterator[dict[str, Any]]:
    """The end of every case; where a worker dies, another goes on behind the case that it died of."""
    begun: dict[str, Any] = {"case": -1, "kind": group}
    for _ in range(DEATHS):
        for line in _lines(folder, group, begun["case"] + 1, limit):
            if "outcome" in line:
                yield line
            elif "case" in line:
                begun = line
            elif line["exit"] == 0:
                return
            else:
                said = f"the process ended with {line['exit']}: {line['complaints']}"
                yield {**begun, "outcome": "other", "said": said}


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS)
def test_damaged_files_are_read_or_refused_in_one_sentence(
    group: str, tmp_path: Path, request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> None:
    seconds = request.config.getoption("--fuzz-seconds")
    limit = str(CASES[group]) if seconds is None else f"{seconds / len(GROUPS):.1f}s"
    outcomes: Counter[str] = Counter()
    others = []
    for case in _cases(tmp_path, group, limit):
        outcomes[case["outcome"]] += 1
        if case["outcome"] == "other":
            others.append(f"{case['kind']}, case {case['case']}: {case['said']}")
    counts = f"{outcomes.total()} cases, {outcomes['clear']} clear errors, {outcomes['read']} read"
    record_property("told", f"fuzz, {group}: {counts}, others: {len(others)}")
    assert outcomes.total() >= 20
    assert not others, "\n".join(others[:20])
