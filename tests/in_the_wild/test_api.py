"""The library as people import it: each job is one call, and says what went wrong in one sentence."""

from __future__ import annotations

import doctest
import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from command_line import FakeDetector

import in_the_wild as iw
from in_the_wild import api, defaults, lens, pipeline
from in_the_wild.errors import InputError, PluginError, SkeletonError, VideoError, WeightsError
from in_the_wild.lifters.base import Lifter
from in_the_wild.refiners.butterworth import Butterworth
from pose3d_cli.datasets.synthetic import clips as synthetic

Run = Callable[..., iw.Poses]


@pytest.fixture
def model(tiny: Path) -> str:
    return f"pstmo:weights={tiny},device=cpu"


@pytest.fixture
def lifted(fake: type[FakeDetector], flat: Path, model: str) -> iw.Poses:
    return iw.run(flat, model=model)


# ------------------------------------------------------------------------------------------------------ the front door


def test_importing_costs_nothing() -> None:
    """Names are resolved at first use: neither numpy nor anything heavier is imported before."""
    look = "import sys, in_the_wild; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert not {"numpy", "torch", "cv2", "scipy", "av", "rich", "typer", "ai_edge_litert"} & set(done.stdout.split())


def test_every_public_name_is_there() -> None:
    for name in iw.__all__:
        assert getattr(iw, name) is not None
    assert set(iw.__all__) <= set(dir(iw))
    with pytest.raises(AttributeError, match="no attribute 'runn'"):
        getattr(iw, "runn")  # noqa: B009 (a name that type checkers know is not there)


@pytest.mark.parametrize("module", ["in_the_wild.lens", "in_the_wild.poses", "in_the_wild.settings",
                                    "in_the_wild.errors", "in_the_wild.progress", "in_the_wild.plugins"])  # fmt: skip
def test_examples_in_docstrings_hold(module: str) -> None:
    found = doctest.testmod(importlib.import_module(module))
    assert found.attempted > 0
    assert found.failed == 0


@pytest.mark.slow
def test_examples_of_the_whole_job_hold(tmp_path: Path) -> None:
    """On a clip of 60 pictures, with the real detector and the real weights."""
    clip, _ = synthetic.make("one_person", tmp_path)
    keypoints = iw.detect(clip)
    poses = iw.lift(keypoints)
    given = {"clip": str(clip), "folder": tmp_path, "keypoints": keypoints, "poses": poses}
    found = doctest.testmod(api, extraglobs=given)
    assert found.attempted > 6
    assert found.failed == 0


def test_the_verbs_keep_their_names_when_the_steps_are_imported() -> None:
    importlib.import_module("in_the_wild.steps.detect")
    importlib.import_module("in_the_wild.steps.render")
    for verb in ("detect", "lift", "refine", "render", "run", "load"):
        assert callable(getattr(iw, verb))


# ------------------------------------------------------------------------------------------------------------- the job


def test_a_run_gives_poses_and_writes_nothing(lifted: iw.Poses, flat: Path) -> None:
    assert (lifted.space, lifted.units, lifted.persons) == ("camera", "metres", [0])
    assert lifted.seconds[-1] == pytest.approx(11 / 25)
    assert "left_wrist" in lifted.joints
    assert lifted.video.path == flat.name
    assert lifted.meta["model"] == "pstmo"
    assert list(flat.parent.iterdir()) == [flat]


def test_with_an_output_it_leaves_files(fake: type[FakeDetector], flat: Path, model: str, tmp_path: Path) -> None:
    poses = iw.run(str(flat), str(tmp_path), model=model)
    assert sorted(path.name for path in (tmp_path / "flat").iterdir()) == [
        "overlay.mp4", "poses2d.npz", "poses3d.npz", "run.json", "view.html",
    ]  # fmt: skip
    np.testing.assert_array_equal(iw.load(tmp_path / "flat" / "poses3d.npz").keypoints, poses.keypoints)
    again = iw.run(flat, iw.Output(tmp_path, film="none"), model=model)
    np.testing.assert_array_equal(again.keypoints, poses.keypoints)
    assert fake.pictures == 7, "the keypoints of the first run are taken again"


