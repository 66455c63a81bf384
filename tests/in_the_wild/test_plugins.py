"""Families of plug-ins: a made-up one on disk, and those of the project."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from in_the_wild import plugins
from in_the_wild.detectors.base import Detector
from in_the_wild.errors import PluginError

FILES = {
    "__init__.py": "",
    "base.py": "class Fruit: ...",
    "blocks.py": "raise RuntimeError('imported for nothing')",
    "_peel.py": "raise RuntimeError('imported for nothing')",
    "apple.py": """
from orchard_family.fruits.base import Fruit
from orchard_family.fruits.pear import Pear
class _Core(Fruit): ...
class Seed: ...
class Apple(Fruit): ...
""",
    "pear.py": "from orchard_family.fruits.base import Fruit\nclass Pear(Fruit): ...",
    "fig.py": "raise RuntimeError('imported for nothing')",
    "mango.py": "import tropical_back_end.juice",
    "nothing.py": "from orchard_family.fruits.pear import Pear",
    "twins.py": "from orchard_family.fruits.base import Fruit\nclass One(Fruit): ...\nclass Two(Fruit): ...",
    "ours.py": "import in_the_wild.not_there",
}


@pytest.fixture
def fruits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    package = tmp_path / "orchard_family" / "fruits"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").touch()
    for name, text in FILES.items():
        (package / name).write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    for module in [name for name in sys.modules if name.startswith("orchard_family")]:
        monkeypatch.delitem(sys.modules, module)
    return "orchard_family.fruits"


def test_names_are_file_names_and_nothing_is_imported(fruits: str) -> None:
    assert plugins.names(fruits) == ["apple", "fig", "mango", "nothing", "ours", "pear", "twins"]
    assert not [module for module in sys.modules if module.startswith(f"{fruits}.")]


def test_load_imports_one_file_and_gives_its_class(fruits: str) -> None:
    assert plugins.load(fruits, "pear").__name__ == "Pear"
    assert {module for module in sys.modules if module.startswith(f"{fruits}.")} == {f"{fruits}.base", f"{fruits}.pear"}


def test_helper_classes_and_imported_members_are_not_the_plug_in(fruits: str) -> None:
    assert plugins.load(fruits, "apple").__name__ == "Apple"


def test_a_wrong_name_is_answered_with_the_nearest(fruits: str) -> None:
    with pytest.raises(PluginError, match=r'There is no fruit "aple"\. Did you mean "apple"\?'):
        plugins.load(fruits, "aple")
    for shared in ("base", "blocks", "_peel"):
        with pytest.raises(PluginError, match="There is no fruit"):
            plugins.load(fruits, shared)


def test_a_missing_back_end_says_what_to_install(fruits: str) -> None:
    with pytest.raises(PluginError, match=r'"mango" needs .* pip install tropical_back_end$'):
        plugins.load(fruits, "mango")
    with pytest.raises(PluginError, match=r"pip install the-back-end>=2$"):
        plugins.back_end("tropical_back_end", install="the-back-end>=2")


def test_a_mistake_of_ours_is_not_blamed_on_the_user(fruits: str) -> None:
    with pytest.raises(ModuleNotFoundError, match=r"in_the_wild\.not_there"):
        plugins.load(fruits, "ours")


@pytest.mark.parametrize(("name", "found"), [("nothing", "none"), ("twins", "One, Two")])
def test_a_file_holds_one_plug_in(fruits: str, name: str, found: str) -> None:
    with pytest.raises(PluginError, match=f"exactly one public class on Fruit, found {found}"):
        plugins.load(fruits, name)


@pytest.mark.parametrize("name", plugins.names("in_the_wild.detectors"))
def test_every_detector_loads(name: str) -> None:
    detector = plugins.load("in_the_wild.detectors", name)
    assert issubclass(detector, Detector)
    assert detector.name == name
