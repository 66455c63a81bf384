"""The errors that users meet, as one small family.

    Pose3DError                 anything a user can mend: shown as one sentence, exit code 1
    ├── InputError              a file or value given by the user is not what was expected
    ├── VideoError              a video cannot be opened, decoded or written
    ├── SkeletonError           an unknown skeleton, or a remap that does not exist
    ├── WeightsError            a checkpoint that is missing, unsafe, or made for another network
    ├── ConfigError             an unknown configuration, or an unknown key in one
    ├── PluginError             an unknown plug-in name, or one whose back end is not installed
    ├── OutputError             results cannot be written
    └── BatchError              of several videos some failed

Each message says what was expected, what was found, and how to mend it.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Protocol

# Names that one sentence holds.
_MOST_NAMES = 30


class Pose3DError(Exception):
    """Base of every error that a user can mend."""


class InputError(Pose3DError):
    """A file or value given by the user is not what was expected."""


class VideoError(Pose3DError):
    """A video cannot be opened, decoded or written."""


class SkeletonError(Pose3DError):
    """An unknown skeleton, or a remap that does not exist."""


class WeightsError(Pose3DError):
    """A checkpoint that is missing, unsafe, or made for another network."""


class ConfigError(Pose3DError):
    """An unknown configuration, or an unknown key in one."""


class PluginError(Pose3DError):
    """An unknown plug-in name, or one whose back end is not installed."""


class OutputError(Pose3DError):
    """Results cannot be written."""


class BatchError(Pose3DError):
    """Of several videos some failed; the others are done.

    Attributes:
        results: One for each video, a failed one with its `error`.
    """

    def __init__(self, results: Sequence[Failure]) -> None:
        failed = [result for result in results if result.error is not None]
        said = "; ".join(f"{printable(str(result.video))}: {result.error}" for result in failed)
        super().__init__(f"{len(failed)} of {len(results)} videos failed: {said}")
        self.results = list(results)


class Failure(Protocol):
    """What a batch tells of one video; `in_the_wild.result.Result` is one."""

    @property
    def video(self) -> object:
        """The input, which as text is what the user named."""

    @property
    def error(self) -> Exception | None:
        """Why there is no result."""


def printable(name: str | PurePath) -> str:
    r"""The name of a file as one line of text that can be printed, stored in JSON and read: what is odd is escaped.

    >>> printable(os.fsdecode(b"caf\xe9\n.mp4"))
    'caf\\xe9\\n.mp4'
    """
    text = os.fsencode(name).decode(errors="backslashreplace")
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of an error sentence: the nearest right name when one is near, and all of them.

    >>> did_you_mean("pstom", ["pstmo", "mixste"])
    'Did you mean "pstmo"? Known: mixste, pstmo.'
    """
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f'Did you mean "{near[0]:.60}"? ' if near else ""
    return f"{hint}Known: {listed(names)}."


def listed(names: Sequence[str]) -> str:
    """Names in a sentence, so many and so much of each as people read; names in files can be any.

    >>> listed(["mixste", "pstmo"])
    'mixste, pstmo'
    >>> listed([])
    'none'
    """
    more = f", and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(f"{name:.60}" for name in names[:_MOST_NAMES]) + more or "none"
