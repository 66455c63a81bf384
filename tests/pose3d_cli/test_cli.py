"""The `pose3d` command: what it makes, what it says, and how it fails."""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from typer.testing import CliRunner, Result

import in_the_wild
from in_the_wild import checkpoints, formats, plugins
from in_the_wild.checkpoints import shipped
from in_the_wild.detectors.base import Detection, Detector
from in_the_wild.errors import InputError
from in_the_wild.lifters.pstmo import PSTMO
from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import COCO17, HUMAN36M17
from in_the_wild.video.read import VideoReader
from in_the_wild.video.write import VideoWriter
from pose3d_cli.commands import _options
from pose3d_cli.commands.run import result_folders
from pose3d_cli.datasets.synthetic import clips
from pose3d_cli.main import app
from pose3d_cli.metrics.against_truth import LIMB_JOINTS, Truth, compare

ROOT = Path(__file__).parents[2]
COMMANDS = [name.replace("_", "-") for name in plugins.names("pose3d_cli.commands")]
START = "import sys; sys.argv[0] = 'pose3d'; from pose3d_cli.main import main; main()"
Invoke = Callable[..., Result]


# -------------------------------------------------------------------------------------------------------------- helpers


class FakeDetector(Detector):
    """One person who waves, in every picture; quick, and counts the pictures."""

    name = "mediapipe"
    skeleton = COCO17
    pictures: ClassVar[int] = 0
    people: ClassVar[int] = 1

    def __init__(self, *, persons: int) -> None:
        self.persons = persons

    @property
    def settings(self) -> Mapping[str, Any]:
        return {"name": "fake", "persons": self.persons}

    def __call__(self, image: np.ndarray, time: float) -> Detection:
        type(self).pictures += 1
        height, width, _ = image.shape
        body = np.random.default_rng(0).uniform(-0.1, 0.1, (17, 2))
        body[COCO17.indices("left_ankle", "right_ankle"), 1] = 0.35
        body[COCO17.index("left_wrist"), 0] += 0.1 * np.sin(6 * time)
        keypoints = (body + 0.5) * (width, height)
        return Detection(
            keypoints=np.repeat(keypoints[None], self.people, axis=0).astype(np.float32),
            scores=np.ones((self.people, 17), dtype=np.float32),
        )


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakeDetector]:
    """Let the commands find the fake detector instead of mediapipe's."""
    load = plugins.load
    monkeypatch.setattr(
        plugins, "load", lambda family, name: FakeDetector if family.endswith("detectors") else load(family, name)
    )
    monkeypatch.setattr(FakeDetector, "pictures", 0)
    return FakeDetector


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch) -> Invoke:
    monkeypatch.setenv("COLUMNS", "200")

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return invoke


def start(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", START, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        **options,
    )


