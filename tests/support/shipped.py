"""What of the checkout is installed, and where."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
# Where a folder of the checkout is installed, when that is elsewhere.
MOVED = {"assets": "in_the_wild/assets", "configs": "pose3d_cli/configs"}
PACKAGES = ("in_the_wild", "pose3d_cli", *MOVED)
_SUFFIXES = (".json", ".md", ".mp4", ".npz", ".pt", ".py", ".tflite", ".toml")


def shipped_files() -> dict[str, Path]:
    """Every file that a wheel must hold, by its place in the wheel."""
    found = {}
    for folder in PACKAGES:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in _SUFFIXES:
                found[f"{MOVED.get(folder, folder)}/{path.relative_to(ROOT / folder).as_posix()}"] = path
    return found
