"""MixSynthFormer against the numbers of the authors' code, and what it does with sequences and people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import fakes
import numpy as np
import pytest
import references
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from in_the_wild import checkpoints, windows
from in_the_wild.checkpoints import shipped
from in_the_wild.checkpoints.refiners import load, save
from in_the_wild.errors import InputError, WeightsError
from in_the_wild.lifters.pstmo import PSTMO
from in_the_wild.poses import Poses
from in_the_wild.refiners._mixsynthformer_network import MixSynthFormerNetwork
from in_the_wild.refiners.linear import Linear
from in_the_wild.refiners.mixsynthformer import MixSynthFormer
from in_the_wild.rotations import from_6d, to_6d
from in_the_wild.skeletons import COCO17, HUMAN36M17, Skeleton
from in_the_wild.sparse import Trained, Training, fill, normalise, prediction_input, prediction_output
from pose3d_cli.metrics import joints3d
from pose3d_cli.metrics.pck2d import pck2d

SMALL: dict[str, Any] = {"interval": 5, "segments": 2, "channels": 16, "hidden": 32, "layers": 2, "reduce_time": 2}
CHECKPOINT = "MixSynthFormer_checkpoint_e42.pth.tar"


def network(arrays: dict[str, np.ndarray]) -> MixSynthFormerNetwork:
    state, arguments = MixSynthFormerNetwork.convert(references.state_dict(arrays))
    built = MixSynthFormerNetwork(**arguments)
    checkpoints.load_strictly(built, state, "reference")
    return built.eval()


def trained(built: MixSynthFormerNetwork, **training: Any) -> Trained:
    return Trained(
        network=built, arguments={}, training=Training(**training), source="test.pt", sha256="", device="cpu"
    )


def straight(**arguments: Any) -> MixSynthFormerNetwork:
    """A network that interpolates linearly between the frames it reads, and corrects nothing."""
    built = MixSynthFormerNetwork(**{**SMALL, **arguments}).eval()
    for parameter in built.head.parameters():
        torch.nn.init.zeros_(parameter)
    return built


def random(seed: int = 0, **arguments: Any) -> MixSynthFormerNetwork:
    torch.manual_seed(seed)
    return MixSynthFormerNetwork(**{**SMALL, **arguments}).eval()


def saved(
    folder: Path,
    built: MixSynthFormerNetwork,
    *,
    space: str = "image",
    skeleton: Skeleton | None = COCO17,
    fps: float = 50.0,
    task: str = "fill",
    past: int = 0,
    **arguments: Any,
) -> str:
    """A file of a network's weights."""
    training = Training(
        task=task,
        space=space,
        skeleton=skeleton.name if skeleton else "",
        fps=fps,
        normalisation="box" if space == "image" else "none",
        past=past,
    )
    arguments = {**SMALL, "coordinates": built.coordinates, **arguments}
    save(folder / "weights.pt", model="mixsynthformer", network=built, arguments=arguments, training=training)
    return str(folder / "weights.pt")


# ------------------------------------------------------------------------------------------------- the authors' numbers


@pytest.mark.parametrize("file", references.files("mixsynth_model_*.npz"), ids=lambda file: file.stem)
def test_the_network_and_its_loss_equal_the_authors(file: Path) -> None:
    arrays = references.load(file.name)
    config = json.loads(str(arrays["config"]))
    built = network(arrays)
    assert (built.frames, built.interval) == (config["window"], config["sample_interval"])
    with torch.no_grad():
        output = built(torch.tensor(arrays["in/x"]))
    references.assert_equal(output, arrays["out/x"])
    loss = (output - torch.tensor(arrays["in/gt"])).abs().mean()
    assert float(loss) == pytest.approx(float(arrays["out/loss"]), rel=1e-5)


