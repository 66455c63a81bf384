"""PCK of 2D keypoints as sub-JHMDB is scored: a keypoint is right within a share of the person's box.

Definition: Yang and Ramanan, "Articulated human detection with flexible mixtures of parts" (PAMI 2013), with the box's
longer side as the size; the sub-JHMDB tables of DeciWatch and MixSynthFormer give it at 0.05, 0.1 and 0.2.
"""

from __future__ import annotations

import numpy as np

from in_the_wild.errors import InputError


def pck2d(predicted: np.ndarray, target: np.ndarray, boxes: np.ndarray, *, threshold: float) -> np.ndarray:
    """Share of frames in which each keypoint is right.

    The tables average it over joints within a sequence, then over sequences, whatever their lengths.

    Args:
        predicted: (N, J, 2) pixels.
        target: (N, J, 2) pixels.
        boxes: (N, 4) the person's x0, y0, x1, y1 in pixels.
        threshold: Share of the box's longer side up to which, inclusively, a keypoint is right.

    Returns:
        (J,) in [0, 1].

    Raises:
        InputError: shapes that do not fit together.
    """
    if predicted.shape != target.shape or predicted.ndim != 3 or boxes.shape != (len(predicted), 4):
        raise InputError(
            f"Keypoints (N, J, 2) of one shape and boxes (N, 4) were expected, "
            f"found {predicted.shape}, {target.shape} and {boxes.shape}."
        )
    size = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])  # (N,)
    right = np.linalg.norm(predicted - target, axis=-1) <= threshold * size[:, None]
    share: np.ndarray = right.mean(axis=0)
    return share
