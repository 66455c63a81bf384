"""Values over time as lines: which colour and dash each has, how it is labelled, and which share a panel.

What varies first among result, person, joint and part has the colours, all else the dashes. It knows nothing about what
is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.axes import Axes

from in_the_wild import paper
from in_the_wild.look import LIGHT, Colour

SIDES = ("left", "right")
# Units as axes have them, by those of measures.
_UNITS = {"deg": "°", "pixels": "px", "pixels/s": "px/s"}
_MARKED = 3  # values in a row, and fewer, that a line would hide


@dataclass(frozen=True)
class Series:
    """One line.

    Attributes:
        result: The name of the result.
        person: The id.
        joint: The joint, or what else was named.
        part: What of it: "x", "flexion"; "" where there is but one thing.
        unit: Of the values; "" for those without.
        seconds: (T,).
        values: (T,), NaN where nothing is known.
    """

    result: str
    person: int
    joint: str
    part: str
    unit: str
    seconds: np.ndarray = field(repr=False)
    values: np.ndarray = field(repr=False)

    @property
    def side(self) -> str:
        """Which side of the body it is of: "left", "right" or "middle"."""
        return next((side for side in SIDES if self.joint.startswith(f"{side}_")), "middle")

    @property
    def sideless(self) -> str:
        """The joint, whichever side it is on."""
        return self.joint.removeprefix(f"{self.side}_")


# How one of the things that may vary is told.
_Aspect = Callable[[Series], str]


def words(name: str) -> str:
    """A name as people write it.

    >>> words("left_knee")
    'left knee'
    """
    return name.replace("_", " ")


def in_panels(series: Sequence[Series]) -> list[list[Series]]:
    """The lines that belong together: those of one joint, of both its sides, and of one part of it."""
    panels: dict[tuple[str, str], list[Series]] = {}
    for one in series:
        panels.setdefault((one.sideless, one.part), []).append(one)
    return list(panels.values())


def draw_series(
    axes: Axes,
    series: Sequence[Series],
    quantity: str,
    *,
    limits: tuple[float, float] | None = None,
    above: Sequence[Series] = (),
) -> None:
    """Draw lines with their title, labels, units and legend.

    Args:
        axes: Where.
        series: The lines, of one unit.
        quantity: What the values are.
        limits: Of the values; None finds them.
        above: The lines of the panel above: what its title and its legend say is not said again.
    """
    varying, keys = _told_apart(series)
    colours, dashes = _looks(series, keys, varying)
    for one, key in zip(series, keys, strict=True):
        (line,) = axes.plot(
            one.seconds, one.values, color=colours[key[:1]], linestyle=dashes[key[1:]], label=", ".join(key)
        )
        if _shortest_run(one.values) <= _MARKED:
            line.set(marker=".", markersize=2.5)
    axes.set(xlabel="Time (s)", ylabel=_axis(quantity, {one.part for one in series}, series[0].unit))
    if limits is not None:
        low, high = limits
        axes.set_ylim(low - 0.02 * (high - low), high + 0.02 * (high - low))
    axes.margins(x=0)
    title = _title(series, quantity)
    paper.title_above(
        axes,
        "" if above and title == _title(above, quantity) else title,
        legend=bool(varying) and not (above and keys == _told_apart(above)[1]),
    )


def _told_apart(series: Sequence[Series]) -> tuple[list[str], list[tuple[str, ...]]]:
    """What lines differ in, and what each of them is in that, in words."""
    one_joint = len({one.sideless for one in series}) == 1
    aspects: dict[str, _Aspect] = {
        "result": lambda one: one.result,
        "person": lambda one: f"person {one.person}",
        "joint": lambda one: one.side if one_joint else words(one.joint),
        "part": lambda one: words(one.part),
    }
    varying = [name for name, aspect in aspects.items() if len(set(map(aspect, series))) > 1]
    return varying, [tuple(aspects[name](one) for name in varying) for one in series]


def _looks(
    series: Sequence[Series], keys: Sequence[tuple[str, ...]], varying: Sequence[str]
) -> tuple[dict[tuple[str, ...], tuple[float, float, float]], dict[tuple[str, ...], object]]:
    """Colours by what varies first, dashes by all else that varies."""
    coloured, dashed = (list(dict.fromkeys(some)) for some in ([key[:1] for key in keys], [key[1:] for key in keys]))
    palette: Sequence[Colour] = LIGHT.people if varying[:1] == ["person"] else LIGHT.results
    colours = {key: paper.rgb(palette[number % len(palette)]) for number, key in enumerate(coloured)}
    if varying[:1] in ([], ["joint"]) and len({one.sideless for one in series}) == 1:
        colours = {key[:1]: paper.rgb(LIGHT.sides[one.side]) for one, key in zip(series, keys, strict=True)}
    styles = paper.LINE_STYLES
    return colours, {key: styles[number % len(styles)] for number, key in enumerate(dashed)}


def _title(series: Sequence[Series], quantity: str) -> str:
    """What all lines are of."""
    joints = {one.joint for one in series}
    sideless = {one.sideless for one in series}
    names = joints if len(joints) == 1 else sideless
    if len(names) > 1:
        return quantity
    name = words(next(iter(names)))
    return f"{_capital(name)}: {quantity.lower()}"


def _axis(quantity: str, parts: set[str], unit: str) -> str:
    """What the values of an axis are, and their unit."""
    part = next(iter(parts)) if len(parts) == 1 else ""
    # A single letter is a coordinate, and stays small.
    name = part if len(part) == 1 else _capital(words(part)) or quantity
    unit = _UNITS.get(unit, unit)
    return f"{name} ({unit})" if unit else name


def _shortest_run(values: np.ndarray) -> int:
    """How many values stand in a row where they are fewest; 0 without any."""
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return 0
    return min(len(run) for run in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