def test_a_checkpoint_of_the_authors_loads() -> None:
    expected = references.load(f"{CHECKPOINT}.expected.npz")
    loaded = load(str(references.HERE / CHECKPOINT))
    with torch.no_grad():
        references.assert_equal(loaded.network(torch.tensor(expected["in/x"])), expected["out/x"])
    assert (loaded.training.space, loaded.training.skeleton) == ("camera", "human36m17")


@pytest.mark.parametrize("file", references.files("mixsynth_slide_*.npz"), ids=lambda file: file.stem)
def test_windows_and_their_average_equal_the_authors(file: Path) -> None:
    arrays = references.load(file.name)
    built = network(arrays)
    sequence = arrays["in/pred_sequence"].astype(np.float64)
    sequence = (sequence - sequence[:, :1]).reshape(len(sequence), -1)
    look = windows.consecutive_whole(len(sequence), frames=built.frames, step=built.interval)
    padded = np.pad(sequence, ((0, max(0, built.frames - len(sequence))), (0, 0)))
    references.assert_equal(padded[look], arrays["out/windows"])
    with torch.no_grad():
        output = built(torch.tensor(padded[look], dtype=torch.float32))
    references.assert_equal(output, arrays["out/network_windows"])
    recovered = fill(trained(built), sequence, rule="released", batch=4)
    references.assert_equal(recovered.reshape(arrays["out/recovered"].shape), arrays["out/recovered"])
    references.assert_equal(
        padded[: len(recovered)].reshape(arrays["out/input_sequence"].shape), arrays["out/input_sequence"]
    )


@pytest.mark.parametrize("result", ["as_released", "with_detected_input"])
def test_the_3d_evaluation_equals_the_authors(result: str) -> None:
    arrays = references.load("mixsynth_evaluate3d_s10_q1.npz")
    built = network(arrays)
    # The last of the three is their baseline: what this network is before it has learnt anything.
    lines = straight(interval=10, segments=1)
    errors: list[list[np.ndarray]] = [[] for _ in range(9)]
    for i in range(2):
        target, detected = (arrays[f"in/{kind}_{i}"].astype(np.float64) for kind in ("gt", "pred"))
        target, detected = target - target[:, :1], detected - detected[:, :1]
        seen = (target if result == "as_released" else detected).reshape(len(target), -1)
        outputs = [fill(trained(one), seen, rule="released") for one in (built, lines)]
        for k, output in enumerate((outputs[0], seen, outputs[1])):
            joints = output[: len(outputs[0])].reshape(-1, 17, 3)
            joints = joints - joints[:, :1]
            metrics = (joints3d.mpjpe, joints3d.p_mpjpe, joints3d.acceleration_error)
            for m, metric in enumerate(metrics):
                errors[3 * k + m].append(metric(joints, target[: len(joints)]) * 1e3)
    found = np.array([np.concatenate(error).mean() for error in errors])
    np.testing.assert_allclose(found, arrays[f"out/{result}"], rtol=1e-4, atol=1e-3)


def test_the_2d_evaluation_equals_the_authors() -> None:
    arrays = references.load("mixsynth_evaluate2d_2seq.npz")
    built = trained(network(arrays))
    for k, threshold in enumerate((0.05, 0.1, 0.2)):
        shares = []
        for i in range(2):
            size = arrays[f"in/imgshape_{i}"][[1, 0]]
            detected = arrays[f"in/pred_{i}"].astype(np.float64)
            output = fill(built, detected.reshape(len(detected), -1), rule="released").reshape(-1, 15, 2)
            target, boxes = arrays[f"in/gt_{i}"][: len(output)] * size, arrays[f"in/bbox_{i}"][: len(output)]
            shares.append([
                pck2d(points[: len(output)] * size, target, boxes, threshold=threshold).mean()
                for points in (detected, output)
            ])  # fmt: skip
        np.testing.assert_allclose(np.mean(shares, axis=0), arrays["out/result"][2 * k : 2 * k + 2], atol=1e-6)


