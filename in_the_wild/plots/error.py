"""How far joints are from the truth: the mean of each, and the span that half of the frames lie in."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from matplotlib.axes import Axes

from in_the_wild import paper
from in_the_wild.errors import InputError
from in_the_wild.look import LIGHT
from in_the_wild.measures.distances import Pairs, paired
from in_the_wild.plots._lines import words
from in_the_wild.plots.base import Drawn, Plot
from in_the_wild.poses import Poses

_APART = 0.4  # of a row, between the first and the last of several results
# From head to foot; other joints come after these.
_ORDER = (
    "head_top",
    "head",
    "nose",
    "neck",
    "thorax",
    "spine",
    "belly",
    "shoulder",
    "elbow",
    "wrist",
    "hip",
    "knee",
    "ankle",
)


class Error(Plot):
    """A row for every joint and a dot for every result: millimetres, relative to the middle of the hips."""

    needs_truth: ClassVar[bool] = True

    def draw(self, axes: Axes, drawn: Drawn) -> None:
        """See `Plot.draw`."""
        found = {name: _against(name, poses, drawn) for name, poses in drawn.results.items()}
        joints = _rows(drawn, found)
        alone = len(found) == 1
        for number, (name, pairs) in enumerate(found.items()):
            shift = 0.0 if alone else _APART * (number / (len(found) - 1) - 0.5)
            millimetres = 1000 * pairs.distances
            mean = millimetres.mean(axis=0)
            colour = paper.rgb(LIGHT.results[number % len(LIGHT.results)])
            label = f"{name}: MPJPE {millimetres.mean():.1f} mm"
            kept = [(row, pairs.joints.index(joint)) for row, joint in enumerate(joints) if joint in pairs.joints]
            rows = np.array([row for row, _ in kept]) + shift
            columns = [column for _, column in kept]
            low, high = np.percentile(millimetres[:, columns], [25, 75], axis=0)
            axes.hlines(rows, low, high, color=colour, alpha=0.4, linewidth=2.4)
            axes.plot(mean[columns], rows, "o", color=colour, markersize=3.2, label=label)
        axes.set_yticks(range(len(joints)), [words(joint).capitalize() for joint in joints])
        axes.set(xlabel="Distance to the truth (mm)")
        axes.set_ylim(len(joints) - 0.4, -0.6)
        axes.set_xlim(left=0)
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0)
        axes.plot([], [], color=paper.rgb(LIGHT.quiet), alpha=0.4, linewidth=2.4, label="middle half of frames")
        paper.title_above(axes, "Error of each joint", legend=True, beside=1.2)

    def height(self, width: float, drawn: Drawn, panels: int) -> float:
        """See `Plot.height`."""
        count = len(_rows(drawn, {name: _against(name, poses, drawn) for name, poses in drawn.results.items()}))
        return 0.75 + count * (0.13 + 0.04 * len(drawn.results))


def _against(name: str, poses: Poses, drawn: Drawn) -> Pairs:
    assert drawn.truth is not None
    if poses.space != drawn.truth.space:
        raise InputError(
            f"Errors are told in one space, found {poses.space} space in {name} and {drawn.truth.space} space in the "
            "truth; pose3d compare tells what is left after turning one onto the other."
        )
    return paired(poses, drawn.truth)


def _rows(drawn: Drawn, found: dict[str, Pairs]) -> list[str]:
    """The joints that are shown, from head to foot, left beside right; the pelvis, as the origin, has no error."""
    first = next(iter(found.values()))
    unknown = [joint for joint in drawn.of if joint not in first.joints]
    if unknown:
        raise InputError(f'Both have no joint "{unknown[0]}"; they have {", ".join(first.joints)}.')
    shown = drawn.of or [joint for joint in first.joints if joint != "pelvis"]
    return sorted(shown, key=_from_head)


def _from_head(joint: str) -> tuple[int, str]:
    name = joint.removeprefix("left_").removeprefix("right_")
    return _ORDER.index(name) if name in _ORDER else len(_ORDER), joint
