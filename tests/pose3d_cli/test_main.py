"""The `pose3d` command as a whole: help, mistakes in the command line, and errors nobody foresaw."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import ROOT, START, Invoke, one_error, pose3d, start

import in_the_wild
from in_the_wild import plugins
from in_the_wild.checkpoints import shipped

COMMANDS = [name.replace("_", "-") for name in plugins.names("pose3d_cli.commands")]


def test_help_lists_every_file_of_commands(cli: Invoke) -> None:
    done = cli("--help")
    assert done.exit_code == 0
    assert {"run", "render", "detect", "lift", "demo", "weights"} <= set(COMMANDS)
    for name in COMMANDS:
        assert re.search(rf"\b{name}\b", done.stdout)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does_with_an_example(cli: Invoke, name: str) -> None:
    done = cli(name, "--help")
    assert done.exit_code == 0
    assert f"Example: pose3d {name}" in done.stdout


def test_version() -> None:
    assert pose3d("--version") == (0, f"pose3d {in_the_wild.__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["rnu"], "run"),
        (["run", "x.mp4", "--modle", "pstmo"], "--model"),
        (["run", "x.mp4", "--model", "pstom"], 'Did you mean "pstmo"'),
        (["run", "x.mp4", "--detector", "blazpose"], 'Did you mean "blazepose"'),
        (["run", "x.mp4", "--render", "mpg4"], 'Did you mean "mp4"'),
        (["run", "x.mp4", "--device", "cud"], 'Did you mean "cuda"'),
        (["run", "x.mp4", "--persons", "al"], 'Did you mean "all"'),
        (["run", "x.mp4", "--persons", "0"], "whole number from 1"),
        (["run", "x.mp4", "--tds", "0.5"], "whole number from 1"),
        (["run", "x.mp4", "--every", "0"], "--every"),
        (["run", "x.mp4", "--refiner", "butterwort:order=3"], 'Did you mean "butterworth"'),
        (["run", "x.mp4", "--refiner", "butterwort:on=3d"], "butterworth"),
        (["lift", "x.npz", "--start", "1"], "It is one of pose3d detect, export, plot, run."),
        (["export", "x.npz", "--rotate", "90"], "It is one of pose3d detect, run."),
        (["run", "x.mp4", "--strat", "1"], "--start"),
        (["refine", "x.npz", "-o", "y.npz"], "--refiner"),
        (["refine", "x.npz", "--refiner", "median", "-o", "x.txt"], "ending in .bvh"),
        (["show", "weights"], "pose3d weights"),
        (["show", "data", "x"], "pose3d datasets"),
        (["show"], "pose3d models"),
        (["lift", "x.npz", "-o", "x.txt"], "ending in .bvh"),
        (["detect", "x.mp4", "-o", "x"], "ending in .npz"),
        (["render", "x.npz", "-o", "x.avi"], "ending in .mp4 or .mov"),
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


def test_a_reader_that_goes_away_is_no_error() -> None:
    process = start("configs", "published")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    process.wait(timeout=60)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("ta", ["tables"]),
        ("models ps", ["pstmo"]),
        ("weights pstmo", ["pstmo_coco"]),
        ("datasets humane", ["humaneva"]),
        ("configs pstmo_mocap_27_r", ["pstmo_mocap_27_refine"]),
        ("run x.mp4 --refiner butter", ["butterworth"]),
        ("show mo", ["models"]),
    ],
)
def test_names_are_completed_without_what_is_heavy(typed: str, offered: list[str]) -> None:
    tell = "import atexit, sys; atexit.register(lambda: print(*{'torch', 'numpy', 'av'} & {*sys.modules})); "
    done = subprocess.run(
        [sys.executable, "-c", tell + START],
        env={
            **os.environ,
            "_POSE3D_COMPLETE": "complete_bash",
            "COMP_WORDS": f"pose3d {typed}",
            "COMP_CWORD": str(len(typed.split())),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.split() == offered


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("arguments", [["--help"], ["skeletons"]], ids=" ".join)
def test_an_output_without_room_is_told_in_one_line(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        process = start(*arguments, stdout=full)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "no space left" in one_error(err)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
@pytest.mark.parametrize("command", ["run", "datasets", "weights", "models"])
def test_names_that_cannot_be_shown_are_shown_with_backslashes(
    monkeypatch: pytest.MonkeyPatch, encoding: str, command: str
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    code, out, err = pose3d(command, "[bold]\udcff.mp4")
    assert code in (1, 2)
    assert out == ""
    assert "Traceback" not in err
    assert "[bold]\\udcff.mp4" in err, "brackets in a name are no markup"


def test_debug_shows_where_an_error_came_from(tiny: Path, tmp_path: Path) -> None:
    code, _, err = pose3d("run", tmp_path / "no.mp4", "--weights", tiny, "--debug")
    assert code == 1
    assert "Traceback" in err
    assert "in expand" in err


def test_an_error_that_nobody_foresaw_is_one_line() -> None:
    broken = "import pose3d_cli.commands._family as family; family.lines = lambda *_: 1 / 0; "
    for debug in ([], ["--debug"]):
        done = subprocess.run(
            [sys.executable, "-c", broken + START, "skeletons", *debug],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert ("Traceback" in done.stderr) == bool(debug)
        if not debug:
            assert "--debug" in one_error(done.stderr)


ENDLESS = """
import sys, time
from pathlib import Path
from in_the_wild.files import whole_file, whole_folder
from pose3d_cli import main

@main.app.command()
def endless(place: Path) -> None:
    with whole_folder(place / "set") as folder, whole_file(place / "a.npz") as file:
        (folder / "x.npy").write_bytes(b"half")
        file.write(b"half")
        print("begun", flush=True)
        sys.stdin.read(1)

main.main()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_what_ends_the_program_takes_part_files_away(tmp_path: Path, number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS, "endless", str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as program:  # fmt: skip
        assert program.stdout is not None
        assert program.stderr is not None
        assert program.stdout.readline() == "begun\n", program.communicate()
        assert len(list(tmp_path.iterdir())) == 2
        program.send_signal(number)
        assert program.wait() == 128 + number
        assert program.stderr.read() == "Stopped.\n"
    assert not list(tmp_path.iterdir())


def test_a_hang_up_that_is_ignored_stays_so(tmp_path: Path) -> None:
    """As nohup does it."""
    code = f"import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n{ENDLESS}"
    with subprocess.Popen(
        [sys.executable, "-c", code, "endless", str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as program:  # fmt: skip
        assert program.stdout is not None
        assert program.stdout.readline() == "begun\n", program.communicate()
        program.send_signal(signal.SIGHUP)
        program.communicate("x")
    assert program.returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.npz", "set"]


@pytest.mark.parametrize(
    ("said", "spins"), [({}, "10000"), ({"GOMP_SPINCOUNT": "7"}, "7"), ({"OMP_WAIT_POLICY": "active"}, "None")]
)
def test_threads_spin_briefly_unless_the_user_says_how(said: dict[str, str], spins: str) -> None:
    unsaid = {name: value for name, value in os.environ.items() if name not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    tell = "import atexit, os; atexit.register(lambda: print(os.environ.get('GOMP_SPINCOUNT'))); "
    done = subprocess.run(
        [sys.executable, "-c", tell + START, "--version"],
        env={**unsaid, "PYTHONPATH": str(ROOT), **said},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split()[-1] == spins
