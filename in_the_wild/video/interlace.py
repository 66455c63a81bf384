"""Interlaced video, whose pictures hold two moments in alternate lines, into pictures of one moment each.

As many come out as go in, each at its own time: of two moments the first is kept. Pictures that do not say that they
are interlaced stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import av

from in_the_wild.video.filters import FilterChain

_ONE_FOR_EACH = ("bwdif", "mode=send_frame:deint=interlaced")  # Weston's filter with yadif's motion adaptation


def deinterlaced(pictures: Iterable[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """The same pictures, in order; from the first interlaced one on, one is looked ahead."""
    chain: FilterChain | None = None
    for picture in pictures:
        if chain is not None and not chain.fits(picture):
            yield from chain.through(None)
            chain = None
        if chain is None and picture.interlaced_frame:
            chain = FilterChain(picture, [_ONE_FOR_EACH])
        if chain is None:
            yield picture
        else:
            yield from chain.through(picture)
    if chain is not None:
        yield from chain.through(None)
