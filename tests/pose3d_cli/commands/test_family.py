"""What there is: a line for each member of a family, all about one, and nothing heavy imported for a list."""

from __future__ import annotations

import re

import pytest
from command_line import Invoke

from in_the_wild import checkpoints, plugins
from in_the_wild.checkpoints import index, records
from in_the_wild.skeletons import SKELETONS, get_skeleton
from in_the_wild.steps.remap import reachable
from pose3d_cli import config
from pose3d_cli.commands import _options
from pose3d_cli.tables import reported

FAMILIES = {
    "models": "in_the_wild.lifters",
    "detectors": "in_the_wild.detectors",
    "refiners": "in_the_wild.refiners",
    "formats": "in_the_wild.formats",
    "datasets": "pose3d_cli.datasets.readers",
}
MEMBERS = {
    **{command: plugins.names(package) for command, package in FAMILIES.items()},
    "weights": checkpoints.names(),
    "skeletons": list(SKELETONS),
    "configs": [name for name in config.names() if config.find(name).parent.name == "configs"],
    "tables": [*reported.names(), "mocap"],
}


def unframed(text: str) -> str:
    """What a table says, in one line."""
    return " ".join(text.replace("│", " ").split())


@pytest.mark.parametrize("command", MEMBERS)
def test_a_list_has_a_line_for_each(cli: Invoke, command: str) -> None:
    done = cli(command)
    assert done.exit_code == 0, done.output
    for name in MEMBERS[command]:
        (line,) = re.findall(rf"^│ {re.escape(name)} .*", done.stdout, flags=re.MULTILINE)
        assert len(line.strip("│ ").split()) > 1, "what it is, too"
    assert f"pose3d {command} NAME" in done.stdout


@pytest.mark.parametrize(("command", "package"), FAMILIES.items())
def test_all_about_one(cli: Invoke, command: str, package: str) -> None:
    for name in MEMBERS[command]:
        done = cli(command, name)
        assert done.exit_code == 0, done.output
        assert plugins.title(package, name) in unframed(done.stdout)
        assert " at 0x" not in done.stdout, "what a program alone can set is no setting"


@pytest.mark.parametrize("command", [*FAMILIES, "skeletons", "tables", "weights", "configs"])
def test_a_wrong_name_is_answered_with_the_nearest(cli: Invoke, command: str) -> None:
    name = MEMBERS[command][0]
    done = cli(command, name + name[-1])
    assert done.exit_code in (1, 2)
    if command == "datasets":
        assert "is no folder" in done.stderr
    else:
        assert f'Did you mean "{name}"' in unframed(done.stderr)


def test_models_tell_all_that_their_authors_published(cli: Invoke) -> None:
    told = {name: cli("models", name).stdout for name in MEMBERS["models"]}
    told["mixsynthformer"] = cli("refiners", "mixsynthformer").stdout
    for record in (*records.records(records.LIFTERS), *records.records(records.REFINERS)):
        text = told[record.model]
        assert f"  {record.name} " in text
        assert record.url in text
        assert all(file in text for file in record.files)
    assert "MPJPE 44.08 mm, P-MPJPE 34.76 mm (README; paper, table 4)" in "".join(told.values())
    assert "pose3d run clip.mp4 --weights FILE" in told["pstmo"]
    assert re.search(r"window as published +│ 243 frames", told["pstmo"])
    assert "every frame" in told["mixste"]


def test_skeletons_tell_their_joints_in_order(cli: Invoke) -> None:
    text = cli("skeletons", "human36m17").stdout
    found = re.findall(r"^│ +(\d+) +│ (\w+) +│", text, flags=re.MULTILINE)
    skeleton = get_skeleton("human36m17")
    assert found == [(str(number), joint) for number, joint in enumerate(skeleton.joints)]
    assert ", ".join(reachable(skeleton)) in text


def test_settings_are_told_as_they_are_typed(cli: Invoke) -> None:
    assert "cutoff=4.0, order=2" in cli("refiners", "butterworth").stdout
    assert "both_ways=true" in cli("refiners", "one_euro").stdout
    assert "companion=joints3d.npz, fps=0.0" in cli("datasets", "coco").stdout


def test_a_configuration_tells_its_values_with_those_it_builds_on(cli: Invoke) -> None:
    text = cli("configs", "mixsynthformer_coco17_n10").stdout
    assert re.search(r"arguments\.interval +│ 10 ", text), "its own"
    assert re.search(r"arguments\.coordinates +│ 34 ", text), "of the file it builds on"
    for folder in ("mocap", "published"):
        listed = cli("configs", folder).stdout
        names = [name for name in config.names() if config.find(name).parent.name == folder]
        assert names
        assert all(f"│ {name} " in listed for name in names)


def test_the_index_of_weights_says_what_they_say() -> None:
    """Where it does not: python -m in_the_wild.checkpoints.index"""
    assert index.read() == index.make()


def test_names_are_completed() -> None:
    assert _options.complete(lambda: ["pstmo", "mixste"])("ps") == ["pstmo"]
