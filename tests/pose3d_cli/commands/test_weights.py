"""`pose3d weights`: what a file of weights tells of itself."""

from __future__ import annotations

import re
from pathlib import Path

from command_line import Invoke, one_error


def test_where_weights_come_from(cli: Invoke, tiny: Path) -> None:
    text = cli("weights", tiny).stdout
    for word in ("tiny.pt", "pstmo", "coco17", "human36m17, metres", "9 frames at 25/s", "nothing", "Apache-2.0"):
        assert word in text


def test_weights_of_a_refiner_are_told_with_where_they_are_of_use(cli: Invoke) -> None:
    text = cli("weights", "mixsynthformer_predict").stdout
    (arguments,) = re.findall(r"arguments +│ (.*?) +│", text)
    assert {"coordinates=51", "interval=1"} <= set(arguments.split(", "))
    assert "--refiner mixsynthformer:weights=" in text


def test_what_is_neither_a_name_nor_a_file(cli: Invoke, tmp_path: Path) -> None:
    done = cli("weights", "pstmo_cocoa")
    assert done.exit_code == 2
    assert 'Did you mean "pstmo_coco"' in done.stderr
    (tmp_path / "words.pt").write_text("no weights")
    done = cli("weights", tmp_path / "words.pt")
    assert done.exit_code == 1
    assert "words.pt" in one_error(done.stderr)
