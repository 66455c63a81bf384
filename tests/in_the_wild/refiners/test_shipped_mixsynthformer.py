"""The weights of MixSynthFormer that ship: as their configurations say, and worth having."""

from __future__ import annotations

from pathlib import Path

import fakes
import numpy as np
import packs as packs_of_our_own
import pytest

from in_the_wild import checkpoints
from in_the_wild.checkpoints import Weights, refiners
from in_the_wild.lens import Lens
from in_the_wild.poses import Poses
from in_the_wild.refiners.linear import Linear
from in_the_wild.refiners.mixsynthformer import MixSynthFormer
from in_the_wild.sparse import Training
from in_the_wild.steps.lift import TrainedLifter
from pose3d_cli import config
from pose3d_cli.datasets.mocap import packs as mocap
from pose3d_cli.datasets.mocap.packs import Mocap
from pose3d_cli.datasets.synthetic import heldout, sparse, virtual
from pose3d_cli.datasets.synthetic.noise import DetectorNoise, NoiseBank
from pose3d_cli.datasets.synthetic.virtual import facing
from pose3d_cli.evaluation import baselines

SHIPPED = ("coco17_n5", "coco17_n10", "human36m17_n5", "human36m17_n10", "predict")
BANK = Path(__file__).parents[3] / "assets" / "mediapipe_noise.npz"


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Mocap:
    pack = tmp_path_factory.mktemp("packs") / "own.npz"
    packs_of_our_own.write(pack, {"walk": "1", "squat": "1", "wave": "9"})
    return mocap.load([pack])


@pytest.fixture(scope="module")
def lifter() -> Weights:
    return checkpoints.load("pstmo_coco")


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_weights_are_what_their_configuration_says(name: str) -> None:
    values, loaded = config.load(f"mixsynthformer_{name}"), refiners.load(f"mixsynthformer_{name}")
    assert loaded.arguments == values["arguments"]
    assert loaded.training == Training(**values["training"])
    assert checkpoints.find(f"mixsynthformer_{name}").stat().st_size < 1e6


def seen_by_cameras(clips: Mocap, count: int = 6) -> list[tuple[Poses, np.ndarray, np.ndarray]]:
    """Motion before cameras at 25 frames/s: keypoints with noise, exact ones (T, 17, 2), true joints (T, 17, 3)."""
    noise = DetectorNoise(bank=NoiseBank.load(str(BANK)))
    found = []
    for i, view in enumerate(heldout.views(clips, count=count, stride=2, cameras=virtual.Cameras(), seed=7)):
        rng = np.random.default_rng(i)
        rays, scores = noise.apply(view.rays[None], facing(view.joints[None]), rng)
        exact, pixels = (values * fakes.FOCAL + [fakes.WIDTH / 2, fakes.HEIGHT / 2] for values in (view.rays, rays[0]))
        poses = fakes.poses2d(pixels).replace(scores=np.maximum(scores[0], 0.01).astype(float).clip(0, 1))
        found.append((poses, exact, view.joints))
    return found


def every_nth(poses: Poses, n: int) -> Poses:
    return poses.rows((poses.frame % n == 0) & (poses.frame <= (len(poses) - 1) // n * n))


@pytest.mark.parametrize("n", [5, 10])
def test_shipped_weights_beat_straight_lines_in_2d(clips: Mocap, n: int) -> None:
    refiner = MixSynthFormer()
    own: list[float] = []
    theirs: list[float] = []
    for poses, exact, _ in seen_by_cameras(clips, 12):
        rows = every_nth(poses, n)
        for refined, errors in ((refiner(rows), own), (Linear()(rows), theirs)):
            errors.append(np.linalg.norm(refined.keypoints - exact[refined.frame], axis=-1).mean())
    assert refiner.settings["weights"].keys() == {f"mixsynthformer_coco17_n{n}.pt"}
    assert np.mean(own) < np.mean(theirs)


@pytest.mark.parametrize("n", [5, 10])
def test_shipped_weights_beat_straight_lines_in_3d(clips: Mocap, lifter: Weights, n: int) -> None:
    refiner = MixSynthFormer()
    own: list[float] = []
    theirs: list[float] = []
    for poses, _, joints in seen_by_cameras(clips):
        unsmoothed = TrainedLifter.of(lifter, flip=False, smoothing=0.0)
        lifted = unsmoothed.lift(every_nth(poses, n), Lens(focal=fakes.FOCAL))
        rows = lifted.rows((lifted.scores > 0).any(axis=1))
        for refined, errors in ((refiner(lifted), own), (Linear()(rows), theirs)):
            errors.append(np.linalg.norm(refined.keypoints - joints[refined.frame], axis=-1).mean())
    assert refiner.settings["weights"].keys() == {f"mixsynthformer_human36m17_n{n}.pt"}
    assert np.mean(own) < np.mean(theirs)


def test_shipped_weights_predict_better_than_rest_and_velocity(clips: Mocap) -> None:
    trained = refiners.load("mixsynthformer_predict")
    views = list(heldout.views(clips, count=6, stride=2, cameras=virtual.Cameras()))
    frames, past = trained.network.frames, trained.training.past
    pair = sparse.heldout_continuations(views, frames=frames, past=past, every=3)
    found = baselines.check(trained.network, trained.training, *pair)
    assert found["mpjpe_mm"] < min(found["last_pose_mpjpe_mm"], found["velocity_mpjpe_mm"])
