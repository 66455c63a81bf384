"""Measure a network of sparse poses on windows, always beside baselines: what needs no network.

It knows nothing of where the windows come from.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from scipy.interpolate import PchipInterpolator
from torch import Tensor

from in_the_wild.sparse import Normalisation, SparseNetwork, Training, normalise, prediction_input, prediction_output
from pose3d_cli.datasets.synthetic.sparse import straight_lines
from pose3d_cli.metrics import joints3d

# The baselines, by task: what their errors' names begin with. Of whole sequences no pchip is made.
BASELINES = {"fill": ("linear", "pchip"), "predict": ("last_pose", "velocity")}
# Windows at a time.
_BATCH = 256


def answer(network: SparseNetwork, training: Training, read: Tensor) -> tuple[Tensor, Normalisation]:
    """Run a network on what it reads, as it is used.

    Args:
        network: The network.
        training: What it is for.
        read: (B, K, D) the frames that it reads, or all of the past that it predicts from.

    Returns:
        (B, W, D) or, predicted, (B, W - P, D), normalised; and the normalisation.
    """
    frame = normalise(read, training.normalisation)
    known = frame.apply(read)
    if training.task == "predict":
        return prediction_output(network(prediction_input(known, frames=network.frames)), known), frame
    window = known.new_zeros(len(known), network.frames, known.shape[-1])
    window[:, :: network.interval] = known
    return network(window), frame


def loss(network: SparseNetwork, training: Training, read: Tensor, truth: Tensor) -> Tensor:
    """The mean absolute error of normalised values, the paper's loss: read (B, K, D), truth (B, T, D) -> ()."""
    predicted, frame = answer(network, training, read)
    return (predicted - frame.apply(truth)).abs().mean()


@torch.no_grad()
def answers(network: SparseNetwork, training: Training, read: np.ndarray) -> np.ndarray:
    """What a network makes of (K, ·, D): (K, T, D) in the unit of what it reads."""
    device = next(network.parameters()).device
    found = []
    for part in torch.from_numpy(read).split(_BATCH):
        predicted, frame = answer(network, training, part.to(device))
        found.append(frame.undo(predicted).cpu().numpy())
    return np.concatenate(found)


def baselines(network: SparseNetwork, training: Training, read: np.ndarray) -> dict[str, np.ndarray]:
    """The same by means without a network, by name.

    Filling: "linear" interpolation and "pchip", a cubic one that does not overshoot. Predicting: the "last_pose" stays,
    or goes on at its "velocity", that of the last two frames.

    Args:
        network: Gives the sizes.
        training: Gives the task.
        read: (K, ·, D).
    """
    if training.task == "predict":
        ahead = np.arange(1, network.frames - training.past + 1)[:, None]
        last = read[:, -1:]
        return {"last_pose": last + 0 * ahead, "velocity": last + ahead * (last - read[:, -2:-1])}
    every = np.arange(network.frames)
    known = every[:: network.interval]
    return {
        "linear": np.einsum("tk,bkd->btd", straight_lines(every, known), read),
        "pchip": PchipInterpolator(known, read, axis=1)(every),
    }


def errors(training: Training, found: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Mean errors over all windows, frames and joints.

    Args:
        training: Says what the values are.
        found: (K, T, D).
        truth: (K, T, D).

    Returns:
        For keypoints "error_percent", of the longer side of the person's true box, averaged over the window. For joints
        "mpjpe_mm" and "p_mpjpe_mm".
    """
    if training.space == "image":
        points, exact = (values.reshape(*values.shape[:2], -1, 2) for values in (found, truth))
        side = np.ptp(exact, axis=2).max(axis=-1).mean(axis=1)[:, None, None]  # (K, 1, 1)
        return {"error_percent": float((np.linalg.norm(points - exact, axis=-1) / side).mean() * 100)}
    joints, exact = (values.reshape(*values.shape[:2], -1, 3).astype(np.float64) * 1e3 for values in (found, truth))
    return {
        "mpjpe_mm": float(joints3d.mpjpe(joints, exact).mean()),
        "p_mpjpe_mm": float(joints3d.p_mpjpe(joints, exact).mean()),
    }


def check(network: SparseNetwork, training: Training, read: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Errors of a network, then those of the `baselines` with their names before them, such as "linear_mpjpe_mm".

    Args:
        network: In eval mode.
        training: What it is for.
        read: (K, ·, D).
        truth: (K, T, D).
    """
    found = errors(training, answers(network, training, read), truth)
    for name, values in baselines(network, training, read).items():
        found |= {f"{name}_{key}": value for key, value in errors(training, values, truth).items()}
    return found


def no_better_than(training: Training, errors: Mapping[str, float]) -> list[str]:
    """The baselines, by the names of their errors, that a network does not beat in its first error.

    Args:
        training: What the network is for.
        errors: Of the network, then of baselines with their names before them; see `check`.
    """
    name, own = next(iter(errors.items()))
    theirs = [f"{baseline}_{name}" for baseline in BASELINES[training.task]]
    return [baseline for baseline in theirs if errors.get(baseline, math.inf) <= own]
