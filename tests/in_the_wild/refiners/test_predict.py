"""What people are about to do: the command, and the frames and times that it adds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import fakes
import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from in_the_wild import formats
from in_the_wild.checkpoints.refiners import load, save
from in_the_wild.errors import InputError
from in_the_wild.poses import Poses
from in_the_wild.refiners._mixsynthformer_network import MixSynthFormerNetwork
from in_the_wild.refiners.mixsynthformer import predict
from in_the_wild.skeletons import HUMAN36M17
from in_the_wild.sparse import Training
from pose3d_cli.main import app

# 0.4 seconds at 25 frames per second seen, the same time predicted.
PAST, FRAMES, FPS = 10, 20, 25.0
ARGUMENTS: dict[str, Any] = {
    "interval": 1, "segments": FRAMES - 1, "channels": 16, "hidden": 32, "layers": 1, "reduce_time": 2
}  # fmt: skip

Invoke = Callable[..., Any]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch) -> Invoke:
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


def write(folder: Path, network: MixSynthFormerNetwork) -> Path:
    training = Training(task="predict", space="camera", skeleton=HUMAN36M17.name, fps=FPS, past=PAST)
    save(folder / "predict.pt", model="mixsynthformer", network=network, arguments=ARGUMENTS, training=training)
    return folder / "predict.pt"


@pytest.fixture
def steady(tmp_path: Path) -> Path:
    """Weights of a network that lets everything go on at its last velocity."""
    network = MixSynthFormerNetwork(**ARGUMENTS)
    weight = torch.eye(FRAMES)
    for ahead in range(1, FRAMES - PAST + 1):
        weight[PAST - 1 + ahead] = 0
        weight[PAST - 1 + ahead, PAST - 2 : PAST] = torch.tensor([-ahead, 1.0 + ahead])
    with torch.no_grad():
        network.interpolate.weight.copy_(weight)
        for parameter in network.head.parameters():
            parameter.zero_()
    return write(tmp_path, network)


@pytest.fixture
def untrained(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    return write(tmp_path, MixSynthFormerNetwork(**ARGUMENTS))


def moving(frames: int, *, fps: float, start: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Joints (T, 17, 3) and root (T, 3) that move steadily."""
    time = start + np.arange(frames) / fps
    joints = fakes.walking(1)[0] + time[:, None, None] * np.linspace(-0.3, 0.3, 17)[:, None]
    joints[:, HUMAN36M17.root] = 0
    return joints, np.array([0, 0, 4.0]) + time[:, None] * np.array([0.8, 0, 0.2])


def walk(frames: int = 40, *, fps: float = 30.0, root: bool = True) -> Poses:
    joints, path = moving(frames, fps=fps)
    return Poses(
        keypoints=joints,
        scores=np.ones((frames, 17)),
        frame=np.arange(frames),
        person_id=np.zeros(frames),
        skeleton=HUMAN36M17,
        space="camera",
        video=fakes.video(frames, fps=fps),
        root=path if root else None,
        root_source="given focal" if root else "",
    )


def test_the_command_adds_frames_with_times(cli: Invoke, untrained: Path, tmp_path: Path) -> None:
    poses, output = walk(), tmp_path / "coming.npz"
    formats.write(poses, tmp_path / "poses3d.npz")
    done = cli("predict", tmp_path / "poses3d.npz", "--seconds", 0.3, "-o", output, "--weights", untrained,
               "--device", "cpu")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "9 poses added to 40" in done.stdout
    longer = formats.read(output)
    np.testing.assert_allclose(longer.video.timestamps, np.arange(49) / 30)
    np.testing.assert_array_equal(longer.frame, np.arange(49))
    np.testing.assert_array_equal(longer.keypoints[:40], poses.keypoints)
    assert (longer.scores[:40] == 1).all()
    assert (longer.scores[40:] == 0).all()
    assert (longer.keypoints[:, HUMAN36M17.root] == 0).all()
    assert longer.meta["predicted"]["from_frame"] == {"0": 40}
    assert longer.meta["predicted"]["weights"] == "predict.pt"
    # The untrained network says nothing sensible, but it goes on from where the person is.
    steps = np.abs(np.diff(longer.keypoints, axis=0)).max(axis=(1, 2))
    assert steps[39] <= steps[39:].max() <= 1


@pytest.mark.parametrize("fps", [24.0, 25.0, 29.97, 50.0, 60.0])
def test_steady_motion_goes_on_at_any_frame_rate(fps: float, steady: Path) -> None:
    poses = walk(60, fps=fps)
    longer = predict(poses, load(str(steady)), seconds=0.4)
    added = int(0.4 * fps + 1e-4)
    assert len(longer) == 60 + added
    joints, root = moving(60 + added, fps=fps)
    np.testing.assert_allclose(longer.keypoints, joints, atol=1e-4)
    assert longer.root is not None
    np.testing.assert_allclose(longer.root, root, atol=1e-4)
    assert longer.root_source == "given focal"


