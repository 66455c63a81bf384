"""P-STMO's stage I, masked pose modelling, against the authors' numbers, and its way into stage II."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import references
import torch

from in_the_wild import checkpoints
from in_the_wild.errors import InputError, WeightsError
from in_the_wild.lifters.pstmo import PSTMO, MaskedPoseModel, draw_masks, visible_first
from pose3d_cli.training.losses import masked_pose_loss
from pose3d_cli.training.start import start_from

SMALL: dict[str, Any] = {"frames": 9, "channels": 16, "hidden": 16, "layers": 2}
PRETRAINED = "PSTMO_pretrain_28_430.pth"


def frames_first(official: np.ndarray) -> np.ndarray:
    """The authors' (B, C, T, J, 1) as (B, T, J, C)."""
    return official[..., 0].transpose(0, 2, 3, 1)


def drawn(seed: int = 0, **changes: Any) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return draw_masks(**{"frames": 27, "joints": 17, "generator": generator, **changes})


def checkpoint(name: str) -> Path:
    for folder in (references.HERE, references.SHARED / "checkpoints"):
        if (folder / name).is_file():
            return folder / name
    pytest.skip(f"{name} is in neither tests/reference nor ../shared/reference/checkpoints")


@pytest.mark.parametrize("file", references.files("pstmo_mae_*.npz"), ids=lambda file: file.stem)
def test_what_is_told_and_its_loss_equal_the_authors(file: Path) -> None:
    arrays = references.load(file.name)
    state, arguments = MaskedPoseModel.convert(references.state_dict(arrays))
    network = MaskedPoseModel(**arguments)
    checkpoints.load_strictly(network, state, "reference")
    network.eval()
    x = torch.tensor(frames_first(arrays["in/x"]))
    temporal, spatial = torch.tensor(arrays["in/mask"]), torch.tensor(arrays["in/spatial_mask"])
    with torch.no_grad():
        references.assert_equal(network(x, temporal, spatial), frames_first(arrays["out/x"]))
        loss = masked_pose_loss(network, x, temporal, spatial)
    references.assert_equal(visible_first(x, temporal), arrays["out/target"])
    assert float(loss) == pytest.approx(float(arrays["out/loss"]), rel=1e-5)
    # The published numbers of frames and joints are hidden by the default draw, too.
    settings = json.loads(str(arrays["config"]))
    made = drawn(temporal_ratio=settings["temporal_mask_rate"], spatial_masked=settings["spatial_mask_num"])
    for ours, theirs in zip(made, (temporal, spatial), strict=True):
        assert torch.equal(ours.sum(dim=-1), theirs.sum(dim=-1))


def test_what_is_hidden_is_not_seen() -> None:
    torch.manual_seed(0)
    network = MaskedPoseModel(**SMALL, in_channels=4).eval()
    temporal, spatial = drawn(frames=9, spatial_masked=3)
    hidden = temporal[:, None] | spatial
    x, other = torch.randn(2, 2, 9, 17, 4)
    told = network(x, temporal, spatial)
    assert told.shape == (2, 9, 17, 2)
    torch.testing.assert_close(network(torch.where(hidden[..., None], other, x), temporal, spatial), told)
    assert not torch.allclose(network(other, temporal, spatial), told)


def test_masks_hide_so_many_frames_and_joints_and_repeat() -> None:
    temporal, spatial = drawn(seed=1, temporal_ratio=0.5, spatial_masked=5)
    assert temporal.dtype == spatial.dtype == torch.bool
    assert int(temporal.sum()) == 13
    assert spatial.sum(dim=1).tolist() == [5] * 27
    again = drawn(seed=1, temporal_ratio=0.5, spatial_masked=5)
    assert torch.equal(again[0], temporal)
    assert torch.equal(again[1], spatial)
    assert not torch.equal(drawn(seed=2)[0], drawn(seed=1)[0])
    assert not drawn(temporal_ratio=0, spatial_masked=0)[0].any()


def test_every_joint_is_hidden_in_its_turn_but_the_authors_last_one() -> None:
    often = drawn(frames=2000, spatial_masked=2)[1].float().mean(dim=0)
    assert (often - 2 / 17).abs().max() < 0.03
    often = drawn(frames=2000, spatial_masked=2, mask_last_joint=False)[1].float().mean(dim=0)
    assert often[-1] == 0
    assert (often[:-1] - 2 / 16).abs().max() < 0.03


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"temporal_ratio": 1.0}, "below 1 was expected, found 1"),
        ({"spatial_masked": 17}, "From 0 to 16 masked joints were expected, found 17"),
        ({"spatial_masked": 16, "mask_last_joint": False}, "From 0 to 15"),
    ],
)
def test_masks_that_leave_nothing_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        drawn(**changes)


