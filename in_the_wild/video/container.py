"""A video file as PyAV sees it: opening it, its stream of pictures, decoding what can be decoded of it.

Knows nothing about what the pictures are for, nor how they are turned and coloured.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import IO

import av
import av.container
import av.error

from in_the_wild.errors import VideoError, printable
from in_the_wild.video.damage import Ledger
from in_the_wild.video.tiles import is_in_tiles, put_together

# The formats that are read: films, streams of pictures, single pictures, and sound, to tell that it is no more. What
# libav calls a format also opens others: playlists and sequences name further files, even in the network.
FORMATS = (
    "3dostr 4xm aa aac ac3 aiff amr ape apng asf au av1 avi avs avs2 avs3 bfi bink bmp_pipe caf cavsvideo cdxl cine "
    "dds_pipe dhav dirac dnxhd dpx_pipe dts dv dxa eac3 exr_pipe film_cpk flac flic flv gif gif_pipe gxf h261 h263 "
    "h264 hdr_pipe hevc iamf ico ipu ivf ivr j2k_pipe jpeg_pipe jpegls_pipe jpegxl_pipe jv kux live_flv loas lxf "
    "m4v matroska mjpeg mjpeg_2000 mlv mov mp3 mpc mpc8 mpeg mpegts mpegvideo mpjpeg mv mxf mxg nsv nut nuv obu ogg "
    "pam_pipe pbm_pipe pcx_pipe pgm_pipe png_pipe pnm_pipe ppm_pipe psd_pipe pva qoi_pipe r3d rl2 rm roq sgi_pipe "
    "smjpeg smk sunrast_pipe swf tak thp tiff_pipe tta ty vc1 vc1test vividas vivo vvc w64 wav wc3movie webp_anim "
    "webp_pipe wtv wv xmv xwd_pipe yop yuv4mpegpipe"
)
MOST_PIXELS = 1 << 26  # 8192 x 8192; a header that claims more is damaged, and would have gigabytes set aside

# For libav and ffmpeg alike: one file, the one that is named, in a format that holds its pictures itself.
OPENING = {"format_whitelist": ",".join(FORMATS.split()), "protocol_whitelist": "file"}
_EXPECTED = "Expected a video file (MP4, MOV, MKV, WebM, AVI ...), but"
_DECODING = {"max_pixels": str(MOST_PIXELS)}


@contextmanager
def open_video(path: Path) -> Iterator[av.container.InputContainer]:
    """Open a file for decoding while the block lasts, or say in one sentence why it cannot be.

    libav is handed the open file, not its name: no name is taken for a protocol or a pattern of names.

    Raises:
        VideoError: it is no file, cannot be read, or is in no format that is known.
    """
    name = printable(path)
    with _opened(path) as file:
        head = file.read(12)
        file.seek(0)
        if not head:
            raise VideoError(f"{_EXPECTED} {name} is empty (0 bytes); copy or download it again.")
        try:
            container: av.container.InputContainer = av.open(
                file, "r", metadata_errors="replace", container_options=OPENING, options=_DECODING
            )
        except (av.error.FFmpegError, MemoryError) as error:
            if head[4:8] == b"ftyp":
                raise VideoError(
                    f"{_EXPECTED} {name} is an incomplete MP4: its index (the moov atom, often the last thing written) "
                    "is missing or damaged, as after a recording or a download that was cut off; get the whole file "
                    "again."
                ) from error
            raise VideoError(f"{_EXPECTED} {name} is in no format that is known; check that it is a video.") from error
        with container:
            if not is_in_tiles(container):
                yield container
                return
        with av.open(io.BytesIO(put_together(path, OPENING)), "r", options=_DECODING) as photograph:
            yield photograph


def _opened(path: Path) -> IO[bytes]:
    """A regular file, open for reading."""
    name = printable(path)
    try:
        # A pipe that nobody writes to would be waited for without end.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise VideoError(f"{_EXPECTED} there is no file {name}; check the name and the folder.") from None
    except (OSError, ValueError) as error:  # a name with a zero byte is a ValueError
        if path.is_dir():
            raise VideoError(f"{_EXPECTED} {name} is a folder; name a file in it.") from None
        reason = getattr(error, "strerror", None) or error
        raise VideoError(f"{_EXPECTED} {name} cannot be read ({reason}); check its name and permissions.") from error
    kind = os.fstat(handle).st_mode
    if not stat.S_ISREG(kind):
        os.close(handle)
        what = "a folder; name a file in it" if stat.S_ISDIR(kind) else "a pipe or a device; save it to a file first"
        raise VideoError(f"{_EXPECTED} {name} is {what}.")
    return os.fdopen(handle, "rb", buffering=0)


def picture_stream(container: av.container.InputContainer, path: Path, number: int = 0) -> av.VideoStream:
    """A video stream of a file, counted from 0; the cover picture of a song is not one."""
    cover = av.stream.Disposition.attached_pic
    streams = [stream for stream in container.streams.video if not stream.disposition & cover]
    name = printable(path)
    if not streams:
        found = "holds sound alone" if container.streams.audio else "holds no pictures"
        raise VideoError(f"Expected a video, but {name} {found}; give a file with pictures.")
    if number >= len(streams):
        there = ", ".join(f"{index} ({stream.width}x{stream.height})" for index, stream in enumerate(streams))
        raise VideoError(f"{name} has no stream of pictures {number}; choose one that it has: {there}.")
    if streams[number].codec_context is None:
        raise VideoError(f"Expected a video, but {name} is in an encoding that is not known; convert it to H.264 MP4.")
    return streams[number]


def decode(packets: Iterator[av.Packet], stream: av.VideoStream, ledger: Ledger) -> Iterator[av.VideoFrame]:
    """Decode what can be decoded of a stream, in the order of display, and note what cannot."""
    while True:
        try:
            packet = next(packets, None)
        except (av.error.FFmpegError, OSError):
            ledger.broke_off = True
            packet = None
        except IndexError:  # PyAV's, at the end of a file in which a stream came up that its header does not name
            packet = None
        if packet is not None:
            ledger.read(packet)
            if packet.stream.index != stream.index:
                continue
            if not packet.size and packet.pts is not None:
                ledger.repeats(packet)
                continue
            # A transport stream is marked so after each disturbance; elsewhere it is half a packet at the file's end.
            if packet.is_corrupt and "mpegts" not in stream.container.format.name:
                ledger.broke_off = True
                continue
        try:
            for picture in stream.decode(packet):
                ledger.gave(picture)
                yield picture
        except av.error.EOFError:  # the demuxer's own last, empty packet has already drained the decoder
            return
        except av.error.FFmpegError:
            ledger.failed(packet)
        if packet is None:
            return


def stamp(picture: av.VideoFrame) -> Fraction | None:
    """When a picture is shown, in seconds on the file's own clock; None where the file does not say."""
    return None if picture.pts is None or picture.time_base is None else picture.pts * picture.time_base
