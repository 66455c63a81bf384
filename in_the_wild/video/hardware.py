"""H.264 by a graphics card: which of ffmpeg's encoders for that work on this machine.

ffmpeg names every encoder that it was built with, whether or not there is a card for it. So each is tried once on a few
pictures of the film's size, and nobody is told of those that fail.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from in_the_wild.video.encoder import ffmpeg_binary

_PATIENCE = 10.0  # seconds that one of them may take to show that it works
_PIECES = 8  # pictures that it is tried on

# How each is asked for the quality that x264's crf stands for, on the systems that have it.
_ON_CARDS: Mapping[str, Mapping[str, Any]] = {
    "h264_nvenc": {"preset": "p4", "rc": "vbr", "cq": "{crf}", "b:v": 0},
    "h264_qsv": {"global_quality": "{crf}"},
    "h264_amf": {"rc": "cqp", "qp_i": "{crf}", "qp_p": "{crf}"},
}
_ON_MACS: Mapping[str, Mapping[str, Any]] = {"h264_videotoolbox": {"q:v": 62, "allow_sw": 0}}


def working_encoder(width: int, height: int, crf: int) -> dict[str, Any] | None:
    """Options that have a graphics card encode pictures of this size; None where none does.

    Args:
        width, height: Pixels.
        crf: The quality, as x264 counts it.
    """
    name = _first_that_works(ffmpeg_binary(), width + width % 2, height + height % 2)
    if name is None:
        return None
    return {"vcodec": name, **{key: crf if value == "{crf}" else value for key, value in _known()[name].items()}}


def _known() -> Mapping[str, Mapping[str, Any]]:
    return _ON_MACS if sys.platform == "darwin" else _ON_CARDS


@lru_cache(maxsize=64)
def _first_that_works(binary: str, width: int, height: int) -> str | None:
    return next((name for name in _claimed(binary) if _works(binary, name, width, height)), None)


@lru_cache(maxsize=4)
def _claimed(binary: str) -> tuple[str, ...]:
    """Those that an ffmpeg was built with."""
    done = _run([binary, "-hide_banner", "-encoders"])
    said = set(done.stdout.decode(errors="replace").split()) if done is not None else set()
    return tuple(name for name in _known() if name in said)


def _works(binary: str, name: str, width: int, height: int) -> bool:
    """Whether an encoder gets through a few pictures."""
    source = f"color=gray:size={width}x{height}:rate=25"
    done = _run([
        binary, "-hide_banner", "-loglevel", "error", "-f", "lavfi", "-i", source, "-frames:v", str(_PIECES),
        "-vcodec", name, "-f", "null", "-",
    ])  # fmt: skip
    return done is not None and done.returncode == 0


def _run(command: list[str]) -> subprocess.CompletedProcess[bytes] | None:
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
