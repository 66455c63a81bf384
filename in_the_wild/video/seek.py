"""Where decoding has to begin for the pictures from a time on: found by trying, so that none of them is lost.

What a file says of its key pictures can be wrong, and some formats know only bytes. So the place that a file leads to
is believed when a picture from before that time can be decoded there; otherwise one further back is tried.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av.error

from in_the_wild.video.container import decode, open_video, picture_stream, stamp
from in_the_wild.video.damage import Ledger

# Formats whose pictures have times of their own, by which they can be found.
_WITH_TIMES = {"mov", "matroska", "mpegts"}
_STEPS_BACK = (0.0, 2.0, 8.0, 30.0)  # seconds


def entry(path: Path, stream_number: int, time: Fraction) -> int | None:
    """The time to seek to for the pictures from `time` on, in the stream's time base; None for the file's beginning.

    Args:
        path: the file.
        stream_number: which of its streams of pictures.
        time: seconds on the file's own clock.
    """
    with open_video(path) as container:
        stream = picture_stream(container, path, stream_number)
        if not _WITH_TIMES & set(container.format.name.split(",")) or stream.time_base is None:
            return None
        stream.thread_type = "SLICE"  # one picture is enough
        for back in _STEPS_BACK:
            place = int((time - Fraction(back)) / stream.time_base)
            try:
                container.seek(place, stream=stream)
            except av.error.FFmpegError:
                return None
            first = next(decode(container.demux(stream), stream, Ledger(container, stream, path)), None)
            shown = None if first is None or first.is_corrupt else stamp(first)
            if shown is not None and shown <= time:
                return place
    return None
