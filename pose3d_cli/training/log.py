"""What a run writes down as it goes: `log.csv`, a line for every evaluation, and a log for TensorBoard if asked for.

Lines of steps that will be trained again, or of another run, are forgotten.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from in_the_wild.errors import PluginError
from in_the_wild.files import whole_file

FILE = "log.csv"
_Board = Callable[[int, Mapping[str, float]], None]


class Log:
    """The log of a run; see `opened`."""

    def __init__(self, file: Path, board: _Board) -> None:
        self._file, self._board = file, board
        self._began = time.monotonic()

    def step(self, done: int, loss: float) -> None:
        """So many steps are done, the last with this loss; TensorBoard alone is told."""
        self._board(done, {"step_loss": loss})

    def evaluation(self, done: int, row: Mapping[str, float]) -> None:
        """Numbers by name, after so many steps; always the same names."""
        columns = {"step": done, **row, "seconds": time.monotonic() - self._began}
        new = not self._file.exists()
        with self._file.open("a", newline="") as handle:
            writer = csv.writer(handle)
            if new:
                writer.writerow(columns)
            writer.writerow([f"{value}" if name == "step" else f"{value:.6g}" for name, value in columns.items()])
        self._board(done, row)


@contextmanager
def opened(folder: Path, *, first: int, tensorboard: bool) -> Iterator[Log]:
    """The log of a run that goes on after so many steps, for as long as the block runs.

    Raises:
        PluginError: TensorBoard is asked for and missing.
    """
    with _tensorboard(folder / "tensorboard", first, wanted=tensorboard) as board:
        _forget_after(folder / FILE, first)
        yield Log(folder / FILE, board)


@contextmanager
def _tensorboard(folder: Path, first: int, *, wanted: bool) -> Iterator[_Board]:
    """Where numbers of a step go for TensorBoard to show."""
    if not wanted:
        yield lambda step, values: None
        return
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise PluginError(
            "TensorBoard's logs need a package that is not installed: pip install tensorboard, or leave them out."
        ) from error
    with SummaryWriter(folder, purge_step=first + 1) as writer:

        def write(step: int, values: Mapping[str, float]) -> None:
            for name, value in values.items():
                writer.add_scalar(name, value, step)

        yield write


def _forget_after(file: Path, step: int) -> None:
    """Keep the lines of earlier steps, as far as they are whole."""
    if not file.is_file():
        return
    header, *rows = file.read_text(encoding="utf-8", errors="replace").splitlines() or [""]
    kept = [row for row in rows if _is_whole(row, header) and int(row.split(",")[0]) <= step]
    if not kept:
        file.unlink()
        return
    with whole_file(file) as handle:
        handle.write(("\n".join([header, *kept]) + "\n").encode())


def _is_whole(row: str, header: str) -> bool:
    """Whether a line has a number for every column; a killed run, or a person, may have left half of one."""
    try:
        return len([float(value) for value in row.split(",")]) == len(header.split(","))
    except ValueError:
        return False
