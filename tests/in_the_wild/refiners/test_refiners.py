"""Refiners on points whose true paths are known; the contract holds for every file of the family."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from in_the_wild import plugins
from in_the_wild.errors import InputError, WeightsError
from in_the_wild.poses import SPACES, Poses, Source
from in_the_wild.refiners.base import Refiner
from in_the_wild.refiners.butterworth import Butterworth
from in_the_wild.refiners.linear import Linear
from in_the_wild.refiners.median import Median
from in_the_wild.refiners.one_euro import OneEuro
from in_the_wild.refiners.savitzky_golay import SavitzkyGolay
from in_the_wild.refiners.spline import Spline
from in_the_wild.skeletons import COCO17, HUMAN36M17

FAMILY = "in_the_wild.refiners"
NAMES = plugins.names(FAMILY)
CLASSES: Mapping[str, type[Refiner]] = {name: plugins.load(FAMILY, name) for name in NAMES}
SMOOTHERS: tuple[type[Refiner], ...] = (Butterworth, SavitzkyGolay, Median, OneEuro)
FILLERS: tuple[type[Refiner], ...] = (Linear, Spline)
JOINTS = {"image": COCO17, "camera": HUMAN36M17, "world": HUMAN36M17}
# Points of a person: about 300 pixels, or 1.7 metres.
SIZE = {"image": 300.0, "camera": 1.7, "world": 1.7}


def times(count: int, *, fps: float = 25.0, uneven: bool = False) -> np.ndarray:
    if not uneven:
        return np.arange(count) / fps
    gaps = np.random.default_rng(3).uniform(0.5, 1.5, count - 1) / fps
    return np.concatenate([[0.0], np.cumsum(gaps)])


def body(space: str) -> np.ndarray:
    """(J, C) points of a person."""
    return np.random.default_rng(7).uniform(-0.5, 0.5, (len(JOINTS[space]), SPACES[space])) * SIZE[space]


def swinging(time: np.ndarray, space: str = "image", *, hertz: float = 0.8) -> np.ndarray:
    """(T, J, C) joints that swing by a fifth of the person, each in its own phase."""
    rest = body(space)
    phase = np.arange(len(rest))[:, None] + np.arange(rest.shape[1])
    return rest + 0.1 * SIZE[space] * np.sin(2 * np.pi * hertz * time[:, None, None] + phase)


def table(
    keypoints: np.ndarray,
    time: np.ndarray,
    *,
    space: str = "image",
    frames: np.ndarray | None = None,
    scores: np.ndarray | None = None,
    person: int = 0,
    root: np.ndarray | None = None,
) -> Poses:
    """Poses of one person from values of all frames (T, J, C), with rows for some of them."""
    frames = np.arange(len(time)) if frames is None else np.asarray(frames)
    scores = np.full(keypoints.shape[:2], 0.8) if scores is None else scores
    return Poses(
        keypoints=keypoints[frames],
        scores=scores[frames],
        frame=frames,
        person_id=np.full(len(frames), person),
        skeleton=JOINTS[space],
        space=space,
        video=Source(path="x", width=1000, height=1000, fps=(len(time) - 1) / time[-1], timestamps=time),
        root=None if root is None else root[frames],
    )


def noise(keypoints: np.ndarray, *, share: float = 0.01) -> np.ndarray:
    """Jitter of so many sizes of the person."""
    return np.random.default_rng(1).normal(0, share * np.ptp(keypoints), keypoints.shape)


def error(poses: Poses, truth: np.ndarray) -> float:
    return float(np.linalg.norm(poses.keypoints - truth[poses.frame], axis=-1).mean())


def built(name: str, *, space: str) -> Refiner:
    """The refiner as it is without settings; those whose weights do not come along for these joints are skipped."""
    refiner = CLASSES[name]()
    time = times(3)
    try:
        refiner(table(swinging(time, space), time, space=space))
    except WeightsError as reason:
        pytest.skip(str(reason))
    return refiner


# -------------------------------------------------------------------------------------------------------- the contract


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("name", NAMES)
def test_every_refiner_keeps_its_promises(name: str, space: str) -> None:
    if space not in CLASSES[name].spaces:
        pytest.skip(f"{name} is not for {space} space")
    refiner = built(name, space=space)
    time = times(60, uneven=True)
    root = np.stack([time, 0 * time, 4 + time], axis=-1) if space == "camera" else None
    seen = np.delete(np.arange(60), [7, 20, 21, 22, 23, 40])
    first = table(swinging(time, space), time, space=space, frames=seen, root=root)
    second = table(3 * swinging(time, space, hertz=0.5), time, space=space, frames=seen[5:40], person=4, root=root)
    refined = refiner(Poses.join([first, second]))
    assert refined.persons == [0, 4]
    assert (refined.space, refined.skeleton, refined.video) == (first.space, first.skeleton, first.video)
    for given_rows in (first, second):
        person = int(given_rows.person_id[0])
        ours = refined.of_person(person)
        every_frame = np.arange(given_rows.frame[0], given_rows.frame[-1] + 1)
        expected = every_frame if refiner.fills else given_rows.frame
        assert np.array_equal(ours.frame, expected)
        assert np.isfinite(ours.keypoints).all()
        there = np.isin(ours.frame, given_rows.frame)
        assert np.allclose(ours.scores[there], given_rows.scores)
        assert np.allclose(ours.scores[~there], 0.8)
        assert (ours.root is None) == (root is None)
        # Nobody is pulled to where another is.
        alone = refiner(given_rows)
        assert np.allclose(ours.keypoints, alone.keypoints, atol=1e-4 * SIZE[space])
    assert [note["name"] for note in refined.meta["refiners"]] == [name]
    assert next(iter(refiner.settings)) == "name"


@pytest.mark.parametrize("name", NAMES)
def test_people_without_ids_are_refused(name: str) -> None:
    time = times(5)
    space = CLASSES[name].spaces[0]
    strangers = table(swinging(time, space), time, space=space, person=-1)
    with pytest.raises(InputError, match="track"):
        CLASSES[name]()(strangers)


@pytest.mark.parametrize("name", NAMES)
def test_nobody_stays_nobody(name: str) -> None:
    time = times(5)
    space = CLASSES[name].spaces[0]
    assert len(CLASSES[name]()(table(swinging(time, space), time, space=space).rows(np.zeros(0, int)))) == 0


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("name", NAMES)
def test_who_has_one_row_stays_as_he_is(name: str, space: str) -> None:
    if space not in CLASSES[name].spaces:
        pytest.skip(f"{name} is not for {space} space")
    refiner = built(name, space=space)
    time = times(9)
    alone = table(swinging(time, space), time, space=space, frames=np.array([4]))
    refined = refiner(alone)
    assert refined.frame.tolist() == [4]
    if name != "mixsynthformer":
        assert np.array_equal(refined.keypoints, alone.keypoints)


# ------------------------------------------------------------------------------------------------------------ smoothing


@pytest.mark.parametrize("uneven", [False, True])
@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("kind", SMOOTHERS)
def test_jitter_goes_and_the_motion_stays(kind: type[Refiner], space: str, uneven: bool) -> None:
    time = times(200, uneven=uneven)
    truth = swinging(time, space)
    noisy = table(truth + noise(truth), time, space=space)
    refined = kind()(noisy)
    assert error(refined, truth) < 0.85 * error(noisy, truth)
    jerk = [np.abs(np.diff(one.keypoints - truth, n=2, axis=0)).mean() for one in (noisy, refined)]
    assert jerk[1] < 0.6 * jerk[0]


@pytest.mark.parametrize("uneven", [False, True])
@pytest.mark.parametrize("kind", SMOOTHERS)
def test_nothing_lags(kind: type[Refiner], uneven: bool) -> None:
    """The shift at which a refined sine is most like the true one, by a parabola through the correlations there."""
    time = times(250, uneven=uneven)
    truth = swinging(time)
    refined = kind()(table(truth + noise(truth, share=0.003), time))
    lag = _lag(refined.keypoints[:, 0, 0], truth[:, 0, 0], time)
    assert abs(lag) < 0.1 / 25, f"{1000 * lag:.1f} ms"


def _lag(values: np.ndarray, truth: np.ndarray, time: np.ndarray) -> float:
    """Seconds by which values are behind the truth."""
    shifts = np.linspace(-0.12, 0.12, 241)
    middle = (time > 1) & (time < time[-1] - 1)
    alike = [np.corrcoef(np.interp(time[middle] + shift, time, values), truth[middle])[0, 1] for shift in shifts]
    return float(shifts[int(np.argmax(alike))])


def test_one_euro_forwards_alone_lags() -> None:
    """So that the test above can be failed."""
    time = times(250)
    truth = swinging(time)
    refined = OneEuro(both_ways=False)(table(truth, time))
    assert _lag(refined.keypoints[:, 0, 0], truth[:, 0, 0], time) > 0.02


@pytest.mark.parametrize("uneven", [False, True])
@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("kind", SMOOTHERS + FILLERS)
def test_who_stands_still_stays_where_he_is(kind: type[Refiner], space: str, uneven: bool) -> None:
    time = times(30, uneven=uneven)
    still = np.repeat(body(space)[None], 30, axis=0)
    root = np.tile([0.5, 0.1, 4.0], (30, 1))
    refined = kind()(table(still, time, space=space, root=root if space == "camera" else None))
    assert np.allclose(refined.keypoints, still, atol=1e-5 * SIZE[space])
    if refined.root is not None:
        assert np.allclose(refined.root, root, atol=1e-4)


@pytest.mark.parametrize("kind", SMOOTHERS)
def test_a_pulse_is_lowered_and_spread_evenly(kind: type[Refiner]) -> None:
    """One wrong frame: less of it is left, and as much before it as after it."""
    time = times(41)
    still = np.repeat(body("image")[None], 41, axis=0)
    pulse = still.copy()
    pulse[20, :, 0] += 60
    off = kind()(table(pulse, time)).keypoints[:, 5, 0] - still[:, 5, 0]
    assert off[20] < 45
    assert np.allclose(off, off[::-1], atol=0.6)
    if kind is Median:
        assert np.abs(off).max() < 1e-3


@pytest.mark.parametrize("kind", SMOOTHERS)
def test_the_root_s_path_is_smoothed_too(kind: type[Refiner]) -> None:
    time = times(120)
    truth = np.stack([np.sin(time), 0 * time, 4 + 0.3 * np.cos(time)], axis=-1)
    rough = truth + np.random.default_rng(2).normal(0, 0.03, truth.shape)
    refined = kind()(table(swinging(time, "camera"), time, space="camera", root=rough))
    assert refined.root is not None
    assert np.abs(refined.root - truth).mean() < 0.85 * np.abs(rough - truth).mean()


@pytest.mark.parametrize("kind", SMOOTHERS + FILLERS)
def test_what_was_not_seen_does_not_count(kind: type[Refiner]) -> None:
    """A keypoint of score 0 at the picture's corner: bridged, and its score stays."""
    time = times(80)
    truth = swinging(time)
    scores = np.full(truth.shape[:2], 0.9)
    wrist = COCO17.index("left_wrist")
    scores[30:36, wrist] = 0
    wild = truth.copy()
    wild[30:36, wrist] = 0
    refined = kind()(table(wild, time, scores=scores))
    clean = kind()(table(truth, time))
    # Apart from six frames that had to be guessed, it is as if nothing had been.
    assert (refined.scores[30:36, wrist] == 0).all()
    assert np.linalg.norm(refined.keypoints[30:36, wrist] - truth[30:36, wrist], axis=-1).max() < 20
    assert np.abs(refined.keypoints[:20] - clean.keypoints[:20]).max() < 1
    others = np.delete(np.arange(17), wrist)
    assert np.allclose(refined.keypoints[:, others], clean.keypoints[:, others], atol=1e-3)


