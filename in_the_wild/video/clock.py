"""When pictures are shown: what a file says, put in order.

Knows nothing about files.
"""

from __future__ import annotations

from fractions import Fraction


class Clock:
    """Turns the time stamps of a stream into seconds since its first picture that always increase.

    Args:
        fps: pictures per second, where stamps do not say it.
        origin: the time stamp of the first picture, where the first one that comes is another.

    Attributes:
        repaired: how many of them were missing or did not increase.
    """

    _SHARE_OF_A_FRAME = 4  # a picture that claims to be no later than the one before it is put this part after it
    _NEW_CLOCK_SECONDS = 1.0  # a bigger step back is not a slip: the recording's clock was started anew

    def __init__(self, *, fps: float, origin: Fraction | None = None) -> None:
        self._period = 1.0 / fps
        self._origin = origin
        self._last: float | None = None
        self.repaired = 0

    def seconds(self, stamp: Fraction | None) -> float:
        """The time of the next picture, whose time stamp is given in seconds, or is None where the file has none."""
        if self._last is None:
            self._origin = stamp if self._origin is None else self._origin
            self._last = 0.0 if stamp is None or self._origin is None else float(stamp - self._origin)
            return self._last
        expected = self._last + self._period
        if stamp is None:
            self.repaired += self._origin is not None  # a stream without any times is whole
            self._last = expected
            return expected
        if self._origin is None:
            self._origin = stamp - Fraction(expected)
        time = float(stamp - self._origin)
        if time <= self._last - self._NEW_CLOCK_SECONDS:
            self.repaired += 1
            self._origin = stamp - Fraction(expected)
            time = expected
        elif time <= self._last:
            self.repaired += 1
            time = self._last + self._period / self._SHARE_OF_A_FRAME
        self._last = time
        return time
