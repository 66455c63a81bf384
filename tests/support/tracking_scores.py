"""HOTA, IDF1, MOTA and id switches of tracks against the truth, by `trackeval`.

As in the benchmarks that these figures are of (MOTChallenge), people who are hardly seen neither count as missed nor,
where they are found, as false.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from people_scenes import HEIGHT, WIDTH, Truth
from scipy.optimize import linear_sum_assignment

with contextlib.redirect_stdout(io.StringIO()):  # it tells of benchmarks that it lacks packages for
    from trackeval.metrics import CLEAR, HOTA, Identity

_METRICS = (HOTA(), CLEAR({"PRINT_CONFIG": False}), Identity({"PRINT_CONFIG": False}))
_COUNTS = 0.3  # share of an outline that is seen, from which somebody has to be found
_SAME = 0.5  # IoU from which a box is that of somebody who does not count


@dataclass(frozen=True)
class Tracked:
    """The people of one look as a tracker has them: boxes (P, 4) left, top, right, bottom, and ids (P,) from 0."""

    boxes: np.ndarray
    ids: np.ndarray


def boxes_of(keypoints: np.ndarray) -> np.ndarray:
    """(P, 4) Boxes about keypoints (P, J, 2), as far as they are in the picture."""
    corners = np.concatenate([keypoints.min(axis=1), keypoints.max(axis=1)], axis=1)
    return np.clip(corners, 0, [WIDTH, HEIGHT, WIDTH, HEIGHT])


def evaluate(looks: Sequence[Truth], tracked: Sequence[Tracked]) -> dict[str, Any]:
    """The figures of one scene, as `combine` takes them."""
    data = _data(looks, tracked)
    with contextlib.redirect_stdout(io.StringIO()):  # it tells how long it took
        return {metric.get_name(): metric.eval_sequence(data) for metric in _METRICS}


def combine(scenes: Mapping[str, dict[str, Any]]) -> tuple[float, float, float, int]:
    """HOTA, IDF1 and MOTA in percent, and id switches, of several scenes together."""
    together = {
        metric.get_name(): metric.combine_sequences({name: scene[metric.get_name()] for name, scene in scenes.items()})
        for metric in _METRICS
    }
    return (
        100 * float(np.mean(together["HOTA"]["HOTA"])),
        100 * float(together["Identity"]["IDF1"]),
        100 * float(together["CLEAR"]["MOTA"]),
        int(together["CLEAR"]["IDSW"]),
    )


def _data(looks: Sequence[Truth], tracked: Sequence[Tracked]) -> dict[str, Any]:
    """As trackeval's metrics read it: ids from 0 without holes, and IoU for every look."""
    true_ids, own_ids, similarity = [], [], []
    for look, found in zip(looks, tracked, strict=True):
        there = np.isfinite(look.keypoints).all(axis=(1, 2)) & (look.share > 0)
        boxes, counts = boxes_of(look.keypoints[there]), look.share[there] >= _COUNTS
        iou = _iou(boxes, found.boxes)
        rows, columns = linear_sum_assignment(iou, maximize=True)
        excused = [j for i, j in zip(rows, columns, strict=True) if iou[i, j] >= _SAME and not counts[i]]
        kept = np.setdiff1d(np.arange(len(found.ids)), excused)
        true_ids.append(look.ids[there][counts])
        own_ids.append(found.ids[kept])
        similarity.append(iou[counts][:, kept])
    true_ids, true_count = _from_zero(true_ids)
    own_ids, own_count = _from_zero(own_ids)
    return {
        "num_timesteps": len(looks),
        "num_gt_ids": true_count,
        "num_tracker_ids": own_count,
        "num_gt_dets": sum(map(len, true_ids)),
        "num_tracker_dets": sum(map(len, own_ids)),
        "gt_ids": true_ids,
        "tracker_ids": own_ids,
        "similarity_scores": similarity,
    }


def _from_zero(ids: Sequence[np.ndarray]) -> tuple[list[np.ndarray], int]:
    names = np.unique(np.concatenate([np.zeros(0, dtype=int), *ids]))
    return [np.searchsorted(names, one) for one in ids], len(names)


def _iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(A, B) intersection over union."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = (high - low).clip(0).prod(axis=-1)
    areas = [(box[:, 2:] - box[:, :2]).prod(axis=-1) for box in (a, b)]
    return common / (areas[0][:, None] + areas[1][None] - common + 1e-9)
