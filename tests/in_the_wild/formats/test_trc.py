"""TRC against other programs: what they read of ours, what we read of theirs."""

from __future__ import annotations

from pathlib import Path

import fuzz
import numpy as np
import pandas
import pytest
import trc as trc_data_reader
from moving_bodies import person

from in_the_wild import formats
from in_the_wild.drawing.scene import Scene3D
from in_the_wild.errors import InputError
from in_the_wild.poses import Poses

CASES = Path(__file__).parents[2] / "cases"
SECONDS = np.arange(60) / 29.97


@pytest.fixture
def two(tmp_path: Path) -> Poses:
    """Two people, of whom the second comes late, is away for a while, and leaves early."""
    return Poses.join([
        person(SECONDS, who=0, frames=np.arange(60), seed=1),
        person(SECONDS, who=5, frames=np.r_[10:20, 30:50], seed=2),
    ])  # fmt: skip


def test_another_reader_finds_the_same(two: Poses, tmp_path: Path) -> None:
    first, second = two.save(tmp_path / "walk.trc")
    assert (first.name, second.name) == ("walk_person0.trc", "walk_person5.trc")
    theirs = trc_data_reader.TRCData()
    theirs.load(str(second))
    assert (theirs["Units"], float(theirs["DataRate"]), theirs["NumFrames"]) == ("mm", 29.97, 40)
    np.testing.assert_allclose(theirs["Time"], SECONDS[10:50], atol=1e-6)
    places = np.array([theirs[marker] for marker in ("Hip", "LWrist")]).swapaxes(0, 1)
    world = two.world().of_person(5)
    joints = world.keypoints[:, world.skeleton.indices("pelvis", "left_wrist")].astype(float)
    y_up = joints[..., [0, 2, 1]] * [1000, 1000, -1000]
    np.testing.assert_allclose(places[np.r_[0:10, 20:40]], y_up, atol=6e-4)
    assert np.isnan(places[10:20]).all()


def test_pandas_opens_it_as_the_readme_says(two: Poses, tmp_path: Path) -> None:
    file, _ = two.save(tmp_path / "walk.trc", units="m")
    table = pandas.read_csv(file, sep="\t", skiprows=3, header=[0, 1])
    assert table.shape == (60, 53)
    np.testing.assert_allclose(table.iloc[:, 1], SECONDS, atol=1e-6)
    head = two.world().of_person(0).keypoints[:, two.skeleton.index("head")]
    at = list(table.columns.get_level_values(0)).index("Head")
    np.testing.assert_allclose(table.iloc[:, at + 1], head[:, 2], atol=1e-6)


def test_a_file_that_opensim_wrote() -> None:
    poses = formats.read(CASES / "opensim.trc")
    assert (poses.space, poses.video.fps, len(poses), poses.persons) == ("world", 50.0, 5, [0])
    assert poses.joints == ("right_hip", "right_knee", "right_ankle", "r.ASIS_study")
    np.testing.assert_allclose(poses.seconds, 1 + np.arange(5) / 50)
    np.testing.assert_allclose(poses.keypoints[4, :3], [[0, -0.04, 1.04], [0.1, -0.04, 0.64], [0.2, -0.04, 0.24]],
                               atol=1e-6)  # fmt: skip
    assert poses.scores[2].tolist() == [1, 1, 0, 1]
    np.testing.assert_allclose(poses.keypoints[2, 2], [0.2, -0.02, 0.22], atol=1e-6)  # between its neighbours


HEAD = (
    "PathFileType\t4\t(X/Y/Z)\ta.trc\n"
    "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames\n"
    "{rate}\t{rate}\t2\t2\tmm\t{rate}\t1\t2\n"
    "Frame#\tTime\tLASI\t\t\tRASI\t\t\n\t\tX1\tY1\tZ1\tX2\tY2\tZ2\n"
)


@pytest.mark.parametrize("rows", [
    "\n1\t0\t1\t2\t3\t4\t5\t6\n2\t0.02\t\t\t\t4\t5\t6\n",
    "1\t0\t1\t2\t3\t4\t5\t6\t\r\n2\t0.02\t\t\t\t4\t5\t6\t\r\n\r\n",
    "1 0 1 2 3 4 5 6\n2 0.02 nan nan nan 4 5 6\n",
])  # fmt: skip
def test_gaps_as_others_write_them(tmp_path: Path, rows: str) -> None:
    (tmp_path / "a.trc").write_text(HEAD.format(rate=50) + rows)
    poses = formats.read(tmp_path / "a.trc")
    np.testing.assert_allclose(poses.keypoints[0], [[0.001, -0.003, 0.002], [0.004, -0.006, 0.005]], atol=1e-7)
    assert poses.scores.tolist() == [[1, 1], [0, 1]]


def test_markers_that_no_line_leads_to_are_drawn_as_dots(tmp_path: Path) -> None:
    (tmp_path / "a.trc").write_text(HEAD.format(rate=50) + "1\t0\t100\t200\t300\t400\t500\t600\n")
    (tmp_path / "b.trc").write_text(HEAD.format(rate=50) + "1\t0\t100\t200\t300\t100\t200\t300\n")
    two, one = (Scene3D(formats.read(tmp_path / name)).draw(0) for name in ("a.trc", "b.trc"))
    assert (two != one).any(axis=2).sum() > 20


def test_times_say_the_rate_where_the_heading_contradicts(tmp_path: Path) -> None:
    rows = "1\t0\t1\t2\t3\t4\t5\t6\n2\t0.02\t1\t2\t3\t4\t5\t6\n3\t0.06\t1\t2\t3\t4\t5\t6\n4\t0.08\t1\t2\t3\t4\t5\t6\n"
    (tmp_path / "a.trc").write_text(HEAD.format(rate=100) + rows)
    poses = formats.read(tmp_path / "a.trc")
    assert poses.video.fps == pytest.approx(50)
    assert poses.frame.tolist() == [0, 1, 3, 4]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("", "holds no motion"),
        ("1\t0\t1\t2\t3\t4\t5\t6\t7\n", "more than 8 columns"),
        ("1\t1\t1\t2\t3\t4\t5\t6\n2\t0\t1\t2\t3\t4\t5\t6\n", "times that do not rise"),
        ("1\t0\tone\t2\t3\t4\t5\t6\n", "a damaged file or one of another kind"),
        ("1\t0\t1e9\t2\t3\t4\t5\t6\n", r"metres away; say other units"),
    ],
)
def test_what_cannot_be_is_one_sentence(tmp_path: Path, rows: str, message: str) -> None:
    (tmp_path / "a.trc").write_text(HEAD.format(rate=50) + rows)
    with pytest.raises(InputError, match=message) as caught:
        formats.read(tmp_path / "a.trc")
    assert "a.trc" in str(caught.value)


def test_another_name_and_a_damaged_file(two: Poses, tmp_path: Path) -> None:
    file, _ = two.save(tmp_path / "walk.trc")
    (tmp_path / "walk.txt").write_bytes(file.read_bytes())
    assert formats.read(tmp_path / "walk.txt").skeleton == two.skeleton
    refused = []
    for _, content in fuzz.mutations(file.read_bytes()[:4000], seed=1, count=150):
        (tmp_path / "damaged.trc").write_bytes(content)
        try:
            formats.read(tmp_path / "damaged.trc")
        except InputError as error:
            refused.append(str(error))
    assert len(refused) > 30
    assert not [said for said in refused if "\n" in said]
