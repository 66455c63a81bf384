"""One small picture of a clip, for the page of its batch: from the middle of its film, or else of its video."""

from __future__ import annotations

from pathlib import Path

import cv2

from in_the_wild.files import whole_file
from in_the_wild.leftovers import POSTER
from in_the_wild.video.footage import Video
from in_the_wild.video.pictures import jpeg
from in_the_wild.video.probe import probe
from in_the_wild.video.read import VideoReader

_WIDTH, _QUALITY = 480, 80  # pixels; of JPEG
_SHORTEST = 0.5  # seconds of a film that has a middle
_FILM = "overlay"  # what films are called, whatever their kind


def make(folder: Path, video: Video | None) -> None:
    """Write the picture into a clip's folder of results.

    Args:
        folder: It may hold a film.
        video: What the clip was read from, if it was one and lies on this machine.

    Raises:
        Pose3DError: nothing can be read, or written.
    """
    films = sorted(folder.glob(f"{_FILM}.*"))
    shown = Video(films[0]) if films else video
    if shown is None:
        return
    image = next(iter(VideoReader(_from_the_middle(shown)))).image
    height = max(1, round(image.shape[0] * _WIDTH / image.shape[1]))
    small = cv2.resize(image, (_WIDTH, height), interpolation=cv2.INTER_AREA)
    with whole_file(folder / POSTER) as file:
        file.write(jpeg(small, _QUALITY))


def _from_the_middle(video: Video) -> Video:
    """The second half of a film; all of what has no half."""
    info = probe(video)
    if info.is_picture or info.duration is None:
        return video
    first = video.start or 0.0
    last = min(info.duration, video.end or info.duration)
    return video.replace(start=(first + last) / 2) if last - first > _SHORTEST else video
