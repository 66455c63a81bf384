"""Configurations: found by name or path, inherited, and changed without surprises."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import fuzz
import pytest
from hypothesis import given
from hypothesis import strategies as st

from in_the_wild.errors import ConfigError
from pose3d_cli import config

BASE = """
lifter = dict(model="pstmo", window=27, dropout=0.1, flip=True)
skeletons = ["coco17", "human36m17"]
size = (1000, 1002)
warm_start = None
"""
CHILD = """
_base_ = "base.py"
lifter = dict(window=243)
steps = 5000
"""


@pytest.fixture
def child(tmp_path: Path) -> Path:
    (tmp_path / "base.py").write_text(BASE)
    path = tmp_path / "child.py"
    path.write_text(CHILD)
    return path


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of shipped configurations to stand for the real one, with one folder inside."""
    folder = tmp_path / "shipped"
    (folder / "training").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "training" / "_base.py").write_text("steps = 10\nseed = 1\n")
    (folder / "training" / "pstmo_27.py").write_text('_base_ = "_base.py"\nsteps = 20\n')
    monkeypatch.setattr("importlib.resources.files", lambda package: folder)
    return folder


def test_a_file_inherits_from_its_base(child: Path) -> None:
    assert config.load(str(child)) == {
        "lifter": {"model": "pstmo", "window": 243, "dropout": 0.1, "flip": True},
        "skeletons": ["coco17", "human36m17"],
        "size": (1000, 1002),
        "warm_start": None,
        "steps": 5000,
    }


def test_what_is_loaded_is_plain(child: Path) -> None:
    loaded = config.load(str(child))
    assert type(loaded) is dict
    assert type(loaded["lifter"]) is dict
    assert type(loaded["skeletons"]) is list
    assert type(loaded["size"]) is tuple


def test_text_and_lists_can_be_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "own.py"
    path.write_text("start_from = 'runs/a/best.pt'\nparts = ['encoder']\nbatch = 16\n")
    changed = config.load(str(path), ["start_from=None", "parts=None"])
    assert changed == {"start_from": None, "parts": None, "batch": 16}
    with pytest.raises(ConfigError, match="batch must be a whole number"):
        config.load(str(path), ["batch=None"])


DATA = [
    (".json", '{"steps": 3, "lifter": {"window": 27, "rates": [1.0, 2.0]}}'),
    (".yaml", "steps: 3\nlifter: {window: 27, rates: [1.0, 2.0]}\n"),
    (".yml", "steps: 3\nlifter:\n  window: 27\n  rates: [1.0, 2.0]\n"),
    (".toml", "steps = 3\n[lifter]\nwindow = 27\nrates = [1.0, 2.0]\n"),
]


@pytest.mark.parametrize(("suffix", "text"), DATA)
def test_json_yaml_and_toml_are_read_too(tmp_path: Path, suffix: str, text: str) -> None:
    path = tmp_path / f"plain{suffix}"
    path.write_text(text)
    found = config.load(str(path), ["steps=4"])
    assert found == {"steps": 4, "lifter": {"window": 27, "rates": [1.0, 2.0]}}