@pytest.mark.parametrize("kind", SMOOTHERS + FILLERS)
def test_a_keypoint_that_was_never_seen_stays_where_it_was_guessed(kind: type[Refiner]) -> None:
    time = times(20)
    truth = swinging(time)
    scores = np.full(truth.shape[:2], 0.9)
    scores[:, 3] = 0
    refined = kind()(table(truth, time, scores=scores, frames=np.delete(np.arange(20), 10)))
    guessed = refined.keypoints[refined.frame != 10, 3]
    assert np.allclose(guessed, np.delete(truth[:, 3], 10, axis=0), atol=1e-3)
    assert (refined.scores[:, 3] == 0).all()


@pytest.mark.parametrize("kind", SMOOTHERS + FILLERS)
def test_in_3d_rows_that_were_not_seen_do_not_count(kind: type[Refiner]) -> None:
    time = times(80)
    truth = swinging(time, "camera")
    scores = np.full(truth.shape[:2], 0.9)
    scores[30:34] = 0
    wild = truth.copy()
    wild[30:34] += 5
    refined = kind()(table(wild, time, space="camera", scores=scores))
    assert np.abs(refined.keypoints - truth).max() < 0.2
    assert (refined.scores[30:34] > 0).all() == kind().fills


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(SMOOTHERS + FILLERS),
    st.lists(st.integers(0, 40), min_size=1, max_size=12, unique=True),
    st.floats(2, 120),
)
def test_short_and_torn_tracks_are_put_up_with(kind: type[Refiner], frames: list[int], fps: float) -> None:
    time = times(41, fps=fps)
    truth = swinging(time)
    refined = kind()(table(truth, time, frames=np.sort(frames)))
    assert np.isfinite(refined.keypoints).all()
    assert len(refined) == (max(frames) - min(frames) + 1 if kind().fills else len(frames))


