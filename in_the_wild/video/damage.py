"""What a damaged file lost: noted while it is read, said in one sentence.

A sound file may pause, leave pictures out, or claim more of them than it has: a gap in the times is no damage by
itself. It is where something else says so too: bytes that belong to no packet, packets that are marked as corrupt,
cannot be decoded, or give no picture.

Knows nothing about how pictures are decoded.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from pathlib import Path

import av
import av.container
import numpy as np

from in_the_wild.errors import printable
from in_the_wild.video.counted import CountedTimes

_MISSING_SECONDS = 0.5  # a file that ends this much before its header says has lost its end
_GAP = 1.6  # usual intervals between two pictures, from which there is room for another
_NEARBY = 1.0  # seconds between a gap and what explains it
_SMALL_HOLE = 64  # bytes between two packets, beyond twice the usual
_FRAGMENT_NOTE = 32  # bytes at the end of an MP4 in fragments that say where one is
_SMALL_TAIL = 1024  # bytes of index and notes that may follow the last packet
_TRANSPORT_PACKETS = (188, 192, 204)  # bytes; a whole transport stream is a multiple of one of them
_SYNC_BYTE = 0x47
_NAMED_PLACES = 5

# Formats in which packet follows packet, those whose header holds the exact length, and those with a constant rate.
_WITHOUT_HOLES = {"matroska", "avi", "flv"}
_NEVER_OVERLAP = {"avi", "flv"}  # while Matroska laces several packets into one
_EXACT_LENGTH = {"mov", "matroska"}
_CONSTANT_RATE = {"mpeg", "ogg"}
# Decoders that make a picture of each packet of an AVI.
_EACH_A_PICTURE = {"h264", "mjpeg"}


@dataclass(frozen=True)
class Loss:
    """Pictures that a file has lost in one place.

    Attributes:
        seconds: after the first picture; infinite where the place is not known.
        frames: about how many; 0 where that cannot be told.
        shifts: whether the pictures after it are shown too early, by as much as is missing.
    """

    seconds: float
    frames: int
    shifts: bool = False

    def __str__(self) -> str:
        place = f"at {self.seconds:.2f} s" if math.isfinite(self.seconds) else "somewhere"
        return f"{self.frames or 'some'} {place}"


class Ledger:
    """Accounts for a file while it is read: the packets that go in, the pictures that come out.

    Args:
        container: the file.
        stream: the stream of pictures that is decoded.
        path: the file.
        whole: whether it is read from its beginning to its end; otherwise what lies before and after is not missed.

    Attributes:
        broke_off: whether reading ended before the file did, or the file in the middle of a packet.
        lost_the_last: whether pictures that the decoder still held were lost.
    """

    def __init__(
        self, container: av.container.InputContainer, stream: av.VideoStream, path: Path, *, whole: bool = True
    ) -> None:
        self._path, self._whole = path, whole
        self._bytes = path.stat().st_size
        self._stream = stream
        self._formats = set(container.format.name.split(","))
        self._counted = CountedTimes(stream) if "avi" in self._formats else None
        self._promised = _promised_end(container) if whole else None
        self.broke_off = False
        self.lost_the_last = False
        self._failed = 0
        self._spoilt = 0
        self._troubles = array("d")  # seconds on the file's own clock, as all times here
        self._starts, self._ends, self._times = array("q"), array("q"), array("d")  # bytes and seconds of each packet
        self._end = 0.0
        self._packets = 0  # of the stream
        self._waiting: dict[int, float] = {}  # time stamps of packets that have given no picture yet, in seconds
        self._pictures = array("d")

    def read(self, packet: av.Packet) -> None:
        """Note a packet of any stream; one of an AVI gets its time."""
        ours = packet.stream.index == self._stream.index and packet.size > 0
        self._packets += ours
        if ours and self._counted is not None:
            self._counted.number(packet)
        time = packet.pts if packet.pts is not None else packet.dts
        if time is None or packet.time_base is None:
            return
        seconds = float(time * packet.time_base)
        self._end = max(self._end, seconds + float((packet.duration or 0) * packet.time_base))
        if packet.pos is not None and packet.size:
            self._starts.append(packet.pos)
            self._ends.append(packet.pos + packet.size)
            self._times.append(seconds)
        if ours and packet.is_corrupt:
            self._troubles.append(seconds)
        # Of a counted picture it is not known which packet it comes from.
        if ours and self._counted is None and packet.pts is not None and not (packet.is_discard or _is_hidden(packet)):
            self._waiting[packet.pts] = seconds

    def failed(self, packet: av.Packet | None) -> None:
        """Note a packet that cannot be decoded; None and empty packets ask for the last pictures."""
        self._failed += 1
        if packet is None or not packet.size:
            self.lost_the_last = True
        elif packet.pts is not None and packet.time_base is not None:
            self._troubles.append(float(packet.pts * packet.time_base))

    def repeats(self, packet: av.Packet) -> None:
        """Note an empty packet, which shows the last picture once more, as in Theora."""
        if packet.pts is not None and packet.time_base is not None:
            self._pictures.append(float(packet.pts * packet.time_base))

    def gave(self, picture: av.VideoFrame) -> None:
        """Note a picture that came out; one of an AVI gets its time."""
        if self._counted is not None:
            self._counted.place(picture)
        self._spoilt += picture.is_corrupt
        if picture.pts is not None and picture.time_base is not None:
            self._waiting.pop(picture.pts, None)
            self._pictures.append(float(picture.pts * picture.time_base))

    def warning(self, *, frames: int, seconds: float, repaired: int = 0) -> str | None:
        """One sentence on what the file lacked, or None.

        Args:
            frames: how many pictures it gave.
            seconds: how long they last.
            repaired: how many of their times were missing or did not increase.
        """
        lacks = []
        losses = self._losses()
        if losses:
            about = sum(loss.frames for loss in losses)
            named = ", ".join(map(str, losses[:_NAMED_PLACES])) + (", ..." if len(losses) > _NAMED_PLACES else "")
            count = "about 1 more is" if about == 1 else f"about {about} more are" if about else "an unknown number is"
            lacks.append(f"is damaged: {count} missing ({named})")
            if any(loss.shifts for loss in losses):
                lacks.append("has lost its index, so that pictures after a loss come too early")
        elif self._failed or self._spoilt:
            places = self._failed + self._spoilt
            lacks.append(f"is damaged in {places} place(s), where pictures may be missing or spoilt")
        missing = self._missing_seconds()
        if missing > _MISSING_SECONDS and self._formats & _EXACT_LENGTH:
            lacks.append(f"then broke off, {missing:.2f} s before its promised end")
        elif self.broke_off or (self._whole and self._cut_packet()):
            lacks.append("then broke off")
        jumps = f"has {repaired} time(s) that were missing or did not increase, and are put in order"
        if repaired:
            lacks.append(jumps)
        if not lacks:
            return None
        mend = "" if lacks == [jumps] else "; get the whole file for the rest"
        return f"{printable(self._path)} gave {frames} frames ({seconds:.2f} s), but {', and '.join(lacks)}{mend}."

    def _losses(self) -> list[Loss]:
        """Where pictures are missing, in order."""
        pictures = np.unique(np.frombuffer(self._pictures))
        if len(pictures) < 2:
            return []
        usual = float(np.median(np.diff(pictures)))
        holes = self._holes()  # (H, 2)
        # An index is the best witness of what an AVI lost; empty packets make holes too.
        troubles = np.concatenate([np.frombuffer(self._troubles), [] if self._counted else holes.ravel()])
        waiting = self._given_no_picture()
        found = self._lost_in_between(pictures, usual, waiting, troubles)
        if self._whole:
            found += self._lost_at_the_ends(pictures, usual, waiting, troubles)
            found += self._lost_without_an_index(pictures, usual, holes)
            found = found or self._swallowed()
        return sorted(found, key=lambda loss: loss.seconds)

    def _given_no_picture(self) -> np.ndarray:
        """When the packets that gave no picture, or never came although an index names them, would be shown."""
        if self._counted is not None and self._stream.time_base is not None:
            return np.array(sorted(self._counted.named)) * float(self._stream.time_base)
        return np.array(sorted(self._waiting.values()))

    def _lost_in_between(
        self, pictures: np.ndarray, usual: float, waiting: np.ndarray, troubles: np.ndarray
    ) -> list[Loss]:
        """Those missing where two pictures lie farther apart than usual, and something explains it."""
        found = []
        for before, after in _gaps(pictures, usual):
            inside = int(((before < waiting) & (waiting < after)).sum())
            if inside or self._formats & _CONSTANT_RATE or _any_within(troubles, before, after):
                room = 0 if self._counted else round((after - before) / usual) - 1
                found.append(Loss(before + usual - pictures[0], max(inside, room, 1)))
        return found

    def _lost_at_the_ends(
        self, pictures: np.ndarray, usual: float, waiting: np.ndarray, troubles: np.ndarray
    ) -> list[Loss]:
        """Those missing before the first picture and after the last."""
        first, last = pictures[0], pictures[-1]
        found = []
        early, late = int((waiting < first).sum()), int((waiting > last).sum())
        if early and _any_within(troubles, waiting[0], first):
            found.append(Loss(0.0, early))
        if late and (self._counted or _any_within(troubles, last, waiting[-1])):
            found.append(Loss(last + usual - first, late))
        elif (rest := self._not_reached(last + usual, usual)) is not None:
            found.append(Loss(last + usual - first, rest))
        return found

    def _not_reached(self, end: float, usual: float) -> int | None:
        """About how many pictures lie after the end of the last, 0 where that cannot be told; None for none."""
        # One table of an MP4 says how many there are, another where they are.
        untold = 0 if self._promised is None or "mov" not in self._formats else self._stream.frames - self._packets
        if untold > 0 and self._promised is not None and self._promised - end > _MISSING_SECONDS:
            return untold
        missing = round(self._missing_seconds() / usual)
        rest = self._bytes - max(self._ends, default=self._bytes)
        if rest > _SMALL_TAIL and missing > 0 and self._formats & _WITHOUT_HOLES and self._counted is None:
            return missing
        return 0 if self._fragmented and rest > _SMALL_TAIL + _FRAGMENT_NOTE * len(self._ends) else None

    def _lost_without_an_index(self, pictures: np.ndarray, usual: float, holes: np.ndarray) -> list[Loss]:
        """Those of an AVI whose index is not of the whole: they leave no gap in the times, which are counted."""
        if self._counted is None:
            return []
        gaps = _gaps(pictures, usual)
        places = [
            max(0.0, float(before - pictures[0]))
            for before, after in holes
            if not ((gaps[:, 0] <= after) & (before <= gaps[:, 1])).any()
        ]
        count = max(0, self._stream.frames - self._counted.total)
        if not (self._counted.unnamed or (count and places)):
            return []
        places = places or [math.inf] * (count > 0)
        return [Loss(place, 0 if index else count, shifts=True) for index, place in enumerate(places)]

    def _swallowed(self) -> list[Loss]:
        """Those of an AVI of which a decoder says nothing: one that works on several pictures at once may drop a
        damaged one without a word, and no time stamp that waits for its picture tells."""
        if self._counted is None or self._stream.codec_context.name not in _EACH_A_PICTURE:
            return []
        missing = self._packets - len(self._pictures)
        known = self._failed or self._spoilt or self.broke_off
        return [Loss(math.inf, missing)] if missing > 0 and not known else []

    def _holes(self) -> np.ndarray:
        """Where the file has bytes that belong to no packet: (H, 2) seconds before and after each such hole."""
        order = np.argsort(self._starts, kind="stable")
        starts, ends, times = (np.array(noted)[order] for noted in (self._starts, self._ends, self._times))
        if "mpegts" in self._formats and len(starts):
            return np.repeat(np.interp(self._out_of_step(), starts, times), 2).reshape(-1, 2)
        if len(starts) < 2 or not (self._fragmented or self._formats & _WITHOUT_HOLES):
            return np.zeros((0, 2))
        sizes = starts[1:] - np.maximum.accumulate(ends)[:-1]
        usual = float(np.median(sizes[sizes > 0])) if (sizes > 0).any() else 0.0
        odd = sizes > _SMALL_HOLE + 2 * usual
        if self._formats & _NEVER_OVERLAP:
            odd |= sizes < 0
        return np.column_stack([times[:-1][odd], times[1:][odd]])

    def _out_of_step(self) -> np.ndarray:
        """The places, in bytes, at which a transport stream does not go on with a packet as it should."""
        data = np.memmap(self._path, dtype=np.uint8, mode="r")
        for size in _TRANSPORT_PACKETS:
            for first in np.flatnonzero(data[:size] == _SYNC_BYTE):
                in_step = data[first::size] == _SYNC_BYTE
                if in_step[:5].all():
                    return first + size * np.flatnonzero(~in_step)
        return np.zeros(0)

    @property
    def _fragmented(self) -> bool:
        """Whether this is an MP4 without an index of the whole."""
        return "mov" in self._formats and not self._stream.frames

    def _missing_seconds(self) -> float:
        """By how much the file ends before its header says."""
        return 0.0 if self._promised is None else self._promised - self._end

    def _cut_packet(self) -> bool:
        return "mpegts" in self._formats and all(self._bytes % size for size in _TRANSPORT_PACKETS)


def _promised_end(container: av.container.InputContainer) -> float | None:
    """Seconds on the file's own clock at which it ends, as its header says."""
    if container.duration is None:
        return None
    return ((container.start_time or 0) + container.duration) / av.time_base


def _gaps(pictures: np.ndarray, usual: float) -> np.ndarray:
    """Between which pictures, of (T,) seconds, there is room for another: (G, 2) seconds."""
    wide = np.diff(pictures) > _GAP * usual
    return np.column_stack([pictures[:-1][wide], pictures[1:][wide]])


def _any_within(times: np.ndarray, start: float, end: float) -> bool:
    """Whether any of these times (N,) lies between two others, or near them."""
    return bool(((times > start - _NEARBY) & (times < end + _NEARBY)).any())


def _is_hidden(packet: av.Packet) -> bool:
    """Whether a packet is known to give no picture: VP8 says so in a bit of its first byte."""
    return packet.stream.codec_context.name == "vp8" and not memoryview(packet)[0] & 0x10
