"""A chain of libav's filters that pictures go through one after the other.

Knows nothing about which filters these are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import av
import av.error
import av.filter


class FilterChain:
    """Filters for pictures of one size and format; what changes them needs another chain.

    Args:
        like: a picture of that size and format.
        filters: their names and arguments, in order.
    """

    def __init__(self, like: av.VideoFrame, filters: Sequence[tuple[str, str]]) -> None:
        self._kind = _kind(like)
        self._graph = av.filter.Graph()
        last = self._graph.add_buffer(
            width=like.width, height=like.height, format=like.format, time_base=like.time_base
        )
        for name, arguments in (*filters, ("buffersink", "")):
            one = self._graph.add(name, arguments)
            last.link_to(one)
            last = one
        self._graph.configure()

    def fits(self, picture: av.VideoFrame) -> bool:
        """Whether a picture can go through it."""
        return _kind(picture) == self._kind

    def through(self, picture: av.VideoFrame | None) -> Iterator[av.VideoFrame]:
        """Hand over a picture, or None at the end, and take what comes out; some filters keep a picture back."""
        self._graph.push(picture)
        while True:
            try:
                made = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            assert isinstance(made, av.VideoFrame)
            yield made


def _kind(picture: av.VideoFrame) -> tuple[int, int, str, object]:
    return picture.width, picture.height, picture.format.name, picture.time_base
