"""Training MixSynthFormer: pairs that belong together, a run that resumes exactly, and weights worth having."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import fakes
import numpy as np
import packs as packs_of_our_own
import pytest
from typer.testing import CliRunner

from in_the_wild import checkpoints
from in_the_wild.checkpoints import Weights
from in_the_wild.errors import ConfigError, InputError
from in_the_wild.poses import Poses
from in_the_wild.refiners import mixsynthformer
from in_the_wild.refiners.linear import Linear
from in_the_wild.refiners.mixsynthformer import MixSynthFormer, MixSynthFormerNetwork
from in_the_wild.skeletons import COCO17, HUMAN36M17
from in_the_wild.steps.lift import fill_track, lift, lift_track
from pose3d_cli import config, main
from pose3d_cli.datasets.mocap import packs as mocap
from pose3d_cli.datasets.mocap.packs import H36M_IN_BODY22, Mocap
from pose3d_cli.datasets.synthetic import heldout, sparse, virtual
from pose3d_cli.datasets.synthetic.noise import DetectorNoise, NoiseBank
from pose3d_cli.datasets.synthetic.virtual import facing
from pose3d_cli.evaluation import baselines
from pose3d_cli.training import build_refiner

SHIPPED = ("coco17_n5", "coco17_n10", "human36m17_n5", "human36m17_n10", "predict")
BANK = Path(__file__).parents[3] / "assets" / "mediapipe_noise.npz"


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("packs")
    packs_of_our_own.write(folder / "own.npz", {"walk": "1", "squat": "1", "wave": "9"})
    return [folder / "own.npz"]


@pytest.fixture(scope="module")
def clips(packs: list[Path]) -> Mocap:
    return mocap.load(packs)


@pytest.fixture(scope="module")
def lifter() -> Weights:
    return checkpoints.load("pstmo_coco")


def windows_of(clips: Mocap, frames: int, **changes: Any) -> virtual.VirtualWindows:
    return virtual.VirtualWindows(clips, frames=frames, stride=2, **changes)


# ---------------------------------------------------------------------------------------------------------------- pairs


def lifted(count: int = 5) -> sparse.Lifted:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(count, 21, 17, 3)).astype(np.float32)
    return sparse.Lifted(truth[:, ::5], truth, interval=5)


@pytest.mark.parametrize("kind", ["keypoints", "lifted", "continuations"])
def test_a_batch_depends_on_seed_and_step_alone(clips: Mocap, kind: str) -> None:
    noisy = windows_of(clips, 11, noise=DetectorNoise())
    made: dict[str, sparse.Examples] = {
        "keypoints": sparse.Keypoints(noisy, 5),
        "lifted": lifted(),
        "continuations": sparse.Continuations(noisy, 6),
    }
    first, again, next_, other = (made[kind].batch(8, seed=s, step=t) for s, t in ((3, 5), (3, 5), (3, 6), (4, 5)))
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, two)
        assert one.dtype == np.float32
    assert not np.array_equal(first[0], next_[0])
    assert not np.array_equal(first[0], other[0])


def test_keypoints_to_learn_are_exact_and_those_read_are_off(clips: Mocap) -> None:
    clean = sparse.Keypoints(windows_of(clips, 11), 5).batch(6, seed=0, step=0)
    np.testing.assert_array_equal(clean[0], clean[1][:, ::5])
    noisy = sparse.Keypoints(windows_of(clips, 11, noise=DetectorNoise(), clean=0.0), 5).batch(6, seed=0, step=0)
    assert [part.shape for part in noisy] == [(6, 3, 34), (6, 11, 34)]
    np.testing.assert_array_equal(noisy[1], clean[1])
    assert 1e-4 < np.abs(noisy[0] - clean[0]).mean() < 0.1


def test_a_keypoint_never_seen_stands_amid_the_others() -> None:
    rays, scores = np.random.default_rng(0).normal(size=(2, 3, 17, 2)), np.ones((2, 3, 17))
    scores[0, :, 4] = 0
    scores[1, 1, 4] = 0  # seen in other frames
    put = sparse.amid_the_others(rays, scores)
    np.testing.assert_allclose(put[0, :, 4], np.delete(rays[0], 4, axis=1).mean(axis=1))
    put[0, :, 4] = rays[0, :, 4]
    np.testing.assert_array_equal(put, rays)


def test_continuations_are_one_motion_and_only_the_past_is_shaken(clips: Mocap) -> None:
    windows = windows_of(clips, 11)
    read, truth = sparse.Continuations(windows, 6, offset=0.0, jitter=0.0).batch(4, seed=0, step=2)
    exact = windows.views(4, np.random.default_rng((0, 2))).camera[:, :, H36M_IN_BODY22]
    expected = sparse.root_relative(exact).reshape(4, 11, 51)
    np.testing.assert_allclose(np.concatenate([read, truth], axis=1), expected, atol=1e-6)
    shaken, same = sparse.Continuations(windows, 6, offset=0.0, jitter=0.01).batch(4, seed=0, step=2)
    np.testing.assert_array_equal(same, truth)
    assert 1e-3 < np.abs(shaken - read).mean() < 1e-2


def test_lifted_windows_are_cut_where_frames_were_lifted() -> None:
    made = lifted()
    read, truth = made.batch(40, seed=0, step=0)
    assert (read.shape, truth.shape) == ((40, 3, 51), (40, 11, 51))
    np.testing.assert_array_equal(read, truth[:, ::5])  # mirrored and turned about together
    starts = {tuple(made.truth[k, start].ravel()[:3]) for k in range(5) for start in (0, 5, 10)}
    assert any(tuple(window[0][:3]) in starts for window in truth)
    assert any(tuple(window[-1][:3]) in starts for window in truth)


def test_sparse_keypoints_are_lifted_as_the_library_lifts_them(clips: Mocap, lifter: Weights) -> None:
    views = windows_of(clips, 47, noise=DetectorNoise(), clean=0.0).views(2, np.random.default_rng(0))
    found = sparse.lift_sparse(views.rays, views.scores, lifter, interval=5)
    assert found.shape == (2, 5, 17, 3)
    for window in range(2):
        pixels = views.rays[window] * fakes.FOCAL + np.array([fakes.WIDTH, fakes.HEIGHT]) / 2
        rows = fakes.poses2d(pixels).replace(scores=views.scores[window].astype(float)).rows(np.arange(3, 47, 5))
        track = fill_track(rows)
        joints = lift_track(
            track, lifter.lifter, fps=25.0, flip=None, normalisation="box", width=fakes.WIDTH, height=fakes.HEIGHT,
            focal=fakes.FOCAL, every=5,
        )  # fmt: skip
        joints -= joints[:, HUMAN36M17.root, None]
        np.testing.assert_allclose(found[window], joints[2:-2], atol=2e-4)  # of frames 13 to 33, not 3 to 43


def test_a_pool_is_made_once_and_again_for_another_seed(clips: Mocap, lifter: Weights, tmp_path: Path) -> None:
    windows = windows_of(clips, sparse.stretch_frames(lifter, interval=5, segments=1), noise=DetectorNoise())
    first = sparse.pool(windows, lifter, interval=5, count=2, seed=0, folder=tmp_path)
    written = (tmp_path / "pool.npz").stat().st_mtime_ns
    again = sparse.pool(windows, lifter, interval=5, count=2, seed=0, folder=tmp_path)
    assert (tmp_path / "pool.npz").stat().st_mtime_ns == written
    np.testing.assert_array_equal(first.read, again.read)
    assert (first.read.shape, first.truth.shape) == ((2, 3, 17, 3), (2, 11, 17, 3))
    assert np.linalg.norm(first.read - first.truth[:, ::5], axis=-1).mean() < 0.25  # metres: the same poses
    other = sparse.pool(windows, lifter, interval=5, count=2, seed=1, folder=tmp_path)
    assert not np.array_equal(first.truth, other.truth)
    with pytest.raises(InputError, match="centre frame"):
        sparse.margin(Weights("x", {}, checkpoints.Training(), "x.pt", "", lifter.lifter))


def test_long_noise_goes_back_and_forth_within_a_stretch() -> None:
    residuals = np.arange(10, dtype=np.float32)[:, None, None] * np.ones((1, 17, 2), np.float32)
    bank = NoiseBank(residuals, residuals[..., 0], np.zeros(10, np.float32), np.array([0, 4]), np.array([4, 10]))
    drawn, _ = bank.draw(np.zeros(20), 25, np.random.default_rng(0))
    values = drawn[:, :, 0, 0]
    assert (np.abs(np.diff(values, axis=1)) == 1).all()
    assert set(np.unique(values)) <= set(range(4, 10))


# ------------------------------------------------------------------------------------------------------------- training

ARGUMENTS: dict[str, Any] = {
    "coordinates": 34, "interval": 5, "segments": 4, "channels": 16, "hidden": 32, "layers": 1, "reduce_time": 1,
    "dropout": 0.05,
}  # fmt: skip
CONFIG: dict[str, Any] = {
    "arguments": ARGUMENTS,
    "training": {"space": "image", "skeleton": "coco17", "fps": 25.0, "normalisation": "box"},
    "hold_out": ["9"],
    "stride": 2,
    "cameras": {},
    "bodies": {},
    "noise": {"offset": 0.0, "drift": 0.0, "jitter": 0.06, "guessed": 0.0, "unseen": 0.0},
    "bank": None,
    "clean": 0.0,
    "lifter": "pstmo_coco",
    "pool": 2,
    "past_noise": {},
    "batch": 16,
    "seed": 0,
    "schedule": {
        "steps": 24, "warmup": 5, "check_every": 8, "save_every": 4, "average_from": 8, "learning_rate": 1e-2,
        "average": 0.9,
    },
    "heldout_cameras": 4,
    "heldout_every": 5,
}  # fmt: skip


def trained(packs: list[Path], folder: Path, *, stop_after: int | None = None, **changes: Any) -> list[float]:
    losses: list[float] = []

    def on_step(step: int, loss: float) -> None:
        losses.append(loss)
        if step == stop_after:
            raise KeyboardInterrupt

    run = build_refiner.build(packs=packs, folder=folder, **{**CONFIG, **changes})
    try:
        build_refiner.train(run, folder, device="cpu", on_step=on_step, on_check=lambda errors: None)
    except KeyboardInterrupt:
        assert stop_after is not None
    return losses


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "log.csv").open() as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]


def test_a_killed_run_resumes_with_the_same_losses(packs: list[Path], tmp_path: Path) -> None:
    whole = trained(packs, tmp_path / "whole")
    first = trained(packs, tmp_path / "killed", stop_after=14)
    rest = trained(packs, tmp_path / "killed")
    assert first == whole[:14]
    assert rest == whole[12:]  # the state of step 12 was the last saved
    assert rows(tmp_path / "killed") == rows(tmp_path / "whole")
    columns = ["step", "loss", "learning_rate", "error_percent", "linear_error_percent", "pchip_error_percent"]
    assert list(rows(tmp_path / "whole")[0]) == columns
    a, b = (mixsynthformer.load(str(tmp_path / name / "best.pt")) for name in ("whole", "killed"))
    for name, value in a.network.state_dict().items():
        assert value.equal(b.network.state_dict()[name]), name


def test_a_short_run_beats_straight_lines_on_people_never_seen(packs: list[Path], tmp_path: Path) -> None:
    losses = trained(packs, tmp_path, schedule={**CONFIG["schedule"], "steps": 120, "check_every": 60})
    assert np.mean(losses[-10:]) < 0.9 * np.mean(losses[:10])
    run = build_refiner.build(packs=packs, folder=tmp_path, **CONFIG)
    read, truth = run.heldout
    seen = np.arange(21) % 5 == 0
    refiner = MixSynthFormer(weights=str(tmp_path / "best.pt"))
    hidden = np.zeros_like(truth)
    hidden[:, seen] = read
    refined = np.stack([refiner.refine_array(window, seen) for window in hidden])
    lines = baselines.baselines(run.network, run.training, read)["linear"]
    own, theirs = (baselines.errors(run.training, found, truth)["error_percent"] for found in (refined, lines))
    assert own < 0.95 * theirs
    logged = float(rows(tmp_path)[-1]["error_percent"])
    assert own == pytest.approx(logged, rel=0.02)  # 16-bit weights


def test_it_starts_from_straight_lines(packs: list[Path], tmp_path: Path) -> None:
    run = build_refiner.build(packs=packs, folder=tmp_path, **CONFIG)
    found = baselines.check(run.network.eval(), run.training, *run.heldout)
    assert found["error_percent"] == pytest.approx(found["linear_error_percent"], rel=1e-4)


@pytest.mark.parametrize("task", ["fill", "predict"])
def test_joints_are_trained_for_too(packs: list[Path], tmp_path: Path, task: str) -> None:
    training = {"task": task, "space": "camera", "skeleton": "human36m17", "fps": 25.0, "past": 11 * (task != "fill")}
    few = {**CONFIG["schedule"], "steps": 8}
    arguments = {**ARGUMENTS, "coordinates": 51}
    trained(packs, tmp_path, training=training, arguments=arguments, schedule=few, heldout_cameras=1, heldout_every=40)
    compared = ("linear", "pchip") if task == "fill" else ("last_pose", "velocity")
    names = [
        f"{name}{error}" for name in ("", *(f"{one}_" for one in compared)) for error in ("mpjpe_mm", "p_mpjpe_mm")
    ]
    (row,) = rows(tmp_path)
    assert list(row)[3:] == names
    assert (tmp_path / "curve.png").read_bytes()[:4] == b"\x89PNG"
    assert mixsynthformer.load(str(tmp_path / "best.pt")).training.task == task


def test_errors_are_in_the_units_that_their_names_say() -> None:
    truth = np.random.default_rng(0).uniform(size=(2, 11, 17, 2))
    truth[..., 0, :], truth[..., 1, :] = 0, (0.5, 2)  # the longer side is 2
    image = mixsynthformer.Training(space="image", skeleton="coco17")
    off = (truth + np.array([0.06, 0.08])).reshape(2, 11, 34)
    assert baselines.errors(image, off, truth.reshape(2, 11, 34)) == {"error_percent": pytest.approx(5.0)}
    joints = np.random.default_rng(1).normal(size=(2, 11, 51))
    camera = mixsynthformer.Training(space="camera", skeleton="human36m17")
    found = baselines.errors(camera, joints + 0.01, joints)
    assert found["mpjpe_mm"] == pytest.approx(10 * 3**0.5)
    assert found["p_mpjpe_mm"] == pytest.approx(0, abs=1e-6)


def test_only_baselines_are_compared_with() -> None:
    training = mixsynthformer.Training(space="camera", skeleton="human36m17")
    errors = {
        "mpjpe_mm": 9.0,
        "p_mpjpe_mm": 5.0,
        "linear_mpjpe_mm": 9.0,
        "linear_p_mpjpe_mm": 1.0,
        "pchip_mpjpe_mm": 9.1,
    }
    assert baselines.no_better_than(training, errors) == ["linear_mpjpe_mm"]


def test_baselines_continue_steady_motion() -> None:
    network = MixSynthFormerNetwork(**{**ARGUMENTS, "coordinates": 2, "interval": 1, "segments": 8})
    training = mixsynthformer.Training(task="predict", space="camera", skeleton="human36m17", past=5)
    motion = np.arange(9.0)[None, :, None] * np.array([1.0, -2.0])
    found = baselines.baselines(network, training, motion[:, :5])
    np.testing.assert_allclose(found["velocity"], motion[:, 5:])
    np.testing.assert_allclose(found["last_pose"], np.repeat(motion[:, 4:5], 4, axis=1))
    filling = baselines.baselines(network, mixsynthformer.Training(), motion)
    for name in ("linear", "pchip"):
        np.testing.assert_allclose(filling[name], motion, atol=1e-12)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schedule": {"step": 3}}, r'group schedule .* no key "step". Did you mean "steps"'),
        ({"arguments": {**ARGUMENTS, "segment": 3}}, r'group arguments .*"segment". Did you mean "segments"'),
        ({"arguments": {**ARGUMENTS, "coordinates": 51}}, "coco17 in image space is 34 numbers per frame, found 51"),
        ({"training": {"space": "image", "skeleton": "blazepose33"}}, "is trained here to .* found fill image blaze"),
        ({"training": {"space": "image", "skeleton": "coco17", "past": 3}}, "asked with 3 past frames"),
    ],
)
def test_what_cannot_be_trained_is_said(packs: list[Path], tmp_path: Path, changes: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build_refiner.build(packs=packs, folder=tmp_path, **{**CONFIG, **changes})


def test_the_command_trains_and_says_what_is_no_better(packs: list[Path], tmp_path: Path) -> None:
    few = ["schedule.steps=2", "schedule.average_from=0", "batch=2", "heldout.cameras=1", 'hold_out=["9"]']
    changes = [part for one in few for part in ("--set", one)]
    command = ["train", "mixsynthformer_coco17_n10", "--data", str(packs[0].parent), "-o", str(tmp_path / "run")]
    done = CliRunner().invoke(main.app, [*command, "--workers", "0", "--set", "schedule.learning_rate=10.0", *changes])
    assert done.exit_code == 0, done.output
    assert "Best held-out error_percent" in done.output
    assert "no better than linear_error_percent" in done.output
    wrong = CliRunner().invoke(main.app, [*command, "--set", "schedule.stepz=2"])
    assert 'Did you mean "schedule.steps"' in " ".join(wrong.output.split())
    (tmp_path / "odd.py").write_text('_base_ = "{}"\npools = 3\n'.format(config.find("mixsynthformer_predict")))
    odd = CliRunner().invoke(main.app, ["train", str(tmp_path / "odd.py"), "--data", str(packs[0].parent)])
    assert 'unknown group "pools". Did you mean "pool"' in " ".join(odd.output.split())


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_weights_are_what_their_configuration_says(name: str) -> None:
    values, loaded = config.load(f"mixsynthformer_{name}"), mixsynthformer.load(f"mixsynthformer_{name}")
    assert loaded.arguments == values["arguments"]
    assert loaded.training == mixsynthformer.Training(**values["training"])
    assert checkpoints.find(f"mixsynthformer_{name}").stat().st_size < 1e6


# ------------------------------------------------------------------------------------------------------ shipped weights


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
        lifted = lift(
            every_nth(poses, n), lifter.lifter, input_skeleton=COCO17, output_skeleton=HUMAN36M17, fps=25.0,
            normalisation="box", focal=fakes.FOCAL, focal_source="given focal", flip=False,
        )  # fmt: skip
        rows = lifted.rows((lifted.scores > 0).any(axis=1))
        for refined, errors in ((refiner(lifted), own), (Linear()(rows), theirs)):
            errors.append(np.linalg.norm(refined.keypoints - joints[refined.frame], axis=-1).mean())
    assert refiner.settings["weights"].keys() == {f"mixsynthformer_human36m17_n{n}.pt"}
    assert np.mean(own) < np.mean(theirs)


def test_shipped_weights_predict_better_than_rest_and_velocity(clips: Mocap) -> None:
    trained = mixsynthformer.load("mixsynthformer_predict")
    views = list(heldout.views(clips, count=6, stride=2, cameras=virtual.Cameras()))
    frames, past = trained.network.frames, trained.training.past
    pair = sparse.heldout_continuations(views, frames=frames, past=past, every=3)
    found = baselines.check(trained.network, trained.training, *pair)
    assert found["mpjpe_mm"] < min(found["last_pose_mpjpe_mm"], found["velocity_mpjpe_mm"])
