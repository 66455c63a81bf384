"""`pose3d run`: what it makes, what it says, and how it fails."""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
import signal
import subprocess
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from command_line import FakeDetector, Invoke, leftovers, one_error, pose3d, start

from in_the_wild import defaults, formats
from in_the_wild.detectors.base import Detection
from in_the_wild.keypoints import Keypoints
from in_the_wild.result import result_folders
from in_the_wild.skeletons import HUMAN36M17
from in_the_wild.video.footage import Video
from in_the_wild.video.kinds import Encoding
from in_the_wild.video.read import VideoReader
from in_the_wild.video.write import VideoWriter


def test_run_shows_its_options_in_panels_with_defaults(cli: Invoke) -> None:
    text = cli("run", "--help-all").stdout
    words = " ".join(text.split())
    for panel in ("Input", "Models", "Output", "Advanced"):
        assert f"\n{panel}:\n" in text
    for default in (
        "out",
        "that of the weights",
        "pstmo_coco, or those that come with the model",
        "blazepose",
        "all",
        "auto",
        "mp4",
        "flip",
    ):
        assert f"[default: {default}]" in words


@pytest.mark.slow
def test_run_with_blazepose(cli: Invoke, clip: Path, tiny: Path, tmp_path: Path) -> None:
    done = cli("run", clip, "-o", tmp_path, "--weights", tiny, "--persons", "1", "--device", "cpu", "-v")
    assert done.exit_code == 0, done.stderr
    folder = tmp_path / "one_person"
    files = ["overlay.mp4", "poses2d.npz", "poses3d.npz", "run.json", "view.html"]
    assert sorted(path.name for path in folder.iterdir()) == files

    with np.load(folder / "poses3d.npz", allow_pickle=False) as file:
        count = len(file["frame"])
        assert count > 50
        assert file["keypoints"].shape == (count, 17, 3)
        assert file["root"].shape == (count, 3)
        assert file["scores"].shape == (count, 17)
        assert list(file["joints"]) == list(HUMAN36M17.joints)
        assert np.allclose(file["time"], file["frame"] / 25)
        assert np.unique(file["person"]).tolist() == [0]
        meta = json.loads(str(file["meta"]))
    assert meta["space"] == "camera"
    assert meta["units"]
    assert meta["size"] == [320, 240]
    assert meta["model"] == "pstmo"
    assert meta["weights"]["source"] == "tiny.pt"
    assert "assumed" in meta["assumptions"]["focal"]
    with np.load(folder / "poses2d.npz", allow_pickle=False) as file:
        assert file["keypoints"].shape[1:] == (33, 2)

    record = json.loads((folder / "run.json").read_text())
    assert {"video", "frames", "persons", "options", "assumptions", "seconds", "versions", "warnings"} <= set(record)
    assert record["frames"] == 60
    assert set(record["seconds"]) == {"detect", "track", "clean", "lift", "refine", "render", "view"}
    assert sorted(record["files"]) == files
    assert record["options"]["persons"] == 1

    frames = list(VideoReader(folder / "overlay.mp4"))
    assert len(frames) == 60
    assert "one_person.mp4: detect done: 60 frames" in done.stderr
    assert re.search(r"one_person\.mp4 +│ +1 │ +60 │", done.stdout)


