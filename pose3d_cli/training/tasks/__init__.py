"""What is trained, one file for each: `task` of a configuration is the file's name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from in_the_wild import plugins
from in_the_wild.errors import ConfigError, did_you_mean
from pose3d_cli.training import groups

if TYPE_CHECKING:
    from pose3d_cli.training.tasks.base import Task

FAMILY = "pose3d_cli.training.tasks"
# The argument that no configuration gives: where the data are.
_SOURCE = "source"


def build(values: Mapping[str, Any], *, source: Path, name: str) -> Task:
    """The task of a configuration, ready to be trained.

    Args:
        values: The configuration: its `task`, and the keys that the constructor of that one has.
        source: The data: a prepared set, or a folder of motion capture packs.
        name: What the configuration is called.

    Raises:
        ConfigError: no such task, a key that is missing or not known, or values that do not fit each other.
        InputError: no such data, or data that lack what is trained on.
        WeightsError: weights to start from that do not fit.
    """
    kind = _kind(values, name)
    needed = groups.names(kind, without=(_SOURCE,))
    known = ("task", *needed, *kind.passed_over)
    for key in values:
        if key not in known:
            raise ConfigError(
                f'Configuration "{name}" of the task {values["task"]} has an unknown group "{key}". '
                f"{did_you_mean(key, known)}"
            )
    missing = [key for key, is_needed in needed.items() if is_needed and key not in values]
    if missing:
        raise ConfigError(
            f'Configuration "{name}" must have what the task {values["task"]} needs; missing: {", ".join(missing)}.'
        )
    task: Task = groups.build(kind, values, **{_SOURCE: source})
    return task


def replace(values: Mapping[str, Any], changes: Mapping[str, str | None], *, name: str) -> dict[str, Any]:
    """A configuration with values that options give instead.

    Args:
        values: The configuration.
        changes: By key; None changes nothing.
        name: What the configuration is called.

    Raises:
        ConfigError: a key that its task does not have.
    """
    known = groups.names(_kind(values, name), without=(_SOURCE,))
    given = {key: value for key, value in changes.items() if value is not None}
    for key in given:
        if key not in known:
            raise ConfigError(
                f'The task {values["task"]} of "{name}" has no {key}; leave --{key.replace("_", "-")} out.'
            )
    return {**values, **given}


def _kind(values: Mapping[str, Any], name: str) -> type[Task]:
    known = plugins.names(FAMILY)
    task = values.get("task")
    if task not in known:
        found = "it has none" if task is None else f'found "{task}"'
        raise ConfigError(
            f'Configuration "{name}" must say by its key task what is trained; {found}. '
            f"{did_you_mean(str(task), known)}"
        )
    return plugins.load(FAMILY, task)
