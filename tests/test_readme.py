"""The README's commands are run, in the order in which a reader meets them."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import packs
import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
POSE3D = [sys.executable, "-c", "from pose3d_cli.main import main; main()"]


def shorter(command: str, arguments: list[str]) -> list[str]:
    """What is added to commands that would take minutes, at no loss to what they show."""
    on_packs = "FOLDER_OF_PACKS" in arguments
    if command == "train":
        return ["--set", "schedule.steps=2", "--set", "batch=4", *(["--set", "heldout.cameras=1"] if on_packs else [])]
    if command == "evaluate":
        return ["--cameras", "1"] if on_packs else ["--every", "20"]
    return []


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def run(line: str, folder: Path) -> None:
    program, *arguments = shlex.split(line)
    if program == "make":
        # Each target is there, and make knows how to reach it; the tests themselves are what it would run.
        subprocess.run(["make", "--dry-run", *arguments], cwd=ROOT, check=True, capture_output=True)
        return
    assert Path(program).name == "pose3d"
    done = subprocess.run(
        [*POSE3D, *arguments, *shorter(arguments[0], arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{line}\n{done.stderr}"


@pytest.mark.slow
def test_every_command_runs_and_the_python_reads_what_they_wrote(tmp_path: Path) -> None:
    (tmp_path / "assets").symlink_to(ROOT / "assets")
    (tmp_path / "FOLDER_OF_PACKS").mkdir()
    packs.write(tmp_path / "FOLDER_OF_PACKS" / "own.npz", {"walk": "01", "squat": "05", "wave": "02"})
    lines = [line for block in (*blocks("console"), *blocks("bash")) for line in block.splitlines()]
    assert len(lines) >= 6
    for line in lines:
        run(line, tmp_path)
    written = {path.name for path in (tmp_path / "out" / "demo").iterdir()}
    assert {"poses2d.npz", "poses3d.npz", "overlay.mp4", "overlay.gif", "run.json"} <= written
    assert (tmp_path / "out" / "figure.mp4").stat().st_size > 1000
    for code in blocks("python"):
        subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)


def test_every_file_it_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    assert [link for link in links if not link.startswith("http") and not (ROOT / link).exists()] == []


def test_every_name_it_gives_exists() -> None:
    from in_the_wild import checkpoints
    from pose3d_cli import config

    assert "pstmo_coco" in checkpoints.names()
    assert "pstmo_coco_27" in config.names()