@pytest.mark.parametrize("threshold", [0.05, 0.1, 0.2])
def test_pck_equals_the_authors(threshold: float) -> None:
    arrays = references.load("pck2d.npz")
    size = arrays["in/imgshape"][[1, 0]]
    share = pck2d(arrays["in/pred"] * size, arrays["in/gt"] * size, arrays["in/bbox"], threshold=threshold)
    np.testing.assert_allclose(share, arrays[f"out/pck_{threshold}"], atol=1e-6)


def test_pck_counts_a_keypoint_on_the_threshold() -> None:
    target, boxes = np.zeros((1, 2, 2)), np.array([[0.0, 0, 100, 50]])
    predicted = np.array([[[20.0, 0], [0, 20.1]]])
    np.testing.assert_array_equal(pck2d(predicted, target, boxes, threshold=0.2), [1, 0])
    with pytest.raises(InputError, match="boxes"):
        pck2d(predicted, target, boxes[0], threshold=0.2)


# ---------------------------------------------------------------------------------------------------------- the network


def test_only_every_nth_frame_is_read() -> None:
    built = random()
    x = torch.randn(2, 11, 51)
    other = torch.randn(2, 11, 51)
    other[:, ::5] = x[:, ::5]
    torch.testing.assert_close(built(other), built(x))
    other[:, 5] += 1
    assert (built(other) - built(x)).abs().max() > 0.1


def test_a_network_that_has_learnt_nothing_draws_straight_lines() -> None:
    x = torch.arange(11.0)[None, :, None].repeat(1, 1, 51)
    torch.testing.assert_close(straight()(x), x)


@pytest.mark.parametrize(("reduce_time", "reduce_channels"), [(1, 1), (4, 2)])
def test_a_gradient_reaches_every_parameter(reduce_time: int, reduce_channels: int) -> None:
    built = random(reduce_time=reduce_time, reduce_channels=reduce_channels)
    (built(torch.randn(3, 11, 51)) - torch.randn(3, 11, 51)).abs().mean().backward()
    assert [name for name, p in built.named_parameters() if p.grad is None or not p.grad.abs().sum()] == []


def test_sizes_that_cannot_be_and_foreign_weights_are_refused() -> None:
    with pytest.raises(InputError, match="at least 1"):
        MixSynthFormerNetwork(segments=0)
    with pytest.raises(InputError, match="within 11 frames and 16 channels"):
        MixSynthFormerNetwork(**{**SMALL, "reduce_time": 12})
    with pytest.raises(WeightsError, match="not MixSynthFormer's"):
        MixSynthFormerNetwork.convert({"Spatial_norm.weight": torch.zeros(3)})


def test_it_learns_what_straight_lines_miss() -> None:
    torch.manual_seed(0)
    built = MixSynthFormerNetwork(
        coordinates=4, interval=10, segments=2, channels=16, hidden=32, layers=1, reduce_time=1, dropout=0.0
    )
    generator = np.random.default_rng(0)

    def swings(count: int) -> torch.Tensor:
        """Windows (B, 21, 4) of pendulums."""
        phase, rate = generator.uniform(0, 6.3, (count, 1, 4)), generator.uniform(0.1, 0.2, (count, 1, 1))
        return torch.tensor(np.sin(phase + rate * np.arange(21)[:, None]), dtype=torch.float32)

    test = swings(200)
    with torch.no_grad():
        lines = straight(coordinates=4, interval=10, segments=2)(test).sub(test).abs().mean()
    optimiser = torch.optim.Adam(built.parameters(), lr=1e-2)
    for _ in range(80):
        x = swings(32)
        optimiser.zero_grad()
        (built(x) - x).abs().mean().backward()
        optimiser.step()
    with torch.no_grad():
        assert built.eval()(test).sub(test).abs().mean() < 0.6 * lines


