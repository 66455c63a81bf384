"""Means over clips, as sure as clips make them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.stats import bootstrap


def told(clips: Iterable[np.ndarray]) -> str:
    """Means over clips, each (K,), with their 95 % confidence intervals from a bootstrap over the clips."""
    values = np.array(list(clips))
    sure = bootstrap((values,), np.mean, axis=0, rng=np.random.default_rng(0)).confidence_interval
    return " / ".join(f"{a:.1f} [{b:.1f}, {c:.1f}]" for a, b, c in zip(values.mean(axis=0), *sure, strict=True))