def test_a_second_run_takes_the_2d_of_the_first(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    run = ("run", flat, "-o", tmp_path, "--weights", tiny, "--render", "none")
    assert cli(*run).exit_code == 0
    assert fake.pictures == 7, "every second frame of 25 a second, and the last"
    first = (tmp_path / "flat" / "poses3d.npz").read_bytes()
    again = cli(*run)
    assert fake.pictures == 7
    assert "earlier run" in again.stdout
    assert set(json.loads((tmp_path / "flat" / "run.json").read_text())["seconds"]) == {
        "clean",
        "lift",
        "refine",
        "view",
    }
    assert (tmp_path / "flat" / "poses3d.npz").read_bytes() == first
    assert cli(*run, "--overwrite").exit_code == 0
    assert fake.pictures == 14
    assert cli(*run, "--persons", "1").exit_code == 0, "another detector: it looks for one person"
    assert fake.pictures == 21


def test_results_of_another_video_are_not_overwritten_unasked(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    other = tmp_path / "flat.mp4"
    with VideoWriter(other, width=64, height=48, fps=25) as writer:
        for _ in range(5):
            writer.write(np.full((48, 64, 3), 30, dtype=np.uint8))
    common = ("-o", tmp_path / "out", "--weights", tiny, "--render", "none")
    assert cli("run", flat, *common).exit_code == 0
    refused = cli("run", other, *common)
    assert refused.exit_code == 1
    assert "another video" in refused.stderr
    assert len(formats.read(tmp_path / "out/flat/poses3d.npz")) == 12
    assert cli("run", other, *common, "--overwrite").exit_code == 0
    assert len(formats.read(tmp_path / "out/flat/poses3d.npz")) == 5


def test_a_video_that_fails_does_not_stop_the_others(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("not a video at all, only words")
    done = cli("run", text, flat, "-o", tmp_path / "out", "--weights", tiny, "--render", "gif")
    assert done.exit_code == 1
    assert "notes.mp4" in one_error("\n".join(x for x in done.stderr.splitlines() if "flat.mp4: " not in x))
    assert re.search(r"notes\.mp4 +│ +failed", done.stdout)
    assert re.search(r"flat\.mp4 +│ +1 │ +12 │", done.stdout)
    assert (tmp_path / "out/flat/overlay.gif").read_bytes()[:6] == b"GIF89a"
    assert not (tmp_path / "out/notes").exists()


def test_exports_lie_beside_the_poses(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    done = cli(
        "run", flat, "-o", tmp_path, "--weights", tiny, "--render", "none", "--export", "csv:layout=wide,json,npz"
    )
    assert done.exit_code == 0, done.stderr
    folder = tmp_path / "flat"
    files = ["poses2d.npz", "poses3d.npz", "poses3d.csv", "poses3d.json", "view.html", "run.json"]
    record = json.loads((folder / "run.json").read_text())
    assert (record["files"], record["options"]["exports"]) == (files, "csv:layout=wide,json,npz")
    assert "poses3d.csv, poses3d.json" in done.stdout
    assert (folder / "poses3d.csv").read_text().startswith("seconds,frame,person,space,root_x_m")
    poses, again = (formats.read(folder / name) for name in ("poses3d.npz", "poses3d.json"))
    np.testing.assert_array_equal(again.keypoints, poses.keypoints)


def test_exports_of_other_people_in_an_earlier_run_are_gone(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    for left in ("poses3d_person0.trc", "poses3d_person7.trc", "poses3d_person7.c3d"):
        (tmp_path / "flat").mkdir(exist_ok=True)
        (tmp_path / "flat" / left).write_text("of an earlier run")
    done = cli("run", flat, "-o", tmp_path, "--weights", tiny, "--render", "none", "--export", "trc")
    assert done.exit_code == 0, done.stderr
    assert {path.name for path in (tmp_path / "flat").glob("poses3d*")} == {
        "poses3d.npz", "poses3d.trc", "poses3d_person7.c3d",
    }  # fmt: skip


def test_an_export_that_fails_costs_itself_alone(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    (tmp_path / "flat" / "poses3d.csv").mkdir(parents=True)
    done = cli("run", flat, "-o", tmp_path, "--weights", tiny, "--render", "none", "--export", "csv,json")
    assert done.exit_code == 0
    assert "Warning: poses3d.csv was not written: Cannot write" in done.stderr
    record = json.loads((tmp_path / "flat" / "run.json").read_text())
    assert record["files"] == ["poses2d.npz", "poses3d.npz", "poses3d.json", "view.html", "run.json"]
    assert "poses3d.csv was not written" in record["warnings"][0]


def test_formats_to_export_are_checked_before_the_work(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    for wrong, message in (
        ("csv,jsonn", 'Did you mean "json"'),
        ("csv:layout=broad", "tidy or wide"),
        ("csv,csv", "twice"),
    ):
        done = cli("run", flat, "-o", tmp_path, "--weights", tiny, "--export", wrong)
        assert done.exit_code == 2
        assert message in " ".join(done.stderr.replace("│", " ").split())
    assert fake.pictures == 0


def test_every_looks_at_some_frames_and_gives_rows_for_all(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    run = ("run", flat, "-o", tmp_path, "--weights", tiny, "--render", "none")
    done = cli(*run, "--every", 5)
    assert done.exit_code == 0, done.stderr
    assert fake.pictures == 4, "frames 0, 5, 10 and 11"
    folder = tmp_path / "flat"
    assert formats.read(folder / "poses2d.npz").frame.tolist() == [0, 5, 10, 11]
    refined = formats.read(folder / "poses2d_refined.npz")
    assert refined.frame.tolist() == list(range(12))
    assert (refined.scores > 0).all(), "all of them can be drawn"
    poses3d = formats.read(folder / "poses3d.npz")
    assert poses3d.frame.tolist() == list(range(12))
    assert (poses3d.scores > 0.9).all()
    record = json.loads((folder / "run.json").read_text())
    assert record["options"]["looks"] == "every 5"
    assert [(one["name"], one["on"]) for one in record["options"]["refiners"]] == [
        (defaults.FILLER, "2d"),
        (defaults.REFINER, "3d"),
    ]
    assert record["options"]["smoothing"] == 0.033
    assert "poses2d_refined.npz" in record["files"]

    # The keypoints of every fifth frame are taken again by a run that asks for as many, and by no other.
    assert cli(*run, "--every", 5, "--refiner", "linear").exit_code == 0
    assert fake.pictures == 4
    assert cli(*run).exit_code == 0
    assert fake.pictures == 11
    assert not (folder / "poses2d_refined.npz").exists(), "it is of an earlier run"


def test_every_with_the_3d_filled(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    run = ("run", flat, "-o", tmp_path, "--weights", tiny, "--render", "gif", "--every", 4, "--refiner", "spline:on=3d")
    assert cli(*run).exit_code == 0
    assert fake.pictures == 4, "frames 0, 4, 8 and 11"
    assert not (tmp_path / "flat/poses2d_refined.npz").exists()
    poses3d = formats.read(tmp_path / "flat/poses3d.npz")
    assert (poses3d.scores > 0.9).all(), "of frames that were not looked at too"
    assert [note["name"] for note in poses3d.meta["refiners"]] == [defaults.FILLER, defaults.REFINER]
    assert len(list(VideoReader(tmp_path / "flat/overlay.gif"))) == 12


def test_a_refiner_that_smooths_replaces_the_usual_smoothing(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    run = ("run", flat, "-o", tmp_path, "--weights", tiny, "--render", "none")

    def options(*more: object) -> dict[str, Any]:
        done = cli(*run, *more)
        assert done.exit_code == 0, done.stderr
        found: dict[str, Any] = json.loads((tmp_path / "flat/run.json").read_text())["options"]
        return found

    assert options()["smoothing"] == 0.033
    smoothed = options("--refiner", "butterworth:cutoff=3,order=4", "--refiner", "none")
    assert smoothed["smoothing"] == 0
    assert smoothed["refiners"] == [{"name": "butterworth", "cutoff": 3.0, "order": 4, "on": "2d"}]
    assert options("--refiner", "median", "--smooth", "0.1")["smoothing"] == 0.1
    assert options("--refiner", "median:on=3d")["smoothing"] == 0.033
    both = options("--every", 5, "--refiner", "one_euro:both_ways=false")
    assert [one["name"] for one in both["refiners"]] == [defaults.FILLER, "one_euro", defaults.REFINER]
    assert both["refiners"][1]["both_ways"] is False


def test_bars_on_a_terminal(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    done = cli("run", flat, "-o", tmp_path, "--weights", tiny)
    assert done.exit_code == 0
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", done.stderr)
    for stage in ("detect", "lift", "render"):
        assert re.search(rf"flat\.mp4 {stage} +━+ 12/12 frames", plain)


def test_folders_are_named_after_the_files(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a/x.mp4", "b/x.mp4", "b/y.mp4", "b/z.mp4", "b/z.mov", "c/b/y.mp4")]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    names = result_folders([Video(path) for path in paths])
    assert names[:2] == ["a_x", "b_x"]
    assert names[3:5] == ["b_z_mp4", "b_z_mov"]
    assert names[2].endswith("_b_y_mp4")
    assert len(set(names)) == len(names)
    assert result_folders([Video(paths[0])]) == ["x"]
    # Stores of data keep files by their checksums, and the names that people gave in links.
    (tmp_path / "subject01.mp4").symlink_to(paths[0])
    given: list[Video | Keypoints] = [Video(tmp_path / "subject01.mp4"), Keypoints(tmp_path / "subject01.mp4")]
    assert result_folders(given[:1]) == result_folders(given[1:]) == ["subject01"]


def _bad_video(kind: str, folder: Path) -> Path:
    path = folder / "bad.mp4"
    if kind == "a folder":
        path.mkdir()
    elif kind == "empty":
        path.touch()
    elif kind == "text":
        path.write_text("Nothing to see here.\n" * 50)
    elif kind == "sound":
        with wave.open(str(path), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(8000)
            sound.writeframes(bytes(16000))
    return path


@pytest.mark.parametrize(
    ("kind", "says"),
    [("missing", "no .*bad.mp4"), ("a folder", "folder"), ("empty", "empty"), ("text", "video"), ("sound", "sound")],
)
def test_what_is_no_video(
    cli: Invoke, fake: type[FakeDetector], tiny: Path, tmp_path: Path, kind: str, says: str
) -> None:
    path = _bad_video(kind, tmp_path)
    done = cli("run", path, "-o", tmp_path / "out", "--weights", tiny)
    assert done.exit_code == 1
    assert re.search(says, one_error(done.stderr))
    assert not done.stdout
    assert not (tmp_path / "out").exists()


def test_a_missing_file_in_a_process_of_its_own(tiny: Path, tmp_path: Path) -> None:
    code, out, err = pose3d("run", tmp_path / "no.mp4", "--weights", tiny)
    assert (code, out) == (1, "")
    assert "no.mp4" in one_error(err)


def test_a_truncated_video_works_with_a_warning_each_time(
    cli: Invoke, fake: type[FakeDetector], clip: Path, tiny: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(clip.read_bytes()[: int(0.7 * clip.stat().st_size)])
    for _ in range(2):
        done = cli("run", cut, "-o", tmp_path, "--weights", tiny, "--render", "none")
        assert done.exit_code == 0, done.stderr
        (warning,) = (line for line in done.stderr.splitlines() if line.startswith("Warning: "))
        assert "broke off" in warning
        assert json.loads((tmp_path / "cut/run.json").read_text())["warnings"] == [warning.removeprefix("Warning: ")]
    assert 5 < len(formats.read(tmp_path / "cut/poses3d.npz")) < 60


@pytest.mark.parametrize("looks", [1, 30])
def test_a_video_that_changes_while_it_is_read_gives_nothing(
    cli: Invoke, fake: type[FakeDetector], clip: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    looks: int,
) -> None:  # fmt: skip
    changing = tmp_path / "changing.mp4"
    whole = clip.read_bytes()
    changing.write_bytes(whole)
    look = fake.__call__

    def cut_off(self: FakeDetector, image: np.ndarray, time: float) -> Detection:
        if fake.pictures == looks:
            changing.write_bytes(whole[: len(whole) // 2])
        return look(self, image, time)

    monkeypatch.setattr(fake, "__call__", cut_off)
    run = ("run", changing, "-o", tmp_path, "--weights", tiny, "--render", "none")
    done = cli(*run)
    assert done.exit_code == 1
    assert "changing.mp4 changed while it was read" in done.stderr
    assert not (tmp_path / "changing/poses2d.npz").exists()
    changing.write_bytes(whole)
    assert cli(*run).exit_code == 0
    assert formats.read(tmp_path / "changing/poses2d.npz").video.frames == 60


@pytest.mark.parametrize("render", ["mp4", "none"])
def test_nobody_in_the_video(
    cli: Invoke,
    fake: type[FakeDetector],
    flat: Path,
    tiny: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    render: str,
) -> None:
    monkeypatch.setattr(fake, "people", 0)
    done = cli("run", flat, "-o", tmp_path, "--weights", tiny, "--render", render)
    assert done.exit_code == 0, done.stderr
    assert "Warning: No person was found in flat.mp4" in done.stderr
    for name in ("poses2d.npz", "poses3d.npz"):
        assert len(formats.read(tmp_path / "flat" / name)) == 0
    assert (tmp_path / "flat/overlay.mp4").exists() == (render == "mp4")


class _RunsCode:
    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (self.command,)


@pytest.mark.filterwarnings("error")  # they would be more lines than one
@pytest.mark.parametrize("kind", ["torch", "bare"])
def test_a_pickle_that_runs_code_is_refused(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tmp_path: Path, kind: str
) -> None:
    marker, evil = tmp_path / "marker", tmp_path / "evil.pt"
    content = {"state_dict": _RunsCode(f"touch {marker}")}
    if kind == "torch":
        torch.save(content, evil)
    else:
        evil.write_bytes(pickle.dumps(content))
    done = cli("run", flat, "-o", tmp_path / "out", "--weights", evil)
    assert done.exit_code == 1
    assert "run code" in one_error(done.stderr)
    assert not marker.exists()
    assert not (tmp_path / "out").exists()


def test_a_checkpoint_of_another_model(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    content = torch.load(tiny, weights_only=True)
    state = content["state_dict"]
    state["hidden.weight"] = state.pop("position")
    state["centre_head.joints.bias"] = torch.zeros(5)
    torch.save(content, tmp_path / "other.pt")
    line = one_error(cli("run", flat, "-o", tmp_path / "out", "--weights", tmp_path / "other.pt").stderr)
    for difference in ("missing position", "unexpected hidden.weight", "centre_head.joints.bias is (5,) instead of"):
        assert difference in line
    torch.save({"gru.weight": torch.zeros(3)}, tmp_path / "foreign.pt")
    done = cli("run", flat, "-o", tmp_path / "out", "--weights", tmp_path / "foreign.pt")
    assert done.exit_code == 1
    assert "gru.weight" in one_error(done.stderr)
    assert not (tmp_path / "out").exists()


def test_an_output_folder_that_cannot_be_written(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.touch()
    for arguments in (
        ("run", flat, "-o", file / "out", "--weights", tiny),
        ("detect", flat, "-o", file / "out" / "poses2d.npz"),
    ):
        done = cli(*arguments)
        assert done.exit_code == 1
        assert "cannot be written" in one_error(done.stderr)
    assert fake.pictures == 0, "it is told before the work"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_output_folder_without_permission(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    tmp_path.chmod(0o500)
    try:
        done = cli("run", flat, "-o", tmp_path / "out", "--weights", tiny)
    finally:
        tmp_path.chmod(0o700)
    assert done.exit_code == 1
    assert "cannot be written" in one_error(done.stderr)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 48 KB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=48k", "none", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")  # a second complaint, unasked
@pytest.mark.parametrize("used", [0, 44])
def test_a_full_disk(
    cli: Invoke, fake: type[FakeDetector], clip: Path, tiny: Path, small_disk: Path, used: int
) -> None:
    """At first there is room for the poses and not for the film; then for nothing."""
    (small_disk / "ballast").write_bytes(bytes(used * 1024))
    done = cli("run", clip, "-o", small_disk / "out", "--weights", tiny)
    assert done.exit_code == 1
    error = one_error("\n".join(x for x in done.stderr.splitlines() if not x.startswith("one_person.mp4: ")))
    assert "No space left on device" in error or "no space left" in error
    assert not leftovers(small_disk)
    for path in (small_disk / "out").rglob("*.npz"):
        formats.read(path)
    assert not list((small_disk / "out").rglob("overlay*"))


@pytest.fixture(scope="module")
def long_clip(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clip six times over."""
    path = tmp_path_factory.mktemp("long") / "long.mp4"
    with VideoWriter(path, width=320, height=240, fps=25, encoding=Encoding(preset="ultrafast")) as writer:
        for _ in range(6):
            for frame in VideoReader(clip):
                writer.write(frame.image)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["detect", "render"])
def test_ctrl_c_stops_with_one_line(long_clip: Path, tiny: Path, tmp_path: Path, stage: str) -> None:
    process = start("run", long_clip, "-o", tmp_path / "out", "--weights", tiny, "--persons", "1", "-v")
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(f"long.mp4: {stage}"):
            break
    else:
        pytest.fail(f"{stage} did not begin")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    lines = [line for line in err.splitlines() if not re.match(r"long\.mp4: |.*\.npz: written", line)]
    assert lines == [f"Stopped. Finished files are kept in {tmp_path / 'out'}."]
    assert process.returncode == 130
    assert out == ""
    assert not leftovers(tmp_path)
    finished = {path.name for path in (tmp_path / "out/long").iterdir()}
    assert finished == (set() if stage == "detect" else {"poses2d.npz", "poses3d.npz", "unfinished.json"})


def test_no_video_of_a_batch_is_written_over(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    """`overlay.mp4` in a folder that results of `clips.mp4` would fill, and one whose results go where it is."""
    videos = [tmp_path / "clips.mp4", tmp_path / "clips" / "overlay.mp4"]
    videos[1].parent.mkdir()
    for video in videos:
        shutil.copy(flat, video)
    before = videos[1].read_bytes()
    done = cli("run", *videos, "-o", tmp_path, "--weights", tiny)
    assert done.exit_code == 1
    assert f"would be written over the input {videos[1]}" in done.stderr
    assert (tmp_path / "overlay" / "overlay.mp4").is_file()
    videos[1].rename(tmp_path / "overlay" / "overlay.mp4")
    done = cli("run", tmp_path / "overlay" / "overlay.mp4", "-o", tmp_path / "overlay" / "..", "--weights", tiny)
    assert "would be written over the input" in one_error(done.stderr)
    assert (tmp_path / "overlay" / "overlay.mp4").read_bytes() == before


def test_results_stay_in_the_folder_that_was_named(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    video = tmp_path / "in" / "...mp4"
    shutil.copy(flat, video)
    done = cli("run", video, "-o", tmp_path / "below" / "out", "--weights", tiny, "--render", "none")
    assert done.exit_code == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir() if path.name != "in"] == ["below"]
    assert [path.name for path in (tmp_path / "below").iterdir()] == ["out"]
