"""How many threads this process computes with: all cores, unless it shares them with others.

It knows nothing about who the others are.
"""

from __future__ import annotations

import os

_limit: int | None = None


def allowed() -> int:
    """How many threads may compute at a time: as many as there are cores for this process, unless `limit` said less."""
    if _limit is not None:
        return _limit
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def limited() -> int:
    """The same, as codecs and runtimes take it: 0 where they may choose, as nobody said less."""
    return _limit or 0


def limit(count: int) -> None:
    """From now on, compute with so many threads: torch, OpenCV, BLAS, and whatever asks."""
    global _limit
    _limit = count
    import cv2
    import torch
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(count)
    cv2.setNumThreads(count)
    threadpool_limits(count)  # holds until another says otherwise
