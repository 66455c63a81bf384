"""Items are taken ahead of their use, in order, and whatever they came from is closed."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator

import pytest

from in_the_wild.prefetch import prefetch


def test_prefetch_gives_the_same_items() -> None:
    assert list(prefetch(range(1000), 3)) == list(range(1000))
    assert list(prefetch([], 3)) == []


def test_prefetch_works_ahead_and_not_too_far() -> None:
    made = threading.Semaphore(0)
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in itertools.count():
            taken.append(number)
            made.release()
            yield number

    ahead = prefetch(items(), 3)
    assert next(ahead) == 0
    # While item 0 is being used, items 1 to 3 are made and wait, and 4 is made and held.
    assert all(made.acquire(timeout=60) for _ in range(5))
    assert not made.acquire(timeout=0.15)
    assert taken == [0, 1, 2, 3, 4]
    ahead.close()


def test_prefetch_hands_an_error_over_after_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise OSError("lost")

    ahead = prefetch(items(), 1)
    assert [next(ahead), next(ahead)] == [1, 2]
    with pytest.raises(OSError, match="lost"):
        next(ahead)


def test_prefetch_that_is_left_early_closes_what_it_read_from() -> None:
    closed_in: list[str] = []

    def items() -> Iterator[int]:
        try:
            yield from itertools.count()
        finally:
            closed_in.append(threading.current_thread().name)

    before = threading.active_count()
    ahead = prefetch(items(), 2)
    assert next(ahead) == 0
    ahead.close()
    assert closed_in == ["prefetch"]
    assert threading.active_count() == before


def test_prefetch_that_is_never_used_starts_nothing() -> None:
    before = threading.active_count()
    prefetch(range(9), 2).close()
    assert threading.active_count() == before
