"""The times of an AVI, which holds none: its pictures are counted, those that are lost too where its index names them.

Without this, pictures after a loss would be shown too early, and those of codecs that reorder them in the wrong order.
"""

from __future__ import annotations

import av

_CHUNK_HEADER = 8  # bytes: the index points to it, a packet to what follows it


class CountedTimes:
    """Numbers the packets of a stream by the file's index, and its pictures as they come.

    Attributes:
        named: numbers of the packets that the index names and that have not come yet; empty ones give no picture.
        unnamed: how many packets have come that it does not name, as where it is lost.
        total: how many packets there are up to the last that has come, lost and empty ones included.
    """

    def __init__(self, stream: av.VideoStream) -> None:
        entries = [entry for entry in stream.index_entries if entry.size]
        self.named = {entry.timestamp for entry in entries}
        self.unnamed = self.total = 0
        self._numbers = {entry.pos + _CHUNK_HEADER: entry.timestamp for entry in entries}
        self._lost = 0
        self._last = -1

    def number(self, packet: av.Packet) -> None:
        """Give a packet its number in the file as its time, in the stream's time base."""
        if packet.dts is None or not packet.size:
            return
        number = self._numbers.get(packet.pos or -1)
        if number is None:
            self.unnamed += 1
        else:
            self._lost = max(self._lost, number - packet.dts)
            self.named.discard(number)
        packet.dts = packet.pts = packet.dts + self._lost
        self.total = packet.dts + 1

    def place(self, picture: av.VideoFrame) -> None:
        """Give a picture the time of the packet that brought it out, or that after the last picture's."""
        self._last = self._last + 1 if picture.dts is None else picture.dts
        picture.pts = self._last
