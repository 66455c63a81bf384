"""Sub-JHMDB with the 2D keypoints of SimplePose, in the layout of DeciWatch.

Jhuang et al., "Towards understanding action recognition", ICCV 2013; the 316 clips in which the whole body is seen.
SimplePose is Xiao et al., "Simple Baselines for Human Pose Estimation and Tracking", ECCV 2018.

By their numbers, 687 and 261, the sequences of the two files are those of the set's three splits together: 3 x 316. A
clip that is tested is then trained on too, in another split's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.skeletons import JHMDB15
from pose3d_cli.datasets.prepared.sequences import Camera, Description, Labelled
from pose3d_cli.datasets.readers._deciwatch import DeciWatchReader, Take, points_of

# Nobody says who is seen.
_SUBJECT = "unknown"


@dataclass(kw_only=True)
class Jhmdb(DeciWatchReader):
    """Sub-JHMDB as estimated by SimplePose: 15 keypoints of every frame, where they are, and the person's box.

    Args:
        source: The folder that holds groundtruth_poses and detected_poses.
        estimator: "simplepose".
    """

    layout: ClassVar[str] = (
        "groundtruth_poses/jhmdb/jhmdb_gt_{train,test}.npz and "
        "detected_poses/jhmdb/simplepose/jhmdb_simplepose_{train,test}.npz, as DeciWatch gives them away."
    )
    set_name = "jhmdb"
    estimators = ("simplepose",)
    true_arrays = ("joints_2d", "bbox")
    estimated_arrays = ("joints_2d",)
    sequence_arrays = ("imgshape",)

    estimator: str = "simplepose"

    def describe(self) -> Description:
        """15 keypoints in pixels."""
        return Description(
            name="jhmdb",
            inputs=self.estimator,
            keypoint_skeleton=JHMDB15.name,
            licence="JHMDB: for research; cite Jhuang et al., ICCV 2013, and DeciWatch, ECCV 2022.",
            notes={
                "keypoints": "SimplePose (Xiao et al., ECCV 2018)",
                "split": "three splits together: a clip that is tested may be among those trained on",
            },
        )

    def labelled(self, take: Take) -> Labelled:
        """Pictures are called ACTION/CLIP/FRAME; the shape of a picture is height, width, colours."""
        shape = take.truth["imgshape"].ravel()
        boxes = take.truth["bbox"]
        if len(take.folders) < 2 or len(shape) < 2 or not (shape[:2] > 0).all() or boxes.shape[1] != 4:
            raise InputError(
                f"{take.where}: pictures called ACTION/CLIP/PICTURE, their height and width, and boxes of 4 numbers "
                f"were expected, found {take.name}/..., {shape.tolist()} and {boxes.shape[1]}; get the file again."
            )
        return Labelled(
            name=take.name,
            subject=_SUBJECT,
            action=take.folders[-2],
            split=take.split,
            fps=30.0,
            camera=Camera(width=int(shape[1]), height=int(shape[0])),
            keypoints=points_of(take.estimated["joints_2d"], take, JHMDB15, coordinates=2),
            true_keypoints=points_of(take.truth["joints_2d"], take, JHMDB15, coordinates=2),
            boxes=np.asarray(boxes, np.float32),
        )
