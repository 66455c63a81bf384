"""NPZ: poses as plain arrays that numpy opens with `allow_pickle=False`, and everything else as one JSON string.

keypoints (N, J, 2|3)   pixels, or metres
scores    (N, J)        0 means not seen
frame     (N,)          index into the video
time      (N,)          seconds
person    (N,)          track id, -1 before tracking
root      (N, 3)        metres in camera space, where estimated
joints    (J,)          names
timestamps (T,)         seconds of all the video's frames, people or not
meta      ()            JSON: space, units, skeleton, video, root_source, notes
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.files import whole_file
from in_the_wild.formats.base import Format
from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import get_skeleton

_UNITS = {"image": "pixels", "camera": "metres", "world": "metres"}
_KEYS = ("keypoints", "scores", "frame", "person", "timestamps", "meta")


class Npz(Format):
    """Poses as plain arrays: what the program keeps its own results in."""

    title: ClassVar[str] = "NumPy's arrays"
    suffixes: ClassVar[tuple[str, ...]] = (".npz",)

    @classmethod
    def recognises(cls, head: bytes) -> bool:
        """See `Format.recognises`: a ZIP archive whose first member is an array."""
        return head.startswith(b"PK\x03\x04") and b".npy" in head[:256]

    def write(self, poses: Poses, path: Path) -> None:
        """See `Format.write`."""
        meta = {
            "space": poses.space,
            "units": _UNITS[poses.space],
            "skeleton": poses.skeleton.name,
            "video": poses.video.path,
            "size": [poses.video.width, poses.video.height],
            "fps": poses.video.fps,
            "root_source": poses.root_source,
            **poses.meta,
        }
        arrays: dict[str, Any] = {
            "keypoints": poses.keypoints,
            "scores": poses.scores,
            "frame": poses.frame,
            "time": poses.seconds,
            "person": poses.person_id,
            "joints": np.array(poses.skeleton.joints),
            "timestamps": poses.video.timestamps,
            "meta": np.array(json.dumps(meta)),
        }
        if poses.root is not None:
            arrays["root"] = poses.root
        # In memory first: a ZIP file that finds no room on the disk complains again, unasked, when it is thrown away.
        content = io.BytesIO()
        np.savez_compressed(content, **arrays)
        with whole_file(path) as file:
            file.write(content.getbuffer())

    def read(self, path: Path) -> Poses:
        """See `Format.read`."""
        if not path.is_file():
            raise InputError(f"Poses in an .npz file were expected, found no file {path}.")
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except (ValueError, OSError, zipfile.BadZipFile, EOFError) as error:
            raise InputError(
                f"{path} is not an .npz file of plain arrays; give poses2d.npz or poses3d.npz of a run."
            ) from error
        missing = [name for name in _KEYS if name not in arrays]
        if missing:
            raise InputError(
                f"{path} holds no poses: it lacks {', '.join(missing)}. Give poses2d.npz or poses3d.npz of a run."
            )
        meta = json.loads(str(arrays["meta"]))
        own = ("space", "units", "skeleton", "video", "size", "fps", "root_source")
        return Poses(
            keypoints=arrays["keypoints"],
            scores=arrays["scores"],
            frame=arrays["frame"],
            person_id=arrays["person"],
            skeleton=get_skeleton(meta["skeleton"]),
            space=meta["space"],
            video=Source(
                path=meta["video"],
                width=int(meta["size"][0]),
                height=int(meta["size"][1]),
                fps=float(meta["fps"]),
                timestamps=arrays["timestamps"],
            ),
            root=arrays.get("root"),
            root_source=meta["root_source"],
            meta={name: value for name, value in meta.items() if name not in own},
        )