def test_a_slow_video_has_nothing_that_a_low_pass_could_take_out() -> None:
    time = times(20, fps=5)
    noisy = table(swinging(time) + noise(swinging(time)), time)
    assert np.array_equal(Butterworth(cutoff=2.5)(noisy).keypoints, noisy.keypoints)
    assert not np.array_equal(Butterworth(cutoff=2.4)(noisy).keypoints, noisy.keypoints)


def test_butterworth_is_scipy_s_where_times_are_even() -> None:
    from scipy.signal import butter, sosfiltfilt

    time = times(90)
    noisy = table(swinging(time) + noise(swinging(time)), time)
    expected = sosfiltfilt(butter(3, 5, fs=25, output="sos"), noisy.keypoints[:, 4].astype(float), axis=0)
    refined = Butterworth(cutoff=5, order=3)(noisy).keypoints[:, 4]
    assert np.abs(refined - expected).max() < 1e-3 * SIZE["image"]
    assert np.abs(refined[20:-20] - expected[20:-20]).max() < 1e-4


def test_savitzky_golay_keeps_what_its_polynomial_can_follow() -> None:
    time = times(40)
    curve = body("image") + 100 * (time[:, None, None] - 0.4) ** 2 - 50 * time[:, None, None]
    refined = SavitzkyGolay(order=2)(table(curve, time))
    assert np.abs(refined.keypoints - curve).max() < 1e-3


