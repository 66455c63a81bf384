"""Nothing phones home: a run opens no connection, looks no name up, and works where there is no network.

Python's own sockets are watched by an audit hook. What native code opens is not seen by it: that such code needs no
network is shown in a network namespace of its own, which holds none.
"""

from __future__ import annotations

import importlib.resources
import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import networks
import numpy as np
import pytest

from in_the_wild.video.read import VideoReader
from in_the_wild.video.write import VideoWriter

ROOT = Path(__file__).parent.parent

# Runs what follows on the command line with every use of the network noted in a file; it goes on, so that a library
# that swallows its own errors is found out too.
WATCHED = """
import json, socket, sys
uses = []
def note(event, arguments):
    if event == "socket.__new__" and arguments[1] in (socket.AF_INET, socket.AF_INET6):
        uses.append(event)
    elif event in NAMES or (event == "socket.connect" and isinstance(arguments[1], tuple)):
        uses.append(f"{event} {arguments[1:]}")
NAMES = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "urllib.Request", "http.client.connect"}
sys.addaudithook(note)
log, code, *sys.argv[1:] = sys.argv[1:]
sys.argv[0] = "pose3d"
try:
    exec(code)
finally:
    with open(log, "w") as file:
        json.dump(uses, file)
"""
RUN = "from pose3d_cli.main import main; main()"
RTMPOSE = """
import numpy as np
from in_the_wild.detectors.rtmpose import RTMPose
with RTMPose(weights=sys.argv[1], person_weights=sys.argv[2]) as detector:
    detector(np.zeros((48, 64, 3), np.uint8), 0.0)
import onnxruntime, os
assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
"""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first frames of the demo."""
    path = tmp_path_factory.mktemp("offline") / "clip.mp4"
    reader = VideoReader(Path(str(importlib.resources.files("in_the_wild.assets") / "demo.mp4")))
    info = reader.info
    with VideoWriter(path, width=info.width, height=info.height, fps=info.fps) as writer:
        for frame in itertools.islice(reader, 12):
            writer.write(frame.image)
    return path


def uses_of_network(code: str, arguments: Sequence[str | Path], log: Path) -> list[str]:
    """Run code in a process of its own with these arguments, and tell how it used the network."""
    command = [sys.executable, "-c", WATCHED, log, code, *arguments]
    ran = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    uses: list[str] = json.loads(log.read_text())
    return uses


def test_the_hook_sees_a_look_up(tmp_path: Path) -> None:
    look_up = "import socket\ntry: socket.create_connection(('localhost', 9), timeout=0.1)\nexcept OSError: pass"
    uses = uses_of_network(look_up, [], tmp_path / "uses.json")
    assert any(use.startswith("socket.getaddrinfo") for use in uses)
    assert any(use.startswith("socket.connect") for use in uses)


@pytest.mark.slow
def test_a_run_uses_no_network(clip: Path, tmp_path: Path) -> None:
    uses = uses_of_network(RUN, ["run", clip, "-o", tmp_path / "out"], tmp_path / "uses.json")
    assert uses == []
    assert len(list((tmp_path / "out").rglob("poses3d.npz"))) == 1


def test_onnxruntime_uses_no_network_and_its_telemetry_is_off(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    pose = networks.simcc(tmp_path / "pose.onnx", np.full((17, 2), 9), np.ones((17, 2)))
    people = networks.boxes(tmp_path / "people.onnx", np.array([[0, 0, 40, 40, 0.9]], np.float32), size=(64, 64))
    assert uses_of_network(RTMPOSE, [pose, people], tmp_path / "uses.json") == []


def test_onnxruntime_takes_no_notes_for_its_maker(tmp_path: Path) -> None:
    """From 1.29 on its import alone writes a number of the machine's and events to be sent into the user's cache."""
    pytest.importorskip("onnxruntime")

    def notes(code: str, home: str) -> list[Path]:
        """The files that it leaves in a home of its own."""
        (tmp_path / home).mkdir()
        kept = {
            name: value for name, value in os.environ.items() if name not in ("ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME")
        }
        ran = subprocess.run([sys.executable, "-c", code], env={**kept, "HOME": str(tmp_path / home)}, cwd=ROOT)
        assert ran.returncode == 0
        return [path for path in (tmp_path / home).rglob("*onnxruntime*/*") if path.is_file()]

    if not notes("import onnxruntime", "plain"):
        pytest.skip("this release takes none here, or elsewhere")
    assert notes("from in_the_wild.runtime import onnxruntime; onnxruntime()", "ours") == []


def test_onnxruntime_is_imported_in_one_place() -> None:
    names = {
        path.relative_to(ROOT).as_posix()
        for package in ("in_the_wild", "pose3d_cli")
        for path in (ROOT / package).rglob("*.py")
        if "node_modules" not in path.parts
        and re.search(
            r"^\s*(import|from) onnxruntime|(back_end|import_module)\(\"onnxruntime", path.read_text(), re.MULTILINE
        )
    }
    assert names == {"in_the_wild/runtime.py"}


@pytest.mark.slow
def test_a_run_works_where_there_is_no_network(clip: Path, tmp_path: Path) -> None:
    alone = ["unshare", "--map-root-user", "--net"]
    try:
        tried = subprocess.run([*alone, "true"], capture_output=True, text=True)
    except OSError as error:
        pytest.skip(f"unshare is not here ({error})")
    if tried.returncode:
        pytest.skip(f"a namespace without network cannot be made here ({tried.stderr.strip()})")
    start = ["-c", f"import sys; sys.argv[0] = 'pose3d'; {RUN}"]
    command = [*alone, sys.executable, *start, "run", str(clip), "-o", str(tmp_path / "out"), "--render", "none"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    assert len(list((tmp_path / "out").rglob("poses3d.npz"))) == 1
