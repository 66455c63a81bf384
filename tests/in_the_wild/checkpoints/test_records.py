"""The records of published checkpoints, and how a file is matched to one."""

from __future__ import annotations

from typing import Any

import pytest

from in_the_wild import checkpoints, plugins, skeletons
from in_the_wild.checkpoints import matching, records
from in_the_wild.errors import InputError
from in_the_wild.normalise import NORMALISATIONS

VARIANTS = {record.name: record for record in records.records()}


# --------------------------------------------------------------------------------------------------------- the record


def test_every_project_is_recorded() -> None:
    projects = {"pstmo", "strided_transformer", "stcformer", "mixste", "videopose3d"}
    assert {variant.model for variant in VARIANTS.values()} == projects
    assert {variant.model for variant in records.records(records.REFINERS)} == {"mixsynthformer"}
    # Records are looked for by the names of their networks.
    assert all(name.startswith(f"{variant.model}_") for name, variant in VARIANTS.items())


@pytest.mark.parametrize("name", VARIANTS)
def test_a_record_describes_a_network_that_can_be_built(name: str) -> None:
    variant = VARIANTS[name]
    lifter = plugins.load("in_the_wild.lifters", variant.model)(**variant.arguments)
    training = checkpoints.Training(**variant.training)
    assert lifter.frames == variant.window
    assert lifter.joints == len(skeletons.get_skeleton(training.input_skeleton))
    assert lifter.out_joints == len(skeletons.get_skeleton(training.output_skeleton))
    assert training.normalisation in NORMALISATIONS
    assert training.metres == (0.001 if "3dhp" in name else 1.0)
    if "parameters" in variant.reported:
        millions = {name: parameter.numel() / 1e6 for name, parameter in lifter.named_parameters()}
        count, positions = sum(millions.values()), sum(size for name, size in millions.items() if "position" in name)
        # Some counted with a tool that passes over position embeddings.
        assert variant.reported["parameters"] in (
            pytest.approx(count, rel=0.015),
            pytest.approx(count - positions, rel=0.015),
        )


@pytest.mark.parametrize("family", [records.LIFTERS, records.REFINERS])
def test_records_hold_numbers_and_names_alone(family: str) -> None:
    for variant in records.records(family):
        assert set(variant.reported) <= {
            *("mpjpe", "p_mpjpe", "acceleration", "pck", "auc", "pck_2d"),
            *("parameters", "source", "note"),
        }
        assert all(10 < variant.reported[key] < 110 for key in ("mpjpe", "p_mpjpe") if key in variant.reported)
        assert "source" in variant.reported or "note" in variant.reported
        assert variant.url.startswith("https://github.com/")
        assert variant.licence
        assert variant.data


def test_no_two_records_of_a_network_have_a_file_in_common() -> None:
    for name, variant in VARIANTS.items():
        for pattern in variant.files:
            assert matching.find(variant.model, variant.arguments, pattern) == matching.Found([variant], "file name")
            assert [other.name for other in VARIANTS.values() if pattern in other.files] == [name]


# ------------------------------------------------------------------------------------------------------------ matching


def found(name: str, file_name: str, **changed: Any) -> matching.Found | None:
    variant = VARIANTS[name]
    return matching.find(variant.model, {**variant.arguments, **changed}, file_name)


def test_the_name_tells_what_the_shapes_do_not() -> None:
    for name in ("pstmo_s_243_h36m_cpn", "pstmo_s_243_h36m_gt", "pstmo_s_243_in_the_wild"):
        (file,) = VARIANTS[name].files
        match = found(name, file.upper())
        assert match is not None
        assert (match.names, match.how, match.data) == (name, "file name", VARIANTS[name].data)


def test_shapes_tell_where_all_that_have_them_are_used_alike() -> None:
    match = found("pstmo_243_h36m_cpn", "mine.pth")
    assert match is not None
    assert (match.names, match.how) == ("pstmo_243_h36m_cpn or pstmo_243_h36m_cpn_refine", "shapes")
    assert match.data == "Human3.6M, 2D by CPN (by the shapes)"


def test_files_that_could_read_different_keypoints_are_not_guessed() -> None:
    with pytest.raises(InputError, match=r"mine\.pth can be .*_cpn, .*_gt, pstmo_s_243_in_the_wild, .*--variant"):
        found("pstmo_s_243_h36m_cpn", "mine.pth")
    with pytest.raises(InputError, match=r"can be pstmo_s_81_3dhp, pstmo_s_81_h36m_cpn"):
        found("pstmo_s_81_3dhp", "mine.pth")
    told = {key: value for key, value in VARIANTS["stcformer_27_h36m_cpn"].arguments.items() if key != "frames"}
    with pytest.raises(InputError, match=r"can be stcformer_243.*stcformer_27_h36m_cpn, stcformer_81"):
        matching.find("stcformer", told, "mine.pth")


def test_a_name_alone_is_not_believed() -> None:
    """A P-STMO of another size under a published name is not that checkpoint."""
    match = found("pstmo_s_243_in_the_wild", "PSTMOS_no_refine_48_5137_in_the_wild.pth", channels=128)
    assert match is not None
    assert match.how == "assumed"
    assert match.data == "not said by the file"
    assert match.variants[0].training["input_skeleton"] == "human36m17"


def test_a_network_with_other_joints_is_not_assumed_to_be_like_any() -> None:
    assert found("pstmo_s_243_h36m_cpn", "mine.pth", joints=16, out_joints=16) is None
    match = found("videopose3d_27_humaneva15", "mine.bin", channels=64)
    assert match is not None
    assert match.variants[0].name == "videopose3d_27_humaneva15"
