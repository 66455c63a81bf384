"""What somebody points at - a folder that `run` wrote, a file of poses, poses - as results to be shown.

It also finds their keypoints and their video again, where they are still there. It knows nothing about pages, films and
plots, which show them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from in_the_wild import documents, formats
from in_the_wild.errors import InputError, listed
from in_the_wild.poses import Poses
from in_the_wild.video.footage import Video

_JOINTS, _RECORD = "poses3d.npz", "run.json"
_KEYPOINTS = ("poses2d_refined.npz", "poses2d.npz")  # those that were lifted, first


@dataclass(frozen=True)
class Shown:
    """A result that is shown.

    Attributes:
        name: What it is called beside others.
        poses: In camera or world space.
        folder: Where its file lies; None where there is none.
    """

    name: str
    poses: Poses
    folder: Path | None = None


ResultLike = str | Path | Poses | Shown


def gather(results: Sequence[ResultLike], *, names: Sequence[str] = (), read_as: str | None = None) -> list[Shown]:
    """Results to be shown.

    Args:
        results: Folders of `run`, files of poses, or poses; what was gathered before stays as it is.
        names: What they are called beside each other; none takes those of their folders or files.
        read_as: The format of a file that does not say enough, see `formats.read`.

    Raises:
        InputError: nothing is there, or no poses; or not as many names as results.
    """
    if names and len(names) != len(results):
        raise InputError(f"A name for each of {len(results)} results was expected, found {len(names)}.")
    paths = [joints_of(Path(one)) if isinstance(one, (str, Path)) else None for one in results]
    shown = []
    for one, path, name in zip(results, paths, names or _names(paths), strict=True):
        if isinstance(one, Shown):
            shown.append(one)
        else:
            poses = one if isinstance(one, Poses) else formats.read(path or one, read_as)
            shown.append(Shown(name, poses, None if path is None else path.parent))
    return shown


def joints_of(path: Path) -> Path:
    """The file of poses that a path means: itself, or that of a folder of `run`, or of the only one in a folder.

    Raises:
        InputError: a folder with no result in it, or with several.
    """
    if not path.is_dir() or (path / _JOINTS).is_file():
        return path / _JOINTS if path.is_dir() else path
    inner = sorted(path.glob(f"*/{_JOINTS}"))
    if len(inner) == 1:
        return inner[0]
    if inner:
        folders = listed([str(one.parent) for one in inner])
        raise InputError(f"One result was expected in {path}, found {len(inner)}: {folders}. Give one, or several.")
    if formats.recognise(path) is not None:
        return path
    raise InputError(f"A result was expected in the folder {path}, found no {_JOINTS}; give a folder of pose3d run.")


def keypoints_of(shown: Shown) -> Poses | None:
    """The keypoints that lie beside poses, as `run` leaves them; None where there are none of the same frames."""
    if shown.folder is None:
        return None
    path = next((path for name in _KEYPOINTS if (path := shown.folder / name).is_file()), None)
    keypoints = None if path is None else formats.read(path)
    return keypoints if keypoints is not None and keypoints.video.frames == shown.poses.video.frames else None


def video_of(shown: Shown) -> Video | None:
    """The very video that poses were found in, read as it was then; None where it is neither there nor beside them."""
    poses = shown.poses
    named = Path(poses.video.path)
    places = [named]
    if shown.folder is not None:
        places += [*_recorded(shown.folder), shown.folder / named.name, shown.folder.parent / named.name]
    fingerprint = poses.meta.get("video_fingerprint")
    for place in places:
        if place.is_file():
            video = Video.again(place, poses.meta.get("reading"))
            if fingerprint in (None, video.fingerprint()):
                return video
    return None


def _recorded(folder: Path) -> list[Path]:
    """Where the video lay when `run` wrote this folder, as it noted it."""
    record = folder / _RECORD
    if not record.is_file():
        return []
    noted = documents.load_json(record, expected="the record of a run")
    return [Path(noted["video"])] if isinstance(noted, dict) and isinstance(noted.get("video"), str) else []


def _names(paths: Sequence[Path | None]) -> list[str]:
    """Short names that differ: of files, of their folders, or numbers."""
    forms: tuple[Callable[[Path], str], ...] = (
        lambda path: path.parent.name if path.name == _JOINTS else path.stem,
        lambda path: path.parent.parent.name if path.name == _JOINTS else path.parent.name,
        lambda path: "/".join(path.with_suffix("").parts[-3:]),
    )
    known = [path.absolute() for path in paths if path is not None]
    for form in forms:
        names = [form(path) for path in known]
        if len(set(names)) == len(paths):
            return names
    return [f"result {number}" for number in range(1, len(paths) + 1)]