def test_a_world_goes_on_like_a_camera(steady: Path) -> None:
    poses = walk(30)
    assert poses.root is not None
    turn = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    world = poses.replace(
        keypoints=(poses.keypoints + poses.root[:, None]) @ turn.T, space="world", root=None, root_source=""
    )
    longer, expected = (predict(one, load(str(steady)), seconds=0.2) for one in (world, poses))
    assert expected.root is not None
    np.testing.assert_allclose(longer.keypoints, (expected.keypoints + expected.root[:, None]) @ turn.T, atol=1e-4)


def test_everybody_goes_on_from_their_own_last_frame(steady: Path) -> None:
    trained = load(str(steady))
    stays = walk(40, fps=25.0)
    leaves = stays.rows(np.isin(stays.frame, [3, 4, 6, 7, 9])).replace(person_id=np.ones(5))
    longer = predict(Poses.join([stays, leaves]), trained, seconds=0.2)
    assert longer.meta["predicted"]["from_frame"] == {"0": 40, "1": 10}
    np.testing.assert_array_equal(longer.of_person(1).frame, [3, 4, 6, 7, 9, 10, 11, 12, 13, 14])
    assert longer.video.frames == 45
    # Less is known of the second than the network reads: before the first row it sees the first row.
    np.testing.assert_allclose(longer.of_person(1).keypoints[5:], stays.keypoints[10:15], atol=1e-4)
    np.testing.assert_array_equal(longer.of_person(0).keypoints, predict(stays, trained, seconds=0.2).keypoints)


def test_rows_that_were_filled_in_do_not_count_as_seen(steady: Path) -> None:
    poses = walk(40, fps=25.0, root=False)
    unseen = np.isin(np.arange(40), [33, 36, 37])
    junk = poses.replace(
        keypoints=np.where(unseen[:, None, None], 9, poses.keypoints), scores=poses.scores * ~unseen[:, None]
    )
    trained = load(str(steady))
    longer = predict(junk, trained, seconds=0.4)
    assert longer.root is None
    np.testing.assert_allclose(longer.keypoints[40:], predict(poses, trained, seconds=0.4).keypoints[40:], atol=1e-4)


def test_a_person_seen_once_keeps_the_pose(steady: Path) -> None:
    poses = walk(1)
    longer = predict(poses, load(str(steady)), seconds=0.1)
    np.testing.assert_allclose(longer.keypoints[1:], np.repeat(poses.keypoints, 3, axis=0), atol=1e-6)
    assert longer.root is not None
    np.testing.assert_allclose(longer.root, np.repeat(longer.root[:1], 4, axis=0), atol=1e-6)


def test_what_cannot_be_predicted_is_refused(steady: Path) -> None:
    trained, poses = load(str(steady)), walk()
    assert trained.horizon == 0.4
    with pytest.raises(InputError, match=r"predicts up to 0\.4 seconds, the longest it was trained for; found 1\."):
        predict(poses, trained, seconds=1.0)
    with pytest.raises(InputError, match=r"up to 0\.4 seconds"):
        predict(poses, trained, seconds=0.0)
    with pytest.raises(InputError, match=r"A frame of this video lasts 0\.033 seconds; found 0\.01"):
        predict(poses, trained, seconds=0.01)
    with pytest.raises(InputError, match="some that were predicted"):
        predict(predict(poses, trained, seconds=0.1), trained, seconds=0.1)
    with pytest.raises(InputError, match="nobody to continue"):
        predict(poses.rows(poses.frame < 0), trained, seconds=0.1)
    with pytest.raises(InputError, match="is for human36m17 in camera space; found coco17 in image space"):
        predict(fakes.poses2d(np.zeros((3, 17, 2))), trained, seconds=0.1)


def test_the_command_says_what_is_wrong_in_one_line(cli: Invoke, steady: Path, tmp_path: Path) -> None:
    formats.write(walk(), tmp_path / "poses3d.npz")
    output = tmp_path / "coming.npz"
    for arguments, sentence in (
        (("--seconds", 2, "--weights", steady), "Error: predict.pt predicts up to 0.4 seconds"),
        (("--weights", "mixsynthformer_nothing"), 'Error: Weights "mixsynthformer_nothing" are neither a file'),
    ):
        done = cli("predict", tmp_path / "poses3d.npz", "-o", output, *arguments)
        assert done.exit_code == 1
        assert sentence in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    assert not output.exists()
    assert cli("predict", tmp_path / "poses3d.npz", "-o", tmp_path / "coming.txt").exit_code == 2
