"""Motion capture packs: 3D joints of people at 50 frames/s, read into one long array.

A pack is an npz with, for every sequence NAME, `NAME__j3d` (T, 17, 3) in Human3.6M order and `NAME__face` (T, 5, 3),
metres with y up, `fps`, and `meta`, a JSON string that says subject and description of each sequence. The CMU
database's own files (`datasets.cmu`) are read alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline

from in_the_wild.arrays import load_npz
from in_the_wild.documents import parse_json
from in_the_wild.errors import InputError
from in_the_wild.files import guarded
from in_the_wild.skeletons import COCO17, HUMAN36M17, Skeleton
from pose3d_cli.datasets.mocap import cmu

# The five face points of a pack, in its order.
FACE = ("nose", "left_eye", "right_eye", "left_ear", "right_ear")

# Body and face as one skeleton, so that flips, bones and projections treat them alike.
BODY22 = Skeleton("body22", HUMAN36M17.joints + FACE, HUMAN36M17.parents + ("neck",) * len(FACE))
# Where each COCO keypoint stands among the 22.
COCO_IN_BODY22 = BODY22.indices(*COCO17.joints)
H36M_IN_BODY22 = BODY22.indices(*HUMAN36M17.joints)
# Beyond these nothing was recorded: frames per second, and metres.
_FASTEST = 1000.0
_FARTHEST = 1000.0


@dataclass(frozen=True)
class Mocap:
    """Sequences of BODY22 joints, one behind the other.

    Attributes:
        joints: (F, 22, 3) metres, z up, float32.
        starts: (S,) first frame of each sequence.
        ends: (S,) one past its last frame.
        names: S sequence names.
        subjects: S subjects.
        actions: S descriptions of the action.
        fps: Frames per second of all of them.
    """

    joints: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    names: tuple[str, ...]
    subjects: tuple[str, ...]
    actions: tuple[str, ...]
    fps: float

    @property
    def lengths(self) -> np.ndarray:
        """(S,) frames of each sequence."""
        return self.ends - self.starts

    def sequence(self, s: int) -> np.ndarray:
        """(T, 22, 3) joints of one sequence."""
        return self.joints[self.starts[s] : self.ends[s]]


def find(folder: Path) -> list[Path]:
    """The packs in a folder; where there are none, the CMU database's files in it at any depth.

    Raises:
        InputError: there are neither, or a motion of the database lacks its skeleton.
    """
    files = sorted(folder.glob("*.npz")) or cmu.find(folder)
    if not files:
        raise InputError(
            f"Motion capture packs (*.npz), or the CMU database's files (*.asf with *.amc, or *.bvh) were expected in "
            f"{folder}, found none; name their folder."
        )
    return files


def load(
    paths: Sequence[Path],
    *,
    without: Collection[str] = (),
    only: Collection[str] | None = None,
    fps: float | None = None,
    common_bones: bool = False,
) -> Mocap:
    """Read packs and files of the CMU database, leaving subjects and takes out or keeping some alone.

    Args:
        paths: Packs, files as `find` gives them, or folders of either.
        without: Subjects to leave out (training), or takes of packs: "cmu_69/69_7*".
        only: Subjects or takes to keep (evaluation); None keeps all.
        fps: Frame rate that sequences of another are brought to; None expects one that all share.
        common_bones: Bring packs on a rig of their own, whose meta says so, to the bones that people have on average.

    Raises:
        InputError: a file is missing or not of its layout, the frame rates differ, or no sequence is left.
    """
    files = [file for path in paths for file in (find(path) if path.is_dir() else [path])]
    raw = [file for file in files if file.suffix in cmu.SUFFIXES]
    packed = [file for file in files if file not in set(raw)]
    takes = list(_from_packs(packed, without=without, only=only, common_bones=common_bones))
    if raw:
        takes += cmu.read(raw, without=without, only=only)
    if not takes:
        names = ", ".join(path.name for path in paths[:3]) + (", ..." if len(paths) > 3 else "")
        raise InputError(f"No sequence is left of {names} after choosing subjects and takes.")
    if fps is not None:
        takes = [_at_rate(take, fps) for take in takes]
    rates = {take.fps for take in takes}
    if len(rates) > 1:
        raise InputError(f"The packs must share one frame rate, found {sorted(rates)}.")
    ends = np.cumsum([len(take.joints) for take in takes])
    return Mocap(
        joints=np.concatenate([take.joints for take in takes]),
        starts=ends - [len(take.joints) for take in takes],
        ends=ends,
        names=tuple(take.name for take in takes),
        subjects=tuple(take.subject for take in takes),
        actions=tuple(take.action for take in takes),
        fps=rates.pop(),
    )


def _at_rate(take: cmu.Take, fps: float) -> cmu.Take:
    """A sequence in frames of another rate, along smooth curves through its own."""
    frames = len(take.joints)
    if take.fps == fps or frames < 2:
        return replace(take, fps=fps)
    at = np.arange(0, frames - 1 + 1e-6, take.fps / fps)
    curve = CubicSpline(np.arange(frames), take.joints, axis=0)
    return replace(take, joints=curve(at).astype(np.float32), fps=fps)


def _from_packs(
    paths: Sequence[Path], *, without: Collection[str], only: Collection[str] | None, common_bones: bool
) -> Iterator[cmu.Take]:
    expected = "a motion capture pack"
    for path in paths:
        pack = load_npz(path, expected=expected)
        with guarded(path, expected=expected):
            meta = parse_json(str(pack["meta"]))
            fps = float(pack["fps"])
            if not 1 <= fps <= _FASTEST:
                raise ValueError(f"{fps:g} frames per second")
            wanted = [
                entry
                for entry in meta["sequences"]
                if not _is_among(without, path, entry) and (only is None or _is_among(only, path, entry))
            ]
            takes = [_take(path, entry, pack, fps) for entry in wanted]
            if common_bones and "bones_mm" in meta:
                scales = _bone_scales(meta["bones_mm"], meta["bones_cmu_direct_mm"])
                takes = [replace(take, joints=rescale_bones(take.joints, scales)) for take in takes]
        yield from takes


def _is_among(names: Collection[str], path: Path, entry: Mapping[str, Any]) -> bool:
    """Whether a sequence is of one of the subjects, or one of the takes, named."""
    take = f"{path.stem}/{entry['name']}"
    return str(entry["subject"]) in names or any(fnmatchcase(take, name) for name in names if "/" in name)


# The bone that ends in a joint, as a pack's meta calls it; of both sides.
_BONES = {
    "hip": "hip_width", "knee": "thigh", "ankle": "shin", "spine": "hip_spine", "thorax": "spine_thorax",
    "neck": "thorax_neck", "head": "neck_head", "shoulder": "shoulder_width", "elbow": "upper_arm", "wrist": "forearm",
}  # fmt: skip


def _bone_scales(has: Mapping[str, float], common: Mapping[str, float]) -> np.ndarray:
    """Factors (22,) from a rig's bones to the common ones; of the face as of the head."""
    kinds = [joint.split("_")[-1] for joint in BODY22.joints]
    bones = [_BONES.get(kind, "neck_head") for kind in kinds]
    scales = np.array([common[bone] / has[bone] for bone in bones])
    if not ((scales > 0.5) & (scales < 2)).all():
        raise ValueError(f"bones that are {scales.min():.2f} to {scales.max():.2f} times the common ones")
    return scales


