"""Who works on a folder of results: one run at a time, in whatever process and on whatever machine.

A claim is a lock of the system's on a file that stays open (flock; on Windows LockFile), so that one whose owner died,
by whatever signal, is free at once: there is no number of a process to be checked and no age to be waited for. The
files lie beside the folders in `.claims`, and stay there: taking a lock's file away would let two have it.

On file systems in networks a claim is worth what their locks are. NFS from version 3 on (Linux 2.6.12), SMB, Lustre
with `-o flock` and CephFS keep them between machines, and free that of a machine that vanished when its lease ends;
NFS mounted with `local_lock=flock` or `nolock` and Lustre with `localflock` keep them within a machine alone. Where
there are no locks at all, filelock notes the owner in the file instead. Two runs that both have one folder cost time
alone: files appear whole or not at all, and both write the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CLAIMS = ".claims"


@contextmanager
def claimed(folder: Path, *, wait: bool = False) -> Iterator[bool]:
    """Keep others from a folder of results while the block lasts.

    Args:
        folder: It need not be there yet.
        wait: Whether to wait for whoever has it.

    Yields:
        Whether it is ours.

    Raises:
        OutputError: nothing can be written where the folder is.
    """
    from filelock import FileLock, Timeout

    from in_the_wild.files import make_writable

    claims = folder.parent / _CLAIMS
    make_writable(claims)
    lock = FileLock(claims / f"{folder.name}.lock")
    try:
        lock.acquire(blocking=wait)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()
