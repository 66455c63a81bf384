"""A small labelled set of our own motion, prepared in a folder, for tests of training and evaluation."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.datasets.prepared.sequences import Camera, Description, Labelled, Writer
from pose3d_cli.datasets.synthetic.motion import actions
from pose3d_cli.datasets.synthetic.motion.play import play

# Human3.6M's picture, about.
CAMERAS = (
    Camera("A", 1000, 1002, (1145.0, 1144.0, 512.0, 515.0, 0, 0, 0, 0, 0)),
    Camera("B", 1000, 1000, (1149.0, 1148.0, 509.0, 508.0, 0, 0, 0, 0, 0)),
)


def sequence(action: str, subject: str, split: str, camera: Camera, *, azimuth: float, frames: int = 60) -> Labelled:
    """A walk, a squat or a wave (`action` up to the first space) at 50 frames/s, seen from a side by an ideal lens."""
    moved = play([getattr(actions, action.partition(" ")[0])()], fps=50).joints[:frames]  # (T, 17, 3) z up
    centre = moved[:, HUMAN36M17.root].mean(axis=0)
    cos, sin = np.cos(azimuth), np.sin(azimuth)
    rotation = np.array([[cos, sin, 0], [0, 0, -1], [-sin, cos, 0]])  # world to camera: x right, y down, z away
    joints = (moved - centre) @ rotation.T + [0, 0, 4.5]
    focal, middle = np.array(camera.intrinsics[:2]), np.array(camera.intrinsics[2:4])  # type: ignore[index]
    pixels = joints[..., :2] / joints[..., 2:] * focal + middle
    return Labelled(
        name=f"{subject}/{action}/{camera.name}",
        subject=subject,
        action=action,
        split=split,
        fps=50.0,
        camera=camera,
        keypoints=pixels,
        true_keypoints=pixels,
        joints=joints,
    )


def write(folder: Path, *, frames: int = 60) -> Path:
    """A set of two subjects, three actions and two cameras: "S1" trains, "S9" tests."""
    description = Description(
        name="human36m", inputs="gt", keypoint_skeleton=HUMAN36M17.name, joint_skeleton=HUMAN36M17.name
    )
    with Writer(folder, description) as writer:
        for subject, split, turn in (("S1", "train", 0.3), ("S9", "test", 1.1)):
            for action in ("walk 1", "squat", "wave"):
                for number, camera in enumerate(CAMERAS):
                    azimuth = turn + 1.6 * number
                    writer.add(sequence(action, subject, split, camera, azimuth=azimuth, frames=frames))
    return folder
