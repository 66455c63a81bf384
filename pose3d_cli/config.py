"""Configurations: find one by name or path, read it, change single values of it.

A configuration is a file of numbers and names. JSON, YAML and TOML are data, and nothing in them is ever run. A Python
configuration is code: mmengine runs it to read it, so give none that you do not trust. `_base_` names other files to
inherit from, relative to the one that names them; data inherits from data alone.

    load("pstmo_coco_27", ["training.steps=2000"])

It knows nothing about what the values mean; commands unpack them into explicit arguments, and no function below ever
takes a configuration.
"""

from __future__ import annotations

import ast
import difflib
import importlib.resources
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from in_the_wild import documents
from in_the_wild.errors import ConfigError, InputError, did_you_mean
from in_the_wild.files import guarded, regular_file
from in_the_wild.settings import parse_value

_SHIPPED = "pose3d_cli.configs"
# Folders that record what was published; `pose3d_cli.tables` reads them.
RECORDS = ("tables",)
_CODE = ".py"
_SUFFIXES = (_CODE, *documents.SUFFIXES)
# The key that names what a configuration inherits from, and how many generations there may be.
_BASE = "_base_"
_GENERATIONS = 32
# The key by which a group says, as in mmengine's files, that nothing of the inherited one is left in it.
_DELETE = "_delete_"
_PLAIN = (bool, int, float, str, type(None))


def names(folder: str | None = None) -> list[str]:
    """The configurations that come with the program, sorted; files that others build on are not among them.

    Args:
        folder: One folder of them, such as "tables". None takes all but `RECORDS`.
    """
    return sorted(_shipped(folder))


def find(name_or_path: str, *, folder: str | None = None) -> Path:
    """The file of a configuration: an existing file, else a shipped one of this name, in whichever folder it is.

    Args:
        name_or_path: A file, or the name of a shipped configuration.
        folder: Where shipped ones are looked for, see `names`.

    Raises:
        ConfigError: neither; the message names the closest shipped ones.
    """
    path = Path(name_or_path)
    if path.suffix.lower() in _SUFFIXES and path.is_file():
        return path
    shipped = _shipped(folder)
    if name_or_path in shipped:
        return shipped[name_or_path]
    if path.is_file():
        raise ConfigError(f"A configuration ends in {', '.join(_SUFFIXES)}; {path.name} does not. Give another file.")
    raise ConfigError(
        f'Configuration "{name_or_path}" is neither a file nor comes with the program. '
        f"{did_you_mean(path.stem, shipped)}"
    )


def load(name_or_path: str, overrides: Sequence[str] = (), *, folder: str | None = None) -> dict[str, Any]:
    """Read a configuration, with what it inherits, and change single values of it.

    Args:
        name_or_path: A file, or the name of a shipped configuration. A Python file is run; JSON, YAML and TOML are not.
        overrides: "key=value" each. Dots lead into groups ("optimiser.rate=1e-3"). A key must be there already, and its
            value keeps its type: a whole number may stand for a float, "true" and "false" for booleans, text needs no
            quotes. Where the configuration says None, anything goes; text and lists may become None.
        folder: Where shipped ones are looked for, see `names`.

    Returns:
        Plain dictionaries, lists, tuples, numbers, booleans, text and None.

    Raises:
        ConfigError: no such configuration, one that cannot be read or holds more than plain values, an unknown key, or
            a value of the wrong type.
    """
    path = find(name_or_path, folder=folder)
    config = _read(path)
    for override in overrides:
        _apply(config, override)
    return config


def _shipped(folder: str | None) -> dict[str, Path]:
    root = Path(str(importlib.resources.files(_SHIPPED)))
    found = (root if folder is None else root / folder).rglob("*.py")
    return {
        path.stem: path
        for path in sorted(found)
        if not path.name.startswith("_") and (folder is not None or path.parent.name not in RECORDS)
    }


def _read(path: Path) -> dict[str, Any]:
    config = _run(path) if path.suffix.lower() == _CODE else _read_data(path)
    for key, value in _values(config):
        if not isinstance(value, _PLAIN):
            raise ConfigError(
                f"{path} holds a value that is not plain: {key} is a {type(value).__name__}. "
                "Numbers, text, lists and groups of them were expected."
            )
    return config


def _run(path: Path) -> dict[str, Any]:
    """Read a Python configuration, which runs it."""
    _check_bases_are_code(path)

    from mmengine.config import Config  # takes most of a second, and `--help` must answer at once

    try:
        found: dict[str, Any] = Config.fromfile(
            str(path), import_custom_modules=False, use_environment_variables=False, lazy_import=False
        ).to_dict()
    except Exception as error:  # a configuration is code of the user's, which can fail in any way
        reason = str(error).splitlines()[0] if str(error) else "no reason given"
        raise ConfigError(f"{path} cannot be read as a configuration ({type(error).__name__}: {reason}).") from error
    return found


