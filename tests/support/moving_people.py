"""People in our own motion, as estimates with noise: bones breathe, as those of estimated joints do."""

from __future__ import annotations

import fakes
import numpy as np

from in_the_wild.poses import Poses
from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.datasets.synthetic.motion import actions
from pose3d_cli.datasets.synthetic.motion.play import play

FPS, FRAMES = 30.0, 120


def people(*persons: int, frames: slice = slice(None)) -> Poses:
    """People side by side in world space, in some frames of a clip of four seconds, each a little later than the other.

    They walk round a bend and look along +y first; the x axis is to their right.
    """
    moved = play([actions.walk(seconds=2, turn=120), actions.kick(), actions.reach()], fps=FPS).joints
    noise = np.random.default_rng(0)
    rows = np.arange(FRAMES)[frames]
    return Poses.join(
        [
            Poses(
                keypoints=noise.normal(moved[rows + 10 * person] + (2 * person, 0, 0), 0.01),
                scores=np.ones((len(rows), len(HUMAN36M17))),
                frame=rows,
                person_id=np.full(len(rows), person),
                skeleton=HUMAN36M17,
                space="world",
                video=fakes.video(FRAMES, fps=FPS),
            )
            for person in persons
        ]
    )


def y_up(points: np.ndarray) -> np.ndarray:
    """Points (..., 3) with z up as files with y up have them."""
    return np.stack([points[..., 0], points[..., 2], -points[..., 1]], axis=-1)