def pose3d(*arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output and error output of a process of its own."""
    process = start(*arguments)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def one_error(output: str) -> str:
    """The only line of an error output, which must be an error's sentence."""
    lines = output.strip().splitlines()
    assert len(lines) == 1, output
    assert lines[0].startswith("Error: ")
    return lines[0]


def leftovers(folder: Path) -> list[str]:
    """Files that are not finished."""
    return [path.name for path in folder.rglob("*") if path.name.startswith(".") or ".part" in path.name]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 pictures of 320x240 of a mannequin who waves."""
    return clips.make("one_person", tmp_path_factory.mktemp("clip"))[0]


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 grey pictures of 64x48."""
    path = tmp_path_factory.mktemp("flat") / "flat.mp4"
    with VideoWriter(path, width=64, height=48, fps=25) as writer:
        for _ in range(12):
            writer.write(np.full((48, 64, 3), 90, dtype=np.uint8))
    return path


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small P-STMO that has learnt nothing."""
    path = tmp_path_factory.mktemp("weights") / "tiny.pt"
    arguments: dict[str, Any] = {"frames": 9, "channels": 16, "hidden": 32, "layers": 1, "in_channels": 4}
    training = checkpoints.Training(fps=25.0, normalisation="box", data="nothing", licence="Apache-2.0")
    torch.manual_seed(0)
    checkpoints.save(path, model="pstmo", lifter=PSTMO(**arguments), arguments=arguments, training=training)
    return path


# ---------------------------------------------------------------------------------------------------- help and mistakes


def test_help_lists_every_file_of_commands(cli: Invoke) -> None:
    done = cli("--help")
    assert done.exit_code == 0
    assert {"run", "render", "detect", "lift", "demo", "show"} <= set(COMMANDS)
    for name in COMMANDS:
        assert re.search(rf"\b{name}\b", done.stdout)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does_with_an_example(cli: Invoke, name: str) -> None:
    done = cli(name, "--help")
    assert done.exit_code == 0
    assert f"Example: pose3d {name}" in done.stdout


def test_run_shows_its_options_in_panels_with_defaults(cli: Invoke) -> None:
    text = cli("run", "--help").stdout
    for panel in ("Input", "Models", "Output", "Advanced"):
        assert f"─ {panel} ─" in text
    for default in (
        "out",
        "(that of the weights)",
        "(pstmo_coco, or those that come with the model)",
        "mediapipe",
        "all",
        "auto",
        "mp4",
        "flip",
    ):
        assert f"[default: {default}]" in text


def test_version() -> None:
    assert pose3d("--version") == (0, f"pose3d {in_the_wild.__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["rnu"], "run"),
        (["run", "x.mp4", "--modle", "pstmo"], "--model"),
        (["run", "x.mp4", "--model", "pstom"], 'Did you mean "pstmo"'),
        (["run", "x.mp4", "--detector", "mediapip"], 'Did you mean "mediapipe"'),
        (["run", "x.mp4", "--render", "mpg4"], 'Did you mean "mp4"'),
        (["run", "x.mp4", "--device", "cud"], 'Did you mean "cuda"'),
        (["run", "x.mp4", "--persons", "al"], 'Did you mean "all"'),
        (["run", "x.mp4", "--persons", "0"], "whole number from 1"),
        (["run", "x.mp4", "--tds", "0.5"], "whole number from 1"),
        (["run", "x.mp4", "--every", "0"], "--every"),
        (["run", "x.mp4", "--refiner", "butterwort:order=3"], 'Did you mean "butterworth"'),
        (["run", "x.mp4", "--refiner-on", "4d"], "Known: 2d, 3d"),
        (["refine", "x.npz", "-o", "y.npz"], "--refiner"),
        (["refine", "x.npz", "--refiner", "median", "-o", "x.json"], "ending in .npz"),
        (["show", "weigths"], 'Did you mean "weights"'),
        (["lift", "x.npz", "-o", "x.json"], "ending in .npz"),
        (["detect", "x.mp4", "-o", "x"], "ending in .npz"),
        (["render", "x.npz", "-o", "x.avi"], "ending in .mp4 or .gif"),
        (["render", "x.npz", "--poses2d", "y.npz"], "--video"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_mistakes_in_the_command_line(
    cli: Invoke, monkeypatch: pytest.MonkeyPatch, arguments: list[str], hint: str
) -> None:
    monkeypatch.setattr(shipped, "names", lambda: ["pstmo_coco"])
    done = cli(*arguments)
    assert done.exit_code == 2
    assert hint in done.stderr


def test_unknown_weights_are_answered_with_the_nearest(cli: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "names", lambda: ["pstmo_coco"])
    done = cli("run", "x.mp4", "--weights", "pstmo_cocoa")
    assert done.exit_code == 2
    assert 'Did you mean "pstmo_coco"' in done.stderr


# -------------------------------------------------------------------------------------------------------------- the job


def test_run_with_mediapipe(cli: Invoke, clip: Path, tiny: Path, tmp_path: Path) -> None:
    done = cli("run", clip, "-o", tmp_path, "--weights", tiny, "--persons", "1", "--device", "cpu")
    assert done.exit_code == 0, done.stderr
    folder = tmp_path / "one_person"
    files = ["overlay.mp4", "poses2d.npz", "poses3d.npz", "run.json"]
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
    assert {"video", "frames", "people", "options", "assumptions", "seconds", "versions", "warnings"} <= set(record)
    assert record["frames"] == 60
    assert set(record["seconds"]) == {"detect", "track", "lift", "render"}
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
    assert fake.pictures == 12
    first = (tmp_path / "flat" / "poses3d.npz").read_bytes()
    again = cli(*run)
    assert fake.pictures == 12
    assert "earlier run" in again.stdout
    assert set(json.loads((tmp_path / "flat" / "run.json").read_text())["seconds"]) == {"lift"}
    assert (tmp_path / "flat" / "poses3d.npz").read_bytes() == first
    assert cli(*run, "--overwrite").exit_code == 0
    assert fake.pictures == 24
    assert cli(*run, "--persons", "1").exit_code == 0, "another detector: it looks for one person"
    assert fake.pictures == 36


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


def test_the_steps_alone_make_what_run_makes(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    assert cli("run", flat, "-o", tmp_path, "--weights", tiny, "--fov", 60).exit_code == 0
    alone = tmp_path / "new" / "keypoints.npz"
    assert cli("detect", flat, "-o", alone).exit_code == 0
    assert cli("lift", alone, "-o", alone.with_name("joints.npz"), "--weights", tiny, "--fov", 60).exit_code == 0
    for ours, theirs in (("keypoints.npz", "poses2d.npz"), ("joints.npz", "poses3d.npz")):
        with np.load(alone.with_name(ours)) as new, np.load(tmp_path / "flat" / theirs) as old:
            assert set(new.files) == set(old.files)
            for name in old.files:
                assert np.array_equal(new[name], old[name]), name
    film = tmp_path / "film.mp4"
    assert cli("render", tmp_path / "flat/poses3d.npz", "--video", flat, "-o", film).exit_code == 0
    for one, other in zip(VideoReader(film), VideoReader(tmp_path / "flat/overlay.mp4"), strict=True):
        assert np.array_equal(one.image, other.image)


# --------------------------------------------------------------------------------------------- refiners and --every


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
    assert record["options"]["every"] == 5
    assert record["options"]["refiners"] == [{"name": _options.DEFAULT_FILLER}]
    assert record["options"]["smoothing"] == 0.033
    assert "poses2d_refined.npz" in record["files"]

    # The keypoints of every fifth frame are taken again by a run that asks for as many, and by no other.
    assert cli(*run, "--every", 5, "--refiner", "linear").exit_code == 0
    assert fake.pictures == 4
    assert cli(*run).exit_code == 0
    assert fake.pictures == 16
    assert not (folder / "poses2d_refined.npz").exists(), "it is of an earlier run"


def test_every_with_the_3d_filled(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    run = ("run", flat, "-o", tmp_path, "--weights", tiny, "--render", "gif", "--every", 4, "--refiner-on", "3d")
    assert cli(*run).exit_code == 0
    assert fake.pictures == 4, "frames 0, 4, 8 and 11"
    assert not (tmp_path / "flat/poses2d_refined.npz").exists()
    poses3d = formats.read(tmp_path / "flat/poses3d.npz")
    assert (poses3d.scores > 0.9).all(), "of frames that were not looked at too"
    assert [note["name"] for note in poses3d.meta["refiners"]] == [_options.DEFAULT_FILLER]
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
    smoothed = options("--refiner", "butterworth:cutoff=3,order=4")
    assert smoothed["smoothing"] == 0
    assert smoothed["refiners"] == [{"name": "butterworth", "cutoff": 3.0, "order": 4}]
    assert options("--refiner", "median", "--smooth", "0.1")["smoothing"] == 0.1
    assert options("--refiner", "median", "--refiner-on", "3d")["smoothing"] == 0.033
    both = options("--every", 5, "--refiner", "one_euro:both_ways=false")
    assert [one["name"] for one in both["refiners"]] == [_options.DEFAULT_FILLER, "one_euro"]
    assert both["refiners"][1]["both_ways"] is False


def test_the_refine_step_alone_makes_what_run_makes(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    refiners = ("--refiner", "linear", "--refiner", "butterworth")
    assert cli("run", flat, "-o", tmp_path, "--weights", tiny, "--every", 3, *refiners).exit_code == 0
    folder = tmp_path / "flat"
    alone = {name: tmp_path / f"{name}.npz" for name in ("detected", "refined", "lifted")}
    assert cli("detect", flat, "--every", 3, "-o", alone["detected"]).exit_code == 0
    assert cli("refine", alone["detected"], *refiners, "-o", alone["refined"]).exit_code == 0
    assert cli("lift", alone["refined"], "-o", alone["lifted"], "--weights", tiny).exit_code == 0
    pairs = {"detected": "poses2d", "refined": "poses2d_refined", "lifted": "poses3d"}
    for ours, theirs in pairs.items():
        with np.load(alone[ours]) as new, np.load(folder / f"{theirs}.npz") as old:
            assert set(new.files) == set(old.files)
            for name in old.files:
                assert np.array_equal(new[name], old[name]), (ours, name)
    film = tmp_path / "film.mp4"
    assert cli("render", folder / "poses3d.npz", "--video", flat, "-o", film).exit_code == 0
    for one, other in zip(VideoReader(film), VideoReader(folder / "overlay.mp4"), strict=True):
        assert np.array_equal(one.image, other.image)


@pytest.mark.parametrize(
    ("refiner", "says"),
    [
        ("butterworth:cutof=3", 'has no setting "cutof". Did you mean "cutoff"'),
        ("butterworth:cutoff=low", 'cutoff of the refiner butterworth must be a number, as 4.0 is; found "low"'),
        ("savitzky_golay:order=2.5", 'must be a whole number, as 2 is; found "2.5"'),
        ("one_euro:both_ways=1", 'must be true or false, as True is; found "1"'),
        ("median:window=-1", "above 0 seconds was expected"),
        ("linear:window=1", 'The refiner linear has no setting "window"'),
    ],
)
def test_settings_that_a_refiner_does_not_have(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tmp_path: Path, refiner: str, says: str
) -> None:
    assert cli("detect", flat, "-o", tmp_path / "poses2d.npz").exit_code == 0
    done = cli("refine", tmp_path / "poses2d.npz", "--refiner", refiner, "-o", tmp_path / "refined.npz")
    assert done.exit_code == 1
    assert says in one_error(done.stderr)
    assert not (tmp_path / "refined.npz").exists()


def test_render_without_the_video(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    assert cli("run", flat, "-o", tmp_path, "--weights", tiny, "--render", "none").exit_code == 0
    poses = tmp_path / "flat/poses3d.npz"
    films = {}
    for name, options in {"turn.mp4": ["--turn"], "fixed.mp4": ["--fixed"]}.items():
        assert cli("render", poses, "-o", tmp_path / name, "--height", 200, *options).exit_code == 0
        films[name] = [frame.image for frame in VideoReader(tmp_path / name)]
        assert len(films[name]) == 12
        assert films[name][0].shape == (200, 200, 3)
    # The camera swings by 8 degrees in half a second; the person hardly moves.
    change = {name: np.abs(film[-1].astype(float) - film[0]).mean() for name, film in films.items()}
    assert change["turn.mp4"] > 2 * change["fixed.mp4"]
    assert cli("render", poses, "-o", tmp_path / "film.gif").exit_code == 0


def test_render_refuses_the_wrong_files(
    cli: Invoke, fake: type[FakeDetector], flat: Path, clip: Path, tiny: Path, tmp_path: Path
) -> None:
    assert cli("run", flat, "-o", tmp_path, "--weights", tiny, "--render", "none").exit_code == 0
    film = tmp_path / "film.mp4"
    longer = cli("render", tmp_path / "flat/poses3d.npz", "--video", clip, "-o", film)
    assert longer.exit_code == 1
    assert "12 frames" in longer.stderr
    flat_poses = cli("render", tmp_path / "flat/poses2d.npz", "-o", film)
    assert flat_poses.exit_code == 1
    assert "camera space" in one_error(flat_poses.stderr)
    assert "no file" in one_error(cli("render", tmp_path / "nothing.npz", "-o", film).stderr)
    assert not film.exists()
    assert not leftovers(tmp_path)


def test_bars_on_a_terminal(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    done = cli("run", flat, "-o", tmp_path, "--weights", tiny)
    assert done.exit_code == 0
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", done.stderr)
    for stage in ("detect", "lift", "render"):
        assert re.search(rf"flat\.mp4 {stage} +━+ 12/12 frames", plain)


def test_demo(cli: Invoke, tiny: Path, tmp_path: Path) -> None:
    done = cli("demo", "-o", tmp_path / "demo", "--weights", tiny)
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "demo/overlay.mp4").is_file()
    (frames,) = re.findall(r"limbs, (\d+) frames", done.stdout)
    assert int(frames) > 250
    errors = {name: tuple(map(float, found)) for name, *found in re.findall(
        r"(pose3d|mediapipe)[^│]*│ +([\d.]+) │ +([\d.]+) │", done.stdout)}  # fmt: skip
    # mediapipe finds the figure; a network that has learnt nothing does not.
    assert errors["mediapipe"][1] < 120
    assert errors["pose3d"][1] > errors["mediapipe"][1]


@pytest.mark.parametrize("topic", ["models", "detectors", "refiners", "skeletons", "weights"])
def test_show(cli: Invoke, topic: str) -> None:
    families = {family: f"in_the_wild.{family}" for family in ("detectors", "refiners")}
    families["models"] = "in_the_wild.lifters"
    done = cli("show", topic)
    assert done.exit_code == 0
    members = plugins.names(families[topic]) if topic in families else []
    members += {"skeletons": ["coco17", "human36m17", "halpe26"], "weights": checkpoints.names()}.get(topic, [])
    for name in members:
        assert re.search(rf"│ {name}\b", done.stdout)
    assert cli("show").stdout.count("┏") >= 6


def test_show_says_where_weights_come_from(
    cli: Invoke, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "names", lambda: ["tiny"])
    monkeypatch.setattr(shipped, "find", lambda name: tiny)
    text = cli("show", "weights").stdout
    for word in ("tiny", "pstmo", "coco17 to human36m17", "9 frames at 25/s", "nothing", "Apache-2.0"):
        assert word in text


def test_a_reader_that_goes_away_is_no_error() -> None:
    process = start("show", "skeletons")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    process.wait(timeout=60)


# ----------------------------------------------------------------------------------------------------- names of results


def test_folders_are_named_after_the_files(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a/x.mp4", "b/x.mp4", "b/y.mp4", "b/z.mp4", "b/z.mov", "c/b/y.mp4")]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    out = Path("out")
    names = [str(folder.relative_to(out)) for folder in result_folders(paths, out)]
    assert names[:2] == ["a_x", "b_x"]
    assert names[3:5] == ["b_z_mp4", "b_z_mov"]
    assert names[2].endswith("_b_y_mp4")
    assert len(set(names)) == len(names)
    assert result_folders(paths[:1], out) == [out / "x"]


def test_inputs_are_looked_for_before_the_work(tmp_path: Path) -> None:
    there = tmp_path / "a.mp4"
    there.touch()
    (tmp_path / "x").mkdir()
    with pytest.raises(InputError, match=r"found no .*b\.mp4, .*c\.mp4"):
        result_folders([there, tmp_path / "b.mp4", tmp_path / "c.mp4"], tmp_path)
    with pytest.raises(InputError, match="more than once"):
        result_folders([there, tmp_path / "x" / ".." / "a.mp4"], tmp_path)


# ---------------------------------------------------------------------------------------------------- against the truth


def _poses(joints: np.ndarray, scores: np.ndarray | None = None, space: str = "camera") -> Poses:
    count = len(joints)
    return Poses(
        keypoints=joints,
        scores=np.ones((count, 17)) if scores is None else scores,
        frame=np.arange(count),
        person_id=np.zeros(count),
        skeleton=HUMAN36M17,
        space=space,
        video=Source(path="x.mp4", width=100, height=100, fps=25, timestamps=np.arange(count) / 25),
    )


def test_errors_against_the_truth() -> None:
    joints = np.random.default_rng(0).normal(size=(6, 17, 3))
    truth = Truth(joints=joints, visible=np.array([1, 1, 1, 1, 1, 0], bool))
    quarter = np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0]])
    # The person is not found in frame 1, and a joint of the limbs is 120 mm off in all the others.
    off, scores = joints.copy(), np.ones((6, 17))
    off[:, HUMAN36M17.index("left_wrist"), 0] += 0.12
    off[1], scores[1] = 100, 0
    torso = joints.copy()
    torso[:, HUMAN36M17.indices("spine", "thorax", "neck", "head", "pelvis")] += 5
    found = compare(
        {"moved": _poses(joints + 3), "turned": _poses(2 * joints @ quarter), "off": _poses(off, scores),
         "torso": _poses(torso)}, truth
    )  # fmt: skip
    assert {one.frames for one in found.values()} == {4}
    assert found["moved"].mpjpe == pytest.approx(0, abs=1e-3)
    assert found["torso"].mpjpe == pytest.approx(0, abs=1e-3)
    assert found["turned"].p_mpjpe == pytest.approx(0, abs=1e-2)
    assert found["turned"].mpjpe > 500
    assert found["off"].mpjpe == pytest.approx(120 / len(LIMB_JOINTS), rel=1e-4)


def test_only_poses_of_the_same_clip_are_compared() -> None:
    truth = Truth(joints=np.ones((6, 17, 3)), visible=np.ones(6, bool))
    with pytest.raises(InputError, match="6 frames"):
        compare({"short": _poses(np.ones((5, 17, 3)))}, truth)
    with pytest.raises(InputError, match="world space"):
        compare({"flat": _poses(np.ones((6, 17, 3)), space="world")}, truth)
    with pytest.raises(InputError, match="no frame"):
        compare({"nobody": _poses(np.ones((6, 17, 3)), np.zeros((6, 17)))}, truth)


# ------------------------------------------------------------------------------------------------------------ bad input


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
    with VideoWriter(path, width=320, height=240, fps=25, preset="ultrafast") as writer:
        for _ in range(6):
            for frame in VideoReader(clip):
                writer.write(frame.image)
    return path


@pytest.mark.parametrize("stage", ["detect", "render"])
def test_ctrl_c_stops_with_one_line(long_clip: Path, tiny: Path, tmp_path: Path, stage: str) -> None:
    process = start("run", long_clip, "-o", tmp_path / "out", "--weights", tiny, "--persons", "1")
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(f"long.mp4: {stage}"):
            break
    else:
        pytest.fail(f"{stage} did not begin")
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    lines = [line for line in err.splitlines() if not line.startswith("long.mp4: ")]
    assert lines == [f"Stopped. Finished files are kept in {tmp_path / 'out'}."]
    assert process.returncode == 130
    assert out == ""
    assert not leftovers(tmp_path)
    finished = {path.name for path in (tmp_path / "out/long").iterdir()}
    assert finished == (set() if stage == "detect" else {"poses2d.npz", "poses3d.npz"})


# -------------------------------------------------------------------------------------------------------------- --debug


def test_debug_shows_where_an_error_came_from(tiny: Path, tmp_path: Path) -> None:
    code, _, err = pose3d("run", tmp_path / "no.mp4", "--weights", tiny, "--debug")
    assert code == 1
    assert "Traceback" in err
    assert "in result_folders" in err


def test_an_error_that_nobody_foresaw_is_one_line() -> None:
    broken = "import pose3d_cli.commands.show as show; show._skeletons = lambda: 1 / 0; "
    for debug in ([], ["--debug"]):
        done = subprocess.run(
            [sys.executable, "-c", broken + START, "show", "skeletons", *debug],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert ("Traceback" in done.stderr) == bool(debug)
        if not debug:
            assert "--debug" in one_error(done.stderr)
