"""What a lifter was trained on, as far as lifting must know it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Training:
    """What weights were trained on, as far as lifting must know it.

    Attributes:
        input_skeleton: Keypoints the network reads.
        output_skeleton: Joints it gives.
        fps: Frames per second it was trained at.
        normalisation: How pixels become its input, a name in `in_the_wild.normalise.NORMALISATIONS`.
        metres: Metres in one unit of what the network gives; 0.001 where it was trained in millimetres.
        data: Training data, in words.
        licence: Licence and acknowledgement of the weights, in words.
        variant: The published checkpoint that they are, by the name of its record; empty for any other.
    """

    input_skeleton: str = "coco17"
    output_skeleton: str = "human36m17"
    fps: float = 50.0
    normalisation: str = "image"
    metres: float = 1.0
    data: str = "not said by the file"
    licence: str = "not said by the file"
    variant: str = ""


# What an authors' file was trained on as far as nobody says more: Human3.6M, as nearly all that they published.
AUTHORS = Training(input_skeleton="human36m17", data="the authors' (not said by the file)", licence="the authors'")
