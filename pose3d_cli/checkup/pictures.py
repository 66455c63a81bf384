"""Pictures and films: OpenCV, PyAV, ffmpeg with x264, encoders of graphics cards, letters."""

from __future__ import annotations

import importlib.resources
import os
import subprocess
import tempfile
from pathlib import Path

from pose3d_cli.checkup.finding import Check, Trouble
from pose3d_cli.checkup.packages import require

_WIDTH, _HEIGHT, _FRAMES = 320, 240, 5
_FFMPEG = "IMAGEIO_FFMPEG_EXE"


def checks() -> list[Check]:
    """Reading first, then what films need."""
    return [
        Check("OpenCV", _decodes, "pip install --force-reinstall opencv-python-headless"),
        Check("PyAV", _reads, "pip install --force-reinstall av", rests_on=("OpenCV",)),
        Check("ffmpeg", _encodes, _mend_ffmpeg(), rests_on=("PyAV",)),
        Check("encoders of cards", _cards, "update the card's driver", needed=False),
        Check("letters", _letters, "pip install --force-reinstall pillow"),
    ]


def _mend_ffmpeg() -> str:
    if os.environ.get(_FFMPEG):
        return f"unset {_FFMPEG}, or let it name an ffmpeg with libx264"
    return "pip install --force-reinstall imageio-ffmpeg"


def _decodes() -> str:
    version = require("cv2", "opencv-python-headless")
    import cv2
    import numpy as np

    picture = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    done, packed = cv2.imencode(".png", picture)
    if not done or not np.array_equal(cv2.imdecode(packed, cv2.IMREAD_COLOR), picture):
        raise Trouble("a picture does not come back as it was written")
    return f"{version} decodes a picture"


def _reads() -> str:
    version = require("av", "av")
    from in_the_wild.video.read import VideoReader

    reader = VideoReader(Path(str(importlib.resources.files("in_the_wild.assets") / "demo.mp4")))
    height, width, _ = next(iter(reader)).image.shape
    return f"{version} opens the demo clip, {width}x{height}"


def _encodes() -> str:
    require("av", "av")
    import numpy as np

    from in_the_wild.video.encoder import ffmpeg_binary
    from in_the_wild.video.probe import probe
    from in_the_wild.video.write import VideoWriter

    binary = ffmpeg_binary()
    try:
        subprocess.run([binary, "-version"], capture_output=True, check=False)
    except OSError as error:
        raise Trouble(f"{binary} does not start ({error.strerror})") from error
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "film.mp4"
        with VideoWriter(film, width=_WIDTH, height=_HEIGHT, fps=25) as writer:
            for _ in range(_FRAMES):
                writer.write(np.zeros((_HEIGHT, _WIDTH, 3), np.uint8))
        if probe(film).width != _WIDTH:
            raise Trouble("a film comes out in another size")
    return f"libx264 encodes; {binary}"


def _cards() -> str:
    from in_the_wild.video.hardware import working_encoder

    found = working_encoder(_WIDTH, _HEIGHT, crf=23)
    if found is None:
        raise Trouble("none works here; libx264 does all", "", missing=True)
    return f"{found['vcodec']} encodes"


def _letters() -> str:
    version = require("PIL", "pillow")
    from in_the_wild.drawing.lettering import text_width

    if not text_width("pose", 10.0) > 0:
        raise Trouble("words come out empty")
    return f"pillow {version} writes words"
