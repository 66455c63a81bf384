"""What of the checkout is installed, and where."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
# Where a folder of the checkout is installed, when that is elsewhere.
MOVED = {"assets": "in_the_wild/assets", "configs": "pose3d_cli/configs"}
PACKAGES = ("in_the_wild", "pose3d_cli", *MOVED)
# What the page is built with and from.
_NOT_SHIPPED = {"node_modules", "src", "package.json", "package-lock.json", "tsconfig.json"}
_SUFFIXES = (".html", ".json", ".md", ".mp4", ".npz", ".pt", ".py", ".tflite", ".toml")


def shipped_files() -> dict[str, Path]:
    """Every file that a wheel must hold, by its place in the wheel."""
    found = {}
    for folder in PACKAGES:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in _SUFFIXES and not _NOT_SHIPPED & {*path.parts, path.name}:
                found[f"{MOVED.get(folder, folder)}/{path.relative_to(ROOT / folder).as_posix()}"] = path
    return found
