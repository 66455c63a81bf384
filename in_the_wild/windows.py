"""Which frames stand in the windows of a sequence."""

from __future__ import annotations

import numpy as np

from in_the_wild.errors import InputError


def centred(count: int, *, frames: int, tds: int = 1, output_frame: int | None = None) -> np.ndarray:
    """One window around every frame of a sequence; both ends repeat the first and last frame.

    The rule of P-STMO's `generator_tds.py` (frames t - pad * tds, ..., t, ..., t + pad * tds), except that sequences
    shorter than a window are padded on both sides, where the authors' windows come out too short.

    Args:
        count: Length of the sequence.
        frames: T, odd.
        tds: Temporal downsampling stride: frames of the sequence from one window frame to the next.
        output_frame: Where in its window the frame stands; None puts it in the middle, T - 1 makes causal windows.

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
    offsets = (np.arange(frames) - (frames // 2 if output_frame is None else output_frame)) * tds
    return np.clip(np.arange(count)[:, None] + offsets, 0, count - 1)


def consecutive(count: int, *, frames: int, step: int | None = None) -> np.ndarray:
    """Windows one after the other for networks that answer for every frame.

    The last window ends with the sequence and so overlaps the one before (MixSTE `run.py`); a sequence shorter than a
    window is padded with its last frame.

    Args:
        count: Length of the sequence.
        frames: T.
        step: Frames from one window's start to the next one's; None puts them side by side.

    Returns:
        (W, T) indices into the sequence.

    Raises:
        InputError: numbers below one, or a step that leaves frames between two windows.
    """
    step = frames if step is None else step
    if frames < 1 or count < 1 or not 1 <= step <= frames:
        raise InputError(
            f"Windows and sequences have at least one frame and steps are within a window, "
            f"found frames {frames}, sequence {count}, step {step}."
        )
    last = max(0, count - frames)
    starts = np.unique(np.minimum(np.arange(0, last + step, step), last))
    return np.minimum(starts[:, None] + np.arange(frames), count - 1)


def chunks(count: int, *, frames: int, before: int = 0, after: int = 0) -> np.ndarray:
    """Windows side by side that training is cut from: what they reach beyond a sequence is shared by both its ends.

    Both ends repeat the first and last frame; of an odd number, the last frame is repeated once more (MixSTE
    `common/generators.py`, ChunkedGenerator_Seq; with frames before and after, VideoPose3D's ChunkedGenerator).

    Args:
        count: Length of the sequence.
        frames: T.
        before: Frames that each window reaches back into the one before.
        after: Frames that it reaches on.

    Returns:
        (ceil(count / T), before + T + after) indices into the sequence.

    Raises:
        InputError: numbers below one, or a negative reach.
    """
    if frames < 1 or count < 1 or before < 0 or after < 0:
        raise InputError(
            f"Windows and sequences have at least one frame, found {frames} and {count}; "
            f"and they reach no less than 0 frames on, found {before} and {after}."
        )
    return np.clip(chunk_starts(count, frames=frames)[:, None] + np.arange(-before, frames + after), 0, count - 1)


def chunk_starts(count: int, *, frames: int) -> np.ndarray:
    """Where the windows of `chunks` begin: (ceil(count / T),), the first before the sequence where they reach on."""
    return np.arange(0, count, frames) - (-count % frames) // 2


def trailing(count: int, *, frames: int, step: int, tds: int = 1) -> np.ndarray:
    """The windows that STCFormer is trained on: one for every `step` frames, which are its last, after older ones.

    A sequence is cut into pieces of `step` frames as `chunks` cuts it. The window's middle frame stands frames // 2
    before a piece's last one, whatever the tds; a step of 1 gives windows centred on their frame (STCFormer
    `common/generator_tds.py`, where windows that reach beyond both ends come out too short; here both are padded).

    Args:
        count: Length of the sequence.
        frames: T, odd.
        step: Frames from one window to the next one.
        tds: Temporal downsampling stride.

    Returns:
        (ceil(count / step), T) indices into the sequence; both ends repeat the first and last frame.

    Raises:
        InputError: an even window, or numbers below one.
    """
    if step < 1 or frames % 2 == 0 or min(frames, tds, count) < 1:
        raise InputError(
            f"Windows need an odd number of frames, a step, a stride and a sequence of at least 1; "
            f"found frames {frames}, step {step}, tds {tds}, sequence {count}."
        )
    middles = trailing_middles(count, frames=frames, step=step)
    return np.clip(middles[:, None] + (np.arange(frames) - frames // 2) * tds, 0, count - 1)


def trailing_middles(count: int, *, frames: int, step: int) -> np.ndarray:
    """Where the middle frames of `trailing` windows stand: (ceil(count / step),), the first before the sequence."""
    last = chunk_starts(count, frames=step) + step - 1
    return last if step == 1 else last - frames // 2


def consecutive_whole(count: int, *, frames: int, step: int) -> np.ndarray:
    """Windows one after the other as MixSynthFormer's authors cut them, to compare with their numbers.

    Frames after the last whole window are in none. A sequence shorter than a window gets one that reaches beyond its
    end, where the authors put zeros.

    Args:
        count: Length of the sequence.
        frames: T.
        step: Frames from one window's start to the next one's.

    Returns:
        (W, T) indices into the sequence, from 0, step, 2 * step, ...; beyond its end only if it is too short.

    Raises:
        InputError: numbers below one.
    """
    if min(count, frames, step) < 1:
        raise InputError(
            f"Windows, steps and sequences have at least one frame, found frames {frames}, step {step}, "
            f"sequence {count}."
        )
    return np.arange(0, max(0, count - frames) + 1, step)[:, None] + np.arange(frames)


def blend(frames: int) -> np.ndarray:
    """How much each frame's answer counts where windows overlap: (T,), a triangle that never reaches 0.

    A window knows both past and future of its middle, and little beyond its ends.
    """
    return 1 - np.abs(np.arange(frames) - (frames - 1) / 2) / ((frames + 1) / 2)
