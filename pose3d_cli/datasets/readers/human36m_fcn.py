"""Human3.6M with the 3D joints of a single-frame network, FCN, in the layout of DeciWatch.

FCN is Martinez et al., "A simple yet effective baseline for 3d human pose estimation", ICCV 2017.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from in_the_wild.errors import InputError
from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.datasets.prepared.sequences import Camera, Description, Labelled
from pose3d_cli.datasets.readers._deciwatch import DeciWatchReader, Take, joints_of, with_number


@dataclass(kw_only=True)
class Human36MFcn(DeciWatchReader):
    """Human3.6M as estimated by FCN: 3D joints of every frame, and where they are.

    Args:
        source: The folder that holds groundtruth_poses and detected_poses.
        estimator: "fcn".
    """

    layout: ClassVar[str] = (
        "groundtruth_poses/h36m/h36m_gt_{train,test}.npz and detected_poses/h36m/fcn/h36m_fcn_{train,test}.npz, as "
        "DeciWatch gives them away."
    )
    set_name = "h36m"
    estimators = ("fcn",)
    true_arrays = estimated_arrays = ("joints_3d",)

    estimator: str = "fcn"

    def describe(self) -> Description:
        """17 joints from the pelvis."""
        return Description(
            name="human36m_fcn",
            inputs=self.estimator,
            joint_skeleton=HUMAN36M17.name,
            centred=True,
            licence="Human3.6M: for research only; cite Ionescu et al., PAMI 2014, and DeciWatch, ECCV 2022.",
            notes={"estimated_joints": "FCN (Martinez et al., ICCV 2017)"},
        )

    def labelled(self, take: Take) -> Labelled:
        """Pictures are called SUBJECT/ACTION/CAMERA/FRAME."""
        if len(take.folders) < 3:
            raise InputError(
                f"{take.where}: names of pictures like SUBJECT/ACTION/CAMERA/PICTURE were expected, found "
                f"{take.name}/...; get the file again."
            )
        subject, action, camera = take.folders[-3:]
        return Labelled(
            name=take.name,
            subject=subject,
            action=with_number(action),
            split=take.split,
            fps=50.0,
            camera=Camera(name=camera),
            joints=joints_of(take.truth["joints_3d"], take, HUMAN36M17),
            estimated_joints=joints_of(take.estimated["joints_3d"], take, HUMAN36M17),
        )
