"""`pose3d plot`: results in, a picture out."""

from __future__ import annotations

from pathlib import Path

import moving_people
import pytest
from command_line import Invoke, one_error

from in_the_wild.poses import Poses


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Two folders as `pose3d run` leaves them, and poses of nobody."""
    for name, persons in (("one", (0,)), ("two", (0, 1))):
        moving_people.people(*persons).save(tmp_path / name / "poses3d.npz")
    one = moving_people.people(0)
    Poses.empty(skeleton=one.skeleton, space="world", video=one.video).save(tmp_path / "nobody.npz")
    return tmp_path


def test_a_folder_becomes_a_picture_of_one_column(cli: Invoke, results: Path) -> None:
    done = cli("plot", results / "one", "--what", "angle", "-o", results / "a.pdf")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith(f"{results / 'a.pdf'}: angle of one, 89 x ")
    assert (results / "a.pdf").read_bytes()[:5] == b"%PDF-"


def test_several_results_are_drawn_together_under_names_of_ones_own(cli: Invoke, results: Path) -> None:
    done = cli(
        "plot", results / "one", results / "two", "--name", "before", "--name", "after", "--joint", "left_wrist",
        "--what", "speed", "--start", "1", "--end", "0:02", "--columns", "2", "-o", results / "a.svg",
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    assert "speed of before, after, 183 x " in done.stdout


def test_errors_need_a_truth(cli: Invoke, results: Path) -> None:
    told = one_error(cli("plot", results / "one", "--what", "error", "-o", results / "a.png").stderr)
    assert "--truth" in told
    done = cli("plot", results / "one", "--what", "error", "--truth", results / "two", "-o", results / "a.png")
    assert done.exit_code == 0, done.stderr
    assert (results / "a.png").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["one", "--what", "angel"], 2, 'Did you mean "angle"'),
        (["one", "--joint", "left_kne"], 1, 'Did you mean "left_knee"'),
        (["one", "--person", "3"], 1, "no person 3"),
        (["one", "-o", "a.jpg"], 2, "ending in .pdf or .svg or .png"),
        (["one", "--columns", "3"], 2, "There is no width"),
        (["nobody.npz"], 1, "found none"),
        (["three"], 1, "three"),
        (["one", "two", "--name", "a"], 1, "A name for each of 2 results"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_mistakes_are_answered_in_a_sentence(
    cli: Invoke, results: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, says: str
) -> None:
    monkeypatch.chdir(results)
    done = cli("plot", *arguments)
    assert done.exit_code == code
    assert says in done.stderr
    assert not list(results.glob("*.pdf"))


def test_a_result_is_not_written_over(cli: Invoke, results: Path) -> None:
    (results / "own.png").write_bytes(b"not a picture")
    done = cli("plot", results / "own.png", "-o", results / "own.png")
    assert "would be written over" in one_error(done.stderr)
