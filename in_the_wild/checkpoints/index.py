"""What the weights that come with the program say of themselves, in one small file beside them.

Reading it takes a thousandth of the time that opening them takes.

    index.read()["pstmo_coco"]["training"]["fps"]
    python -m in_the_wild.checkpoints.index        makes it anew, when weights have changed

It knows nothing about other weights.
"""

from __future__ import annotations

import importlib.resources
import json
from pathlib import Path
from typing import Any

from in_the_wild import plugins
from in_the_wild.checkpoints import shipped
from in_the_wild.files import sha256

_FILE = "weights.json"


def read() -> dict[str, dict[str, Any]]:
    """What each of them says, by name: "family", "model", "arguments" and "training".

    And what is known of it: its "window" in frames, and the "sha256" of its file.
    """
    found: dict[str, dict[str, Any]] = json.loads(_path().read_text(encoding="utf-8"))
    return found


def make() -> dict[str, dict[str, Any]]:
    """The same from the weights themselves."""
    return {name: _entry(shipped.find(name)) for name in shipped.names()}


def _entry(file: Path) -> dict[str, Any]:
    from in_the_wild.checkpoints import torch_file

    content = torch_file.read(file)
    said = {key: content[key] for key in ("family", "model", "arguments", "training") if key in content}
    family, arguments = said.setdefault("family", "lifters"), content["arguments"]
    if family == "lifters":
        window = plugins.load(f"in_the_wild.{family}", content["model"])(**arguments).frames
    else:
        window = arguments["interval"] * arguments["segments"] + 1
    entry: dict[str, Any] = json.loads(json.dumps({**said, "window": window, "sha256": sha256(file)}))
    return entry


def _path() -> Path:
    return Path(str(importlib.resources.files("in_the_wild.assets") / _FILE))


if __name__ == "__main__":
    _path().write_text(json.dumps(make(), indent=1) + "\n", encoding="utf-8")
