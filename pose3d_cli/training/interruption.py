"""Ctrl-C, SIGTERM and SIGHUP while a network is trained: the step that is under way is finished first."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

# A terminal that is closed sends SIGHUP, which Windows does not have.
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Stopped(KeyboardInterrupt):
    """The run was told to stop, by Ctrl-C or by the system, and has saved where it is.

    Attributes:
        exit_code: What a program that ends by that signal exits with.
    """

    def __init__(self, sentence: str, told: Sequence[int]) -> None:
        super().__init__(sentence)
        self.exit_code = 128 + (told[0] if told else signal.SIGTERM)


@contextmanager
def told_to_stop(*, alone: bool) -> Iterator[list[int]]:
    """Collects the signals to stop while the block runs; one that is ignored, as by nohup, stays so.

    The second of a kind acts at once; not where there are other processes, which torchrun gives a signal that the
    terminal has given them already, and which end together.

    Args:
        alone: Whether this process trains by itself.
    """
    told: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield told
        return

    def tell(number: int, frame: FrameType | None) -> None:
        told.append(number)
        if alone:
            signal.signal(number, before[signal.Signals(number)])

    before = {number: signal.getsignal(number) or signal.SIG_DFL for number in _SIGNALS}
    before = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, tell)
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def leave_signals_to_the_parent(worker: int) -> None:
    """A process that makes batches ends with the one that trains, which has a step to finish."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
