"""The same numbers by every way: `iw.run` and `pose3d run`; an authors' file by the library, `lift` and `prepare`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import labelled
import numpy as np
import pytest
import references
from command_line import FakeDetector
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


@pytest.mark.parametrize(
    ("options", "how"),
    [
        ((), {}),
        (
            ("--persons", 1, "--fov", 50, "--every", 3, "--refiner", "butterworth:cutoff=3,on=3d", "--no-flip"),
            {
                "persons": 1,
                "lens": iw.Lens(fov=50),
                "detector": "blazepose:every=3",
                "refiner": "butterworth:cutoff=3,on=3d",
            },
        ),
    ],
)
def test_the_command_and_the_library_are_one_function(
    fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path, options: tuple[object, ...], how: dict[str, Any]
) -> None:
    """Bit for bit: the arrays, what they say of themselves, and the files."""
    model = f"pstmo:weights={tiny},device=cpu" + (",flip=false" if "--no-flip" in options else "")
    poses = iw.run(flat, tmp_path / "library", model=model, **how)
    pose3d("run", flat, "-o", tmp_path / "command", "--weights", tiny, "--device", "cpu", *options)
    written = {path.name for path in (tmp_path / "command" / "flat").iterdir()}
    assert written == {path.name for path in (tmp_path / "library" / "flat").iterdir()}
    for name in written - {"run.json"}:
        files = [(tmp_path / one / "flat" / name).read_bytes() for one in ("command", "library")]
        assert files[0] == files[1], name
    again = iw.load(tmp_path / "command" / "flat" / "poses3d.npz")
    np.testing.assert_array_equal(again.keypoints, poses.keypoints)
    assert again.root is not None
    assert poses.root is not None
    np.testing.assert_array_equal(again.root, poses.root)
    assert dict(again.meta) == dict(poses.meta)
    records = [json.loads((tmp_path / one / "flat" / "run.json").read_text()) for one in ("command", "library")]
    for record in records:
        del record["seconds"], record["frames_per_second"], record["asked"]  # by a recipe, or by objects
    assert records[0] == records[1]