def _check_bases_are_code(path: Path, generation: int = 0) -> None:
    """Refuse a Python configuration that inherits from data: mmengine's own reader of YAML runs what that asks for."""
    expected = "a Python configuration"
    regular_file(path, expected=expected, error=ConfigError)
    with guarded(path, expected=expected, error=ConfigError):
        try:
            statements = ast.parse(path.read_bytes()).body
        except SyntaxError:  # mmengine says better what is wrong
            return
        given = [
            ast.literal_eval(statement.value)
            for statement in statements
            if isinstance(statement, ast.Assign)
            and any(isinstance(name, ast.Name) and name.id == _BASE for name in statement.targets)
        ]
    for base in (base for bases in given for base in _bases(path, bases, generation, suffixes=(_CODE,))):
        _check_bases_are_code(base, generation + 1)


def _read_data(path: Path, generation: int = 0) -> dict[str, Any]:
    """Read JSON, YAML or TOML, over what it inherits from."""
    config = documents.load(path, expected="a configuration", error=ConfigError)
    if not isinstance(config, dict) or not all(isinstance(key, str) for key in _names(config)):
        raise ConfigError(f"{path} is no configuration: names with values were expected.")
    inherited: dict[str, Any] = {}
    for base in _bases(path, config.pop(_BASE, []), generation, suffixes=documents.SUFFIXES):
        inherited = _merged(inherited, _read_data(base, generation + 1))
    return _merged(inherited, config)


def _bases(path: Path, given: object, generation: int, *, suffixes: Sequence[str]) -> list[Path]:
    """The files that a configuration's `_base_` names."""
    names: Sequence[Any] = given if isinstance(given, (list, tuple)) else [given]
    if names and generation >= _GENERATIONS:
        raise ConfigError(f"{path} inherits over more than {_GENERATIONS} generations, or from itself.")
    for name in names:
        if not isinstance(name, str) or Path(name).suffix.lower() not in suffixes:
            raise ConfigError(
                f"{path} inherits from {name!r:.80}; a file whose name ends in {', '.join(suffixes)} was expected."
            )
        if not (path.parent / name).is_file():
            raise ConfigError(f'{path} inherits from "{name}", and there is no such file.')
    return [path.parent / name for name in names]


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """One configuration over another: groups are merged, values and groups that say `_delete_: true` replaced."""
    both = dict(below)
    for key, value in above.items():
        if isinstance(value, dict):
            earlier = below.get(key)
            replaced = value.get(_DELETE) is True or not isinstance(earlier, dict)
            both[key] = _merged({} if replaced else earlier or {}, value)
        elif key != _DELETE:
            both[key] = value
    return both


def _names(value: object) -> Iterator[object]:
    """Every key of a configuration, in groups of any depth."""
    if isinstance(value, Mapping):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _names(inner)


def _values(value: object, key: str = "") -> Iterator[tuple[str, object]]:
    """Every value that is no container, with its dotted key."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _values(inner, f"{key}.{name}" if key else str(name))
    elif isinstance(value, (list, tuple)):
        for position, inner in enumerate(value):
            yield from _values(inner, f"{key}[{position}]")
    else:
        yield key, value


def _apply(config: dict[str, Any], override: str) -> None:
    """Change one value in place."""
    key, separator, text = override.partition("=")
    key = key.strip()
    if not separator or not key:
        example = next(iter(dict(flat(config))), "key")
        raise ConfigError(f'"{override}" changes nothing: key=value was expected, such as {example}=1.')
    *groups, name = key.split(".")
    group: Any = config
    for step in groups:
        group = group.get(step) if isinstance(group, dict) else None
    if not isinstance(group, dict) or name not in group:
        raise ConfigError(f'The configuration has no key "{key}". {_nearest(key, list(dict(flat(config))))}')
    if isinstance(group[name], dict):
        inside = ", ".join(f"{key}.{inner}" for inner in group[name])
        raise ConfigError(f"{key} is a group, not a value. Set one of its keys: {inside}.")
    try:
        group[name] = parse_value(text, group[name], name=key)
    except InputError as error:
        raise ConfigError(str(error)) from error


def flat(config: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with its dotted key, as an override has it; a group is none, unless it is empty."""
    for name, value in config.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _nearest(key: str, known: Sequence[str]) -> str:
    """The end of an error sentence: the nearest key, found by its last part where its groups were left out."""
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    if not near:
        lasts = {name.rpartition(".")[2]: name for name in known}
        near = [lasts[last] for last in difflib.get_close_matches(key.rpartition(".")[2], lasts, n=1, cutoff=0.6)]
    return f'Did you mean "{near[0]}"?' if near else f"Known: {', '.join(known)}."
