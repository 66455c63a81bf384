"""A motion capture pack of our own motion, in the layout of the real ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from pose3d_cli.datasets.synthetic.motion import actions
from pose3d_cli.datasets.synthetic.motion.play import play


def write(path: Path, subjects: Mapping[str, str]) -> None:
    """Write a walk, a squat and a wave: y up, 50 frames/s.

    Args:
        path: The pack.
        subjects: Whose the action is, by "walk", "squat" and "wave".
    """
    arrays: dict[str, np.ndarray] = {"fps": np.array(50.0)}
    sequences = []
    for action, subject in subjects.items():
        moved = play([getattr(actions, action)()], fps=50)
        y_up = [np.stack([p[..., 0], p[..., 2], -p[..., 1]], axis=-1) for p in (moved.joints, moved.face)]
        arrays[f"{action}__j3d"], arrays[f"{action}__face"] = (part.astype(np.float32) for part in y_up)
        sequences.append({"name": action, "subject": subject, "description": action})
    np.savez(path, meta=np.array(json.dumps({"sequences": sequences})), **arrays)