def test_normalisation_there_and_back() -> None:
    x = torch.rand(3, 11, 34, dtype=torch.float64) * torch.tensor([400.0, 900.0]).repeat(17) + 100
    frame = normalise(x[:, ::5], "box")
    points = frame.apply(x).unflatten(-1, (-1, 2))
    torch.testing.assert_close(frame.undo(frame.apply(x)), x)
    assert points[:, ::5].abs().max() < 1.5
    longer = (points.amax(dim=2) - points.amin(dim=2)).amax(dim=-1)
    torch.testing.assert_close(longer[:, ::5].mean(dim=1), torch.full((3,), 2.0, dtype=torch.float64))
    torch.testing.assert_close(normalise(x, "none").apply(x), x)
    with pytest.raises(InputError, match='box, none was expected, found "boks"'):
        normalise(x, "boks")


def test_a_prediction_starts_at_the_last_pose_seen() -> None:
    past = torch.randn(2, 4, 6)
    window = prediction_input(past, frames=9)
    torch.testing.assert_close(window[:, :4], past)
    torch.testing.assert_close(window[:, 4:], past[:, -1:].expand(-1, 5, -1))
    output = torch.randn(2, 9, 6)
    coming = prediction_output(output, past)
    torch.testing.assert_close(coming - past[:, -1:], output[:, 4:] - output[:, 3:4])
    with pytest.raises(InputError, match="1 to 3 frames was expected, found 4"):
        prediction_input(past, frames=4)


# ------------------------------------------------------------------------------------------------------------ sequences

LINES = {segments: straight(coordinates=2, segments=segments) for segments in (1, 2, 3)}


@given(count=st.integers(1, 60), segments=st.integers(1, 3))
def test_no_frame_is_dropped(count: int, segments: int) -> None:
    built = LINES[segments]
    x = np.arange(count)[:, None] * np.array([1.0, -2.0])
    filled = fill(trained(built), x, batch=3)
    assert filled.shape == x.shape
    covered = count if count >= built.frames else (count - 1) // 5 * 5 + 1
    np.testing.assert_allclose(filled[:covered], x[:covered], atol=1e-4)


@pytest.mark.parametrize("fps", [24.0, 25.0, 30.0, 50.0, 60.0])
@pytest.mark.parametrize("count", [4, 20, 97])
def test_steady_motion_stays_steady_at_any_frame_rate(fps: float, count: int, tmp_path: Path) -> None:
    # Quarters are exact in the 16-bit floats of a file.
    file = saved(tmp_path, straight(coordinates=2, interval=4), space="", skeleton=None, interval=4)
    refiner = MixSynthFormer(weights=file)
    time = np.arange(count) / fps
    x = time[:, None] * np.array([3.0, -1.0])
    seen = np.zeros(count, bool)
    seen[:: round(fps / 10)] = seen[-1] = True
    hidden = np.where(seen[:, None], x, 1e6)
    np.testing.assert_allclose(refiner.refine_array(hidden, seen, time=time), x, atol=1e-4)


def test_what_the_network_reads_is_what_was_seen(tmp_path: Path) -> None:
    built = random(coordinates=6)
    refiner = MixSynthFormer(weights=saved(tmp_path, built, space="", skeleton=None))
    x = np.cumsum(np.random.default_rng(0).normal(size=(11, 6)), axis=0)
    seen = np.zeros(11, bool)
    seen[::5] = True
    with torch.no_grad():
        expected = load(str(tmp_path / "weights.pt")).network(torch.tensor(x[None], dtype=torch.float32))[0]
    np.testing.assert_allclose(refiner.refine_array(x, seen), expected, rtol=1e-4, atol=1e-4)
    # A missed detection: the network reads the middle between the neighbours.
    seen[5] = False
    between = x.copy()
    between[5] = (x[0] + x[10]) / 2
    np.testing.assert_allclose(
        refiner.refine_array(x, seen), refiner.refine_array(between, seen | (np.arange(11) == 5))
    )


