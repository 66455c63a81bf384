"""What a lifter was trained on, as far as lifting must know it; and how a file's own words become that."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from in_the_wild.errors import SkeletonError, WeightsError
from in_the_wild.skeletons import Skeleton, get_skeleton

Description = TypeVar("Description")


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


def described(kind: type[Description], values: Mapping[str, object], source: str) -> Description:
    """What a file of ours says of its training, as the dataclass that its family has for it.

    Args:
        kind: The dataclass: `Training`, or a refiner's own. Every field has a default of its type.
        values: What the file says.
        source: Name of the file, for errors.

    Raises:
        WeightsError: fields that this release does not know, or values of another type.
    """
    defaults = {one.name: one.default for one in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for name, value in values.items():
        if name not in defaults:
            raise WeightsError(f"{source} was saved by a release that this one cannot read (training says {name}).")
        wanted = type(defaults[name])
        number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not (number if wanted is float else type(value) is wanted):
            raise WeightsError(f"{source} says that the {name} of its training is {value!r}, no {wanted.__name__}.")
    return kind(**values)


def skeleton_of(name: str, source: str) -> Skeleton:
    """The skeleton that a file names.

    Raises:
        WeightsError: there is none of this name.
    """
    try:
        return get_skeleton(name)
    except SkeletonError as error:
        raise WeightsError(f"{source} was trained on joints that are not known here: {error}") from error