def rescale_bones(joints: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Change bone lengths, keeping every direction: joints (..., T, 22, 3), factors (..., 22)."""
    out = np.empty_like(joints)
    for joint, parent in enumerate(BODY22.parent_indices):
        if parent < 0:
            out[..., joint, :] = joints[..., joint, :]
            continue
        bone = joints[..., joint, :] - joints[..., parent, :]
        out[..., joint, :] = out[..., parent, :] + bone * scales[..., None, joint, None].astype(joints.dtype)
    return out


def _take(path: Path, entry: Mapping[str, Any], pack: Mapping[str, np.ndarray], fps: float) -> cmu.Take:
    name = str(entry["name"])
    joints = np.concatenate([pack[f"{name}__j3d"], pack[f"{name}__face"]], axis=1)
    if joints.shape[1:] != (len(BODY22), 3) or not len(joints):
        raise ValueError(f"{name} of shape {joints.shape}")
    if not (np.abs(joints) < _FARTHEST).all():  # nor NaN
        raise ValueError(f"{name} with joints that are nowhere")
    return cmu.Take(
        name=f"{path.stem}/{name}",
        subject=str(entry["subject"]),
        action=str(entry["description"]),
        joints=z_up(joints).astype(np.float32),
        fps=fps,
    )


def z_up(y_up: np.ndarray) -> np.ndarray:
    """Turn (..., 3) with y up into z up: x stays, the old z comes towards the viewer as -y."""
    return np.stack([y_up[..., 0], -y_up[..., 2], y_up[..., 1]], axis=-1)
