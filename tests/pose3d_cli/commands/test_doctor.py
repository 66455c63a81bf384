"""`pose3d doctor` on a healthy machine and on broken ones: it names the part and what mends it, and ends its table."""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from command_line import ROOT, START

from pose3d_cli import browser
from pose3d_cli.checkup import packages, place
from pose3d_cli.checkup.finding import Check, Trouble, examine

_NEEDED = {"Python", "packages", "torch", "weights", "lifter", "detector", "OpenCV", "PyAV", "ffmpeg", "letters"}
_LAST = "extra train"


def doctor(folder: Path, **environment: str) -> tuple[int, dict[str, dict[str, Any]], list[str]]:
    """Exit code, findings by part, and errors of the program in a process of its own, working in a folder."""
    done = subprocess.run(
        [sys.executable, "-c", START, "doctor", "--json"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "POSE3D_HOME": str(folder / "cache"), **environment},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    events = [json.loads(line) for line in done.stdout.splitlines()]
    (table,) = [one for one in events if one["event"] == "table"]
    found = {row["part"]: row for row in table["rows"]}
    assert found.keys() >= {*_NEEDED, _LAST, "GPU", "encoders of cards", "this folder", "cache", "browser"}
    return done.returncode, found, [one["message"] for one in events if one["event"] == "error"]


def failing(found: dict[str, dict[str, Any]]) -> set[str]:
    return {part for part in _NEEDED if found[part]["state"] != "works"}


def test_a_healthy_machine(tmp_path: Path) -> None:
    code, found, errors = doctor(tmp_path)
    assert (code, failing(found), errors) == (0, set(), [])
    assert "blazepose finds a person" in found["detector"]["found"]
    assert "libx264 encodes" in found["ffmpeg"]["found"]
    assert not list(tmp_path.iterdir()), "nothing is left in the folder"


def test_another_module_in_the_place_of_torch(tmp_path: Path) -> None:
    shadow = tmp_path / "torch.py"
    shadow.write_text("raise RuntimeError('I am not torch')\n", encoding="utf-8")
    code, found, errors = doctor(tmp_path, PYTHONPATH=os.pathsep.join([str(tmp_path), str(ROOT)]))
    assert code == 1
    assert failing(found) == {"torch", "lifter"}
    assert str(shadow) in found["torch"]["found"]
    assert found["torch"]["to mend it"] == f"rename {shadow}, or take it off PYTHONPATH"
    assert (found["lifter"]["found"], found["lifter"]["to mend it"]) == ("waits for torch", "")
    assert "because of: torch;" in errors[0]


def test_a_library_that_opencv_lacks(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.machinery, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name != 'cv2':\n"
        "            return None\n"
        "        spec = importlib.machinery.PathFinder.find_spec(name, path)\n"
        "        spec.loader.exec_module = self.fail\n"
        "        return spec\n"
        "    def fail(self, module):\n"
        "        raise ImportError('libGL.so.1: cannot open shared object file')\n"
        "sys.meta_path.insert(0, Finder())\n",
        encoding="utf-8",
    )
    code, found, errors = doctor(tmp_path, PYTHONPATH=os.pathsep.join([str(tmp_path), str(ROOT)]))
    assert code == 1
    assert next(iter(found)) == "OpenCV", "what has to be mended comes first"
    assert "libGL.so.1" in found["OpenCV"]["found"]
    assert found["OpenCV"]["to mend it"] == "pip install --force-reinstall opencv-python-headless"
    assert {found[part]["found"] for part in ("PyAV", "detector")} == {"waits for OpenCV"}
    assert "because of: OpenCV;" in errors[0]


def test_an_ffmpeg_that_is_not_there(tmp_path: Path) -> None:
    code, found, _ = doctor(tmp_path, IMAGEIO_FFMPEG_EXE="/nowhere/ffmpeg")
    assert code == 1
    assert found["ffmpeg"]["found"] == "/nowhere/ffmpeg does not start (No such file or directory)"


def test_folders_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "/somewhere/tmpx")

    monkeypatch.setattr("tempfile.TemporaryFile", refused)
    monkeypatch.chdir(tmp_path)
    found = {check.part: examine(check) for check in place.checks()}
    assert found["this folder"].found == f"{tmp_path} cannot be written (Permission denied)"
    assert (found["this folder"].bad, found["cache"].bad) == (True, False)


def test_an_ffmpeg_without_x264(tmp_path: Path) -> None:
    poor = tmp_path / "ffmpeg"
    poor.write_text("#!/bin/sh\necho \"Unknown encoder 'libx264'\" >&2\nexit 1\n", encoding="utf-8")
    poor.chmod(poor.stat().st_mode | stat.S_IXUSR)
    code, found, _ = doctor(tmp_path, IMAGEIO_FFMPEG_EXE=str(poor))
    assert code == 1
    assert failing(found) == {"ffmpeg"}
    assert "libx264" in found["ffmpeg"]["found"]
    assert "unset IMAGEIO_FFMPEG_EXE" in found["ffmpeg"]["to mend it"]


def test_damaged_weights(tmp_path: Path) -> None:
    """A copy of the library, so that its assets can be damaged."""
    copy = tmp_path / "copy"
    for package in ("in_the_wild", "pose3d_cli", "configs"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    assets = copy / "in_the_wild" / "assets"
    shutil.copytree(ROOT / "assets", assets, ignore=shutil.ignore_patterns("__pycache__", "training"))
    weights = assets / "pstmo_coco.pt"
    damaged = bytearray(weights.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    weights.write_bytes(damaged)
    code, found, _ = doctor(tmp_path, PYTHONPATH=str(copy))
    assert code == 1
    assert "weights" in failing(found)
    assert "pstmo_coco is damaged" in found["weights"]["found"]
    assert found["weights"]["to mend it"] == "pip install --force-reinstall --no-deps pose3d"


def test_a_package_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    has = metadata.distribution

    def lacks(name: str) -> metadata.Distribution:
        if name == "av":
            raise metadata.PackageNotFoundError(name)
        return has(name)

    monkeypatch.setattr(metadata, "distribution", lacks)
    monkeypatch.setattr(metadata, "version", lambda name: lacks(name).version)
    found = {check.part: examine(check) for check in packages.checks()}
    assert found["packages"].bad
    assert found["packages"].found == "pose3d needs av, which is not installed"
    assert found["packages"].mend == 'pip install "av<19,>=16"'
    with pytest.raises(Trouble, match="not installed"):
        packages.require("av", "av")


def test_releases_that_do_not_suit_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    is_installed = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "1.24.0" if name == "numpy" else is_installed(name))
    (finding,) = [examine(check) for check in packages.checks() if check.part == "packages"]
    assert finding.bad
    assert finding.found == "pose3d needs numpy>=1.26, but 1.24.0 is installed"
    assert finding.mend == 'pip install "numpy>=1.26"'


def test_what_is_not_needed_may_fail() -> None:
    def broken() -> str:
        raise ZeroDivisionError

    finding = examine(Check("luxury", broken, "buy another", needed=False))
    assert (finding.state, finding.found, finding.mend, finding.bad) == (
        "fails",
        "ZeroDivisionError",
        "buy another",
        False,
    )


def test_no_browser_without_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for screen in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(screen, raising=False)
    assert browser.found() is None
