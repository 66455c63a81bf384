"""Detections in one's own videos, as VideoPose3D's data/prepare_data_2d_custom.py leaves them: keypoints alone.

Every `data_2d_custom_NAME.npz` of the folder is read. It holds `positions_2d` {video: {"custom": [(T, 17, 2)]}}, pixels
of COCO's keypoints, and `metadata`, whose `video_metadata` {video: {"w", "h"}} gives the size of the pictures. Nobody
says how many frames a second a video has, unless its `video_metadata` has an "fps" too.

There are no scores and no 3D: enough for P-STMO's masked pre-training.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np

from in_the_wild import unpickle
from in_the_wild.errors import InputError
from in_the_wild.files import guarded
from in_the_wild.skeletons import COCO17
from pose3d_cli.datasets.prepared.sequences import Camera, Description, Labelled
from pose3d_cli.datasets.readers.base import Reader

_FILES = "data_2d_custom_*.npz"
_EXPECTED = (
    '"positions_2d" and "metadata" with "video_metadata", as VideoPose3D\'s data/prepare_data_2d_custom.py writes them,'
)


@dataclass(kw_only=True)
class Custom(Reader):
    """Videos with COCO keypoints as a detector found them.

    Args:
        source: Folder of the files.
        fps: Frames per second of the videos; 0 takes what the files say.
    """

    layout: ClassVar[str] = (
        "data_2d_custom_NAME.npz, one or several, as VideoPose3D makes them; where NAME has test or val in it, it is "
        "the test."
    )

    fps: float = 0.0

    def files(self) -> list[Path]:
        """See `Reader.files`."""
        return sorted(self.source.glob(_FILES)) or [self.source / _FILES.replace("*", "NAME")]

    def describe(self) -> Description:
        """See `Reader.describe`."""
        return Description(
            name="custom",
            inputs="detected",
            keypoint_skeleton=COCO17.name,
            licence="that of whoever made the videos",
        )

    def count(self) -> int:
        """See `Reader.count`; here the files themselves must be read to know."""
        return len(self._sequences)

    def read(self) -> Iterator[Labelled]:
        """See `Reader.read`."""
        yield from self._sequences

    @cached_property
    def _sequences(self) -> list[Labelled]:
        return [one for file in self.files() for one in _sequences(file, fps=self.fps)]


def _sequences(file: Path, *, fps: float) -> list[Labelled]:
    """The sequences of one data_2d_custom_NAME.npz."""
    split = "test" if re.search("test|val", file.name) else "train"
    arrays = unpickle.load(file)
    with guarded(file, expected=_EXPECTED):
        layout = arrays["metadata"].get("layout_name", "coco")
        sizes = arrays["metadata"]["video_metadata"]
        found = [
            Labelled(
                name="/".join([split, str(video), *([str(number)] if number else [])]),
                subject="unknown",
                action=str(video),
                split=split,
                fps=fps or float(sizes[video].get("fps", 0)),
                camera=Camera(width=int(sizes[video]["w"]), height=int(sizes[video]["h"])),
                keypoints=np.asarray(keypoints, float),
            )
            for video, cameras in arrays["positions_2d"].items()
            for number, keypoints in enumerate(cameras["custom"])
        ]
    if layout != "coco":
        raise InputError(f'{file}: keypoints laid out as "coco" were expected, found "{layout}".')
    for one in found:
        shape = one.arrays()["keypoints"].shape
        if shape[1:] != (len(COCO17), 2):
            raise InputError(f"{file}: keypoints (T, 17, 2) were expected of {one.action}, found {shape}.")
        if not one.fps > 0:
            raise InputError(f"{file} does not say how many frames a second {one.action} has; add --set fps=25.")
    return found
