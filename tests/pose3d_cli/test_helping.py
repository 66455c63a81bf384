"""Help fits a person's head and a screen, and what it leaves out it names."""

from __future__ import annotations

import re

import pytest
from command_line import Invoke

from in_the_wild import plugins

COMMANDS = [name.replace("_", "-") for name in plugins.names("pose3d_cli.commands")]
_MOST_LINES = 60
_TOLD = re.compile(r"^  (?:-\w, )?(--[\w-]+)", re.MULTILINE)


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch, cli: Invoke) -> None:
    """Terminals are 80 columns wide."""
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_a_screen(cli: Invoke, name: str) -> None:
    text = cli(name, "--help").stdout
    assert len(text.splitlines()) <= _MOST_LINES
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("name", COMMANDS)
def test_what_help_leaves_out_it_names_and_tells_on_demand(cli: Invoke, name: str) -> None:
    short, whole = (cli(name, how).stdout for how in ("--help", "--help-all"))
    told = set(_TOLD.findall(whole))
    assert {"--quiet", "--help-all"} <= told
    for option in told - {"--help"}:
        assert re.search(rf"(?<![\w-]){option}(?![\w-])", short), option


def test_help_on_run_tells_of_ten_options(cli: Invoke) -> None:
    text = cli("run", "--help").stdout
    told = _TOLD.findall(text.partition("Options that matter most:")[2].partition("More, told by")[0])
    assert len(told) == 10
    assert {"--output", "--render", "--persons", "--export"} <= set(told)
    assert "pose3d run --help-all" in text


def test_defaults_in_words_are_no_brackets_in_brackets(cli: Invoke) -> None:
    for name in COMMANDS:
        assert "[default: (" not in cli(name, "--help-all").stdout
