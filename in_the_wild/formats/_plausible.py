"""Whether keypoints can be what a file says they are: pixels of a picture of its size.

Keypoints of another scale lift to nonsense without a word: those from 0 to 1, those of a picture that was made smaller
before anybody looked at it, millimetres. It knows nothing about how files hold keypoints.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from in_the_wild.errors import InputError

# Shares of a picture lie within this, a little beyond its edges included.
_SHARES = 2.0
# A picture that is smaller than this could have all its keypoints within a few pixels.
_SMALLEST = 32
# Limbs reach beyond the picture where a person is cut off; a body does not lie this share of the sides beyond it.
_BEYOND = 0.5
# Share of the keypoints from which too many lie beyond that, or outside at all.
_MOST, _DOUBTFUL = 0.5, 0.2
# Everybody within this share of both sides, from the top left corner: the picture may have been a smaller one.
_CORNER = 0.4


def are_shares(keypoints: np.ndarray, seen: np.ndarray) -> bool:
    """Whether keypoints (N, J, 2) of which some are seen (N, J) are shares of the picture's sides, not pixels."""
    found = keypoints[seen]
    return bool(found.any()) and bool((np.abs(found) <= _SHARES).all())


def check_pixels(path: Path, keypoints: np.ndarray, seen: np.ndarray, size: tuple[int, int]) -> list[str]:
    """Refuse keypoints that cannot be pixels of a picture.

    Args:
        path: The file, for errors.
        keypoints: (N, J, 2).
        seen: (N, J) which of them were seen.
        size: Width and height.

    Returns:
        A sentence on what is doubtful, if anything is.

    Raises:
        InputError: shares from 0 to 1, or most of them far outside of the picture.
    """
    found = keypoints[seen]
    if not len(found):
        return []
    if are_shares(keypoints, seen) and min(size) >= _SMALLEST:
        raise InputError(
            f"{path} holds keypoints from {found.min():.3g} to {found.max():.3g}, which are shares of the picture's "
            "sides and no pixels; multiply them by its width and height."
        )
    low, high = found.min(axis=0), found.max(axis=0)
    reach = f"x from {low[0]:.0f} to {high[0]:.0f}, y from {low[1]:.0f} to {high[1]:.0f}"
    sides = np.array(size)
    beyond, outside = (
        float(((found < -share * sides) | (found > (1 + share) * sides)).any(axis=1).mean()) for share in (_BEYOND, 0.0)
    )
    if beyond > _MOST:
        raise InputError(
            f"{path} holds keypoints that cannot be pixels of a picture of {size[0]}x{size[1]}: {reach}; say the size "
            "of the picture in which they were found."
        )
    if outside > _DOUBTFUL or (high < _CORNER * sides).all():
        where = f"{outside:.0%} of them lie outside" if outside > _DOUBTFUL else "all lie in the top left corner"
        return [
            f"Keypoints of {path.name} are doubtful: {where} of a picture of {size[0]}x{size[1]} ({reach}); is that "
            "the size of the picture in which they were found?"
        ]
    return []
