"""The blocks of the README and of the pages behind it are run, in the order in which a reader meets them.

What a block needs is made by what its commands are, not by how the README puts it: a video that is named is a short
piece of the demo, a data set's files are made in its layout, training takes two small steps. What cannot be run here
stands in `NOT_RUN`, with the reason; a block of a language that is not known here is a failure.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import packs
import published_sets
import pytest
import references
from numbered_clips import run_ffmpeg
from typer.testing import CliRunner

from in_the_wild import checkpoints, plugins
from pose3d_cli import config, main

ROOT = Path(__file__).parents[1]
PAGES = {path: path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")))}
EVERYTHING = "\n".join(PAGES.values())

SHELL, PYTHON = ("console", "bash", "sh", "shell"), ("python", "pycon")
# Commands that cannot be run, by what is in them.
NOT_RUN = {
    r"--detector[ =]rtmpose": "fetches networks of 60 MB; tests/in_the_wild/detectors/test_rtmpose.py runs made ones",
    r"--detector[ =]mmpose": "needs mmpose's own weights; tests/in_the_wild/detectors/test_mmpose.py runs made ones",
    r"^(pip|python3?|apt-get|git|cd|source|\.) ": "installs; tests/test_wheel.py runs a wheel where it is installed",
    r" --live": "needs a camera; tests/in_the_wild/live plays clips at their own pace",
    r" --engine ray": "needs a cluster; tests/in_the_wild/batch/engines/test_ray.py starts one where Ray is installed",
    r"s3://": "needs a bucket; tests/in_the_wild/batch/test_in_stores.py has one on this machine",
    r"^torchrun ": "starts processes; tests/pose3d_cli/training/test_distributed.py does",
    r"^make ": "would run these tests, or train for hours; that make can reach it is tried",
}
VIDEOS = (".mp4", ".mov", ".mkv", ".avi", ".webm")
# Networks small enough to train on the spot, where a configuration has these keys.
SMALL = {"frames": 27, "channels": 16, "hidden": 16, "layers": 1, "depth": 1}
SHORT = {"epochs": 1, "steps": 2}


class Block(NamedTuple):
    """A fenced block: its language, and what is in it."""

    language: str
    text: str


BLOCKS = [
    Block(*found) for found in re.findall(r"^```(\w*)[^\n]*\n(.*?)^```", EVERYTHING, flags=re.DOTALL | re.MULTILINE)
]


def commands(text: str) -> list[str]:
    """The commands of a block; lines that a backslash joins are one, and what a prompt does not start is output."""
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line.strip() and not line.startswith("#")]
    prompted = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    return prompted or lines


def reason_not_to_run(command: str) -> str | None:
    return next((reason for pattern, reason in NOT_RUN.items() if re.search(pattern, command)), None)


def shorter(command: str, arguments: Sequence[str]) -> list[str]:
    """What is added to commands that would take minutes, at no loss to what they show."""
    on_packs = "FOLDER_OF_PACKS" in arguments
    if command == "evaluate":
        return ["--cameras", "1"] if on_packs else ["--every", "20"]
    if command != "train":
        return []
    values = config.load(arguments[0])
    changed = [f"arguments.{key}={value}" for key, value in SMALL.items() if key in values["arguments"]]
    changed += [f"schedule.{key}={value}" for key, value in SHORT.items() if key in values["schedule"]]
    changed += ["batch=32", *(["heldout.cameras=1"] if "heldout" in values else [])]
    return [*(part for change in changed for part in ("--set", change)), "--workers", "0"]


class Reader:
    """Somebody who goes through all of them in an empty folder, with a clip and the files of a data set at hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "assets").mkdir()
        for asset in (ROOT / "assets").iterdir():
            if asset.is_file() and asset.suffix not in VIDEOS:
                (folder / "assets" / asset.name).symlink_to(asset)
        self.clip = folder / "assets" / "demo.mp4"
        run_ffmpeg("-i", ROOT / "assets" / "demo.mp4", "-t", "1", self.clip)

    def run(self, command: str) -> None:
        """Run one command of pose3d's in this process, which has imported what it needs once."""
        program, name, *arguments = shlex.split(command)
        assert Path(program).name == "pose3d", f"say in NOT_RUN why this cannot be run: {command}"
        self._provide(name, arguments)
        done = CliRunner().invoke(main.app, [name, *arguments, *shorter(name, arguments)])
        assert done.exit_code == 0, f"{command}\n{done.output}\n{done.exception!r}"

    def execute(self, code: str) -> None:
        """Run Python, with the files that it names."""
        for name in re.findall(r"""["']([\w./-]+\.\w+)["']""", code):
            self._provide_file(self.folder / name)
        exec(compile(code, "README.md", "exec"), {"__name__": "__main__"})

    def _provide(self, name: str, arguments: Sequence[str]) -> None:
        for argument in arguments:
            path = self.folder / argument
            if argument == "FOLDER_OF_PACKS" and not path.exists():
                path.mkdir()
                packs.write(path / "own.npz", {"walk": "01", "squat": "05", "wave": "02"})
            if argument == "DOWNLOADS" and name == "prepare" and not path.exists():
                getattr(published_sets, f"write_{arguments[0]}")(path)
            if arguments[max(0, arguments.index(argument) - 1)] not in ("-o", "--output"):
                self._provide_file(path)

    def _provide_file(self, path: Path) -> None:
        """A video, or weights of the authors' or our own, where none was made by a command before."""
        if path.exists():
            return
        if path.suffix in VIDEOS and "*" not in path.name and "out" not in path.relative_to(self.folder).parts:
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.clip, path)
        if path.suffix in (".pth", ".bin"):
            (found, *_) = references.files(f"{path.name.partition('_')[0]}_no_refine*{path.suffix}")
            path.symlink_to(found)
        if path.suffix == ".pt" and len(path.relative_to(self.folder).parts) == 1:
            path.symlink_to(ROOT / "assets" / "videopose3d_coco.pt")


