"""Clips of mannequins: their truth must be what the pictures show."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from in_the_wild.errors import ConfigError
from in_the_wild.skeletons import COCO17, HUMAN36M17
from in_the_wild.video.read import VideoReader
from pose3d_cli.datasets.synthetic import clips
from pose3d_cli.datasets.synthetic.mannequin.room import textured_background

ASSETS = Path(__file__).parents[4] / "assets"


@pytest.mark.slow
def test_the_demo_s_truth_belongs_to_its_video() -> None:
    truth = np.load(ASSETS / "demo_truth.npz", allow_pickle=False)
    video = ASSETS / "demo.mp4"
    assert video.stat().st_size < 2e6
    joints, K = truth["joints_camera"].astype(float), truth["K"]
    pixels = joints[..., :2] / joints[..., 2:] * (K[0, 0], K[1, 1]) + K[:2, 2]
    np.testing.assert_allclose(pixels, truth["keypoints17"], atol=2e-3)
    left_wrist = (COCO17.index("left_wrist"), HUMAN36M17.index("left_wrist"))
    np.testing.assert_array_equal(truth["coco"][:, :, left_wrist[0]], truth["keypoints17"][:, :, left_wrist[1]])
    assert truth["visible"].all()
    standing_height = np.ptp((joints[-1, 0] - truth["t"]) @ truth["R"], axis=0)[2]  # world: head joint above ankles
    assert 1.4 < standing_height < 1.7

    reader = VideoReader(video)
    assert (reader.info.width, reader.info.height) == (truth["width"], truth["height"])
    frames = list(reader)
    assert len(frames) == len(truth["time"]) >= 8 * 25
    np.testing.assert_allclose([frame.time for frame in frames], truth["time"], atol=1e-3)
    # What is not the empty room is where the truth says the person is.
    scene = clips.scene("demo")
    room = textured_background(scene.camera, np.random.default_rng(scene.room), wall=scene.wall).astype(int)
    for t in range(0, len(frames), 30):
        person = np.abs(frames[t].image - room).max(axis=-1) > 30
        u, v = np.floor(truth["keypoints17"][t, 0]).astype(int).T
        assert person[v, u].mean() > 0.8


@pytest.mark.slow
def test_phone_clips_have_their_rotation_and_their_own_times(tmp_path: Path) -> None:
    video, truth_file = clips.make("rotated", tmp_path)
    truth, reader = np.load(truth_file), VideoReader(video)
    assert reader.info.rotation in (90, 270)
    assert (reader.info.width, reader.info.height) == (240, 320) == (truth["width"], truth["height"])
    first = next(iter(reader)).image
    upright = next(clips.scene("rotated").frames())
    assert np.abs(first.astype(int) - upright).mean() < 6

    video, truth_file = clips.make("variable_rate", tmp_path)
    truth = np.load(truth_file)
    times = [frame.time for frame in VideoReader(video)]
    assert np.ptp(np.diff(times)) > 0.03
    np.testing.assert_allclose(times, truth["time"], atol=1e-3)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "rotated.mp4",
        "rotated_truth.npz",
        "variable_rate.mp4",
        "variable_rate_truth.npz",
    ]


def test_the_scenes_do_what_their_names_say() -> None:
    gone = clips.scene("leaving").truth()["visible"][:, 0]
    assert gone[0]
    assert gone[-1]
    assert (~gone).sum() > 20
    crossing = clips.scene("two_people").truth()["joints_camera"][:, :, 0, 0]
    assert crossing[0, 0] < crossing[0, 1]
    assert crossing[-1, 0] > crossing[-1, 1]
    for name, scene in clips.evaluation_clips().items():
        truth = scene.truth()
        inside = (truth["coco"] > 0) & (truth["coco"] < (scene.camera.width, scene.camera.height))
        assert inside.all(), name
    with pytest.raises(ConfigError, match='Did you mean "walker"'):
        clips.make("walkr", "nowhere")
