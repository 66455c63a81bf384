"""Memory that was freed, kept for what comes next.

Pictures, and the arrays between a network's layers, have some megabytes each. The C library of Linux gives such a piece
back to the system as soon as it is freed, and fetches every page of the next one anew: a tenth of the time of reading
720p, and as much of lifting.

It knows nothing about what the memory is for.
"""

from __future__ import annotations

import ctypes
import os
import sys

# Of glibc's mallopt.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_PIECE, _UNUSED = 64 << 20, 128 << 20  # bytes up to which a piece is kept, and of all that is kept unused


def keep_freed() -> None:
    """From now on, keep memory that is freed, within limits, unless the user has told the C library how."""
    if not sys.platform.startswith("linux") or any(name.startswith("MALLOC_") for name in os.environ):
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):  # musl has none
        library.mallopt(_MMAP_THRESHOLD, _PIECE)
        library.mallopt(_TRIM_THRESHOLD, _UNUSED)
