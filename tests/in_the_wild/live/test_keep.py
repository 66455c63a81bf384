"""What was shown is kept: the files of a run, of the pictures that were shown; and the pictures, whatever happens."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from command_line import ROOT, FakeDetector, leftovers
from numbered_clips import indices, make_clip

import in_the_wild as iw
from in_the_wild.checkpoints import Training
from in_the_wild.errors import InputError
from in_the_wild.lens import ASSUMED
from in_the_wild.lifters.pstmo import PSTMO
from in_the_wild.live.causal import CausalLifter
from in_the_wild.live.keep import Recording
from in_the_wild.live.loop import Figures, watch
from in_the_wild.result import Output
from in_the_wild.steps.lift import TrainedLifter
from in_the_wild.video.footage import Video
from in_the_wild.video.read import VideoReader


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[Figures]:
    clip = make_clip(tmp_path_factory.mktemp("keep") / "clip.mp4", count=15, rate=Fraction(20), size=(128, 96))
    network = PSTMO(frames=9, channels=16, hidden=32, in_channels=2, strides=(3, 3)).eval()
    lifter = CausalLifter(TrainedLifter(network, Training(fps=25.0, normalisation="image")), latency=0.1)
    return list(watch(Video(clip), FakeDetector(persons=1), lifter))


def test_the_files_are_those_of_a_run_and_agree(shown: list[Figures], tmp_path: Path) -> None:
    recording = Recording(Output(tmp_path / "clip", exports="csv"), "clip.mp4")
    with recording:
        for figures in shown:
            recording.add(figures)
    result = recording.finish(ASSUMED, {"live": "clip.mp4", "latency": 0.1})
    assert set(result.files) == {path.name for path in (tmp_path / "clip").iterdir()}
    assert {"recording.mkv", "poses2d.npz", "poses3d.npz", "overlay.mp4", "view.html", "run.json"} <= set(result.files)
    assert leftovers(tmp_path) == []
    poses, keypoints = iw.load(tmp_path / "clip" / "poses3d.npz"), iw.load(tmp_path / "clip" / "poses2d.npz")
    frames = list(VideoReader(tmp_path / "clip" / "recording.mkv"))
    assert [frame.time for frame in frames] == pytest.approx(poses.video.timestamps.tolist(), abs=1e-6)
    assert indices([frame.image for frame in frames]) == indices([figures.image for figures in shown])
    assert np.abs(frames[0].image.astype(int) - shown[0].image).mean() < 3
    np.testing.assert_array_equal(poses.keypoints, np.concatenate([figures.poses.keypoints for figures in shown]))
    assert keypoints.frame.tolist() == poses.frame.tolist()
    assert json.loads((tmp_path / "clip" / "run.json").read_text())["options"]["latency"] == 0.1
    assert iw.view(tmp_path / "clip", tmp_path / "again.html").is_file()


def test_what_is_there_stays_unless_somebody_says_otherwise(shown: list[Figures], tmp_path: Path) -> None:
    with Recording(Output(tmp_path), "clip.mp4") as recording:
        recording.add(shown[0])
    with pytest.raises(InputError, match=r"holds results already \(recording.mkv\)"):
        Recording(Output(tmp_path), "clip.mp4")
    Recording(Output(tmp_path, overwrite=True), "clip.mp4")


_KILLED = """
import sys, time
import numpy as np
from pathlib import Path
from in_the_wild.live.keep import Recording
from in_the_wild.result import Output
recording = Recording(Output(Path(sys.argv[1])), "camera0")
for number in range(60):
    recording._write(np.full((48, 64, 3), 16 + 2 * number, np.uint8), number / 20)
print("written", flush=True)
time.sleep(600)
"""


def test_pictures_outlive_a_program_that_is_killed(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(tmp_path)],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert len(list(VideoReader(tmp_path / "recording.mkv"))) >= 60 - 21  # a second may be under way
