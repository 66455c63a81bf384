"""What poses need to know of the video that they were found in: its size, its rate, and the times of all its frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from in_the_wild.poses import Source
from in_the_wild.video.footage import Video
from in_the_wild.video.read import VideoReader


def source_of(video: str | Path | Video) -> Source:
    """A video as the source of poses; all of it is decoded, for headers lie about times and numbers of frames.

    Raises:
        VideoError: no such video, or one of which no picture can be decoded.
    """
    reader = VideoReader(video)
    times = np.array([frame.time for frame in reader.pictures(on_demand=True)])
    info = reader.info
    return Source(path=reader.video.name, width=info.width, height=info.height, fps=info.fps, timestamps=times)
