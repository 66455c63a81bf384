"""A film in a network, copied into a file packet by packet: once, and no more of it than is read.

So the detector and the film of the result see the same pictures, whatever comes of the network meanwhile, and also of a
camera, which shows nothing twice. Nothing is decoded but the first picture, whose time all others are counted from.
A file that lies in a store is copied as it is.
"""

from __future__ import annotations

import dataclasses
import itertools
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import av.container
import av.error
import av.stream

from in_the_wild import stores
from in_the_wild.errors import VideoError
from in_the_wild.video.container import FORMATS, picture_stream, stamp
from in_the_wild.video.footage import Address, Video

# Playlists and cameras name further addresses; none of them may be a file of this machine.
_OPENING = {
    "format_whitelist": ",".join((*FORMATS.split(), "hls", "rtsp", "rtp", "sdp")),
    "protocol_whitelist": "http,https,httpproxy,tls,tcp,udp,rtp,rtsp,crypto",
}
_PATIENCE = 15.0  # seconds without a byte, after which an address is given up
_STEPS_BACK = (0.0, 5.0, 30.0)  # seconds from the start, to find a key picture before it
_BEHIND = 1  # seconds after the end, until which packets of another stream may come that belong before it
# What recordings are stored as, by what they come in: a container of the same family keeps times and turns as they are.
_CONTAINERS = {"mov": ".mov", "matroska": ".mkv", "mpegts": ".ts", "hls": ".ts"}
_ANY_CONTAINER = ".nut"

Told = Callable[[int], None]
Streams = Sequence[av.VideoStream | av.AudioStream]


def _silent(packets: int) -> None:
    """Nobody listens."""


@contextmanager
def at_hand(video: Video, *, told: Told = _silent) -> Iterator[Video]:
    """A video that can be read again and again while the block lasts; one of a file is that already.

    Args:
        video: what is to be read.
        told: called from time to time with how many pictures have come from the network.

    Raises:
        VideoError: the address gives no film, or not within 15 seconds, or one without an end of which all is wanted.
    """
    if not isinstance(video.footage, Address) or video.footage.recording is not None:
        yield video
        return
    with tempfile.TemporaryDirectory(prefix="pose3d") as folder:
        gotten = _copied if video.footage.in_store else _recorded
        yield video.replace(source=gotten(video.footage, video, Path(folder), told))


def _copied(address: Address, video: Video, folder: Path, told: Told) -> Address:
    """The address with a copy of its file, bytes for bytes."""
    told(0)
    path = folder / address.name
    stores.fetch(address.url, path)
    return dataclasses.replace(address, recording=path, stream=video.stream)


def _recorded(address: Address, video: Video, folder: Path, told: Told) -> Address:
    """The address with the file that now holds what is read of it."""
    with connected(address) as container:
        stream = picture_stream(container, address.path, video.stream)
        if video.end is None and container.duration is None and container.size <= 0:
            raise VideoError(f"{address} does not say where it ends, as a camera; say how much is taken: --end 30.")
        if container.format.name.endswith("_pipe"):
            return _picture(address, container, folder)
        streams: Streams = (stream, *(track for track in container.streams.audio if track.codec_context is not None))
        _leave_out(container, streams)
        coming = _dated(container.demux(*streams))
        head, origin = _until_the_first_picture(coming, stream)
        if origin is None:
            raise VideoError(f"Not one picture of {address} can be decoded; save the video to a file and give that.")
        if video.start and container.duration is not None:
            head, coming = _from(container, stream, streams, origin + Fraction(video.start))
        path = folder / f"recording{_suffix(container)}"
        end = None if video.end is None else origin + Fraction(video.end)
        first = _copy(_until(itertools.chain(head, coming), end), streams, path, told)
    if first is None:
        return dataclasses.replace(address, recording=path)
    # Whatever clock the recording has, its first packet keeps its distance from the film's first picture.
    return dataclasses.replace(address, recording=path, origin=origin + _first_time(path) - first)


def _picture(address: Address, container: av.container.InputContainer, folder: Path) -> Address:
    """A single picture, whose file is one packet after the other and nothing else."""
    path = folder / "recording"
    with path.open("wb") as file:
        for packet in container.demux():
            file.write(bytes(packet))
    return dataclasses.replace(address, recording=path)


@contextmanager
def connected(address: Address) -> Iterator[av.container.InputContainer]:
    """An address, open for reading; what goes wrong in the network while the block lasts becomes one sentence."""
    options = {"rtsp_flags": "prefer_tcp"} if address.url.startswith("rtsp") else {}
    began, opened = time.monotonic(), False
    try:
        with av.open(
            address.url, "r", metadata_errors="replace", timeout=_PATIENCE, container_options=_OPENING | options
        ) as container:
            opened = True
            yield container
    except (av.error.FFmpegError, OSError) as error:
        # Some protocols give another reason when they are interrupted.
        if isinstance(error, av.error.ExitError) or (not opened and time.monotonic() - began > _PATIENCE):
            raise VideoError(
                f"{address} sent nothing for {_PATIENCE:g} seconds; check the address and the network, and try again."
            ) from error
        reason = getattr(error, "strerror", None) or error
        raise VideoError(
            f"{address} cannot be read ({reason}); check the address, or save the video to a file and give that."
        ) from error