def test_data_inherits_from_data(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    for suffix, text in DATA:
        (tmp_path / "below" / f"base{suffix}").write_text(text)
    (tmp_path / "middle.toml").write_text('_base_ = ["below/base.yaml", "below/base.json"]\nsteps = 5\n')
    (tmp_path / "child.yaml").write_text("_base_: middle.toml\nlifter: {window: 243}\n")
    assert config.load(str(tmp_path / "child.yaml")) == {"steps": 5, "lifter": {"window": 243, "rates": [1.0, 2.0]}}
    (tmp_path / "anew.json").write_text('{"_base_": "child.yaml", "lifter": {"_delete_": true, "model": "mixste"}}')
    assert config.load(str(tmp_path / "anew.json")) == {"steps": 5, "lifter": {"model": "mixste"}}


HOSTILE = {
    "apply.yaml": '!!python/object/apply:os.system ["touch CANARY"]',
    "inside.yaml": "x: !!python/object/apply:subprocess.call [[touch, CANARY]]",
    "new.yml": '!!python/object/new:os.system ["touch CANARY"]',
    "name.yaml": "x: !!python/name:os.system",
    "module.yaml": "x: !!python/module:this",
    "base.json": '{"_base_": "canary.py"}',
    "base.yaml": "_base_: [canary.py]",
    "base.toml": '_base_ = "canary.py"',
    "template.yaml": "_base_: '{{ fileDirname }}/canary.py'",
    "package.yaml": "_base_: mmpose::canary.py",
    "code.py": '_base_ = "apply.yaml"',
    "grandchild.py": '_base_ = "code.py"',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_data_runs_nothing(tmp_path: Path, name: str) -> None:
    canary = tmp_path / "canary"
    (tmp_path / "canary.py").write_text(f"open({str(canary)!r}, 'w')")
    for other, text in HOSTILE.items():
        (tmp_path / other).write_text(text.replace("CANARY", str(canary)))
    with pytest.raises(ConfigError, match=r"cannot be read|inherits from") as caught:
        config.load(str(tmp_path / name))
    assert "\n" not in str(caught.value)
    assert not canary.exists()


LAUGHS = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" if n else "a0: &a0 [ha]" for n in range(12))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("laughs.yaml", LAUGHS),
        ("merges.yaml", LAUGHS.replace("[*", "{<<: [*").replace("*]", "*]}")),
        ("itself.yaml", "a: &a [*a]"),
        ("deep.yaml", "a: " + "[" * 5000 + "]" * 5000),
        ("deep.json", '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}"),
        ("deeper.json", '{"a": ' + "[" * 100 + "]" * 100 + "}"),
        ("deep.toml", "a = " + "[" * 5000 + "]" * 5000),
        ("keys.toml", ".".join("a" * 2000) + " = 1"),
        ("big.yaml", "a: " + "x" * (2 << 20)),
        ("digits.json", '{"a": ' + "9" * 10_000 + "}"),
        ("list.json", "[1, 2]"),
        ("number.yaml", "3"),
        ("nothing.yaml", ""),
        ("keys.yaml", "1: 2"),
        ("date.yaml", "a: 2026-01-01"),
        ("date.toml", "a = 2026-01-01"),
        ("set.yaml", "a: !!set {x, y}"),
        ("bytes.yaml", "a: !!binary aGE="),
        ("latin.json", '{"a": "\udce4"}'),
        ("two.yaml", "a: 1\n---\nb: 2"),
        ("tabs.yaml", "a:\n\t- 1"),
        ("round.yaml", "_base_: round.yaml"),
        ("root.yaml", "_base_: /etc/passwd"),
        ("nobase.yaml", "_base_: nowhere.yaml"),
        ("map.yaml", "_base_: {a: 1}"),
        ("broken.toml", "a = "),
    ],
)
def test_data_beyond_its_bounds_is_one_sentence(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(ConfigError, match=re.escape(name)) as caught:
        config.load(str(tmp_path / name))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("suffix", "text"), DATA)
def test_damaged_data_is_one_sentence_or_read(tmp_path: Path, suffix: str, text: str) -> None:
    path = tmp_path / f"damaged{suffix}"
    refused = 0
    for _, content in fuzz.mutations(text.encode(), seed=7, count=300):
        path.write_bytes(content)
        try:
            config.load(str(path))
        except ConfigError:
            refused += 1
    assert 30 < refused < 300


def test_shipped_ones_are_found_by_name_wherever_they_are(shipped: Path) -> None:
    assert config.names() == ["pstmo_27"]
    assert config.load("pstmo_27") == {"steps": 20, "seed": 1}


def test_a_file_is_told_from_a_name_by_its_suffix(
    shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pstmo_27.py").write_text("steps = 30\n")
    (tmp_path / "pstmo_27").write_text("not a configuration")
    monkeypatch.chdir(tmp_path)
    assert config.load("pstmo_27") == {"steps": 20, "seed": 1}
    assert config.load("pstmo_27.py") == {"steps": 30}


@pytest.mark.parametrize("wrong", ["pstmo27", "pstm_27", "folder/pstmo_72.py"])
def test_a_wrong_name_is_answered_with_the_nearest(shipped: Path, wrong: str) -> None:
    with pytest.raises(ConfigError, match=f'"{wrong}" is neither.*Did you mean "pstmo_27"'):
        config.load(wrong)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("steps = 1")
    with pytest.raises(ConfigError, match=r"ends in \.py, .*notes\.txt does not"):
        config.load(str(path))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("steps = = 3", "SyntaxError"),
        ("steps = 1 / 0", "ZeroDivisionError"),
        ("steps = undefined", "undefined"),
        ('_base_ = "nowhere.py"', "nowhere.py"),
        ("import no_such_package", "no_such_package"),
        ("filename = 'taken by mmengine'", "filename"),
    ],
)
def test_a_broken_file_is_one_sentence_with_the_reason(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "broken.py"
    path.write_text(text)
    with pytest.raises(ConfigError, match=reason) as caught:
        config.load(str(path))
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_values_that_are_not_plain_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "clever.py"
    path.write_text("from pathlib import PurePath\nsteps = 1\nfolders = dict(out=[PurePath('x')])\ndel PurePath\n")
    with pytest.raises(ConfigError, match=r"folders\.out\[0\] is a Pure"):
        config.load(str(path))


@pytest.mark.parametrize(
    ("override", "key", "value"),
    [
        ("steps=7", "steps", 7),
        (" steps = 7 ", "steps", 7),
        ("lifter.dropout=0.25", "lifter.dropout", 0.25),
        ("lifter.dropout=1e-3", "lifter.dropout", 1e-3),
        ("lifter.dropout=0", "lifter.dropout", 0.0),
        ("lifter.flip=False", "lifter.flip", False),
        ("lifter.flip=false", "lifter.flip", False),
        ("lifter.model=mixste", "lifter.model", "mixste"),
        ("lifter.model='mixste'", "lifter.model", "mixste"),
        ("lifter.model=27", "lifter.model", "27"),
        ("lifter.model=a=b", "lifter.model", "a=b"),
        ("lifter.model=", "lifter.model", ""),
        ("lifter.model=true", "lifter.model", "true"),
        ("skeletons=['body25']", "skeletons", ["body25"]),
        ("skeletons=('body25',)", "skeletons", ["body25"]),
        ("size=[1920,1080]", "size", (1920, 1080)),
        ("size=1920,1080", "size", (1920, 1080)),
        ("warm_start=runs/first.pt", "warm_start", "runs/first.pt"),
        ("warm_start=3", "warm_start", 3),
        ("warm_start=None", "warm_start", None),
    ],
)
def test_an_override_changes_one_value_and_keeps_its_type(child: Path, override: str, key: str, value: object) -> None:
    expected = config.load(str(child))
    group, _, name = key.rpartition(".")
    (expected[group] if group else expected)[name] = value
    changed = config.load(str(child), [override])
    assert changed == expected
    assert type((changed[group] if group else changed)[name]) is type(value)


def test_the_last_override_counts(child: Path) -> None:
    assert config.load(str(child), ["steps=1", "steps=2"])["steps"] == 2


@pytest.mark.parametrize(
    ("override", "nearest"),
    [
        ("lifter.windw=9", "lifter.window"),
        ("liftr.window=9", "lifter.window"),
        ("window=9", "lifter.window"),
        ("stepz=9", "steps"),
        ("deep.down.flop=9", "lifter.flip"),
        ("lifter.window.first=9", "lifter.window"),
    ],
)
def test_an_unknown_key_is_refused_and_the_nearest_named(child: Path, override: str, nearest: str) -> None:
    with pytest.raises(ConfigError, match=f'has no key "{override[:-2]}". Did you mean "{nearest}"'):
        config.load(str(child), [override])


def test_a_key_that_is_like_no_other_is_answered_with_all(child: Path) -> None:
    known = "lifter.model, lifter.window, lifter.dropout, lifter.flip, skeletons, size, warm_start, steps"
    with pytest.raises(ConfigError, match=f'has no key "qqq". Known: {known}.'):
        config.load(str(child), ["qqq=1"])


@pytest.mark.parametrize(
    "override",
    [
        *["steps=many", "steps=1.5", "steps=True", "steps=", "steps=None", "lifter.flip=1"],
        *["lifter.dropout=high", "lifter.dropout=True", f"lifter.dropout=1{400 * '0'}"],
        *["skeletons=coco17", "size=1920", "size={[1]: 2}", f"size={99_999 * '['}"],
    ],
    ids=lambda override: override[:25],
)
def test_a_value_of_another_type_is_refused(child: Path, override: str) -> None:
    key, _, text = override.partition("=")
    with pytest.raises(ConfigError, match=f'^{key} must be .*, as .* is; found "{re.escape(text)}"'):
        config.load(str(child), [override])


def test_a_group_cannot_be_replaced_whole(child: Path) -> None:
    with pytest.raises(ConfigError, match=r"lifter is a group.*lifter\.model, lifter\.window"):
        config.load(str(child), ["lifter=pstmo"])


@pytest.mark.parametrize("override", ["steps", "=3", ""])
def test_an_override_without_key_or_value_is_refused(child: Path, override: str) -> None:
    with pytest.raises(ConfigError, match="key=value was expected"):
        config.load(str(child), [override])


# Whole numbers that a float holds exactly.
_SCALARS = (
    st.integers(min_value=-(2**53), max_value=2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()
)


@given(old=_SCALARS, new=_SCALARS)
def test_values_survive_being_written_out(old: object, new: object) -> None:
    """What Python prints of a value is read back as that value, or refused: never changed in silence."""
    values: dict[str, object] = {"value": old}
    try:
        config._apply(values, f"value={new!r}")
    except ConfigError:
        assert values == {"value": old}
        assert type(new) is not type(old)
    else:
        assert values == {"value": new}
        assert type(values["value"]) is type(old)


@given(text=st.text())
def test_no_text_makes_an_override_fail_in_another_way(text: str) -> None:
    values = {"steps": 1, "name": "x"}
    for override in (text, f"steps={text}", f"name={text}"):
        try:
            config._apply(values, override)
        except ConfigError:
            continue
    assert type(values["steps"]) is int
    assert type(values["name"]) is str


def test_importing_it_imports_no_mmengine() -> None:
    code = "import sys, pose3d_cli.config; sys.exit('mmengine' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
