"""`pose3d show`: what there is to choose from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import Invoke

from in_the_wild import checkpoints, plugins
from in_the_wild.checkpoints import shipped


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