def _leave_out(container: av.container.InputContainer, wanted: Streams) -> None:
    """Have no other streams loaded, such as the other qualities of a playlist."""
    if hasattr(av.stream, "Discard"):  # from PyAV 17 on
        for other in container.streams:
            if other not in wanted:
                other.discard = av.stream.Discard.all


def _suffix(container: av.container.InputContainer) -> str:
    """The ending of a file that holds what comes in such a container."""
    formats = container.format.name.split(",")
    return next((_CONTAINERS[name] for name in formats if name in _CONTAINERS), _ANY_CONTAINER)


def _until_the_first_picture(
    coming: Iterator[av.Packet], stream: av.VideoStream
) -> tuple[list[av.Packet], Fraction | None]:
    """The packets until one gives a picture, and when that is shown; 0 where it has no time, None without a picture."""
    head = []
    for packet in coming:
        head.append(packet)
        if packet.stream.index == stream.index and (pictures := stream.decode(packet)):
            return head, stamp(pictures[0]) or Fraction(0)
    held = stream.decode(None)  # of a very short film the decoder gives nothing before its end
    return head, (stamp(held[0]) or Fraction(0)) if held else None


def _from(
    container: av.container.InputContainer, stream: av.VideoStream, streams: Streams, start: Fraction
) -> tuple[list[av.Packet], Iterator[av.Packet]]:
    """The packets from a key picture before the start on: those until it has come, and those that follow."""
    assert stream.time_base is not None
    for back in (*_STEPS_BACK, float(start)):
        container.seek(int((start - Fraction(back)) / stream.time_base), stream=stream)
        coming = _dated(container.demux(*streams))
        head = []
        for packet in coming:
            head.append(packet)
            if packet.stream.index == stream.index and packet.is_keyframe:
                break
        shown = head[-1].pts if head else None
        if shown is not None and shown * stream.time_base <= start:
            break
    return head, coming


def _until(coming: Iterable[av.Packet], end: Fraction | None) -> Iterator[av.Packet]:
    """The packets of what is shown until the end, and a little more: what is decoded later is shown later."""
    for packet in coming:
        if end is not None and packet.dts is not None and packet.dts * packet.time_base > end + _BEHIND:
            return
        yield packet


def _dated(packets: Iterable[av.Packet]) -> Iterator[av.Packet]:
    """The packets that hold something, the first pictures with times: those before the first one that has them.

    Matroska says when they are shown, not when they are decoded; a camera may say nothing at all before its clock is
    known.
    """
    waiting: list[av.Packet] = []
    for packet in packets:
        if not packet.size:
            continue
        if packet.stream.type == "video" and packet.dts is None:
            waiting.append(packet)
            continue
        if packet.stream.type == "video" and packet.dts is not None:
            for back, held in zip(range(len(waiting), 0, -1), waiting, strict=True):
                if held.pts is None and packet.pts is not None:
                    held.pts = packet.pts - back * _period(packet)
                held.dts = packet.dts - back if held.pts is None else min(packet.dts - back, held.pts)
                yield held
            waiting.clear()
        yield packet
    yield from waiting


def _period(packet: av.Packet) -> int:
    """For how long the picture of a packet is shown, in its time base."""
    rate = packet.stream.average_rate
    return packet.duration or (round(1 / (rate * packet.time_base)) if rate else 1)


def _copy(packets: Iterable[av.Packet], streams: Streams, path: Path, told: Told) -> Fraction | None:
    """Store packets as they are; when the first picture of them is shown, on their clock, if that is known."""
    first, pictures = None, 0
    with av.open(str(path), "w") as recording:
        copies = {stream.index: recording.add_stream_from_template(stream) for stream in streams}
        for packet in packets:
            if packet.stream.type == "video":
                if first is None and packet.pts is not None and packet.time_base is not None:
                    first = packet.pts * packet.time_base
                pictures += 1
                told(pictures)
            packet.stream = copies[packet.stream.index]
            recording.mux(packet)
    return first


def _first_time(path: Path) -> Fraction:
    """When the first picture packet of a recording is shown, on its own clock."""
    with av.open(str(path)) as recording:
        stream = recording.streams.video[0]
        packet = next(recording.demux(stream))
        assert packet.pts is not None
        assert stream.time_base is not None
        return packet.pts * stream.time_base
