"""MixSTE against the numbers of the authors' networks, evaluation and loss."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import references
import torch

from in_the_wild import checkpoints, windows
from in_the_wild.errors import InputError, WeightsError
from in_the_wild.lifters._mixste_attention import (
    KINDS,
    Attention,
    LinformerAttention,
    RectifiedLinearAttention,
    RoutingAttention,
    make_attention,
)
from in_the_wild.lifters.base import lift_with_flip
from in_the_wild.lifters.mixste import VARIANTS, MixSTE
from in_the_wild.skeletons import HUMAN36M17, HUMANEVA15
from pose3d_cli.metrics.joints3d import mpjpe, mpjve, n_mpjpe, p_mpjpe
from pose3d_cli.training.losses import mixste_loss, mixste_loss_parts


def network(arrays: dict[str, np.ndarray], **chosen: Any) -> MixSTE:
    state, arguments = MixSTE.convert(references.state_dict(arrays))
    lifter = MixSTE(**{**arguments, **chosen})
    checkpoints.load_strictly(lifter, state, "reference")
    return lifter.eval()


def small(**arguments: Any) -> MixSTE:
    torch.manual_seed(0)
    return MixSTE(**{"frames": 9, "channels": 32, "depth": 4, **arguments})


NETWORKS = [
    file for kind in ("mixste2", "rela", "seperate", "pooling") for file in references.files(f"mixste_{kind}_*.npz")
]


@pytest.mark.parametrize("file", NETWORKS, ids=lambda file: file.stem)
def test_every_network_equals_the_authors(file: Path) -> None:
    arrays = references.load(file.name)
    lifter = network(arrays, **({"variant": "separate"} if "seperate" in file.name else {}))
    inner = []
    lifter.spatial[0].register_forward_hook(lambda block, inputs, output: inner.append(output))
    with torch.no_grad():
        joints = lifter(torch.tensor(arrays["in/x"]))
    references.assert_equal(joints, arrays["out/x"])
    references.assert_equal(inner[0][:, :, 0], arrays["mid/STEblocks.0"])


def test_shapes_tell_what_was_built() -> None:
    arrays = references.load("mixste_mixste2_f9_d2_e24_j15.npz")
    _, arguments = MixSTE.convert({f"module.{name}": value for name, value in references.state_dict(arrays).items()})
    assert arguments == {
        "frames": 9,
        "joints": 15,
        "out_joints": 15,
        "in_channels": 2,
        "channels": 24,
        "depth": 2,
        "mlp_ratio": 2.0,
        "qkv_bias": True,
        "attention": "softmax",
        "variant": "mixed",
    }


# Parameters of the authors' attention modules -> ours; what is several layers here lies in one array of theirs.
THEIR_ATTENTION = {
    "rela": {
        "to_qkv.weight": "query.weight key.weight value.weight",
        "to_qkv.bias": "query.bias key.bias value.bias",
        "norm.weight": "norm.weight",
        "norm.bias": "norm.bias",
        "to_out.0.weight": "out.weight",
        "to_out.0.bias": "out.bias",
    },
    "linformer": {
        "in_proj_weight": "query.weight key.weight value.weight",
        "in_proj_bias": "query.bias key.bias value.bias",
        "e_proj_weight": "project_keys.weight",
        "bias_e": "project_keys.bias",
        "f_proj_weight": "project_values.weight",
        "bias_f": "project_values.bias",
        "out_proj.weight": "out.weight",
        "out_proj.bias": "out.bias",
    },
    "kmeans": {
        "query_projection.weight": "query.weight",
        "query_projection.bias": "query.bias",
        "key_projection.weight": "key.weight",
        "key_projection.bias": "key.bias",
        "value_projection.weight": "value.weight",
        "value_projection.bias": "value.bias",
        "proj.weight": "out.weight",
        "proj.bias": "out.bias",
        "kmeans.means": "means",
    },
}


@pytest.mark.parametrize(
    ("name", "attention"),
    [
        ("rela", RectifiedLinearAttention(32, 8)),
        ("linformer", LinformerAttention(32, 8, tokens=27, projected=32, scrambled=True)),
        ("kmeans", RoutingAttention(32, 8, tokens=27, clusters=3, window=9, scrambled=True)),
    ],
)
def test_every_attention_equals_the_authors(name: str, attention: Attention) -> None:
    arrays = references.load(f"mixste_attn_{name}_n27_c32.npz")
    official = references.state_dict(arrays)
    state = {
        part: rows.squeeze()  # their biases of Linformer are (1, 1, K)
        for theirs, ours in THEIR_ATTENTION[name].items()
        for part, rows in zip(ours.split(), official[theirs].chunk(len(ours.split())), strict=True)
    }
    checkpoints.load_strictly(attention, state, "reference")
    with torch.no_grad():
        mixed = attention.eval()(torch.tensor(arrays["in/x"])[:, :, None])
    references.assert_equal(mixed[:, :, 0], arrays["out/x"])


def plain_attention(attention: Attention, x: torch.Tensor, kind: str) -> torch.Tensor:
    """What the papers say, for one sequence (N, D) and head by head."""
    heads = []
    for h in range(attention.heads):
        part = slice(h * attention.head_channels, (h + 1) * attention.head_channels)
        q, k, v = (project(x)[:, part] for project in (attention.query, attention.key, attention.value))
        if isinstance(attention, LinformerAttention):
            k, v = attention.project_keys(k.T).T, attention.project_values(v.T).T
        scores = q @ k.T / attention.head_channels**0.5
        if not isinstance(attention, RoutingAttention):
            heads.append((scores.relu() if kind == "rela" else scores.softmax(-1)) @ v)
            continue
        total, count = torch.zeros_like(q), torch.zeros(len(q), 1)
        for mean in attention.means[h]:
            rows = (torch.nn.functional.normalize(q, dim=-1) @ mean).topk(attention.window).indices
            columns = (torch.nn.functional.normalize(k, dim=-1) @ mean).topk(attention.window).indices
            total[rows] += scores[rows][:, columns].softmax(-1) @ v[columns]
            count[rows] += 1
        heads.append(total / count.clamp(min=1))
    return attention.out(attention.norm(torch.cat(heads, dim=-1)))


@pytest.mark.parametrize("kind", KINDS)
def test_attention_is_what_its_paper_says_for_every_sequence_and_group(kind: str) -> None:
    torch.manual_seed(0)
    attention = make_attention(kind, 32, 4, tokens=9, qkv_bias=True).eval()
    x = torch.randn(3, 9, 5, 32)
    with torch.no_grad():
        mixed = attention(x)
        for sample in range(3):
            for group in range(5):
                expected = plain_attention(attention, x[sample, :, group], kind)
                torch.testing.assert_close(mixed[sample, :, group], expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("kind", KINDS)
def test_samples_of_a_batch_do_not_know_of_each_other(kind: str, variant: str) -> None:
    lifter = small(attention=kind, variant=variant).eval()
    x = torch.randn(30, 9, 17, 2)  # more than are lifted together
    with torch.no_grad():
        together = lifter(x)
        for sample in (0, 1, 29):
            torch.testing.assert_close(together[sample : sample + 1], lifter(x[sample : sample + 1]), rtol=0, atol=1e-5)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_gradient_reaches_every_parameter(kind: str, variant: str) -> None:
    lifter = small(attention=kind, variant=variant)
    mixste_loss(lifter(torch.randn(3, 9, 17, 2)), torch.randn(3, 9, 17, 3)).backward()
    without = [name for name, p in lifter.named_parameters() if p.grad is None or not p.grad.abs().sum()]
    # A constant added to all keys is lost in the softmax.
    assert [name for name in without if not name.endswith("attention.key.bias")] == []


@pytest.mark.parametrize("kind", KINDS)
def test_training_works_in_bfloat16(kind: str) -> None:
    lifter = small(attention=kind, channels=16, depth=1)
    x, target = torch.randn(2, 9, 17, 2), torch.zeros(2, 9, 17, 3)
    optimiser = torch.optim.Adam(lifter.parameters(), lr=3e-3)
    losses = []
    for _ in range(5):
        with torch.autocast("cpu", torch.bfloat16):
            loss = mixste_loss(lifter(x).float(), target)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] * 0.8


def test_training_without_stochastic_depth_gives_what_inference_gives() -> None:
    lifter = small(drop_path=0.0)
    x = torch.randn(2, 9, 17, 2)
    torch.testing.assert_close(lifter.train()(x), lifter.eval()(x))


def test_stochastic_depth_leaves_branches_out_of_whole_sequences() -> None:
    block: Any = small(drop_path=0.5).temporal[-1].train()
    torch.nn.init.zeros_(block.contract.weight)
    torch.nn.init.zeros_(block.contract.bias)
    x = torch.randn(4, 9, 17, 32)
    change = block(x) - x
    left_out = (change == 0).all(dim=-1)  # (B, T, J)
    assert (left_out == left_out[:, :1]).all()
    assert 0.3 < left_out[:, 0].float().mean() < 0.7
    # What stays counts double, so that the mean is what inference gives.
    expected = 2 * (block.eval()(x) - x) * ~left_out[..., None]
    torch.testing.assert_close(change, expected, rtol=1e-4, atol=1e-5)


def test_routing_means_follow_the_nearest_tokens_in_training_alone() -> None:
    attention = RoutingAttention(2, 1, tokens=6, clusters=3)
    attention.means.copy_(torch.tensor([[[1.0, 0.0], [-1.0, 0.0], [0.0, -1.0]]]))
    for project in (attention.query, attention.key):
        torch.nn.init.eye_(project.weight)
        torch.nn.init.zeros_(project.bias)
    tokens = torch.tensor([[0.8, 0.6], [8.0, 6.0], [-0.6, 0.8]]).view(1, 3, 1, 2)
    before = attention.means.clone()
    attention.eval()(tokens)
    assert torch.equal(attention.means, before)
    attention.train()(tokens)
    # Two tokens stand at (0.8, 0.6) on the unit circle, one at (-0.6, 0.8), and none is nearest to the last mean.
    moved = torch.tensor([[0.9998, 0.0006], [-0.9996, 0.0008], [0.0, -1.0]])
    torch.testing.assert_close(attention.means[0], torch.nn.functional.normalize(moved, dim=-1))


def test_the_published_network_is_the_default() -> None:
    lifter = MixSTE()
    assert (lifter.frames, lifter.joints, len(lifter.spatial), lifter.head.in_features) == (243, 17, 8, 512)
    # Published: 33.61 million parameters.
    assert sum(p.numel() for p in lifter.parameters()) == pytest.approx(33.61e6, rel=0.01)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"variant": "mixd"}, 'no variant "mixd" of MixSTE. Did you mean "mixed"'),
        ({"attention": "routng"}, 'no attention "routng". Did you mean "routing"'),
        ({"variant": "pooling", "depth": 3}, "even depth, found 3"),
        ({"joints": 15}, "as many joints as it reads, 15; found out_joints 17"),
        ({"channels": 20}, "divisible by the 8 attention heads, found 20"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        MixSTE(**{"frames": 9, "channels": 16, "depth": 2, **arguments})


FOREIGN = ("pstmo_model_f9_l2_c16", "pstmo_mae_f27_l3_c32", "strided_model_f27_l2_c24", "stcformer_model_f9_l6_d32",
           "vp3d_temporal_3-3_c16_dense", "mixsynth_model_s5_q2_d51_e32_l2_rt1_rc1")  # fmt: skip


@pytest.mark.parametrize("name", FOREIGN)
def test_weights_of_other_networks_are_refused(name: str) -> None:
    with pytest.raises(WeightsError, match="not MixSTE's"):
        MixSTE.convert(references.state_dict(references.load(f"{name}.npz")))


def test_incomplete_weights_are_refused() -> None:
    official = references.state_dict(references.load("mixste_mixste2_f9_d2_e24_j15.npz"))
    without = {name: value for name, value in official.items() if not name.startswith("TTEblocks")}
    with pytest.raises(WeightsError, match=r"temporal\.0\.expand\.weight was expected"):
        MixSTE.convert(without)
    with pytest.raises(WeightsError, match="nothing"):
        MixSTE.convert({})


def test_evaluation_windows_equal_the_authors() -> None:
    arrays = references.load("mixste_eval_data_prepare_f27.npz")
    for count in json.loads(str(arrays["config"]))["lengths"]:
        look = windows.consecutive(count, frames=27)
        for kind in ("2d", "3d"):
            np.testing.assert_array_equal(arrays[f"in/{kind}_T{count}"][0][look], arrays[f"out/{kind}_T{count}"])


def test_the_evaluation_equals_the_authors() -> None:
    """Their accounting: windows as they are, with overlaps and padding counted and the predicted root left as it is."""
    arrays = references.load("mixste_evaluate_f27.npz")
    lifter = network(arrays)
    sums, frames = np.zeros(4), 0
    for count in json.loads(str(arrays["config"]))["lengths"]:
        look = windows.consecutive(count, frames=27)
        x = torch.tensor(arrays[f"in/2d_T{count}"][look])
        joints = lift_with_flip(lifter, x, flip=True, in_flip=HUMAN36M17.flip, out_flip=HUMAN36M17.flip).numpy()
        references.assert_equal(joints, arrays[f"out/windows_T{count}"].reshape(joints.shape))
        if f"out/sequence_T{count}" in arrays:
            sequence = np.empty((count, 17, 3), np.float32)
            sequence[look[::-1]] = joints[::-1]  # where windows overlap, the earlier one's answer is theirs
            references.assert_equal(sequence, arrays[f"out/sequence_T{count}"])
        target = arrays[f"in/3d_T{count}"][look]
        target[:, :, HUMAN36M17.root] = 0
        in_a_row = joints.reshape(-1, 17, 3), target.reshape(-1, 17, 3)  # one window follows the other
        means = [metric(*in_a_row).mean() for metric in (mpjpe, p_mpjpe, n_mpjpe, mpjve)]
        sums += np.array(means) * look.size
        frames += look.size
    np.testing.assert_allclose(1000 * sums / frames, arrays["out/metrics_mm"], rtol=1e-4)


@pytest.mark.parametrize("frames", [9, 27])
def test_training_windows_equal_the_authors(frames: int) -> None:
    arrays = references.load(f"mixste_chunks_f{frames}.npz")
    sequence, flipped = arrays["out/pairs"][:, 0], arrays["out/pairs"][:, 3]
    for number, count in enumerate(json.loads(str(arrays["config"]))["lengths"]):
        for flip in (0, 1):
            theirs = arrays["out/frame_index"][(sequence == number) & (flipped == flip)]
            np.testing.assert_array_equal(windows.chunks(count, frames=frames), theirs)


def test_training_windows_need_a_frame() -> None:
    with pytest.raises(InputError, match="at least one frame, found 9 and 0"):
        windows.chunks(0, frames=9)


def test_the_loss_and_its_gradient_equal_the_authors() -> None:
    arrays = references.load("mixste_train_loss_h36m.npz")
    predicted = torch.tensor(arrays["in/pred"], requires_grad=True)
    target = torch.tensor(arrays["in/target"])
    position, consistency, velocity = mixste_loss_parts(predicted, target)
    loss = mixste_loss(predicted, target, scale_gradient=True)
    found = torch.stack([position, consistency, loss, velocity]).detach()
    np.testing.assert_allclose(found, arrays["out/losses"], rtol=1e-5)
    loss.backward()
    assert predicted.grad is not None
    references.assert_equal(predicted.grad, arrays["out/grad"])
    (unscaled,) = torch.autograd.grad(mixste_loss(predicted, target), predicted)
    torch.testing.assert_close(unscaled * loss.detach(), predicted.grad)


def test_the_loss_weighs_joints_by_their_names() -> None:
    for joint, weight in (("pelvis", 1.0), ("left_wrist", 4.0), ("right_ankle", 2.5), ("head", 1.5)):
        predicted = torch.zeros(1, 2, 15, 3)
        predicted[:, :, HUMANEVA15.index(joint), 0] = 1
        position, consistency, velocity = mixste_loss_parts(predicted, torch.zeros_like(predicted), skeleton=HUMANEVA15)
        assert float(position) == pytest.approx(weight / 15)
        assert float(consistency) == float(velocity) == 0
