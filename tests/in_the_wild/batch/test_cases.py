"""Inputs that failed once, all in one batch: each answers as it does alone, and none stops the others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import pytest
from batches import arrays_in, outcomes_of, quick

from in_the_wild import plugins
from in_the_wild.batch import many
from in_the_wild.batch.engines.base import Engine
from in_the_wild.batch.engines.inline import Inline
from in_the_wild.batch.recipe import Recipe
from in_the_wild.keypoints import meant
from in_the_wild.result import Output

OWN = Path(__file__).parents[2] / "cases"
SHARED = OWN.parents[2] / "shared" / "cases"
# What a decoder shows in place of damaged pictures differs from run to run where it has several threads.
CONCEALED = ("flipped_sideways_no_metadata", "middle_zeroed")
# Status, frames, people, warnings, error.
Answer = tuple[str, int, tuple[int, ...], tuple[str, ...], str | None]
Value = TypeVar("Value")


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One of every kind, and what damages make of them; all that there are beside the checkout, where it has them."""
    folder = tmp_path_factory.mktemp("cases")
    video, keypoints = OWN / "sideways_no_metadata.mp4", OWN / "inputs" / "nan_score0.npz"
    for source in (video, keypoints):
        whole = source.read_bytes()
        (folder / f"cut_{source.name}").write_bytes(whole[: len(whole) // 2])
        (folder / f"empty_{source.name}").touch()
        middle = len(whole) // 2
        (folder / f"flipped_{source.name}").write_bytes(
            whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :]
        )
    (folder / "words.mp4").write_text("no film")
    (folder / "weights.pt").write_bytes(b"PK\3\4")
    found = [*folder.iterdir(), *OWN.rglob("*"), *(SHARED.rglob("*") if SHARED.is_dir() else ())]
    return sorted(path for path in found if path.is_file() and path.suffix != ".md")


def _answers(cases: list[Path], recipe: Recipe, engine: Engine, output: Path, *, alone: bool) -> dict[str, Answer]:
    """What came of each, by what was read."""
    clips = many.clips_of(meant(cases), Output(output, "none", view=False))
    batches = [[clip] for clip in clips] if alone else [clips]
    outcomes = [one for batch in batches for one in outcomes_of(batch, recipe, engine)]
    return {one.source: (one.status, one.frames, one.people, one.warnings, one.error) for one in outcomes}


@pytest.fixture(scope="module")
def alone(cases: list[Path], tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Answer]]:
    """What each gives alone: the folder of the results, and the answers."""
    output = tmp_path_factory.mktemp("alone")
    return output, _answers(cases, quick(tiny), Inline(), output, alone=True)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["processes", "ray"])
def test_each_answers_as_it_does_alone(
    cases: list[Path], alone: tuple[Path, dict[str, Answer]], tiny: Path, tmp_path: Path, engine: str
) -> None:
    if engine == "ray":
        pytest.importorskip("ray", reason="needs pip install 'pose3d[ray]'")
    output, answers = alone
    workers = plugins.load(many.ENGINES, engine)(jobs=2)
    together = _answers(cases, quick(tiny), workers, tmp_path, alone=False)
    assert _comparable(together) == _comparable(answers)
    assert _comparable(arrays_in(tmp_path)) == _comparable(arrays_in(output))
    assert {source: answer[0] for source, answer in together.items()} == {
        source: answer[0] for source, answer in answers.items()
    }


def _comparable(found: Mapping[str, Value]) -> dict[str, Value]:
    """What does not rest on concealed pictures."""
    return {name: value for name, value in found.items() if not any(stem in name for stem in CONCEALED)}


@pytest.mark.slow
def test_what_can_be_read_is_and_the_rest_says_why(alone: tuple[Path, dict[str, Answer]]) -> None:
    _, answers = alone
    named = {Path(source).name: answer for source, answer in answers.items()}
    done = {"sideways_no_metadata.mp4", "iphone_apac.mov", "bad_sound_header.mp4", "nan_score0.npz"}
    failed = {
        "words.mp4",
        "weights.pt",
        *(name for name in named if name.startswith(("empty_", "cut_nan", "flipped_nan"))),
    }
    assert {name: named[name][0] for name in done | failed} == {
        **dict.fromkeys(done, "done"), **dict.fromkeys(failed, "failed"),
    }  # fmt: skip
    for source, (status, *_, error) in answers.items():
        assert (status == "failed") == (error is not None), source
        assert error is None or (error.endswith(".") and "\n" not in error and "program failed" not in error), error