def test_a_sequence_seen_once_stands_still(tmp_path: Path) -> None:
    refiner = MixSynthFormer(weights=saved(tmp_path, random(coordinates=2), space="", skeleton=None))
    seen = np.arange(4) == 2
    np.testing.assert_array_equal(refiner.refine_array(np.arange(8).reshape(4, 2), seen), [[4, 5]] * 4)


def test_arrays_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    refiner = MixSynthFormer(weights=saved(tmp_path, random(coordinates=2), space="", skeleton=None))
    with pytest.raises(InputError, match=r"A sequence \(T, 2\)"):
        refiner.refine_array(np.zeros((4, 3)), np.ones(4, bool))
    with pytest.raises(InputError, match="0 seen"):
        refiner.refine_array(np.zeros((4, 2)), np.zeros(4, bool))
    with pytest.raises(InputError, match="Rising seconds of 4"):
        refiner.refine_array(np.zeros((4, 2)), np.ones(4, bool), time=np.array([0, 1, 1, 2]))
    with pytest.raises(InputError, match="name them"):
        MixSynthFormer().refine_array(np.zeros((4, 2)), np.ones(4, bool))


def test_rotations_there_and_back_and_past_half_a_turn() -> None:
    rotations = np.random.default_rng(0).uniform(-1.7, 1.7, size=(5, 24, 3))  # below half a turn
    six = to_6d(rotations)
    assert six.shape == (5, 24, 6)
    np.testing.assert_allclose(from_6d(six), rotations, atol=1e-9)
    np.testing.assert_allclose(from_6d(six * 3), rotations, atol=1e-9)
    # 170 and 190 degrees about z: axis-angle jumps to -170, the six numbers do not.
    turns = np.radians(np.array([[0, 0, 170.0], [0, 0, 190]]))
    middle = from_6d(to_6d(turns).mean(axis=0))
    np.testing.assert_allclose(Rotation.from_rotvec(middle).magnitude(), np.pi, atol=1e-6)


def test_smpl_rotations_are_refined_as_arrays(tmp_path: Path) -> None:
    built = straight(coordinates=144)
    refiner = MixSynthFormer(weights=saved(tmp_path, built, space="", skeleton=None))
    poses = np.zeros((21, 24, 3))
    poses[:, 3, 2] = np.linspace(0, 0.4, 21)
    six = to_6d(poses).reshape(21, -1)
    refined = from_6d(refiner.refine_array(six, np.arange(21) % 5 == 0).reshape(21, 24, 6))
    np.testing.assert_allclose(refined, poses, atol=2e-3)


# --------------------------------------------------------------------------------------------------------------- people


def walk2d(frames: int = 60, fps: float = 25.0) -> Poses:
    joints, root = fakes.walking(frames, fps=fps)
    pixels = fakes.project(joints + root[:, None])
    return fakes.poses2d(pixels, fps=fps)


def walk3d(frames: int = 60, fps: float = 25.0) -> Poses:
    return fakes.poses3d(*fakes.walking(frames, fps=fps), fps=fps)


@pytest.fixture
def refiner2d(tmp_path: Path) -> MixSynthFormer:
    return MixSynthFormer(weights=saved(tmp_path, random(coordinates=34)))


def test_every_frame_between_first_and_last_gets_a_row(refiner2d: MixSynthFormer) -> None:
    dense = walk2d()
    sparse = dense.rows(np.isin(dense.frame, [4, 9, 14, 20, 21, 40]))
    refined = refiner2d(sparse)
    np.testing.assert_array_equal(refined.frame, np.arange(4, 41))
    assert refined.skeleton == COCO17
    np.testing.assert_array_equal(refined.scores[np.isin(refined.frame, sparse.frame)], 1)
    np.testing.assert_array_equal(refined.scores[~np.isin(refined.frame, sparse.frame)], 1)
    assert refined.meta["refiners"][0]["name"] == "mixsynthformer"
    assert list(refined.meta["refiners"][0]["weights"]) == ["weights.pt"]


