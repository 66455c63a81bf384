"""What is installed is what lies in the checkout: packages, configurations, pins."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version
from shipped import MOVED, ROOT, shipped_files

from in_the_wild import plugins
from pose3d_cli import config


@pytest.fixture(scope="module")
def setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(delimiters=("=",))
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


def test_every_folder_of_code_is_a_package_in_setup_cfg(setup: configparser.ConfigParser) -> None:
    folders = {Path(name).parent.as_posix() for name in shipped_files() if name.endswith(".py")}
    # Inside configs, folders hold data files, not modules.
    packages = {name.replace("/", ".") for name in folders if not name.startswith(f"{MOVED['configs']}/")}
    assert sorted(_lines(setup["options"]["packages"])) == sorted(packages)
    for name in packages:
        assert f"{name.replace('.', '/')}/__init__.py" in shipped_files(), f"{name} has no __init__.py"


def _requirements(setup: configparser.ConfigParser) -> dict[str, list[Requirement]]:
    """What each extra needs, by its name; what running needs under ""."""
    lists = {"": setup["options"]["install_requires"], **setup["options.extras_require"]}
    return {name: [Requirement(line) for line in _lines(text)] for name, text in lists.items()}


def test_every_dependency_is_pinned_to_a_version_it_allows(setup: configparser.ConfigParser) -> None:
    lines = [Requirement(line) for line in _lines((ROOT / "constraints.txt").read_text(encoding="utf-8"))]
    pins = {
        one.name.lower(): str(one.specifier).removeprefix("==")
        for one in lines
        if one.marker is None or one.marker.evaluate()
    }
    for requirement in (one for needed in _requirements(setup).values() for one in needed):
        # The pins are for the Python that they were tried with.
        if requirement.name == "pose3d" or (requirement.marker and not requirement.marker.evaluate()):
            continue
        assert requirement.name in pins
        assert requirement.specifier.contains(Version(pins[requirement.name])), requirement


def test_one_opencv_alone_is_asked_for(setup: configparser.ConfigParser) -> None:
    asked = {one.name for needed in _requirements(setup).values() for one in needed if "opencv" in one.name}
    assert asked == {"opencv-python-headless"}


def test_a_package_that_an_extra_brings_is_one_of_that_extra(setup: configparser.ConfigParser) -> None:
    packages = {"mmengine": "mmengine-lite"}
    for module, extra in plugins.EXTRAS.items():
        assert packages.get(module, module) in {one.name for one in _requirements(setup)[extra]}


def test_shipped_configurations_have_names_of_their_own() -> None:
    stems = [path.stem for path in (ROOT / "configs").rglob("*.py") if not path.name.startswith("_")]
    records = [name for folder in config.RECORDS for name in config.names(folder)]
    assert sorted(stems) == sorted([*config.names(), *records])


@pytest.mark.parametrize("name", config.names())
def test_every_shipped_configuration_loads(name: str) -> None:
    assert config.load(name)
