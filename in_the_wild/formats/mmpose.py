"""mmpose's predictions: the JSON of MMPoseInferencer, and of its demos' `--save-predictions`.

As mmpose 1.x writes them (mmpose/apis/inferencers/base_mmpose_inferencer.py, demo/topdown_demo_with_mmdet.py):

    [{"frame_id": 0, "instances": [{"keypoints": [[x, y], ...], "keypoint_scores": [...], "bbox": ..., ...}, ...]}, ...]
    {"meta_info": {...}, "instance_info": [the same list]}

and of a single picture the list of instances alone. `meta_info` has the joints' names; without them 17 keypoints are
COCO's, 26 Halpe's, 133 those of COCO-WholeBody. Frames are counted from 0, in the demos from 1. `track_id` is there
where a tracker ran.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from in_the_wild import documents
from in_the_wild.errors import InputError
from in_the_wild.files import guarded
from in_the_wild.formats._fields import poses_of
from in_the_wild.formats._people import KeypointsFormat, People
from in_the_wild.formats._preview import Preview
from in_the_wild.poses import Poses

_EXPECTED = "a JSON file of mmpose's predictions"


class MMPose(KeypointsFormat):
    """Keypoints of mmpose."""

    title: ClassVar[str] = "mmpose's predictions"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    @classmethod
    def recognises(cls, preview: Preview) -> bool:
        """See `Format.recognises`: instances of frames, or of a picture."""
        record = preview.record
        return "instance_info" in record or "instances" in record or "keypoint_scores" in record

    def read(self, path: Path) -> Poses:
        """See `Format.read`."""
        content = documents.load_json(path, expected=_EXPECTED)
        with guarded(path, expected=_EXPECTED):
            frames = content.get("instance_info") if isinstance(content, dict) else content
            if isinstance(frames, list) and frames and "keypoint_scores" in frames[0]:
                frames = [{"frame_id": 0, "instances": frames}]  # a picture
            if not isinstance(frames, list) or not all(isinstance(frame, dict) for frame in frames):
                raise InputError(f'{path}: a list of frames with "instances" was expected, as mmpose writes it.')
            people = People(path)
            # The demos count from 1, and every frame is in the list.
            first = min((int(frame["frame_id"]) for frame in frames), default=0)
            for frame in frames:
                for person in frame["instances"]:
                    number = int(frame["frame_id"]) - (first == 1)
                    people.add(
                        number, person["keypoints"], person["keypoint_scores"], id=int(person.get("track_id", -1))
                    )
            fields = people.fields()
            if names := _names(content, joints=len(people.scores[0])):
                fields |= {"joints": names[: fields["keypoints"].shape[1]], "skeleton": None}
            return poses_of(path, {**fields, "warnings": people.warnings}, self)


def _names(content: Any, *, joints: int) -> list[str]:
    """The joints' names, where the file says them of all its joints."""
    said = content.get("meta_info") if isinstance(content, dict) else None
    by_number = said.get("keypoint_id2name") if isinstance(said, dict) else None
    if not isinstance(by_number, dict) or len(by_number) != joints:
        return []
    return [str(by_number[str(number)]) for number in range(joints)]
