"""The page of what goes on now: it comes empty, and frames follow one by one as events.

`src/live.ts` is the other side. It knows nothing about how they are sent.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np

from in_the_wild import look
from in_the_wild.page import encode
from in_the_wild.page.document import described_skeleton, document
from in_the_wild.poses import Poses
from in_the_wild.skeletons import Skeleton

EVENTS = "events"  # where the page asks for them, beside itself
_DIGITS = 4  # of metres, and of times


def page(name: str, skeleton: Skeleton, size: tuple[int, int]) -> bytes:
    """The page before anything is shown.

    Args:
        name: What is looked at.
        skeleton: Of the people.
        size: Width and height of the pictures in pixels.
    """
    times = base64.b64encode(encode.packed_times(np.zeros(0))).decode()
    result: dict[str, Any] = {
        "name": name, "skeleton": described_skeleton(skeleton), "people": [], "frames": 0, "fps": 1.0, "start": 0.0,
        "times": "times", "chunks": [], **encode.CONSTANTS, "lens": None, "hinges": [], "bounds": None,
        "hasErrors": False, "reasons": None, "cautions": [], "cuts": [], "assumptions": [], "warnings": [],
    }  # fmt: skip
    video = {"name": name, "width": size[0], "height": size[1], "began": 0.0, "rotate": 0, "mirror": False,
             "missing": ""}  # fmt: skip
    header = {"results": [result], "video": video, "look": look.plain(), "live": EVENTS}
    return "".join(document(name, header, {"times": times, "video": ""}, connected=True)).encode()


def frame(world: Poses, jpeg: bytes, *, there: float, rate: float, dropped: int) -> bytes:
    """One frame as the data of an event.

    Args:
        world: The people of one frame, in the world.
        jpeg: Its picture.
        there: Seconds since 1970 at which that was there.
        rate: Figures a second.
        dropped: Pictures that nobody looked at so far.
    """
    people = [
        {"id": int(id_), "points": np.round(points.ravel(), _DIGITS).tolist(), "scores": np.round(scores, 2).tolist()}
        for id_, points, scores in zip(world.person_id, world.keypoints.astype(float), world.scores, strict=True)
    ]
    return json.dumps(
        {
            "time": float(world.video.timestamps[0]),
            "there": there,
            "people": people,
            "picture": base64.b64encode(jpeg).decode(),
            "rate": rate,
            "dropped": dropped,
        },
        allow_nan=False,
    ).encode()
