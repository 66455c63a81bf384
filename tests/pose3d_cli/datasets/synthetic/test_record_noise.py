"""Recording what a detector does to people of known pose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from in_the_wild import plugins
from in_the_wild.detectors.base import Detection, Detector
from in_the_wild.skeletons import COCO17, Skeleton
from pose3d_cli.datasets.mocap.packs import Mocap
from pose3d_cli.datasets.synthetic import record_noise, virtual
from pose3d_cli.datasets.synthetic.noise import NoiseBank
from pose3d_cli.datasets.synthetic.record_noise import record, runs
from pose3d_cli.datasets.synthetic.scenes import RandomScene, random_scene

FPS = 25.0


class Told(Detector):
    """Answers with what it is told of a frame: people (P, 17, 2)."""

    name = "told"
    skeleton: Skeleton = COCO17
    persons = 2

    def __init__(self, people: Callable[[int], np.ndarray]) -> None:
        self._people = people
        self.looked: list[int] = []

    @property
    def settings(self) -> Mapping[str, Any]:
        return {"name": self.name}

    def __call__(self, image: np.ndarray, time: float) -> Detection:
        self.looked.append(round(time * FPS))
        people = self._people(self.looked[-1]).astype(np.float32)
        return Detection(people, np.full(people.shape[:2], 0.8, np.float32))

    def look_back(self, image: np.ndarray, time: float) -> Detection:
        return self(image, time)


@pytest.fixture(scope="module")
def scene(clips: Mocap) -> RandomScene:
    motion = virtual.VirtualWindows(clips, frames=19, stride=2)
    return random_scene(motion, np.random.default_rng(4), kind="whole")


def box_of(scene: RandomScene) -> np.ndarray:
    return np.ptp(scene.keypoints, axis=1).max(axis=-1)


def test_frames_between_looks_are_filled_before_they_are_compared(scene: RandomScene) -> None:
    detector = Told(lambda t: scene.keypoints[None, t] + (0.03 * box_of(scene)[t], 0.0))
    (stretch,) = record(scene, detector, fps=FPS)
    assert len(set(detector.looked)) < 15  # of 19 frames
    assert stretch.residuals.shape == (19, 17, 2)
    looked = sorted(set(detector.looked))
    np.testing.assert_allclose(stretch.residuals[looked], np.broadcast_to((0.03, 0.0), (len(looked), 17, 2)), atol=1e-3)
    np.testing.assert_allclose(stretch.residuals.mean(axis=(0, 1)), (0.03, 0.0), atol=3e-3)
    np.testing.assert_allclose(stretch.scores, 0.8, atol=1e-4)
    assert stretch.kind == "whole"


def test_the_person_is_taken_and_not_somebody_else(scene: RandomScene) -> None:
    detector = Told(lambda t: np.stack([scene.keypoints[t] + 150, scene.keypoints[t]]))
    (stretch,) = record(scene, detector, fps=FPS)
    np.testing.assert_allclose(np.median(stretch.residuals), 0, atol=1e-3)


def test_people_lost_or_taken_back_for_front_are_left_out(scene: RandomScene) -> None:
    def people(t: int) -> np.ndarray:
        if t < 6:
            return scene.keypoints[None, t, list(COCO17.flip)]
        return scene.keypoints[None, t] + (900 if t > 14 else 0)

    (stretch,) = record(scene, Told(people), fps=FPS)
    assert 7 <= len(stretch.scores) <= 9
    np.testing.assert_allclose(np.median(stretch.residuals), 0, atol=1e-3)
    assert record(scene, Told(lambda t: np.zeros((0, 17, 2))), fps=FPS) == []


def test_frames_with_somebody_else_s_limbs_are_left_out() -> None:
    residuals = np.zeros((3, 17, 2))
    residuals[1:, 5:12] = 0.4
    scores = np.full((3, 17), 0.9)
    scores[2, 5:12] = 0.1  # far off, but it says so
    np.testing.assert_array_equal(record_noise.is_own(residuals, scores), [True, False, True])


def test_gapless_runs() -> None:
    assert runs(np.array([0, 1, 2, 5, 6, 9])) == [(0, 3), (3, 5), (5, 6)]


@pytest.mark.slow
def test_a_recording_goes_on_where_its_file_ends(packs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    now: list[RandomScene] = []

    def draw(motion: virtual.VirtualWindows, rng: np.random.Generator) -> RandomScene:
        now[:] = [random_scene(motion, rng, kind="whole")]
        drawn.append(1)
        return now[0]

    monkeypatch.setattr(record_noise, "random_scene", draw)
    told = Told(lambda t: now[0].keypoints[None, t])
    monkeypatch.setattr(plugins, "load", lambda *_: lambda persons: told)

    def recorded(name: str, scenes: int) -> dict[str, np.ndarray]:
        record_noise.main(
            packs, tmp_path / name, hold_out="9", scenes=scenes, frames=9, shortest=5, detector="told", people=1
        )
        return dict(np.load(tmp_path / name))

    whole = recorded("whole.npz", 3)
    recorded("parts.npz", 1)
    drawn.clear()
    parts = recorded("parts.npz", 3)
    assert len(drawn) == 2
    for name, values in whole.items():
        np.testing.assert_array_equal(values, parts[name])
    bank = NoiseBank.load(str(tmp_path / "parts.npz"))
    residuals, scores = bank.draw(np.zeros(4), 27, np.random.default_rng(0))
    assert residuals.shape == (4, 27, 17, 2)
    np.testing.assert_allclose(scores, 0.8, atol=1e-3)
