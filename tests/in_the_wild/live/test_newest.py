"""Whoever is slow gets the newest; what is older is counted, the last is never lost, and errors come through."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from in_the_wild.live.newest import Newest


class Steps:
    """Items that come when the test lets them: `come(n)` returns when n more were handed on."""

    def __init__(self, count: int, error: Exception | None = None) -> None:
        self.may, self.handed, self.closed = threading.Semaphore(0), threading.Semaphore(0), False
        self._count, self._error = count, error

    def come(self, items: int) -> None:
        for _ in range(items):
            self.may.release()
            assert self.handed.acquire(timeout=60)

    def items(self) -> Iterator[int]:
        try:
            for number in range(self._count):
                assert self.may.acquire(timeout=60)
                yield number
                self.handed.release()  # asked for the next one: this one has been handed on
            if self._error is not None:
                raise self._error
        finally:
            self.closed = True


def test_the_newest_wins_and_the_others_are_counted() -> None:
    steps = Steps(9)
    newest = Newest(steps.items())
    coming = iter(newest)
    steps.may.release()
    assert next(coming) == 0
    assert steps.handed.acquire(timeout=60)
    steps.come(5)
    assert next(coming) == 5
    assert newest.dropped == 4
    steps.come(3)
    assert list(coming) == [8]
    assert newest.dropped == 6


def test_nobody_waits_without_end_for_nothing() -> None:
    assert list(Newest([])) == []


def test_an_error_comes_after_the_items_before_it() -> None:
    steps = Steps(3, OSError("unplugged"))
    newest = Newest(steps.items())
    coming = iter(newest)
    steps.may.release()
    assert next(coming) == 0
    assert steps.handed.acquire(timeout=60)
    steps.come(2)
    assert next(coming) == 2
    with pytest.raises(OSError, match="unplugged"):
        next(coming)


def test_who_leaves_closes_what_the_items_come_from() -> None:
    steps = Steps(9)
    coming = iter(Newest(steps.items()))
    steps.may.release()
    assert next(coming) == 0
    steps.may.release()
    coming.close()
    assert steps.closed