def test_one_euro_smooths_the_same_in_pixels_and_metres() -> None:
    time = times(100)
    truth = swinging(time, "camera")
    noisy = truth + noise(truth)
    metres = OneEuro()(table(noisy, time, space="camera")).keypoints
    larger = OneEuro()(table(250 * noisy, time, space="camera")).keypoints
    assert np.allclose(250 * metres, larger, atol=0.01)


# -------------------------------------------------------------------------------------------------------------- filling


@pytest.mark.parametrize("uneven", [False, True])
@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("kind", FILLERS)
def test_missing_frames_are_filled_and_seen_ones_stay(kind: type[Refiner], space: str, uneven: bool) -> None:
    time = times(101, uneven=uneven)
    truth = swinging(time, space)
    sparse = table(truth, time, space=space, frames=np.arange(0, 101, 5))
    filled = kind()(sparse)
    assert filled.frame.tolist() == list(range(101))
    assert np.array_equal(filled.keypoints[::5], sparse.keypoints)
    assert error(filled, truth) < 0.01 * SIZE[space]


def test_linear_is_a_straight_line_in_time() -> None:
    time = np.array([0.0, 0.1, 0.4, 0.5])
    ends = np.stack([body("image"), body("image") + 50, body("image"), body("image") + 50])
    filled = Linear()(table(ends, time, frames=np.array([0, 3])))
    assert np.allclose(filled.keypoints - body("image"), 100 * time[:, None, None], atol=1e-3)
    assert np.allclose(filled.scores, 0.8)


def test_a_spline_is_nearer_to_a_smooth_motion_than_lines() -> None:
    time = times(101)
    truth = swinging(time)
    sparse = table(truth, time, frames=np.arange(0, 101, 5))
    assert error(Spline()(sparse), truth) < 0.3 * error(Linear()(sparse), truth)


@pytest.mark.parametrize("kind", FILLERS)
def test_scores_of_filled_rows_are_between_their_neighbours(kind: type[Refiner]) -> None:
    time = times(11)
    scores = np.full((11, 17), 0.8)
    scores[10] = 0.4
    scores[[0, 10], 2] = 0
    filled = kind()(table(swinging(time), time, scores=scores, frames=np.array([0, 10])))
    assert np.allclose(filled.scores[5, [0, 1, 3]], 0.6)
    assert (filled.scores[:, 2] == 0).all(), "seen on neither side"


# ------------------------------------------------------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    "build",
    [
        lambda: Butterworth(cutoff=0),
        lambda: Butterworth(order=0),
        lambda: SavitzkyGolay(window=-1),
        lambda: SavitzkyGolay(order=-1),
        lambda: Median(window=0),
        lambda: OneEuro(min_cutoff=0),
        lambda: OneEuro(beta=-1),
        lambda: OneEuro(speed_cutoff=float("nan")),
    ],
)
def test_settings_that_cannot_be_are_refused(build: Callable[[], Any]) -> None:
    with pytest.raises(InputError, match="expected, found"):
        build()
