"""3DPW with the joints and SMPL parameters of SPIN, EFT or PARE, in the layout of DeciWatch.

Von Marcard et al., "Recovering Accurate 3D Human Pose in The Wild Using IMUs and a Moving Camera", ECCV 2018. It is
scored on the 14 joints of `lsp14`, centred between the hips.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from in_the_wild.skeletons import LSP14
from pose3d_cli.datasets.prepared.sequences import Description, Labelled
from pose3d_cli.datasets.readers._deciwatch import DeciWatchReader, Take, joints_of, with_number


@dataclass(kw_only=True)
class Pw3d(DeciWatchReader):
    """3DPW as estimated by SPIN, EFT or PARE: 3D joints and SMPL parameters of every frame, and the truth.

    Args:
        source: The folder that holds groundtruth_poses and detected_poses.
        estimator: "spin", "eft" or "pare".
    """

    layout: ClassVar[str] = (
        "groundtruth_poses/pw3d/pw3d_gt_{train,test}.npz and "
        "detected_poses/pw3d/ESTIMATOR/pw3d_ESTIMATOR_{train,test}.npz, as DeciWatch gives them away."
    )
    set_name = "pw3d"
    estimators = ("spin", "eft", "pare")
    true_arrays = estimated_arrays = ("joints_3d", "pose", "shape")

    estimator: str = "spin"

    def describe(self) -> Description:
        """14 joints from the middle of the hips, and SMPL's 72 numbers of the pose and 10 of the shape."""
        return Description(
            name="pw3d",
            inputs=self.estimator,
            joint_skeleton=LSP14.name,
            centred=True,
            licence="3DPW: for non-commercial research; cite von Marcard et al., ECCV 2018, and DeciWatch, ECCV 2022.",
            notes={
                "estimated_joints": self.estimator.upper(),
                "subject": "the number of the person in the video",
                "smpl": "pose 72, shape 10",
            },
        )

    def labelled(self, take: Take) -> Labelled:
        """Pictures are called SEQUENCE/FRAME; a second person has a sequence of the same name."""
        return Labelled(
            name=take.name,
            subject=str(take.number + 1),
            action=with_number(take.folders[-1]),
            split=take.split,
            fps=30.0,
            joints=joints_of(take.truth["joints_3d"], take, LSP14),
            estimated_joints=joints_of(take.estimated["joints_3d"], take, LSP14),
            smpl=np.concatenate([take.truth["pose"], take.truth["shape"]], axis=1),
            estimated_smpl=np.concatenate([take.estimated["pose"], take.estimated["shape"]], axis=1),
        )