@pytest.mark.slow
def test_every_block_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    reader = Reader(tmp_path)
    for block in BLOCKS:
        if block.language in PYTHON:
            reader.execute(block.text)
            continue
        for command in commands(block.text):
            if reason_not_to_run(command) is None:
                reader.run(command)
    written = {path.name for path in (tmp_path / "out" / "demo").iterdir()}
    # The last run there makes a GIF; a film of the poses before would be taken for one of these.
    assert {"poses2d.npz", "poses3d.npz", "overlay.gif", "view.html", "run.json"} <= written


def test_every_block_is_of_a_language_that_is_run() -> None:
    assert len(BLOCKS) >= 6
    assert [block for block in BLOCKS if block.language not in SHELL + PYTHON] == []


def test_every_reason_not_to_run_is_needed_and_most_commands_are_run() -> None:
    every = [command for block in BLOCKS if block.language in SHELL for command in commands(block.text)]
    reasons = [reason_not_to_run(command) for command in every]
    assert reasons.count(None) > len(every) / 2


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:`|^)make ([a-z]+)", EVERYTHING, flags=re.MULTILINE))))
def test_make_reaches_every_target_that_is_named(target: str) -> None:
    subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, capture_output=True)


def test_every_command_that_is_named_is_there() -> None:
    known = {name.replace("_", "-") for name in plugins.names("pose3d_cli.commands")}
    named = set(re.findall(r"(?:`|^|bin/)pose3d ([a-z][a-z-]+)", EVERYTHING, flags=re.MULTILINE))
    assert {"run", "train"} <= named
    assert named <= known


def test_every_file_it_links_to_is_there() -> None:
    links = [(page, link) for page, text in PAGES.items() for link in re.findall(r"\]\(([^)#]+)\)", text)]
    assert links
    assert [link for page, link in links if not link.startswith("http") and not (page.parent / link).exists()] == []


def test_every_page_is_reached_from_the_readme() -> None:
    readme, *others = PAGES
    assert others
    assert [page for page in others if f"]({page.relative_to(ROOT)})" not in PAGES[readme]] == []


def test_every_name_it_gives_exists() -> None:
    assert "pstmo_coco" in checkpoints.names()
    assert "pstmo_coco_27" in config.names()
