"""NPZ: poses as plain arrays that numpy opens with `allow_pickle=False`, and everything else as one JSON string.

    keypoints (N, J, 2|3)   pixels, or metres
    scores    (N, J)        0 means not seen
    frame     (N,)          index into the video
    time      (N,)          seconds
    person    (N,)          track id, -1 before tracking
    root      (N, 3)        metres in camera space, where estimated
    error_mm  (N, J)        millimetres by which joints are expected to be off, where known
    reasons   (N, J)        why joints are where they are, where known: the numbers of names that the note lists
    joints    (J,)          names
    timestamps (T,)         seconds of all the video's frames, people or not
    meta      ()            JSON: space, units, skeleton, parents of a file's own one, video, size, fps, root_source,
                            and notes

A file of one's own needs `keypoints`, and what nothing else in it tells: `in_the_wild.formats._fields` says how the
rest is found.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from in_the_wild import documents
from in_the_wild.arrays import load_npz
from in_the_wild.files import guarded, whole_file
from in_the_wild.formats._fields import FieldsFormat, fields_of_notes, notes_of, poses_of
from in_the_wild.formats._preview import Preview
from in_the_wild.poses import Poses

_EXPECTED = "an .npz file of poses, such as poses2d.npz or poses3d.npz of a run,"


class Npz(FieldsFormat):
    """Poses as plain arrays: what the program keeps its own results in."""

    title: ClassVar[str] = "NumPy's arrays (NPZ)"
    suffixes: ClassVar[tuple[str, ...]] = (".npz",)

    @classmethod
    def custom(cls) -> str:
        """See `Format.custom`."""
        return "as they are, m or px"

    @classmethod
    def recognises(cls, preview: Preview) -> bool:
        """See `Format.recognises`: an archive of arrays, keypoints among them; Detectron's have segments too."""
        return "keypoints" in preview.arrays and "segments" not in preview.arrays

    def write(self, poses: Poses, path: Path) -> None:
        """See `Format.write`."""
        arrays: dict[str, Any] = {
            "keypoints": poses.keypoints,
            "scores": poses.scores,
            "frame": poses.frame,
            "time": poses.seconds,
            "person": poses.person_id,
            "joints": np.array(poses.skeleton.joints),
            "timestamps": poses.video.timestamps,
            "meta": np.array(json.dumps(notes_of(poses))),
        }
        if poses.root is not None:
            arrays["root"] = poses.root
        if poses.error_mm is not None:
            arrays["error_mm"] = poses.error_mm
        if poses.reasons is not None:
            arrays["reasons"] = poses.reasons
        # In memory first: a ZIP file that finds no room on the disk complains again, unasked, when it is thrown away.
        content = io.BytesIO()
        np.savez_compressed(content, **arrays)
        with whole_file(path) as file:
            file.write(content.getbuffer())

    def read(self, path: Path) -> Poses:
        """See `Format.read`."""
        fields: dict[str, Any] = load_npz(path, expected=_EXPECTED)
        with guarded(path, expected=_EXPECTED):
            said = documents.parse_json(str(fields.pop("meta", "{}")))
            return poses_of(path, {**fields, **fields_of_notes(said)}, self)
