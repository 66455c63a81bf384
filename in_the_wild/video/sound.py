"""The sound of a video for a film made from it: track by track, as it is, encoded anew, or not at all.

A track is worth less than the film. So ffmpeg first does to each what it will do in the film, and throws the outcome
away; a track that fails is left out, and why is said.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field

import ffmpeg

from in_the_wild.errors import printable
from in_the_wild.video.container import OPENING
from in_the_wild.video.encoder import compiled, file_url
from in_the_wild.video.probe import VideoInfo

_BEFORE = 10.0  # seconds before a part, from which a file is read


@dataclass(frozen=True)
class Container:
    """What a kind of file can hold of sound.

    Attributes:
        format: What ffmpeg calls it.
        copied: Encodings that players of such files know; any other sound is encoded anew.
        encoded: How that is.
    """

    format: str
    copied: frozenset[str]
    encoded: Mapping[str, str]


MP4 = Container("mp4", frozenset({"aac", "mp3", "opus", "flac"}), {"c:a": "aac", "b:a": "160k"})
MOV = Container("mov", frozenset({"aac", "mp3", "alac"}), {"c:a": "aac", "b:a": "192k"})
WEBM = Container("webm", frozenset({"opus", "vorbis"}), {"c:a": "libopus", "b:a": "128k"})


@dataclass(frozen=True)
class Sound:
    """Tracks of sound that can be added to a film.

    Attributes:
        streams: ffmpeg's inputs, on the film's clock.
        options: how ffmpeg is to store them.
        warnings: sentences on tracks that are left out.
    """

    streams: tuple[ffmpeg.nodes.Stream, ...] = ()
    options: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def sound_of(source: VideoInfo, container: Container, *, start: float, length: float | None) -> Sound:
    """The sound of a part of a video.

    Args:
        source: the video.
        container: the film's.
        start: seconds from its first picture to the first of the film.
        length: seconds that the film lasts; None takes all of the sound.
    """
    # Shifting finds the place: seeking is exact to a packet at best, and in some formats not even to a second. It only
    # spares reading what lies long before.
    begin = float(source.start) + start
    nearby = {"noaccurate_seek": None, "seek_timestamp": 1, "ss": f"{begin - _BEFORE:.6f}"} if start > _BEFORE else {}
    opened = ffmpeg.input(file_url(source.path), itsoffset=f"{-begin:.6f}", **nearby, **OPENING)
    streams: list[ffmpeg.nodes.Stream] = []
    until = {} if length is None else {"t": f"{length:.6f}"}
    options: dict[str, str] = {}
    warnings = []
    for number, codec in enumerate(source.sound):
        track = opened[f"a:{number}"]
        part = track.filter("atrim", start=0, **({} if length is None else {"end": f"{length:.6f}"}))
        if codec in container.copied and _can_be_copied(track, container, until):
            stream, how = track, {"c:a": "copy"}
        elif (packets := _packets_encoded(part, container.encoded)) is not None:
            if not packets:  # it is silent while the film lasts
                continue
            stream, how = part, dict(container.encoded)
        else:
            which = f"track {number + 1} of {len(source.sound)}" if len(source.sound) > 1 else "the track"
            warnings.append(
                f"The film lacks sound of {printable(source.path)}: {which} ({codec or 'unknown encoding'}) can "
                "neither be copied nor decoded; convert it to AAC to keep it."
            )
            continue
        options |= {f"{option}:{len(streams)}": value for option, value in how.items()}
        streams.append(stream)
    return Sound(tuple(streams), until | options if streams else {}, tuple(warnings))


def _can_be_copied(track: ffmpeg.nodes.Stream, container: Container, options: dict[str, str]) -> bool:
    """Whether ffmpeg gets to the end of storing a track as it is."""
    return _run(ffmpeg.output(track, os.devnull, format=container.format, **options, **{"c:a": "copy"})).returncode == 0


def _packets_encoded(track: ffmpeg.nodes.Stream, options: Mapping[str, str]) -> int | None:
    """How many packets ffmpeg makes of a track by encoding it anew; None where it fails."""
    done = _run(ffmpeg.output(track, "pipe:1", format="framecrc", **options))  # a line for each packet
    return None if done.returncode else sum(not line.startswith(b"#") for line in done.stdout.splitlines())


def _run(output: ffmpeg.nodes.OutputStream) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(compiled(output), stdin=subprocess.DEVNULL, capture_output=True, check=False)
