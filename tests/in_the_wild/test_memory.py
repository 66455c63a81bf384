"""Freed memory is kept: what is made over and over in a process of its own is not fetched anew every time."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from command_line import ROOT

PIECES = 40
CODE = f"""
import resource, sys
import numpy as np
from in_the_wild import memory
memory.keep_freed()
np.ones(8 << 20, np.uint8)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range({PIECES}):
    one = np.ones(8 << 20, np.uint8)
    other = np.ones(8 << 20, np.uint8)
    del one, other
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(**environment: str) -> int:
    """Pages fetched by a process that makes and forgets pieces of 8 MB."""
    unsaid = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        env={**unsaid, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


@pytest.mark.skipif(not os.confstr("CS_GNU_LIBC_VERSION"), reason="needs glibc")
def test_pieces_are_fetched_once_unless_the_user_has_said_otherwise() -> None:
    assert faults(MALLOC_MMAP_THRESHOLD_="131072") > PIECES / 4 * faults()
