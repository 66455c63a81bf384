"""Take items from an iterable in a thread, ahead of their use: pictures are decoded while others are looked at.

It knows nothing about what the items are.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


class _End:
    """What the thread of `prefetch` leaves at the end: nothing more, or why it broke off."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def prefetch(items: Iterable[T], depth: int) -> Generator[T, None, None]:
    """Go through an iterable in a thread that is up to `depth` items ahead.

    An error in the iterable is raised here, after the items before it. When this generator is closed or left early, the
    thread stops at the item it is at, and the iterable is closed in that thread.

    Args:
        items: Anything iterable; it is used in the other thread alone.
        depth: How many items may wait, at least 1. The thread holds one more.

    Returns:
        The same items in the same order.
    """
    waiting: queue.Queue[T | _End] = queue.Queue(maxsize=depth)
    stopped = threading.Event()

    def put(item: T | _End) -> bool:
        """Wait for a place in the queue; False if nobody wants the item any more."""
        while not stopped.is_set():
            try:
                waiting.put(item, timeout=0.05)
                return True
            except queue.Full:
                continue
        return False

    def produce() -> None:
        end = _End()
        iterator: Iterator[T] | None = None
        try:
            iterator = iter(items)
            for item in iterator:
                if not put(item):
                    break
            # Generators and the like: what they hold open is closed in the thread that opened it.
            close = getattr(iterator, "close", None)
            if close is not None:
                close()
        except BaseException as error:  # handed over, whatever it is
            end = _End(error)
        put(end)

    thread = threading.Thread(target=produce, name="prefetch", daemon=True)
    thread.start()
    try:
        while not isinstance(item := waiting.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        stopped.set()
        thread.join()
