"""Claims: one owner at a time, and none that is dead."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from in_the_wild.batch.claims import claimed
from in_the_wild.errors import OutputError

_HOLD = """
import sys, time
from pathlib import Path
from in_the_wild.batch.claims import claimed
with claimed(Path(sys.argv[1])) as ours:
    print(ours, flush=True)
    time.sleep(600)
"""


def _owner(folder: Path) -> subprocess.Popen[str]:
    """Another process that has a folder."""
    owner = subprocess.Popen([sys.executable, "-c", _HOLD, str(folder)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    assert owner.stdout.readline() == "True\n"
    return owner


def test_a_folder_has_one_owner_at_a_time(tmp_path: Path) -> None:
    with claimed(tmp_path / "a") as first, claimed(tmp_path / "b") as other, claimed(tmp_path / "a") as second:
        assert (first, other, second) == (True, True, False)
    with claimed(tmp_path / "a") as again:
        assert again
    assert not (tmp_path / "a").exists(), "it is claimed, not made"


def test_an_owner_that_is_killed_has_nothing(tmp_path: Path) -> None:
    owner = _owner(tmp_path / "a")
    with claimed(tmp_path / "a") as ours:
        assert not ours
    owner.kill()
    owner.wait()
    with claimed(tmp_path / "a") as ours:
        assert ours


def test_waiting_ends_when_the_owner_does(tmp_path: Path) -> None:
    owner = _owner(tmp_path / "a")
    killer = subprocess.Popen(
        [sys.executable, "-c", f"import os, time; time.sleep(0.5); os.kill({owner.pid}, {int(signal.SIGKILL)})"]
    )
    began = time.monotonic()
    with claimed(tmp_path / "a", wait=True) as ours:
        assert ours
    assert 0.2 < time.monotonic() - began < 60
    killer.wait()
    owner.wait()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="whoever may write anywhere is refused nothing")
def test_where_nothing_can_be_written_nothing_is_claimed(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="cannot be written"), claimed(tmp_path / "a"):
        pass


def test_where_results_go_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError, match="cannot be written"), claimed(tmp_path / "out" / "a"):
        pass