def test_several_videos_share_the_networks_and_fail_alone(
    fake: type[FakeDetector], flat: Path, model: str, tmp_path: Path
) -> None:
    other, bad = tmp_path / "other.mp4", tmp_path / "bad.mp4"
    other.write_bytes(flat.read_bytes())
    bad.write_text("no video")
    both = iw.run([flat, other], model=model)
    np.testing.assert_array_equal(both[0].keypoints, both[1].keypoints)
    with pytest.raises(iw.BatchError, match=r"1 of 3 videos failed: .*bad\.mp4: ") as failed:
        iw.run([flat, bad, other], model=model)
    results = failed.value.results
    assert [result.error is None for result in results] == [True, False, True]
    with pytest.raises(VideoError):
        iw.run(bad, model=model)


def test_the_steps_alone_make_what_run_makes(lifted: iw.Poses, flat: Path, tiny: Path) -> None:
    keypoints = iw.detect(flat)
    assert keypoints.space == "image"
    again = iw.refine(iw.lift(keypoints, weights=tiny), "whole_clip", keypoints=keypoints)
    np.testing.assert_array_equal(again.keypoints, lifted.keypoints)
    assert again.meta == lifted.meta


def test_plug_ins_come_by_name_with_settings_or_as_objects(
    fake: type[FakeDetector], flat: Path, tiny: Path, model: str
) -> None:
    by_name = iw.run(flat, model=model, refiner="butterworth:cutoff=6,on=3d", detector="blazepose:every=3")
    by_object = iw.run(
        flat,
        model=iw.load_lifter(weights=tiny, device="cpu"),
        detector=iw.Finder(FakeDetector(persons=4), iw.Looks.parse("auto", every=3)),
        refiner=[iw.Refining(Butterworth(cutoff=6.0), on="3d"), "spline"],
    )
    assert [one["name"] for one in by_name.meta["refiners"]] == ["spline", "butterworth", "whole_clip"]
    np.testing.assert_array_equal(by_name.keypoints, by_object.keypoints)
    assert fake.pictures == 2 * 5, "frames 0, 3, 6, 9 and 11"


def test_a_lifter_takes_settings_by_text_or_value(tiny: Path) -> None:
    typed = iw.load_lifter(f"pstmo:weights={tiny},flip=false,tds=2,overlap=0.25")
    given = iw.load_lifter("pstmo", weights=tiny, flip=False, tds=2, overlap=0.25)
    assert (typed.flip, typed.tds, typed.overlap) == (given.flip, given.tds, given.overlap) == (False, 2, 0.25)
    assert isinstance(typed.network, Lifter)
    assert iw.load_lifter(str(tiny)).origin == given.origin
    assert iw.load_lifter(typed) is typed


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda clip: iw.run(clip, model="pstom"), WeightsError, "neither a file nor come with the program"),
        (lambda clip: iw.run(clip, model="pstmo:flop=1"), InputError, 'no setting "flop". Did you mean "flip"'),
        (lambda clip: iw.run(clip, model="pstmo:tds=0"), InputError, "tds of 1 frame or more"),
        (lambda clip: iw.run(clip, refiner="medain"), PluginError, 'Did you mean "median"'),
        (lambda clip: iw.run(clip, detector="blazepose:every=0"), InputError, "every=0"),
        (lambda clip: iw.run(clip, refiner="median:on=4d"), InputError, "2d or 3d"),
        (lambda clip: iw.run(clip, iw.Output("x", film="avi")), InputError, 'no film format "avi"'),  # type: ignore[arg-type]
        (lambda clip: iw.run(clip, lens=iw.Lens(focal=1, fov=2)), InputError, "not several"),
        (lambda clip: iw.run("missing.mp4"), InputError, "missing.mp4"),
        (lambda clip: iw.run([clip, clip]), InputError, "more than once"),
        (lambda clip: iw.load(clip), InputError, "no file of poses"),
    ],
)
def test_mistakes_are_one_sentence(
    fake: type[FakeDetector], flat: Path, call: Callable[[Path], object], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says.replace(".", r"\.")):
        call(flat)