def test_rows_without_scores_are_as_good_as_absent(refiner2d: MixSynthFormer, tmp_path: Path) -> None:
    dense = walk2d()
    seen = np.arange(60) % 3 == 0
    seen[59] = True
    junk = dense.replace(
        keypoints=np.where(seen[:, None, None], dense.keypoints, 0), scores=dense.scores * seen[:, None]
    )
    absent, marked = refiner2d(dense.rows(seen)), refiner2d(junk)
    np.testing.assert_array_equal(absent.keypoints, marked.keypoints)
    np.testing.assert_array_equal(absent.scores, marked.scores)
    every = MixSynthFormer(weights=str(tmp_path / "weights.pt"), every=3)(dense)
    np.testing.assert_array_equal(every.keypoints, absent.keypoints)


def test_an_unseen_joint_does_not_draw_the_others(refiner2d: MixSynthFormer) -> None:
    dense = walk2d()
    scores, keypoints = dense.scores.copy(), dense.keypoints.copy()
    scores[10:20, 3] = 0
    keypoints[10:20, 3] = 0
    refined = refiner2d(dense.replace(scores=scores, keypoints=keypoints))
    assert np.abs(refined.keypoints - refiner2d(dense).keypoints).max() < 20
    np.testing.assert_array_equal(refined.scores[10:20, 3], 0.5)
    never = dense.scores.copy()
    never[:, 3] = 0
    assert (refiner2d(dense.replace(scores=never)).scores[:, 3] == 0).all()


def test_people_are_refined_alone(refiner2d: MixSynthFormer) -> None:
    one = walk2d()
    two = one.rows(one.frame % 4 == 1).replace(person_id=np.ones(15))
    two = two.replace(keypoints=two.keypoints * 0.5 + 300)
    strangers = one.rows(one.frame < 2).replace(person_id=np.full(2, -1))
    together = refiner2d(Poses.join([one, two, strangers]))
    for person, alone in ((0, one), (1, two)):
        np.testing.assert_array_equal(together.of_person(person).keypoints, refiner2d(alone).keypoints)
    np.testing.assert_array_equal(together.rows(together.person_id == -1).keypoints, strangers.keypoints)


def test_where_in_the_picture_and_how_large_does_not_matter(refiner2d: MixSynthFormer) -> None:
    poses = walk2d()
    moved = refiner2d(poses.replace(keypoints=poses.keypoints * 0.5 + 77))
    np.testing.assert_allclose(moved.keypoints, refiner2d(poses).keypoints * 0.5 + 77, atol=2e-2)


def test_3d_keeps_the_root_and_its_path(tmp_path: Path) -> None:
    refiner = MixSynthFormer(weights=saved(tmp_path, random(), space="camera", skeleton=HUMAN36M17))
    dense = walk3d()
    sparse = dense.rows(dense.frame % 5 == 0)
    refined = refiner(sparse)
    assert refined.root is not None
    assert dense.root is not None
    assert refined.root_source == "given focal length"
    assert (refined.keypoints[:, HUMAN36M17.root] == 0).all()
    np.testing.assert_allclose(refined.root, dense.root[: len(refined)], atol=1e-5)


def test_a_world_is_a_level_camera_turned(tmp_path: Path) -> None:
    refiner = MixSynthFormer(weights=saved(tmp_path, random(), space="camera", skeleton=HUMAN36M17))
    camera = walk3d().rows(np.arange(60) % 5 == 0)
    assert camera.root is not None
    turn = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])  # x right, y down, z away -> x right, y away, z up
    world = camera.replace(
        keypoints=(camera.keypoints + camera.root[:, None]) @ turn.T, space="world", root=None, root_source=""
    )
    expected = refiner(camera)
    assert expected.root is not None
    np.testing.assert_allclose(
        refiner(world).keypoints, (expected.keypoints + expected.root[:, None]) @ turn.T, atol=1e-4
    )


