"""Errors per action and their average, as Human3.6M's tables are made; every function keeps the unit of its input.

The sensible way is the default: each sample counts with its own error, and the average is over the actions that have
samples. The scripts of P-STMO, StridedTransformer and STCFormer (`common/utils.py`) do otherwise in two places, which
is to be had by name where their figures are to be met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from in_the_wild.errors import InputError

H36M_ACTIONS = (
    "Directions", "Discussion", "Eating", "Greeting", "Phoning", "Photo", "Posing", "Purchases", "Sitting",
    "SittingDown", "Smoking", "Waiting", "WalkDog", "Walking", "WalkTogether",
)  # fmt: skip


def action_means(
    errors: np.ndarray, actions: Sequence[str], *, batches: Sequence[int] | None = None
) -> dict[str, float]:
    """Mean error of each action.

    Args:
        errors: (N,) of single samples.
        actions: N names; what follows the first space, such as the take's number, is left out.
        batches: The authors' accounting of protocol 2: sizes of the test's batches, in order. Every sample then counts
            with its batch's mean, so that actions mix and the figures depend on the batch size.

    Raises:
        InputError: numbers of errors, actions and samples in batches that differ.
    """
    if errors.shape != (len(actions),) or (batches is not None and sum(batches) != len(actions)):
        raise InputError(
            f"One error for each of {len(actions)} samples was expected, found errors of shape {errors.shape}"
            + ("." if batches is None else f" and {sum(batches)} samples in batches.")
        )
    if batches is not None:
        of = np.repeat(np.arange(len(batches)), batches)
        errors = (np.bincount(of, weights=errors) / np.asarray(batches))[of]
    of_action = np.array([action.partition(" ")[0] for action in actions])
    return {str(action): float(errors[of_action == action].mean()) for action in np.unique(of_action)}


def action_average(means: Mapping[str, float], *, over: Sequence[str] | None = None) -> float:
    """The average of the actions' means, which is the figure of the papers.

    Args:
        means: By action.
        over: None averages the actions that are there. Given, one of these without samples counts as 0, as in the
            authors' scripts, which always average their 15 (`H36M_ACTIONS`).

    Raises:
        InputError: no actions, or one that is not among `over`.
    """
    unknown = set(means) - set(means if over is None else over)
    if unknown or not means:
        raise InputError(
            f"Actions to average were expected, found {', '.join(sorted(unknown)) or 'none'}"
            + (f", not among {', '.join(over)}." if over and unknown else ".")
        )
    return sum(means.values()) / len(means if over is None else over)
