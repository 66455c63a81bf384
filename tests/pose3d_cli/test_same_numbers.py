"""An authors' file gives the same joints wherever it is used: the library, `pose3d lift`, `pose3d prepare lifted`."""

from __future__ import annotations

from pathlib import Path

import labelled
import numpy as np
import pytest
import references
from typer.testing import CliRunner

import in_the_wild as iw
from in_the_wild import checkpoints, formats
from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.datasets.prepared.sequences import Labelled, open_folder
from pose3d_cli.main import app

# Frames per second that the records of the authors' checkpoints say; the set has 50.
FILES = {
    "PSTMO_no_refine_28_4306.pth": 25.0,
    "STCFormer_no_refine_6_4406.pth": 50 / 3,
    "MixSTE_best_epoch.bin": 50.0,
    "VideoPose3D_epoch_60.bin": 50.0,
}


def as_poses(sequence: Labelled) -> Poses:
    """A labelled sequence's keypoints as one person of a video."""
    assert sequence.keypoints is not None
    width, height = sequence.camera.picture
    frames = np.arange(len(sequence))
    return Poses(
        keypoints=np.asarray(sequence.keypoints, np.float32),
        scores=np.ones(sequence.keypoints.shape[:2], np.float32),
        frame=frames,
        person_id=np.ones(len(frames), int),
        skeleton=HUMAN36M17,
        space="image",
        video=Source(
            path="a.mp4", width=width, height=height, fps=sequence.fps, timestamps=frames / sequence.fps
        ),
    )  # fmt: skip


def pose3d(*arguments: object) -> None:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("name", FILES)
def test_the_library_lift_and_prepare_give_the_same(name: str, tmp_path: Path) -> None:
    weights = references.HERE / name
    data = labelled.write(tmp_path / "given", frames=40)
    first = next(iter(open_folder(data)))
    keypoints = as_poses(first)

    loaded = checkpoints.load(weights)
    assert loaded.training.fps == FILES[name]
    library = iw.lift(keypoints, iw.load_lifter(weights=weights, smoothing=0.0))

    formats.write(keypoints, tmp_path / "poses2d.npz")
    pose3d("lift", tmp_path / "poses2d.npz", "-o", tmp_path / "poses3d.npz", "--weights", weights, "--smooth", "0",
           "--device", "cpu")  # fmt: skip
    command = formats.read(tmp_path / "poses3d.npz")

    pose3d("prepare", "lifted", "--from", data, "--to", tmp_path / "lifted", "--set", f"weights={weights}")
    prepared = next(iter(open_folder(tmp_path / "lifted"))).estimated_joints

    np.testing.assert_allclose(command.keypoints, library.keypoints, atol=1e-6)
    assert prepared is not None
    np.testing.assert_allclose(prepared, library.keypoints, atol=1e-5)
