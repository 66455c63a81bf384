"""The held-out test: whole sequences of subjects never trained on, seen by a fixed set of random cameras.

The protocol, so that its figures can be repeated: the sequences of the held-out subjects, at the weights' frame rate,
bodies and motion unchanged; camera i of N sees sequence i mod S; its azimuth is drawn evenly, pitch, roll and distance
as in training, the distance grown until the whole path stays in front of it; 2D keypoints are exact projections with
score 1 and the focal length is known. Joints are compared root-relative.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.datasets.mocap.packs import BODY22, COCO_IN_BODY22, H36M_IN_BODY22, Mocap
from pose3d_cli.datasets.synthetic.virtual import Cameras, camera_rotations

# Nearest that a held-out person comes to the camera, metres.
_NEAREST = 1.2


@dataclass(frozen=True)
class View:
    """One sequence seen by one camera.

    Attributes:
        name: Of the sequence.
        subject: Of the sequence.
        action: What is done.
        rays: (T, 17, 2) COCO keypoints as x/z and y/z.
        joints: (T, 17, 3) Human3.6M joints, metres, root-relative, in the camera.
        root: (T, 3) where their root is, metres in camera space.
        fps: Frames per second.
    """

    name: str
    subject: str
    action: str
    rays: np.ndarray
    joints: np.ndarray
    root: np.ndarray
    fps: float


def views(mocap: Mocap, *, count: int, stride: int, cameras: Cameras, seed: int = 0) -> Iterator[View]:
    """The views of the held-out test.

    Args:
        mocap: Held-out sequences.
        count: N, number of cameras.
        stride: Motion capture frames from one frame to the next.
        cameras: What cameras are drawn from.
        seed: Of the cameras.
    """
    rng = np.random.default_rng(seed)
    near, far = np.log(cameras.distance)
    for i in range(count):
        s = i % len(mocap.names)
        world = mocap.sequence(s)[::stride]
        rotation = camera_rotations(
            azimuth=rng.uniform(0, 2 * np.pi, 1),
            pitch=np.radians(rng.normal(*cameras.pitch, 1)),
            roll=np.radians(rng.normal(0, cameras.roll, 1)),
        )[0]
        camera = (world - world[:, BODY22.root].mean(axis=0)) @ rotation.T
        camera[..., 2] += max(np.exp(rng.uniform(near, far)), _NEAREST - camera[..., 2].min())
        keypoints, joints = camera[:, COCO_IN_BODY22], camera[:, H36M_IN_BODY22]
        root = joints[:, HUMAN36M17.root]
        yield View(
            name=mocap.names[s],
            subject=mocap.subjects[s],
            action=mocap.actions[s],
            rays=keypoints[..., :2] / keypoints[..., 2:],
            joints=joints - root[:, None],
            root=root,
            fps=mocap.fps / stride,
        )
