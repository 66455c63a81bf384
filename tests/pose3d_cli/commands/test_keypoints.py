"""`pose3d run KEYPOINTS` and `pose3d lift`: keypoints of other programs give what the video itself gives."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import foreign_keypoints
import numpy as np
import pytest
from command_line import FakeDetector, Invoke, one_error

from in_the_wild import formats
from in_the_wild.excerpt import trimmed
from in_the_wild.poses import Poses
from in_the_wild.skeletons import COCO17
from in_the_wild.video.read import VideoReader

NO_SCORES = ("coco", "coco_video", "videopose3d")


@pytest.fixture
def direct(cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path) -> Path:
    """What a run of the video gave."""
    assert cli("run", flat, "-o", tmp_path / "direct", "--weights", tiny, "--render", "none").exit_code == 0
    return tmp_path / "direct" / "flat"


def keypoints(direct: Path) -> Poses:
    return formats.read(direct / "poses2d.npz")


@pytest.mark.parametrize("name", foreign_keypoints.WRITERS)
def test_keypoints_of_every_program_lift_to_what_the_video_gives(
    name: str, cli: Invoke, direct: Path, flat: Path, tiny: Path, tmp_path: Path
) -> None:
    path = foreign_keypoints.write(name, keypoints(direct), tmp_path / "in")
    done = cli("run", path, "--video", flat, "-o", tmp_path / "out", "--weights", tiny, "--render", "none")
    assert done.exit_code == 0, done.stderr
    (folder,) = (tmp_path / "out").iterdir()
    assert sorted(file.name for file in folder.iterdir()) == ["poses2d.npz", "poses3d.npz", "run.json", "view.html"]
    ours, theirs = formats.read(folder / "poses3d.npz"), formats.read(direct / "poses3d.npz")
    np.testing.assert_array_equal(ours.frame, theirs.frame)
    np.testing.assert_array_equal(ours.seconds, theirs.seconds)
    np.testing.assert_allclose(ours.keypoints, theirs.keypoints, atol=1e-4)
    assert "Warning" not in done.stderr
    assert "earlier run" not in done.stdout


def test_the_film_shows_keypoints_on_their_video(
    cli: Invoke, direct: Path, flat: Path, tiny: Path, tmp_path: Path
) -> None:
    path = foreign_keypoints.write("openpose", keypoints(direct), tmp_path / "in")
    assert cli("run", path, "--video", flat, "-o", tmp_path / "out", "--weights", tiny).exit_code == 0
    assert cli("run", flat, "-o", tmp_path / "direct", "--weights", tiny).exit_code == 0
    film, expected = VideoReader(tmp_path / "out/openpose/overlay.mp4"), VideoReader(direct / "overlay.mp4")
    for one, other in zip(film, expected, strict=True):
        np.testing.assert_array_equal(one.image, other.image)


def test_without_the_video_the_film_is_the_3d_view_alone(cli: Invoke, direct: Path, tiny: Path, tmp_path: Path) -> None:
    path = foreign_keypoints.write("alphapose", keypoints(direct), tmp_path / "in")
    said = "alphapose:size=64x48,fps=25"
    done = cli("run", path, "--read-as", said, "-o", tmp_path / "out", "--weights", tiny)
    assert done.exit_code == 0, done.stderr
    info = VideoReader(tmp_path / "out/alphapose-results/overlay.mp4").info
    assert (info.width, info.height) == (288, 360)
    record = json.loads((tmp_path / "out/alphapose-results/run.json").read_text())
    assert record["options"]["looks"] == "none"
    assert FakeDetector.pictures > 0  # of the direct run; none was looked at since


def test_no_detector_is_made_for_keypoints(
    cli: Invoke, direct: Path, fake: type[FakeDetector], tiny: Path, tmp_path: Path
) -> None:
    before = fake.pictures
    done = cli("run", direct / "poses2d.npz", "-o", tmp_path / "out", "--weights", tiny, "--detector", "rtmpose")
    assert done.exit_code == 0, done.stderr
    assert fake.pictures == before


def test_videos_and_keypoints_are_run_together(
    cli: Invoke, direct: Path, flat: Path, tiny: Path, tmp_path: Path
) -> None:
    own = direct / "poses2d.npz"
    done = cli("run", flat, own, "-o", tmp_path / "out", "--weights", tiny, "--render", "none")
    assert done.exit_code == 0, done.stderr
    ours, theirs = (formats.read(tmp_path / f"out/{name}/poses3d.npz") for name in ("flat", "poses2d"))
    np.testing.assert_array_equal(ours.keypoints, theirs.keypoints)


def test_lift_reads_what_run_reads(cli: Invoke, direct: Path, flat: Path, tiny: Path, tmp_path: Path) -> None:
    names = {joint: f"{joint[0]}-{joint.partition('_')[2] or joint}" for joint in COCO17.joints}
    path = foreign_keypoints.write("deeplabcut", keypoints(direct), tmp_path / "in")
    text = path.read_text()
    for joint, name in names.items():
        text = text.replace(joint, name)
    path.write_text(text)
    (tmp_path / "joints.yaml").write_text("".join(f"{name}: {joint}\n" for joint, name in names.items()))
    lift = ("lift", path, "-o", tmp_path / "own.npz", "--weights", tiny, "--video", flat)
    assert "l-shoulder: left_shoulder" in one_error(cli(*lift).stderr)
    done = cli(*lift, "--joints", tmp_path / "joints.yaml")
    assert done.exit_code == 0, done.stderr
    assert cli("run", flat, "-o", tmp_path / "run", "--weights", tiny, "--refiner", "none").exit_code == 0
    theirs = formats.read(tmp_path / "run/flat/poses3d.npz")
    np.testing.assert_allclose(formats.read(tmp_path / "own.npz").keypoints, theirs.keypoints, atol=1e-4)


def test_people_without_ids_are_tracked_and_those_without_beside_others_left_out(
    cli: Invoke, direct: Path, flat: Path, tiny: Path, tmp_path: Path
) -> None:
    poses = keypoints(direct)
    low = poses.replace(keypoints=poses.keypoints + np.array([20, 4], np.float32), person_id=np.full(len(poses), -1))
    nobody = poses.replace(person_id=np.full(len(poses), -1))
    for name, other in (("mixed", poses), ("untracked", nobody)):
        formats.write(Poses.join([other, low]).replace(meta={}), tmp_path / f"{name}.npz")
        given = (tmp_path / f"{name}.npz", "--video", flat)
        done = cli("run", *given, "-o", tmp_path / "out", "--weights", tiny, "--render", "none")
        assert done.exit_code == 0, done.stderr
        found = formats.read(tmp_path / f"out/{name}/poses2d.npz")
        assert found.persons == ([0] if name == "mixed" else [0, 1])
        assert ("12 of 24 poses in flat.mp4 have no id" in " ".join(done.stderr.split())) == (name == "mixed")


@pytest.mark.parametrize("name", ["npz", "json", "parquet", "csv", "coco"])
def test_keypoints_of_a_part_lie_where_the_part_does(
    name: str, cli: Invoke, direct: Path, flat: Path, tiny: Path, tmp_path: Path
) -> None:
    whole = keypoints(direct)
    part = trimmed(whole.with_meta(looks=[0, 5, 11], cuts=[7]), start=float(whole.seconds[4]), end=None)
    path = tmp_path / f"part.{'json' if name == 'coco' else name}"
    part.save(path, name)
    lifted = tmp_path / "own.npz"
    done = cli("lift", path, "--video", flat, "-o", lifted, "--weights", tiny)
    assert done.exit_code == 0, done.stderr
    found = formats.read(lifted)
    np.testing.assert_array_equal(found.frame, whole.frame[4:])
    np.testing.assert_array_equal(found.seconds, whole.seconds[4:])
    assert found.video.frames == whole.video.frames
    if name in ("npz", "json", "parquet"):
        assert (found.meta["looks"], found.meta["cuts"]) == ([5, 11], [7])


def test_times_that_are_no_videos_are_told(cli: Invoke, direct: Path, flat: Path, tiny: Path, tmp_path: Path) -> None:
    found = keypoints(direct)
    other = dataclasses.replace(found.video, timestamps=found.video.timestamps * 3 + 0.5)
    found.replace(video=other).save(tmp_path / "other.npz")
    done = cli("lift", tmp_path / "other.npz", "--video", flat, "-o", tmp_path / "own.npz", "--weights", tiny)
    assert done.exit_code == 0, done.stderr
    assert "frames are taken by their number" in " ".join(done.stderr.split())
    np.testing.assert_array_equal(formats.read(tmp_path / "own.npz").seconds, found.seconds)


def test_doubts_are_told_and_kept(cli: Invoke, direct: Path, tiny: Path, tmp_path: Path) -> None:
    path = foreign_keypoints.write("openpose", keypoints(direct), tmp_path / "in")
    for command, output in (("lift", tmp_path / "own.npz"), ("run", tmp_path / "out")):
        done = cli(command, path, "-o", output, "--weights", tiny, "--read-as", "openpose:size=400x300,fps=25")
        assert done.exit_code == 0, done.stderr
        assert "is that the size of the picture" in " ".join(done.stderr.split())
    record = json.loads((tmp_path / "out/openpose/run.json").read_text())
    assert "all lie in the top left corner" in record["warnings"][0]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("run", "VIDEO", "--video", "VIDEO"), "It says how one file of keypoints is read"),
        (("run", "OWN", "OWN3D", "--video", "VIDEO"), "It says how one file of keypoints is read"),
        (("run", "OWN3D"), "holds 3D poses, which need no lifting"),
        (("run", "OWN", "--video", "SHORT"), "numbers below 5, the frames of short.mp4, were expected, found 11"),
        (("run", "OWN", "--video", "LARGE"), "128x96 of large.mp4 was expected, found 64x48"),
        (("lift", "OWN", "--video", "OWN"), "poses2d.npz"),
        (("run", "EMPTY"), "No video and no picture is in the folder"),
        (("run", "OWN", "--video", "VIDEO", "--start", "0.1"), "counted from the beginning of flat.mp4, and a part of"),
    ],
)
def test_what_does_not_go_together_is_one_sentence(
    arguments: tuple[str, ...], expected: str, cli: Invoke, direct: Path, flat: Path, tiny: Path, tmp_path: Path
) -> None:
    from in_the_wild.video.write import VideoWriter

    (tmp_path / "empty").mkdir()
    for name, width, frames in (("short", 64, 5), ("large", 128, 12)):
        with VideoWriter(tmp_path / f"{name}.mp4", width=width, height=width * 3 // 4, fps=25) as writer:
            for _ in range(frames):
                writer.write(np.full((width * 3 // 4, width, 3), 90, dtype=np.uint8))
    named = {
        "VIDEO": flat, "OWN": direct / "poses2d.npz", "OWN3D": direct / "poses3d.npz", "EMPTY": tmp_path / "empty",
        "SHORT": tmp_path / "short.mp4", "LARGE": tmp_path / "large.mp4",
    }  # fmt: skip
    done = cli(*(named.get(one, one) for one in arguments), "-o", tmp_path / "out.npz", "--weights", tiny)
    assert done.exit_code != 0
    assert expected in " ".join(done.stderr.replace("│", " ").split())


def test_results_of_something_else_are_not_written_over(
    cli: Invoke, direct: Path, flat: Path, tiny: Path, tmp_path: Path
) -> None:
    path = foreign_keypoints.write("mmpose", keypoints(direct), tmp_path / "in").rename(tmp_path / "flat.json")
    run = ("run", path, "--video", flat, "-o", tmp_path / "direct", "--weights", tiny, "--render", "none")
    assert "holds results of something else" in one_error(cli(*run).stderr)
    assert cli(*run, "--overwrite").exit_code == 0
    assert cli(*run).exit_code == 0, "a second run of the same file"