def test_a_gradient_reaches_every_parameter() -> None:
    network = MaskedPoseModel(**SMALL)
    masked_pose_loss(network, torch.randn(3, 9, 17, 2), *drawn(frames=9)).backward()
    without = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.abs().sum()]
    # A constant added to all keys is lost in the softmax.
    assert [name for name in without if not name.endswith("attention.key.bias")] == []


def test_a_few_steps_reduce_the_loss() -> None:
    torch.manual_seed(0)
    network = MaskedPoseModel(**SMALL, dropout=0.0)
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-2)
    # A still body that glides: what is hidden can be told from what is seen.
    x = torch.randn(17, 2) + 0.3 * torch.randn(16, 1, 1, 2) + torch.linspace(0, 0.5, 9)[:, None, None]
    losses = []
    for step in range(40):
        loss = masked_pose_loss(network, x, *drawn(frames=9, seed=step))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:5])


def test_the_authors_pretraining_goes_on_into_stage_2() -> None:
    path = checkpoint(PRETRAINED)
    arrays = references.load(f"{PRETRAINED}.mae_reload.npz")
    before, arguments = PSTMO.convert(references.state_dict(arrays, "sd_before/"))
    lifter = PSTMO(**arguments)
    checkpoints.load_strictly(lifter, before, "reference")
    copied = start_from(lifter, path, model="pstmo")
    # Their list has the last norm of the transformer, too, which is never applied.
    theirs = [name for name in json.loads(str(arrays["config"]))["copied"] if ".model.norm." not in name]
    assert len(copied) == len(theirs)
    assert {name.split(".")[0] for name in copied} == {"encoder", "position", "temporal"}
    for name, value in lifter.state_dict().items():
        assert name in copied or torch.equal(value, before[name])
    with torch.no_grad():
        every, centre = lifter.eval().both_heads(torch.tensor(frames_first(arrays["in/x"])))
    references.assert_equal(every, frames_first(arrays["out/x_vte"]))
    references.assert_equal(centre, frames_first(arrays["out/x"]))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"channels": 32}, r"encoder\.widen\.weight is \(32, 34\) instead of \(64, 34\)"),
        ({"frames": 27}, r"position is \(1, 9, 16\) instead of \(1, 27, 16\)"),
        ({"layers": 3}, r"missing temporal\.2\."),
        ({"layers": 1}, r"unexpected temporal\.1\."),
        ({"joints": 15}, r"encoder\.widen\.weight is \(32, 34\) instead of \(32, 30\)"),
    ],
)
def test_pretraining_of_another_shape_is_refused(changes: dict[str, int], message: str) -> None:
    lifter = PSTMO(**{**SMALL, **changes})
    before = {name: value.clone() for name, value in lifter.state_dict().items()}
    with pytest.raises(WeightsError, match=message):
        start_from(lifter, checkpoint(PRETRAINED), model="pstmo")
    assert all(torch.equal(value, before[name]) for name, value in lifter.state_dict().items())


def test_our_own_stage_1_and_all_of_stage_2_start_a_run(tmp_path: Path) -> None:
    torch.manual_seed(0)
    first = MaskedPoseModel(**SMALL)
    torch.save({"state_dict": first.state_dict()}, tmp_path / "stage1.pt")
    lifter = PSTMO(**SMALL)
    copied = start_from(lifter, tmp_path / "stage1.pt", model="pstmo")
    assert set(copied) == {name for name in first.state_dict() if name in lifter.state_dict()}
    assert all(torch.equal(lifter.state_dict()[name], first.state_dict()[name]) for name in copied)

    checkpoints.save(
        tmp_path / "stage2.pt", model="pstmo", lifter=lifter, arguments=SMALL, training=checkpoints.Training()
    )  # in 16-bit floats
    other = PSTMO(**SMALL)
    assert set(start_from(other, tmp_path / "stage2.pt", model="pstmo")) == set(other.state_dict())
    for name, value in other.state_dict().items():
        torch.testing.assert_close(value.float(), lifter.state_dict()[name].float(), rtol=1e-3, atol=1e-4)


def test_the_authors_stage_2_starts_a_run() -> None:
    path = checkpoint("PSTMO_no_refine_28_4306.pth")
    loaded = checkpoints.load(str(path), model="pstmo").lifter
    lifter = PSTMO(**SMALL)
    assert set(start_from(lifter, path, model="pstmo")) == set(lifter.state_dict())
    assert all(torch.equal(value, loaded.state_dict()[name]) for name, value in lifter.state_dict().items())


def test_other_weights_do_not_start_a_run() -> None:
    with pytest.raises(WeightsError):
        start_from(PSTMO(**SMALL), checkpoint("STCFormer_no_refine_6_4406.pth"), model="pstmo")
    with pytest.raises(WeightsError, match="not P-STMO's pre-training's"):
        PSTMO(**SMALL).load_pretraining(PSTMO(**SMALL).state_dict(), source="stage2.pt")
