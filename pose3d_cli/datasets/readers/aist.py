"""AIST++ with the joints and SMPL parameters of SPIN, in the layout of DeciWatch.

Li et al., "AI Choreographer: Music Conditioned 3D Dance Generation with AIST++", ICCV 2021. It is scored on the 14
joints of `lsp14`, centred between the hips. The training files hold 5.9 million frames: reading them takes about 12 GB
of memory, using what comes out of it next to none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from in_the_wild.skeletons import LSP14
from pose3d_cli.datasets.prepared.sequences import Camera, Description, Labelled
from pose3d_cli.datasets.readers._deciwatch import DeciWatchReader, Take, joints_of

# A name of AIST: genre, situation, camera, dancer, music, choreography.
_NAME = re.compile(r"(?P<genre>g[A-Z]+)_s[A-Z]+_(?P<camera>c\w+?)_(?P<dancer>d\d+)_m\w+?_ch\d+")
_UNKNOWN = "unknown"


@dataclass(kw_only=True)
class Aist(DeciWatchReader):
    """AIST++ as estimated by SPIN: 3D joints and SMPL parameters of every frame, and the truth.

    Args:
        source: The folder that holds groundtruth_poses and detected_poses.
        estimator: "spin".
    """

    layout: ClassVar[str] = (
        "groundtruth_poses/aist/aist_gt_{train,test}.npz and detected_poses/aist/spin/aist_spin_{train,test}.npz, as "
        "DeciWatch gives them away."
    )
    set_name = "aist"
    estimators = ("spin",)
    true_arrays = ("joints_3d", "pose")
    estimated_arrays = ("joints_3d", "pose", "shape")

    estimator: str = "spin"

    def describe(self) -> Description:
        """14 joints from the middle of the hips, and SMPL's 72 numbers of the pose; the estimate's shape besides."""
        return Description(
            name="aist",
            inputs=self.estimator,
            joint_skeleton=LSP14.name,
            centred=True,
            licence="AIST++: annotations CC BY 4.0; cite Li et al., ICCV 2021, and DeciWatch, ECCV 2022.",
            notes={
                "estimated_joints": self.estimator.upper(),
                "action": "the genre of the dance",
                "smpl": "pose 72; the truth has no shape, its path and scale are left out",
            },
        )

    def labelled(self, take: Take) -> Labelled:
        """Pictures are called SEQUENCE/FRAME, and the sequence tells genre, camera and dancer."""
        said = _NAME.fullmatch(take.folders[-1])
        return Labelled(
            name=take.name,
            subject=said["dancer"] if said else _UNKNOWN,
            action=said["genre"] if said else take.folders[-1],
            split=take.split,
            fps=60.0,
            camera=Camera(name=said["camera"] if said else ""),
            joints=joints_of(take.truth["joints_3d"], take, LSP14),
            estimated_joints=joints_of(take.estimated["joints_3d"], take, LSP14),
            smpl=take.truth["pose"],
            estimated_smpl=np.concatenate([take.estimated["pose"], take.estimated["shape"]], axis=1),
        )
