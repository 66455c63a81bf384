"""Motion capture packs."""

from __future__ import annotations

from pathlib import Path

import pytest

from in_the_wild.errors import InputError
from pose3d_cli.datasets.mocap import packs as mocap
from pose3d_cli.datasets.mocap.packs import BODY22, Mocap


def test_packs_are_read_z_up_and_subjects_left_out(packs: Path, clips: Mocap) -> None:
    head, foot = BODY22.index("head"), BODY22.index("left_ankle")
    assert (clips.joints[:, head, 2] > clips.joints[:, foot, 2] + 0.5).all()
    own = [packs / "own.npz"]
    assert mocap.load(own, without=["9"]).names == ("own/walk", "own/squat")
    assert mocap.load(own, only=["9"]).actions == ("wave",)
    with pytest.raises(InputError, match="No sequence is left"):
        mocap.load(own, only=["nobody"])
    with pytest.raises(InputError, match="does not exist"):
        mocap.load([packs / "missing.npz"])
