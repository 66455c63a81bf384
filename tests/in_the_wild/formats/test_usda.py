"""USDA: Pixar's own library finds the bodies where the figures are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from constant_bones import constant_bones
from moving_people import FPS, FRAMES, people, y_up

from in_the_wild.poses import Poses
from in_the_wild.rig import BONES, NAMES
from in_the_wild.skeletons import HUMAN36M17

pxr = pytest.importorskip("pxr", reason="needs usd-core")
from pxr import Usd, UsdGeom, UsdSkel  # noqa: E402


def opened(poses: Poses, folder: Path, settings: str = "") -> Any:
    (file,) = poses.save(folder / "clip.usda", f"usda:{settings}" if settings else None)
    return Usd.Stage.Open(str(file))


def places(stage: Any, person: int, frames: int) -> np.ndarray:
    """(T, B, 3) where the bones of a person start."""
    root = UsdSkel.Root(stage.GetPrimAtPath(f"/people/person_{person}"))
    cache = UsdSkel.Cache()
    assert cache.Populate(root, Usd.PrimDefaultPredicate)
    query = cache.GetSkelQuery(UsdSkel.Skeleton(stage.GetPrimAtPath(f"/people/person_{person}/skeleton")))
    assert query
    assert [str(joint).rpartition("/")[2] for joint in query.GetJointOrder()] == list(NAMES)
    return np.array([
        [matrix.ExtractTranslation() for matrix in query.ComputeJointSkelTransforms(frame)] for frame in range(frames)
    ])  # fmt: skip


@pytest.mark.parametrize(("settings", "units", "up"), [("", 1.0, "Y"), ("up=z,units=cm", 0.01, "Z")])
def test_the_bones_are_where_the_figures_are(tmp_path: Path, settings: str, units: float, up: str) -> None:
    poses = people(0, 3)
    stage = opened(poses, tmp_path, settings)
    assert (UsdGeom.GetStageMetersPerUnit(stage), UsdGeom.GetStageUpAxis(stage)) == (units, up)
    for person in poses.persons:
        joints = constant_bones(poses.of_person(person).keypoints.astype(float))
        expected = (y_up(joints) if up == "Y" else joints) / units
        found = places(stage, person, FRAMES)
        for b, bone in enumerate(BONES):
            if bone.start in HUMAN36M17.joints:
                own = expected[:, HUMAN36M17.index(bone.start)]
                np.testing.assert_allclose(found[:, b], own, atol=5e-5 / units, err_msg=bone.name)


def test_the_body_is_bound_to_its_bones(tmp_path: Path) -> None:
    stage = opened(people(0), tmp_path)
    mesh = UsdGeom.Mesh(stage.GetPrimAtPath("/people/person_0/body"))
    points, corners = np.array(mesh.GetPointsAttr().Get()), np.array(mesh.GetFaceVertexIndicesAttr().Get())
    assert mesh.ValidateTopology(
        mesh.GetFaceVertexIndicesAttr().Get(), mesh.GetFaceVertexCountsAttr().Get(), len(points)
    )
    assert len(UsdGeom.PrimvarsAPI(mesh).GetPrimvar("displayColor").Get()) == len(corners) / 3
    skeleton = UsdSkel.Root(stage.GetPrimAtPath("/people/person_0"))
    cache = UsdSkel.Cache()
    cache.Populate(skeleton, Usd.PrimDefaultPredicate)
    query = cache.GetSkinningQuery(mesh.GetPrim())
    assert query.HasJointInfluences()
    assert query.IsRigidlyDeformed() is False
    skel = cache.GetSkelQuery(UsdSkel.Skeleton(stage.GetPrimAtPath("/people/person_0/skeleton")))
    moved = mesh.GetPointsAttr().Get(0)
    assert query.ComputeSkinnedPoints(skel.ComputeSkinningTransforms(50), moved, 50)
    starts = places(stage, 0, 51)[50]
    bones = np.array(UsdSkel.BindingAPI(mesh).GetJointIndicesAttr().Get())
    assert np.linalg.norm(np.array(moved) - starts[bones], axis=1).max() < 0.6


def test_frames_and_who_is_there(tmp_path: Path) -> None:
    stage = opened(Poses.join([people(0), people(2, frames=slice(30, 60))]), tmp_path)
    assert (stage.GetTimeCodesPerSecond(), stage.GetStartTimeCode(), stage.GetEndTimeCode()) == (FPS, 0, FRAMES - 1)
    seen = UsdGeom.Imageable(stage.GetPrimAtPath("/people/person_2"))
    shown = [seen.ComputeVisibility(frame) for frame in (0, 29, 30, 59, 60, 119)]
    assert shown == ["invisible", "invisible", "inherited", "inherited", "invisible", "invisible"]
    assert UsdGeom.Imageable(stage.GetPrimAtPath("/people/person_0")).ComputeVisibility(0) == "inherited"
