"""What a result rests on, in sentences for somebody who has never heard of lenses and lifters.

It knows nothing about pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from in_the_wild.look import CERTAIN_MM
from in_the_wild.poses import Poses
from in_the_wild.reasons import UNSEEN


def assumptions(poses: Poses) -> list[str]:
    """What nobody measured, and is taken to be so.

    Args:
        poses: As they were lifted, or as a file has them.
    """
    said: Mapping[str, Any] = poses.meta.get("assumptions") or {}
    sentences = []
    if "focal" in said:
        sentences.append(_of_lens(str(said["focal"])))
    if "scale" in said:
        sentences.append(
            "One camera cannot tell how tall somebody is: lengths are those of an average body, so compare them within "
            "a person rather than with a tape measure."
        )
    if "root" in said:
        sentences.append("How far people are from the camera is the least certain of all that is shown.")
    if "world" in said:
        sentences.append(f"The floor and what is upright are found from the people: {said['world']}.")
    if poses.error_mm is not None:
        sentences.append(
            "Each joint is expected to be off by so many millimetres as stand beside it, seen from the hips. Limbs are "
            f"whole up to {CERTAIN_MM:.0f} mm, dashed beyond, and faint dots where nobody saw them."
        )
    unseen = poses.scores <= UNSEEN
    if unseen.any():
        sentences.append(
            f"{unseen.mean():.0%} of the joints were not seen; they are guessed from the others, and drawn as dots."
        )
    return sentences


def warnings(poses: Poses) -> list[str]:
    """What went wrong, or might have, as the steps that made the poses said it."""
    return list(dict.fromkeys(str(one) for one in poses.meta.get("warnings", [])))


def _of_lens(focal: str) -> str:
    if "assumed" in focal:
        return (
            "Nobody said which lens filmed this; an ordinary one is assumed, which sees some 53 degrees along the "
            "picture's longer side."
        )
    if "metadata" in focal:
        return f"What the video's file says of its lens is taken to be so: {focal}."
    return f"The lens is known: a focal length of {focal}."
