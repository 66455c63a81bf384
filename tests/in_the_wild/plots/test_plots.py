"""Plots of every kind: what is drawn is what was measured, in units that are said, without a display or pyplot."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import moving_people
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from in_the_wild import Excerpt, paper, plot, plotting, plugins
from in_the_wild.errors import InputError, PluginError
from in_the_wild.look import LIGHT
from in_the_wild.measures import angles, paths
from in_the_wild.measures.distances import paired
from in_the_wild.measures.jumps import jumps
from in_the_wild.poses import Poses
from in_the_wild.skeletons import HUMAN36M17

KINDS = plugins.names(plotting.KINDS)
ONE = moving_people.people(0)
TWO = moving_people.people(0, 1)
# Nothing that they do repeats by itself.
NAMED = {"repetitions": ["left_knee_flexion"]}
# What was not seen in these frames is a gap.
GAP = range(40, 50)


def _with_a_gap() -> Poses:
    return ONE.rows(~np.isin(ONE.frame, GAP))


def _smoother() -> Poses:
    return ONE.replace(keypoints=ONE.keypoints + np.float32(0.05) * np.arange(17)[:, None])


def _drawn(axes: Axes) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return {str(line.get_label()): (np.asarray(line.get_xdata()), np.asarray(line.get_ydata())) for line in axes.lines}


def _figure(what: str, *, wide: bool = False) -> Figure:
    of = NAMED.get(what, ())
    return plotting.figure({"before": ONE, "after": _smoother()}, of, what=what, truth=ONE, wide=wide)


# ------------------------------------------------------------------------------------ what is drawn


def test_a_path_is_that_of_the_joint() -> None:
    person = _with_a_gap().person(0)
    drawn = _drawn(_with_a_gap().plot("left_knee"))
    assert list(drawn) == ["x", "y", "z"]
    for column, axis in enumerate("xyz"):
        seconds, values = drawn[axis]
        assert np.array_equal(seconds, person.seconds)
        assert np.array_equal(values, person["left_knee"][:, column].astype(float), equal_nan=True)
    assert np.isnan(drawn["x"][1][list(GAP)]).all()


def test_speeds_and_angles_are_those_that_are_measured() -> None:
    speed = _drawn(ONE.plot(["left_wrist", "right_wrist"], "speed"))
    assert np.array_equal(speed["left"][1], paths.speeds(ONE).person(0)["left_wrist_speed"])
    angle = _drawn(TWO.plot("left_knee", "angle"))
    assert list(angle) == ["person 0", "person 1"]
    for person in (0, 1):
        expected = angles.angles(TWO).person(person)["left_knee_flexion"]
        assert np.array_equal(angle[f"person {person}"][1], expected)
    hip = _drawn(ONE.plot("left_hip", "angle"))
    assert list(hip) == ["flexion", "abduction"]
    one = _drawn(ONE.plot("trunk_inclination", "angle"))
    assert np.array_equal(next(iter(one.values()))[1], angles.angles(ONE).person(0)["trunk_inclination"])


def test_bones_and_scores_are_those_of_the_poses() -> None:
    thigh = next(iter(_drawn(ONE.plot("left_knee", "bones")).values()))[1]
    hip, knee = (ONE.keypoints[:, HUMAN36M17.index(joint)].astype(float) for joint in ("left_hip", "left_knee"))
    assert np.allclose(thigh, 100 * np.linalg.norm(knee - hip, axis=1))
    scores = np.linspace(0, 1, len(ONE) * 17).reshape(-1, 17)
    drawn = next(iter(_drawn(ONE.replace(scores=scores).plot("neck", "score")).values()))[1]
    assert np.allclose(drawn, scores[:, HUMAN36M17.index("neck")])


def test_errors_are_the_mean_distances_to_the_truth() -> None:
    other = _smoother()
    axes = plotting.axes({"other": other}, what="error", truth=ONE)
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[0] == "Head"
    assert labels[-1] == "Right ankle"
    line = next(line for line in axes.lines if line.get_marker() == "o")
    pairs = paired(other, ONE)
    means = dict(zip(pairs.joints, 1000 * pairs.distances.mean(axis=0), strict=True))
    drawn = np.asarray(line.get_xdata())
    assert drawn == pytest.approx([means[label.lower().replace(" ", "_")] for label in labels])
    assert f"MPJPE {1000 * pairs.distances.mean():.1f} mm" in str(line.get_label())


def test_a_contact_sheet_shows_heights_as_they_are() -> None:
    axes = ONE.plot(what="sheet")
    poses = axes.collections
    assert len(poses) == len(axes.get_xticks())
    height = max(float(np.asarray(segment)[:, 1].max()) for segment in poses[0].get_segments())  # type: ignore[attr-defined]
    assert height == pytest.approx(float(ONE.keypoints[0, :, 2].max()), abs=1e-4)
    assert axes.get_ylabel() == "Height (m)"
    times = [float(label.get_text()) for label in axes.get_xticklabels()]
    assert times[0] == pytest.approx(ONE.seconds[0], abs=0.006)
    assert times[-1] == pytest.approx(ONE.seconds[-1], abs=0.006)


def test_jumps_are_bands_with_their_heights() -> None:
    seconds = np.arange(120) / 30
    flight = np.clip((seconds - 1.5) / 0.5, 0, 1)  # half a second in the air
    lifted = 9.81 * 0.5**2 / 2 * flight * (1 - flight)
    standing = np.repeat(ONE.keypoints[:1], 120, axis=0)
    jumper = ONE.replace(keypoints=standing + lifted[:, None, None] * (0, 0, 1))
    (jump,) = jumps(jumper)[0]
    axes = jumper.plot(what="jumps")
    (band,) = axes.patches
    assert isinstance(band, Rectangle)
    assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx((jump.takeoff, jump.landing))
    assert [text.get_text() for text in axes.texts] == [f"{100 * jump.height_by_rise:.0f} cm"]
    assert not ONE.plot(what="jumps").patches


def test_repetitions_are_numbered_where_they_turn() -> None:
    seconds = np.arange(120) / 30
    lowered = 0.2 * (1 - np.cos(2 * np.pi * seconds)) / 2
    standing = np.repeat(ONE.keypoints[:1], 120, axis=0)
    axes = ONE.replace(keypoints=standing - lowered[:, None, None] * (0, 0, 1)).plot("pelvis_height", "repetitions")
    assert axes.get_ylabel() == "Height (m)"
    assert [text.get_text() for text in axes.texts] == ["1", "2", "3", "4"]
    turns = [float(np.asarray(line.get_xdata())[0]) for line in axes.lines if line.get_marker() == "o"]
    assert turns == pytest.approx([0.5, 1.5, 2.5, 3.5], abs=0.05)
    with pytest.raises(InputError, match="name an angle or a height"):
        ONE.plot(what="repetitions")


def test_who_is_not_there_is_left_out_of_a_contact_sheet() -> None:
    late = Poses.join([ONE, moving_people.people(1, frames=slice(80, 120))])
    axes = late.plot(what="sheet")
    assert [label.get_text() for label in axes.get_yticklabels()] == ["person 0", "person 1"]
    assert len(axes.get_xticks()) < len(axes.collections) < 2 * len(axes.get_xticks())


# ------------------------------------------------------------------------- how it is told and coloured


@pytest.mark.parametrize(
    ("what", "of", "title", "label"),
    [
        ("path", "left_knee", "Left knee: position", "Position (m)"),
        ("speed", "left_knee", "Left knee: speed", "Speed (m/s)"),
        ("angle", "left_knee", "Left knee: angle", "Flexion (°)"),
        ("bones", "left_knee", "Left hip to knee: length", "Length (cm)"),
        ("bones", "spine", "Pelvis to spine: length", "Length (cm)"),
        ("score", "left_knee", "Left knee: score", "Score"),
    ],
)
def test_titles_and_units_are_said(what: str, of: str, title: str, label: str) -> None:
    axes = ONE.plot(of, what)
    assert axes.get_title("left") == title
    assert axes.get_ylabel() == label
    assert axes.get_xlabel() == "Time (s)"
    assert axes.get_legend() is None or len(axes.lines) > 1


def test_keypoints_are_told_in_pixels() -> None:
    flat = ONE.replace(keypoints=100 * ONE.keypoints[..., :2], space="image")
    assert flat.plot("left_knee").get_ylabel() == "Position (px)"
    assert flat.plot("left_knee", "bones").get_ylabel() == "Length (px)"


def test_sides_have_the_colours_of_films_and_pages() -> None:
    axes = ONE.plot(["left_knee", "right_knee"], "angle")
    colours = {str(line.get_label()): to_rgb(line.get_color()) for line in axes.lines}
    assert colours == {side: pytest.approx(paper.rgb(LIGHT.sides[side])) for side in ("left", "right")}


def test_results_are_told_apart_by_colour_and_sides_by_dashes() -> None:
    (axes,) = plotting.figure({"before": ONE, "after": _smoother()}, ["left_knee", "right_knee"], what="speed").axes
    looks = {str(line.get_label()): (to_rgb(line.get_color()), str(line.get_linestyle())) for line in axes.lines}
    assert len(set(looks.values())) == 4
    assert looks["before, left"][0] == looks["before, right"][0] != looks["after, left"][0]
    assert looks["before, left"][1] == looks["after, left"][1] != looks["after, right"][1]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(looks)  # type: ignore[union-attr]


def test_a_figure_has_a_panel_for_each_joint_and_part_and_repeats_nothing() -> None:
    figure = plotting.figure({"demo": ONE}, ["left_knee", "right_knee", "left_hip"], what="angle")
    titles = [(axes.get_title("left"), axes.get_ylabel()) for axes in figure.axes]
    assert titles == [("Knee: angle", "Flexion (°)"), ("Left hip: angle", "Flexion (°)"), ("", "Abduction (°)")]
    assert [axes.get_xlabel() for axes in figure.axes] == ["", "", "Time (s)"]


def test_a_part_of_the_time_stands_in_the_world_of_the_whole() -> None:
    part = plot(ONE, "left_knee", part=Excerpt(start=1.0, end=2.0))
    whole = _drawn(ONE.plot("left_knee"))
    for axes, axis in zip(part.axes, "xyz", strict=True):
        seconds, values = next(iter(_drawn(axes).values()))
        inside = (whole[axis][0] >= 1.0 - 1e-6) & (whole[axis][0] <= 2.0 + 1e-6)
        assert np.array_equal(seconds, whole[axis][0][inside])
        assert np.array_equal(values, whole[axis][1][inside])


def test_axes_of_ones_own_are_drawn_on() -> None:
    figure = Figure(figsize=(4, 3))
    axes = figure.subplots()
    assert ONE.plot("left_knee", axes=axes, beside={"after": _smoother()}) is axes
    assert len(axes.lines) == 6


# ------------------------------------------------------------------------------------------ as files


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("what", KINDS)
def test_every_kind_is_as_wide_as_columns_are_and_nothing_is_cut_off(what: str, wide: bool) -> None:
    figure = _figure(what, wide=wide)
    assert figure.get_figwidth() == pytest.approx((183 if wide else 89) / 25.4)
    assert 1 < figure.get_figheight() < 9
    figure.canvas.draw()
    box = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    assert box.x0 > -0.02
    assert box.y0 > -0.02
    assert box.x1 < width + 0.02
    assert box.y1 < height + 0.02


@pytest.mark.parametrize("what", KINDS)
def test_every_kind_is_written_in_every_format_the_same_each_time(tmp_path: Path, what: str) -> None:
    for suffix in paper.SUFFIXES:
        files = [tmp_path / f"{number}{suffix}" for number in range(2)]
        for file in files:
            plotting.save(_figure(what), file)
        first, second = (file.read_bytes() for file in files)
        assert len(first) > 2000
        assert first == second


def test_fonts_are_embedded_whoever_saves_the_figure(tmp_path: Path) -> None:
    figure = ONE.plot("left_knee").get_figure()
    assert figure is not None
    figure.savefig(tmp_path / "theirs.pdf")  # type: ignore[union-attr]
    plot(ONE, "left_knee", path=tmp_path / "ours.pdf")
    for name in ("theirs.pdf", "ours.pdf"):
        text = (tmp_path / name).read_bytes()
        assert b"/FontFile2" in text
        assert b"/Type3" not in text
    plot(ONE, "left_knee", path=tmp_path / "a.svg")
    assert "<text" not in (tmp_path / "a.svg").read_text(), "letters are outlines"


def test_a_png_is_as_wide_as_a_column_at_300_dots_an_inch(tmp_path: Path) -> None:
    plot(ONE, "left_knee", path=tmp_path / "a.png")
    header = (tmp_path / "a.png").read_bytes()[16:24]
    assert int.from_bytes(header[:4], "big") == round(89 / 25.4 * 300)


def test_neither_a_display_nor_pyplot_is_needed_and_styles_stay_as_they_are() -> None:
    code = (
        "import sys, moving_people, matplotlib as mpl; before = mpl.rcParams.copy(); one = moving_people.people(0);"
        "one.plot('left_knee').figure.savefig('/dev/null', format='png');"
        "assert 'matplotlib.pyplot' not in sys.modules; assert mpl.rcParams.copy() == before"
    )
    environment = {"PYTHONPATH": ":".join(path for path in sys.path if path), "PATH": "/usr/bin:/bin"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


# ---------------------------------------------------------------------------------- what cannot be drawn


@pytest.mark.parametrize(
    ("of", "what", "says"),
    [
        ("left_kne", "path", 'Did you mean "left_knee"'),
        ("left_kne", "speed", 'Did you mean "left_knee"'),
        ("left_kne", "angle", "There is no angle"),
        ("left_kne", "score", 'Did you mean "left_knee"'),
        ("left_kne", "jumps", 'Did you mean "left_knee"'),
        ("left_knee", "repetitions", "There is no angle or height"),
        ("pelvis", "bones", "on which all others hang"),
        ((), "error", "name it: --truth"),
    ],
)
def test_what_is_not_there_is_said(of: str, what: str, says: str) -> None:
    with pytest.raises(Exception, match=re.escape(says)):
        ONE.plot(of, what)


def test_what_cannot_be_drawn_is_said() -> None:
    flat = ONE.replace(keypoints=ONE.keypoints[..., :2], space="image")
    for what in ("speed", "angle", "sheet"):
        with pytest.raises(InputError, match="lift them first"):
            flat.plot(what=what)
    with pytest.raises(PluginError, match='Did you mean "angle"'):
        ONE.plot(what="angel")
    with pytest.raises(InputError, match="no person 7"):
        ONE.plot(persons=[7])
    with pytest.raises(InputError, match="found none"):
        ONE.rows(np.zeros(len(ONE), bool)).plot()
    with pytest.raises(InputError, match="one space"):
        ONE.plot(what="error", truth=ONE.replace(space="camera"))
    with pytest.raises(InputError, match=re.escape(".pdf, .png, .svg")):
        plot(ONE, path="knee.jpg")
