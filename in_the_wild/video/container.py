"""A video file as PyAV sees it: opening it, its stream of pictures, decoding what can be decoded of it.

Knows nothing about what the pictures are for, nor how they are turned and coloured.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import av.container
import av.error

from in_the_wild.errors import VideoError


@dataclass
class Damage:
    """What went wrong while a file was read, and where the last packet of it ended."""

    packets: int = 0
    broke_off: bool = False
    lost_the_last: bool = False  # pictures that the decoder still held
    end: Fraction = field(default_factory=Fraction)  # seconds on the file's own clock


def open_video(path: Path) -> av.container.InputContainer:
    """Open a file for decoding, or say in one sentence why it cannot be."""
    expected = "Expected a video file (MP4, MOV, MKV, WebM, AVI ...), but"
    if path.is_dir():
        raise VideoError(f"{expected} {path} is a folder; name a file in it.")
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except FileNotFoundError:
        raise VideoError(f"{expected} there is no file {path}; check the name and the folder.") from None
    except OSError as error:
        raise VideoError(f"{expected} {path} cannot be read ({error.strerror}); check its permissions.") from error
    if not head:
        raise VideoError(f"{expected} {path} is empty (0 bytes); copy or download it again.")
    try:
        # "file:" keeps libav from taking a colon in a name for a protocol.
        return av.open(f"file:{path}", metadata_errors="replace")
    except av.error.FFmpegError as error:
        if head[4:8] == b"ftyp":
            raise VideoError(
                f"{expected} {path} is an incomplete MP4: its index (the moov atom, often the last thing written) is "
                "missing or damaged, as after a recording or a download that was cut off; get the whole file again."
            ) from error
        raise VideoError(f"{expected} {path} is in no format that is known; check that it is a video.") from error


def picture_stream(container: av.container.InputContainer, path: Path) -> av.VideoStream:
    """The video stream of a file; the cover picture of a song is not one."""
    cover = av.stream.Disposition.attached_pic
    streams = [stream for stream in container.streams.video if not stream.disposition & cover]
    if not streams:
        found = "holds sound alone" if container.streams.audio else "holds no pictures"
        raise VideoError(f"Expected a video, but {path} {found}; give a file with pictures.")
    if streams[0].codec_context is None:
        raise VideoError(f"Expected a video, but {path} is in an encoding that is not known; convert it to H.264 MP4.")
    return streams[0]


def decode(packets: Iterator[av.Packet], stream: av.VideoStream, damage: Damage) -> Iterator[av.VideoFrame]:
    """Decode what can be decoded of a stream, in the order of display, and note what cannot."""
    while True:
        try:
            packet = next(packets, None)
        except (av.error.FFmpegError, OSError):
            damage.broke_off = True
            packet = None
        if packet is not None:
            time = packet.pts if packet.pts is not None else packet.dts
            if time is not None and packet.time_base is not None:
                damage.end = max(damage.end, (time + (packet.duration or 0)) * packet.time_base)
            if packet.stream.index != stream.index:
                continue
            # A transport stream is marked so after each disturbance; elsewhere it is half a packet at the file's end.
            if packet.is_corrupt and "mpegts" not in stream.container.format.name:
                damage.broke_off = True
                continue
        try:
            yield from stream.decode(packet)
        except av.error.EOFError:  # the demuxer's own last, empty packet has already drained the decoder
            return
        except av.error.FFmpegError:
            damage.packets += 1
            damage.lost_the_last |= packet is None or packet.size == 0
        if packet is None:
            return


def stamp(picture: av.VideoFrame) -> Fraction | None:
    """When a picture is shown, in seconds on the file's own clock; None where the file does not say."""
    return None if picture.pts is None or picture.time_base is None else picture.pts * picture.time_base
