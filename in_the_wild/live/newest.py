"""The newest of what keeps coming: whoever is slow gets the newest when ready for it, and what is older is dropped.

It knows nothing about what the items are.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class Newest(Generic[T]):
    """Goes through an iterable in a thread, whether anybody takes its items or not; iterating gives the newest each.

    Iterating waits for an item that was not given yet, and ends after the last one, which is never dropped. An error in
    the iterable is raised after the items before it.

    Args:
        items: Anything iterable, used in the thread alone; it is closed there, if it can be.

    Attributes:
        dropped: How many items nobody took in time.
    """

    def __init__(self, items: Iterable[T]) -> None:
        self.dropped = 0
        self._items = items
        self._changed = threading.Condition()
        self._waiting: list[T] = []  # the newest, unless it was taken
        self._ended, self._stopped = False, False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._go_through, name="newest", daemon=True)

    def __iter__(self) -> Generator[T, None, None]:
        self._thread.start()
        try:
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._waiting or self._ended)
                    if not self._waiting:
                        break
                    item = self._waiting.pop()
                yield item
            if self._error is not None:
                raise self._error
        finally:
            self._stopped = True
            self._thread.join()

    def _go_through(self) -> None:
        iterator = iter(self._items)
        try:
            for item in iterator:
                with self._changed:
                    self.dropped += len(self._waiting)
                    self._waiting[:] = [item]
                    self._changed.notify()
                if self._stopped:
                    break
        except BaseException as error:  # handed over, whatever it is
            self._error = error
        finally:
            if isinstance(iterator, Generator):
                iterator.close()
            with self._changed:
                self._ended = True
                self._changed.notify()
