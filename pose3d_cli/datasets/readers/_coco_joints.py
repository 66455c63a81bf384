"""The companion of a COCO keypoint file: 3D joints of its annotations, of which COCO itself says nothing.

An .npz of plain arrays:

    annotation_id  (N,)            ids of annotations
    joints         (N, 17, 3)      Human3.6M joints (human36m17), metres in camera space: x right, y down, z away
    fps            ()              frames per second of the videos; may be missing where COCO's file or a setting say
    centred        ()              true where joints are given from the pelvis, for want of where it is; may be missing
    intrinsics     (4,) or (N, 4)  focal length x, y and centre x, y, pixels; may be missing

It knows nothing about the rest of COCO's file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from in_the_wild import unpickle
from in_the_wild.errors import InputError
from in_the_wild.files import guarded
from in_the_wild.skeletons import HUMAN36M17

# No joint is so far from the pelvis, metres.
_FARTHEST = 3.0


@dataclass(frozen=True)
class Companion:
    """What a companion gives, as the module lists it.

    Attributes:
        path: The file.
        rows: Where each annotation stands, by id.
        joints: (N, 17, 3) metres.
        intrinsics: (N, 4) pixels, if it gives them.
        fps: Frames per second, 0 where it does not say.
        centred: Whether joints are given from the pelvis.
    """

    path: Path
    rows: Mapping[int | str, int]
    joints: np.ndarray
    intrinsics: np.ndarray | None
    fps: float
    centred: bool

    def of(self, file: Path, ids: Sequence[int | str]) -> tuple[np.ndarray, tuple[float, ...] | None]:
        """Joints (T, 17, 3) of annotations of one sequence, and the intrinsics of its camera.

        Raises:
            InputError: an annotation that is missing here, or intrinsics that change.
        """
        missing = [key for key in ids if key not in self.rows]
        if missing:
            raise InputError(f'{self.path} lacks annotation {missing[0]} of {file.name} in "annotation_id".')
        rows = [self.rows[key] for key in ids]
        if self.intrinsics is None:
            return self.joints[rows], None
        own = self.intrinsics[rows]
        if (own != own[0]).any():
            raise InputError(
                f'{self.path}: "intrinsics" should stay the same while a person is seen; they change after annotation '
                f"{ids[0]} of {file.name}."
            )
        # No lens errors: radial and tangential coefficients of 0.
        return self.joints[rows], (*own[0].tolist(), 0.0, 0.0, 0.0, 0.0, 0.0)


def load(path: Path) -> Companion:
    """Read a companion.

    Raises:
        InputError: a file that is missing, damaged, or not of this layout.
    """
    arrays = unpickle.load(path)
    with guarded(path, expected="3D joints beside a COCO file"):
        return _companion(path, arrays)


def _companion(path: Path, arrays: Mapping[str, Any]) -> Companion:

    def array(name: str, *shape: int | None, kinds: str = "iuf") -> np.ndarray:
        value = np.asarray(arrays.get(name))
        fits = len(value.shape) == len(shape) and all(
            wanted in (None, size) for wanted, size in zip(shape, value.shape, strict=True)
        )
        if not fits or value.dtype.kind not in kinds or (value.dtype.kind == "f" and not np.isfinite(value).all()):
            wanted = ", ".join("N" if size is None else str(size) for size in shape)
            found = f"{value.dtype} of shape {value.shape}" if name in arrays else "nothing"
            raise InputError(f'{path}: finite numbers ({wanted}) were expected in "{name}", found {found}.')
        return value

    ids = array("annotation_id", None, kinds="iu").tolist()
    joints = array("joints", len(ids), len(HUMAN36M17), 3).astype(float)
    rows = {key: row for row, key in enumerate(ids)}
    if len(rows) != len(ids):
        raise InputError(f'{path}: every annotation was expected once in "annotation_id", some are there twice.')
    centred = bool(array("centred", kinds="biu")) if "centred" in arrays else False
    fps = float(array("fps")) if "fps" in arrays else 0.0
    if fps < 0:
        raise InputError(f'{path}: a number above 0 was expected in "fps", found {fps:g}.')
    from_root = np.linalg.norm(joints - joints[:, HUMAN36M17.root, None], axis=-1).max(initial=0.0)
    if from_root > _FARTHEST:
        raise InputError(
            f'{path}: metres were expected in "joints", found one {from_root:.0f} from the pelvis; divide '
            "millimetres by 1000."
        )
    if not centred and (joints[..., 2] <= 0).any():
        behind = ids[int(np.argmax((joints[..., 2] <= 0).any(axis=1)))]
        raise InputError(
            f"{path}: joints before the camera (z above 0) were expected, found one of annotation {behind} that is "
            'not; if they are given from the pelvis, add "centred" = True.'
        )
    intrinsics = None
    if "intrinsics" in arrays:
        given = np.asarray(arrays["intrinsics"])
        shape = (4,) if given.ndim == 1 else (len(ids), 4)
        intrinsics = np.broadcast_to(array("intrinsics", *shape), (len(ids), 4)).astype(float)
    return Companion(
        path=path,
        rows=rows,
        joints=joints,
        intrinsics=intrinsics,
        fps=fps,
        centred=centred,
    )
