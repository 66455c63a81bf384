"""2D keypoints that somebody found before, in a file of any program's: what is lifted in place of a video.

    Keypoints("openpose_json", video="clip.mp4")
    Keypoints("mice.csv", format="deeplabcut:fps=30,size=1280x720", joints="names.yaml")

It knows nothing about any one format, nor about the steps.
"""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from in_the_wild import formats, inputs
from in_the_wild.errors import InputError, printable
from in_the_wild.files import fingerprint
from in_the_wild.poses import Poses
from in_the_wild.video.footage import Video


@dataclass(frozen=True)
class Keypoints:
    """A file of keypoints, or a folder of files that belong together.

    Attributes:
        source: Where it is.
        video: The video that they were found in: it has size, rate and times, and is shown beside the result. None
            where the file says these, or `format` does.
        format: The format, with what the file does not say: "alphapose:size=640x360,fps=25". None finds it by content.
        joints: A joint map, see `in_the_wild.formats._joint_map`: a file of the names in the file and COCO's.
    """

    source: str | Path
    video: str | Path | Video | None = None
    format: str | None = None
    joints: str | Path | None = None

    @property
    def path(self) -> Path:
        """Where it is."""
        return Path(self.source)

    @property
    def name(self) -> str:
        """What it is called for short: the file's name."""
        return self.path.name

    @property
    def place(self) -> Path:
        """What tells it from others of the same name; of a link, where that is, not what it leads to."""
        return Path(os.path.abspath(self.path))

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that are read, of which none may be written over."""
        seen = () if self.video is None else Video.of(self.video).files
        return (self.path, *seen, *([] if self.joints is None else [Path(self.joints)]))

    def fingerprint(self) -> str:
        """Tell what is read from others: by size, beginning and end of a file, by names and sizes in a folder."""
        digest = hashlib.sha256()
        for path in self.files:
            inside = sorted(path.rglob("*")) if path.is_dir() else []
            digest.update("".join(f"{printable(one)} {one.stat().st_size}\n" for one in inside).encode())
            digest.update(b"" if inside else fingerprint(path).encode())
        return digest.hexdigest()

    def of_video(self, video: Video) -> Keypoints:
        """The same keypoints, of a video that is at hand elsewhere."""
        return replace(self, video=video)

    def load(self) -> Poses:
        """The keypoints; an id of -1 waits for tracking.

        Raises:
            InputError: what `formats.read` says, a file of 3D poses, or a part of a video.
            VideoError: the video cannot be read.
        """
        video = None if self.video is None else Video.of(self.video)
        if video is not None and (video.start is not None or video.end is not None):
            raise InputError(
                f"Frames of {self.path} are counted from the beginning of {video.name}, and a part of it was given; "
                "give all of it, and choose a part of the result with pose3d export."
            )
        poses = formats.read(self.path, self.format, video=self.video, joints=self.joints)
        if poses.space != "image":
            raise InputError(
                f"{self.path} holds 3D poses, which need no lifting, and keypoints in the picture were expected; draw "
                "them with pose3d render, or convert them with pose3d export."
            )
        return poses


def are_in(path: Path) -> bool:
    """Whether a path holds poses of some format, and so no video; one that cannot be opened does not.

    Raises:
        PluginError: a package is missing that such files are read with.
    """
    try:
        return (path.is_file() or path.is_dir()) and formats.recognise(path) is not None
    except (InputError, OSError, ValueError):  # the last two: names that no file has
        return False


def meant(given: Iterable[str | Path | Video | Keypoints]) -> list[Video | Keypoints]:
    """The videos, and the files of keypoints, that inputs mean, in their order; see `in_the_wild.inputs.expand`.

    Raises:
        InputError: an input that means nothing, a file that is not there, or one that is named twice.
        PluginError: a package is missing that keypoints are read with.
    """
    found: list[Video | Keypoints] = []
    for are_keypoints, some in itertools.groupby(given, _are_keypoints):
        if are_keypoints:
            found += [one if isinstance(one, Keypoints) else Keypoints(_path(one)) for one in some]
        else:
            videos = inputs.expand([one for one in some if not isinstance(one, Keypoints)])
            found += [Keypoints(_path(video)) if _are_keypoints(video) else video for video in videos]
    return found


def _are_keypoints(given: str | Path | Video | Keypoints) -> bool:
    return isinstance(given, Keypoints) or are_in(_path(given))


def _path(given: str | Path | Video) -> Path:
    """Where an input lies; nowhere where it is no file."""
    if isinstance(given, Video):
        given = given.footage if isinstance(given.footage, Path) else ""
    return Path(given)
