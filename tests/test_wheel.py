"""The wheel: it holds what belongs and nothing else, and runs where nothing is installed but what running needs."""

from __future__ import annotations

import email
import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from numbered_clips import run_ffmpeg
from packaging.requirements import Requirement
from shipped import MOVED, PACKAGES, ROOT, shipped_files

import in_the_wild
from in_the_wild import plugins
from pose3d_cli import config

# What runs with nothing but the unpacked wheel before the checkout: where things are, and that they can be read.
_LOOK = """
import importlib.resources, json
import in_the_wild, pose3d_cli.config as config
print(json.dumps({
    "library": in_the_wild.__file__,
    "configs": {name: sorted(config.load(name)) for name in config.names()},
    "records": {folder: config.names(folder) for folder in config.RECORDS},
    "assets": sorted(item.name for item in importlib.resources.files("in_the_wild.assets").iterdir() if item.is_file()),
}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy, so that nothing left in build/ by earlier builds gets in."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for folder in PACKAGES:
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w"]
    done = subprocess.run([*command, str(out), str(source)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = out.glob("*.whl")
    return path


def test_the_wheel_holds_all_that_belongs_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if ".dist-info/" not in name}
        (entry_points,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "pose3d = pose3d_cli.main:main" in archive.read(entry_points).decode()
        assert any(name.endswith("LICENSE") for name in archive.namelist())
    assert found == shipped_files().keys()
    assert wheel.name.startswith(f"pose3d-{in_the_wild.__version__}-")


def test_the_wheel_finds_its_configurations_and_assets(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    # The path goes before the checkout's own editable install.
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", _LOOK], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(done.stdout)
    assert Path(found["library"]).is_relative_to(tmp_path)
    assert found["configs"] == {name: sorted(config.load(name)) for name in config.names()}
    assert found["records"] == {folder: config.names(folder) for folder in config.RECORDS}
    assets = [Path(name).name for name in shipped_files() if name.startswith(f"{MOVED['assets']}/")]
    assert found["assets"] == sorted(assets)


def _with_what_they_need(requirements: Iterable[str]) -> dict[str, Distribution]:
    """The packages asked for, without extras, and what they need, and so on: installed ones by name."""
    found: dict[str, Distribution] = {}
    left = list(requirements)
    while left:
        wanted = Requirement(left.pop())
        if wanted.name not in found and (wanted.marker is None or wanted.marker.evaluate({"extra": ""})):
            found[wanted.name] = distribution(wanted.name)
            left += found[wanted.name].requires or []
    return found


@pytest.fixture(scope="module")
def lean(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment that holds the wheel and what running needs, nothing else; without a network."""
    home = tmp_path_factory.mktemp("lean")
    venv.create(home, with_pip=False, symlinks=True)
    (site,) = home.glob("lib/python3.*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        about = email.message_from_bytes(archive.read(metadata))
    for package in _with_what_they_need(about.get_all("Requires-Dist", [])).values():
        for top in {file.parts[0] for file in package.files or []} - {"..", "__pycache__"}:
            link = site / top
            if not link.exists():
                link.symlink_to(Path(str(package.locate_file(top))))
    return home / "bin"


def _in(lean: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return subprocess.run(
        [lean / "python", "-I", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def _pose3d(lean: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return _in(lean, folder, "-m", "pose3d_cli.main", *arguments)


@pytest.mark.slow
def test_running_needs_nothing_of_what_training_needs(lean: Path, tmp_path: Path) -> None:
    extras = sorted(plugins.EXTRAS)
    look = f"import importlib.util as u; print([name for name in {extras} if u.find_spec(name)])"
    assert _in(lean, tmp_path, "-c", look).stdout.strip() == "[]"
    run_ffmpeg("-i", ROOT / "assets" / "demo.mp4", "-t", "0.4", tmp_path / "clip.mp4")
    for arguments in (
        ["run", "clip.mp4", "-o", "out"],
        ["export", "out/clip/poses3d.npz", "poses.csv"],
        ["render", "out/clip/poses3d.npz", "-o", "figure.mp4"],
    ):
        done = _pose3d(lean, tmp_path, *arguments)
        assert done.returncode == 0, done.stderr
    for made in ("out/clip/overlay.mp4", "poses.csv", "figure.mp4"):
        assert (tmp_path / made).stat().st_size > 1000


@pytest.mark.slow
def test_what_training_lacks_is_said_in_one_sentence(lean: Path, tmp_path: Path) -> None:
    done = _pose3d(lean, tmp_path, "train", "videopose3d_coco_27", "--data", ".")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert 'pip install "pose3d[train]"' in " ".join(done.stderr.split())
