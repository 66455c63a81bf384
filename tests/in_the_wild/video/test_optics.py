"""The focal length that files say: EXIF's in photographs, QuickTime's in films."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from in_the_wild.video.optics import equivalent_focal
from in_the_wild.video.probe import probe


def film(path: Path, metadata: dict[str, str]) -> Path:
    with av.open(str(path), "w", container_options={"movflags": "use_metadata_tags"}) as container:
        container.metadata.update(metadata)
        stream = container.add_stream("libx264", rate=25, width=64, height=64, pix_fmt="yuv420p")
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))))
        container.mux(stream.encode())
    return path


def test_a_phone_says_it_in_quicktimes_keys(tmp_path: Path) -> None:
    said = film(tmp_path / "said.mov", {"com.apple.quicktime.camera.focal_length.35mm_equivalent": "26"})
    assert probe(said).equivalent_focal == 26
    assert probe(film(tmp_path / "silent.mov", {})).equivalent_focal is None


@pytest.mark.parametrize(
    ("value", "found"), [("28", 28.0), ("   52/2", 26.0), ("0", None), ("1/0", None), ("wide", None), ("1e9", None)]
)
def test_only_lenses_that_there_are_count(value: str, found: float | None) -> None:
    assert equivalent_focal({"FocalLengthIn35mmFilm": value, "FocalLength": "4.2"}) == found
