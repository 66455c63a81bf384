"""VideoPose3D's custom keypoints: `data_2d_custom_NAME.npz`, as its data/prepare_data_2d_custom.py makes it.

    positions_2d  {video: {"custom": [(T, 17, 2) pixels]}}
    metadata      {"layout_name": "coco", "keypoints_symmetry": ..., "video_metadata": {video: {"w", "h"}}}

(github.com/facebookresearch/VideoPose3D, INFERENCE.md.) Both are pickled, and read without running what a pickle asks
for. One person in every frame; frames without one were filled by straight lines when the file was made. A third number
of a keypoint is its score.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from in_the_wild import unpickle
from in_the_wild.errors import InputError, did_you_mean
from in_the_wild.files import guarded
from in_the_wild.formats._fields import poses_of
from in_the_wild.formats._people import KeypointsFormat, confidences
from in_the_wild.formats._preview import Preview
from in_the_wild.poses import Poses
from in_the_wild.video.footage import Video

_EXPECTED = "VideoPose3D's custom keypoints"


@dataclass(frozen=True, kw_only=True)
class VideoPose3D(KeypointsFormat):
    """Keypoints of one of the videos in a file.

    Args:
        clip: Which video, as the file names it; may be left out where it holds one.
        size: See `FieldsFormat`, as the others.
        fps: Frames per second.
        skeleton: Which joints these are.
        space: Which space they are in.
        joints: A joint map.
        video: The video that they were found in.
    """

    title: ClassVar[str] = "VideoPose3D's custom keypoints"
    suffixes: ClassVar[tuple[str, ...]] = (".npz",)

    clip: str = ""

    @classmethod
    def recognises(cls, preview: Preview) -> bool:
        """See `Format.recognises`: by the names of the arrays."""
        return {"positions_2d", "metadata"} <= preview.arrays

    def read(self, path: Path) -> Poses:
        """See `Format.read`."""
        arrays = unpickle.load(path)
        with guarded(path, expected=_EXPECTED):
            videos, metadata = arrays["positions_2d"], arrays["metadata"]
            if not isinstance(videos, dict) or not isinstance(metadata, dict):
                raise InputError(f"{path}: dictionaries of videos were expected, as VideoPose3D makes them.")
            name = self._chosen(path, [str(video) for video in videos])
            return poses_of(path, _fields(path, name, videos[name], metadata), self)

    def _chosen(self, path: Path, names: list[str]) -> str:
        seen = Video.of(self.video).name if self.video else ""
        wanted = self.clip or (seen if seen in names else "")
        if not wanted and len(names) == 1:
            return names[0]
        if wanted not in names:
            asked = f"no {wanted}" if wanted else f"{len(names)} videos"
            raise InputError(
                f"{path} holds {asked}; say which one with --read-as videopose3d:clip=NAME. "
                f"{did_you_mean(wanted, names)}"
            )
        return wanted


def _fields(path: Path, name: str, cameras: Any, metadata: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(cameras, dict) or "custom" not in cameras:
        raise InputError(f'{path}: keypoints of {name} under "custom" were expected, as VideoPose3D makes them.')
    people = [np.asarray(one, np.float64) for one in cameras["custom"]]
    about = metadata.get("video_metadata", {}).get(name, {})
    values = np.concatenate(people)
    if values.ndim != 3 or values.shape[2] not in (2, 3):
        raise InputError(f"{path}: keypoints (frames, joints, 2) of {name} were expected, found {values.shape}.")
    layout = str(metadata.get("layout_name", "coco"))
    return {
        "keypoints": values[..., :2],
        "scores": confidences(values[..., 2]) if values.shape[2] == 3 else None,
        "frame": np.concatenate([np.arange(len(one)) for one in people]),
        "person": np.concatenate([np.full(len(one), number) for number, one in enumerate(people)]),
        "skeleton": {"coco": "coco17", "h36m": "human36m17"}.get(layout),
        "video": name,
        "size": [int(about["w"]), int(about["h"])] if {"w", "h"} <= about.keys() else None,
        "fps": float(about["fps"]) if "fps" in about else None,
    }
