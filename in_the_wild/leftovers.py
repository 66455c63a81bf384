"""What an earlier run made of poses that are about to be replaced: its films, its page, its exports.

Beside the new poses they would be taken for those of the new ones. `run.json` says which files a run wrote; films and
pages are known by name too, as a run that was stopped has written no `run.json`. Poses that stay the same keep
everything. It knows nothing about how any of these are made.
"""

from __future__ import annotations

import itertools
import json
import logging
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from in_the_wild import formats
from in_the_wild.errors import InputError
from in_the_wild.poses import Poses

_log = logging.getLogger(__name__)
PAGE, POSTER = "view.html", "poster.jpg"  # all of it for a browser, and as a small picture
# Drawn of both, keypoints and joints, whatever else is drawn.
DRAWINGS = (
    *(f"overlay.{kind}" for kind in ("mp4", "mov", "webm", "gif", "webp", "apng", "png")),
    PAGE,
    POSTER,
)
KEYPOINTS, JOINTS = "poses2d.npz", "poses3d.npz"
RECORD, UNFINISHED = "run.json", "unfinished.json"
# What steps keep up themselves, or take again.
_STEPS_OWN = (KEYPOINTS, JOINTS, "poses2d_refined.npz", "detector3d.npz")


def remove_made_of(saved: Path, poses: Poses) -> list[str]:
    """Remove what was made of the poses in a file of a run's folder, before other poses are written there.

    Args:
        saved: The file; of any but the two that everything else is made of, nothing is removed.
        poses: Those that take its place. Where they are the same, everything stays.

    Returns:
        The names of the files that are gone.
    """
    if saved.name not in (KEYPOINTS, JOINTS) or not saved.is_file() or _holds(saved, poses):
        return []
    folder = saved.parent
    names = [*DRAWINGS, *([*made_of_joints(folder), RECORD] if saved.name == JOINTS else [])]
    source = Path(poses.video.path)
    gone = []
    for name in dict.fromkeys(names):
        path = folder / name
        if path.is_file() and not (source.is_file() and path.samefile(source)):
            path.unlink()
            _log.info("%s: removed, as it was made of earlier poses", path)
            gone.append(name)
    return gone


def remove_half_written(files: Iterable[Path]) -> None:
    """Remove what a run that was killed left of the files it was writing, once nobody writes into their folders.

    Args:
        files: Those that a run writes, under the names that they take when they are whole.
    """
    for folder, own in itertools.groupby(sorted(files), lambda file: file.parent):
        stems = "|".join(re.escape(name.stem[:64]) for name in (*own, Path(UNFINISHED)))
        part = re.compile(rf"\.(?:(?:{stems})(?:_person\d+)?\.[a-z0-9_]{{8}}|[0-9a-f]{{16}}\.part)(?:\.\w+)?")
        workshop = re.compile(r"\.[a-z0-9_]{8}")  # of a film whose pictures wait for their palette
        for left in folder.iterdir() if folder.is_dir() else ():
            if left.is_dir() and workshop.fullmatch(left.name):
                shutil.rmtree(left, ignore_errors=True)
            elif left.is_file() and part.fullmatch(left.name):
                left.unlink(missing_ok=True)


def made_of_joints(folder: Path) -> list[str]:
    """The files in a folder that the record of an earlier run says it made of its joints."""
    try:
        files = json.loads((folder / RECORD).read_text(encoding="utf-8"))["files"]
        names = [name for name in files if isinstance(name, str)]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    # A record that somebody wrote by hand shall not reach out of its folder.
    own = [name for name in names if Path(name).name == name and name not in (*_STEPS_OWN, RECORD)]
    return [name for name in own if (folder / name).is_file()]


def _holds(saved: Path, poses: Poses) -> bool:
    """Whether a file holds these very poses."""
    try:
        there = formats.read(saved)
    except InputError:
        return False
    arrays = zip(_arrays(there), _arrays(poses), strict=True)
    same = there.skeleton == poses.skeleton and there.space == poses.space
    return same and all(np.array_equal(one, other) for one, other in arrays)


def _arrays(poses: Poses) -> tuple[np.ndarray, ...]:
    root = np.zeros(0) if poses.root is None else poses.root
    return poses.keypoints, poses.scores, poses.frame, poses.person_id, poses.seconds, root
