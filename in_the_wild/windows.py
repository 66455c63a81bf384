"""Which frames stand in the windows of a sequence."""

from __future__ import annotations

import numpy as np

from in_the_wild.errors import InputError


def centred(count: int, *, frames: int, tds: int = 1) -> np.ndarray:
    """One window around every frame of a sequence; both ends repeat the first and last frame.

    The rule of P-STMO's `generator_tds.py` (frames t - pad * tds, ..., t, ..., t + pad * tds), except that sequences
    shorter than a window are padded on both sides, where the authors' windows come out too short.

    Args:
        count: Length of the sequence.
        frames: T, odd.
        tds: Temporal downsampling stride: frames of the sequence from one window frame to the next.

    Returns:
        (count, T) indices into the sequence.

    Raises:
        InputError: an even window, or numbers below one.
    """
    if frames < 1 or frames % 2 == 0 or tds < 1 or count < 1:
        raise InputError(
            f"Windows need an odd number of frames, a stride and a sequence of at least 1; "
            f"found frames {frames}, tds {tds}, sequence {count}."
        )
    offsets = (np.arange(frames) - frames // 2) * tds
    return np.clip(np.arange(count)[:, None] + offsets, 0, count - 1)


def consecutive(count: int, *, frames: int) -> np.ndarray:
    """Windows side by side for networks that answer for every frame.

    The last window ends with the sequence and so overlaps the one before (MixSTE `run.py`); a sequence shorter than a
    window is padded with its last frame.

    Returns:
        (ceil(count / T), T) indices into the sequence.
    """
    if frames < 1 or count < 1:
        raise InputError(f"Windows and sequences have at least one frame, found {frames} and {count}.")
    starts = np.minimum(np.arange(0, count, frames), max(0, count - frames))
    return np.minimum(starts[:, None] + np.arange(frames), count - 1)
