"""Motion capture packs: 3D joints of people at 50 frames/s, read into one long array.

A pack is an npz with, for every sequence NAME, `NAME__j3d` (T, 17, 3) in Human3.6M order and `NAME__face` (T, 5, 3),
metres with y up, `fps`, and `meta`, a JSON string that says subject and description of each sequence.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.skeletons import COCO17, HUMAN36M17, Skeleton

# The five face points of a pack, in its order.
FACE = ("nose", "left_eye", "right_eye", "left_ear", "right_ear")

# Body and face as one skeleton, so that flips, bones and projections treat them alike.
BODY22 = Skeleton("body22", HUMAN36M17.joints + FACE, HUMAN36M17.parents + ("neck",) * len(FACE))
# Where each COCO keypoint stands among the 22.
COCO_IN_BODY22 = BODY22.indices(*COCO17.joints)
H36M_IN_BODY22 = BODY22.indices(*HUMAN36M17.joints)


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
    """The packs in a folder.

    Raises:
        InputError: there are none.
    """
    packs = sorted(folder.glob("*.npz"))
    if not packs:
        raise InputError(f"Motion capture packs (*.npz) were expected in {folder}, found none; name their folder.")
    return packs


def load(paths: Sequence[Path], *, without: Collection[str] = (), only: Collection[str] | None = None) -> Mocap:
    """Read packs, leaving subjects out or keeping some alone.

    Args:
        paths: The packs.
        without: Subjects to leave out (training).
        only: Subjects to keep (evaluation); None keeps all.

    Raises:
        InputError: a pack is missing or not of this layout, the frame rates differ, or no sequence is left.
    """
    pieces: list[np.ndarray] = []
    names: list[str] = []
    subjects: list[str] = []
    actions: list[str] = []
    rates: set[float] = set()
    for path in paths:
        if not path.is_file():
            raise InputError(f"Motion capture pack {path} does not exist; name the folder of the packs with --data.")
        with np.load(path, allow_pickle=False) as pack:
            if "meta" not in pack.files or "fps" not in pack.files:
                raise InputError(f"{path} is no motion capture pack: the keys fps and meta were expected.")
            rates.add(float(pack["fps"]))
            for entry in json.loads(str(pack["meta"]))["sequences"]:
                subject = str(entry["subject"])
                if subject in without or (only is not None and subject not in only):
                    continue
                body, face = pack[f"{entry['name']}__j3d"], pack[f"{entry['name']}__face"]
                pieces.append(z_up(np.concatenate([body, face], axis=1)).astype(np.float32))
                names.append(f"{path.stem}/{entry['name']}")
                subjects.append(subject)
                actions.append(str(entry["description"]))
    if not pieces:
        raise InputError(f"No sequence is left of {', '.join(path.name for path in paths)} after choosing subjects.")
    if len(rates) > 1:
        raise InputError(f"The packs must share one frame rate, found {sorted(rates)}.")
    ends = np.cumsum([len(piece) for piece in pieces])
    return Mocap(
        joints=np.concatenate(pieces),
        starts=ends - [len(piece) for piece in pieces],
        ends=ends,
        names=tuple(names),
        subjects=tuple(subjects),
        actions=tuple(actions),
        fps=rates.pop(),
    )


def z_up(y_up: np.ndarray) -> np.ndarray:
    """Turn (..., 3) with y up into z up: x stays, the old z comes towards the viewer as -y."""
    return np.stack([y_up[..., 0], -y_up[..., 2], y_up[..., 1]], axis=-1)