def test_poses_that_the_weights_are_not_for_are_refused(refiner2d: MixSynthFormer, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is for coco17 in image space; found human36m17 in camera space"):
        refiner2d(walk3d())
    with pytest.raises(InputError, match="track them first"):
        refiner2d(walk2d().replace(person_id=np.full(60, -1)))
    with pytest.raises(InputError, match="Every first frame or fewer"):
        MixSynthFormer(every=0)
    (tmp_path / "predict").mkdir()
    file = saved(tmp_path / "predict", random(coordinates=34), task="predict", past=6)
    with pytest.raises(InputError, match="trained to predict, not to fill"):
        MixSynthFormer(weights=file)(walk2d())


def test_shipped_weights_are_chosen_by_how_far_apart_poses_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = Path(saved(tmp_path, random(coordinates=34)))
    asked: list[str] = []

    def find(name: str) -> Path:
        asked.append(name)
        return file

    monkeypatch.setattr(shipped, "find", find)
    for every in (5, 10):
        MixSynthFormer(every=every)(walk2d())
    assert asked == ["mixsynthformer_coco17_n5", "mixsynthformer_coco17_n10"]


def test_nobody_stays_nobody(refiner2d: MixSynthFormer) -> None:
    nobody = Poses.empty(skeleton=COCO17, space="image", video=fakes.video(5))
    assert len(refiner2d(nobody)) == 0


def test_filled_frames_lie_on_straight_lines() -> None:
    dense = walk3d()
    rows = dense.rows(np.isin(dense.frame, [3, 7]))
    filled = Linear()(rows)
    np.testing.assert_array_equal(filled.frame, np.arange(3, 8))
    np.testing.assert_allclose(filled.keypoints[2], rows.keypoints.mean(axis=0), atol=1e-6)
    assert filled.root is not None
    assert rows.root is not None
    np.testing.assert_allclose(filled.root[2], rows.root.mean(axis=0), atol=1e-6)
    np.testing.assert_array_equal(filled.keypoints[[0, -1]], rows.keypoints)
    np.testing.assert_array_equal(filled.scores[:, 0], 1)


# -------------------------------------------------------------------------------------------------------------- weights


def test_a_file_alone_rebuilds_the_network(tmp_path: Path) -> None:
    built = random(coordinates=34)
    loaded = load(saved(tmp_path, built, fps=25.0))
    x = torch.randn(2, 11, 34)
    with torch.no_grad():
        torch.testing.assert_close(loaded.network(x), built(x), atol=1e-2, rtol=1e-2)  # 16-bit floats
    assert loaded.training == Training(space="image", skeleton="coco17", fps=25.0, normalisation="box")
    assert loaded.interval == 0.2
    assert not loaded.network.training


def test_files_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    lifter = PSTMO(frames=9, channels=16, hidden=32, layers=1)
    checkpoints.save(
        tmp_path / "lifter.pt", model="pstmo", lifter=lifter, arguments={}, training=checkpoints.Training()
    )
    with pytest.raises(WeightsError, match="holds weights of pstmo, not of a refiner"):
        load(str(tmp_path / "lifter.pt"))
    torch.save({"state_dict": {"epoch": 3}}, tmp_path / "odd.pt")
    with pytest.raises(WeightsError, match="tensors by name"):
        load(str(tmp_path / "odd.pt"))
    with pytest.raises(WeightsError, match="neither a file nor come with the program"):
        load("mixsynthformer_nothing")
    with pytest.raises(WeightsError, match="human36m17 in camera space, 51 numbers per frame, but its network has 34"):
        load(saved(tmp_path, random(coordinates=34), space="camera", skeleton=HUMAN36M17))
    with pytest.raises(WeightsError, match=r"5 past frames for the task predict; .* one in 5, and has 11"):
        load(saved(tmp_path, random(coordinates=34), task="predict", past=5))
    with pytest.raises(WeightsError, match="a release that this one cannot read"):
        load(saved(tmp_path, random(coordinates=34), heads=3))