def test_keypoints_that_cannot_be_lifted_are_refused(lifted: iw.Poses, model: str) -> None:
    with pytest.raises(InputError, match="in camera space"):
        iw.lift(lifted, model)
    with pytest.raises((InputError, SkeletonError)):
        iw.refine(lifted, "mixsynthformer:weights=mixsynthformer_coco17_n5")


def test_progress_goes_to_a_function(fake: type[FakeDetector], flat: Path, model: str, tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    iw.run(flat, tmp_path, model=model, progress=lambda *step: told.append(step))
    assert list(dict.fromkeys(stage for stage, _, _ in told)) == [
        "detect", "track", "clean", "lift", "refine", "render", "view",
    ]  # fmt: skip
    assert ("detect", 12, 12) in told
    assert ("lift", 12, 12) in told, "frames, not windows"
    assert ("render", 12, 12) in told


def test_progress_true_is_told_on_the_error_output(
    fake: type[FakeDetector], flat: Path, model: str, capfd: pytest.CaptureFixture[str]
) -> None:
    iw.run(flat, model=model, progress=True)
    out, err = capfd.readouterr()
    assert out == ""
    assert "flat.mp4: detect, 12 frames" in err


def test_a_film_is_drawn_from_poses_or_files(lifted: iw.Poses, flat: Path, tmp_path: Path) -> None:
    lifted.save(tmp_path / "poses.json")
    assert (
        iw.render(str(tmp_path / "poses.json"), tmp_path / "film.mp4", video=flat, drawing=iw.Drawing(height=64)) == []
    )
    assert (tmp_path / "film.mp4").stat().st_size > 500


def test_a_damaged_result_is_set_aside(fake: type[FakeDetector], flat: Path, model: str, tmp_path: Path) -> None:
    where = iw.Output(tmp_path, film="none")
    expected = iw.run(flat, where, model=model)
    saved = tmp_path / "flat" / "poses2d.npz"
    content = bytearray(saved.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 100] = bytes(100)  # a single byte may be one that nobody reads
    saved.write_bytes(content)
    (result,) = iw.run_each([flat], where, model=model)
    assert result.error is None
    assert (saved.parent / "poses2d.npz.damaged").read_bytes() == bytes(content)
    assert "detected anew" in " ".join(result.warnings)
    assert result.poses is not None
    np.testing.assert_array_equal(result.poses.keypoints, expected.keypoints)
    assert json.loads((saved.parent / "run.json").read_text())["warnings"] == result.warnings
    assert "warnings" in repr(result.poses)


def test_a_run_never_writes_over_its_video(fake: type[FakeDetector], flat: Path, model: str, tmp_path: Path) -> None:
    video = tmp_path / "overlay" / "overlay.mp4"
    video.parent.mkdir()
    video.write_bytes(flat.read_bytes())
    (result,) = iw.run_each([video], tmp_path, model=model)
    assert "would be written over the input" in str(result.error)
    assert video.read_bytes() == flat.read_bytes()
    assert [path.name for path in video.parent.iterdir()] == ["overlay.mp4"]


def test_the_pipeline_is_what_the_names_make(tiny: Path) -> None:
    assert pipeline.Pipeline(iw.Finder(FakeDetector(persons=1)), iw.load_lifter(weights=tiny)).lens is lens.ASSUMED
    assert api.persons_sought(1) == 1
    assert api.persons_sought("largest") == api.persons_sought(2) == defaults.SEVERAL
    assert api.persons_sought(defaults.SEVERAL + 5) == defaults.SEVERAL + 5
