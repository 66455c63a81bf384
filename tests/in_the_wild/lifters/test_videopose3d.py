"""VideoPose3D against the numbers of the authors' networks, evaluation and training windows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import references
import torch
import torch.nn.functional as F
from torch import Tensor

from in_the_wild import checkpoints, plugins, windows
from in_the_wild.errors import InputError, WeightsError
from in_the_wild.lifters.base import lift_with_flip
from in_the_wild.lifters.videopose3d import VideoPose3D
from in_the_wild.skeletons import HUMAN36M17, mirror

FLIP = HUMAN36M17.flip


def network(arrays: dict[str, np.ndarray], **chosen: Any) -> VideoPose3D:
    state, arguments = VideoPose3D.convert(references.state_dict(arrays))
    lifter = VideoPose3D(**{**arguments, **chosen})
    checkpoints.load_strictly(lifter, state, "reference")
    return lifter.eval()


def randomised(**arguments: Any) -> VideoPose3D:
    """A small network, its batch norms' statistics random too."""
    torch.manual_seed(0)
    lifter = VideoPose3D(**{"channels": 16, **arguments})
    for name, buffer in lifter.named_buffers():
        if name.endswith(("running_mean", "running_var")):
            buffer.uniform_(0.5, 1.5)
    return lifter.eval()


def dilated(lifter: VideoPose3D, x: Tensor) -> Tensor:
    """The paper's form: convolutions that are ever further dilated, over a whole sequence (B, T, J, C)."""
    x, dilation = x.flatten(2).transpose(1, 2), 1  # (B, J * C, T)
    for layer in [lifter.widen, *lifter.blocks]:
        convolutions = [layer] if layer is lifter.widen else [layer.join, layer.mix]
        reach = (layer.width - 1) * dilation
        kept = x[:, :, reach if lifter.causal else reach // 2 :][:, :, : x.shape[2] - reach]
        for convolution in convolutions:
            filters = convolution.taps.weight.unflatten(1, (convolution.width, -1)).transpose(1, 2)
            x = F.relu(convolution.norm(F.conv1d(x, filters, dilation=dilation if convolution.width > 1 else 1)))
        x = x if layer is lifter.widen else kept + x
        dilation *= layer.width
    return lifter.head(x.transpose(1, 2)).unflatten(-1, (-1, 3))


@pytest.mark.parametrize("file", references.files("vp3d_temporal_*.npz"), ids=lambda file: file.stem)
def test_sequences_and_single_windows_equal_the_authors(file: Path) -> None:
    arrays = references.load(file.name)
    config = json.loads(str(arrays["config"]))
    lifter = network(arrays, causal=config["causal"])
    assert lifter.dense == config["dense"]
    assert lifter.frames == config["receptive_field"]
    with torch.no_grad():
        references.assert_equal(lifter(torch.tensor(arrays["in/x"])), arrays["out/x"])
        if "in/x_1f" in arrays:
            references.assert_equal(lifter(torch.tensor(arrays["in/x_1f"])), arrays["out/x_1f"])


def test_evaluation_of_a_whole_sequence_equals_the_authors() -> None:
    arrays = references.load("vp3d_evaluate_3-3-3_T40.npz")
    lifter = network(arrays)
    sequence, padded = torch.tensor(arrays["in/2d"]), torch.tensor(arrays["out/batch_2d"])
    look = torch.from_numpy(windows.chunks(len(sequence), frames=len(sequence), before=13, after=13)[0])
    torch.testing.assert_close(sequence[look], padded[0], rtol=0, atol=0)
    torch.testing.assert_close(mirror(sequence[look], FLIP), padded[1], rtol=0, atol=0)
    joints = lift_with_flip(lifter, padded[:1], flip=True, in_flip=FLIP, out_flip=FLIP)
    references.assert_equal(joints[0], arrays["out/pred"])
    # The same, frame by frame.
    centred = torch.from_numpy(windows.centred(len(sequence), frames=lifter.frames))
    for arguments in ({"x": sequence, "look": centred}, {"x": sequence[centred]}):
        joints = lift_with_flip(lifter, flip=True, in_flip=FLIP, out_flip=FLIP, **arguments)
        references.assert_equal(joints[:, 0], arrays["out/pred"])


@pytest.mark.parametrize("name", ["vp3d_chunks", "vp3d_chunks_b"])
def test_training_windows_equal_the_authors(name: str) -> None:
    arrays = references.load(f"{name}.npz")
    for i, row in enumerate(json.loads(str(arrays["config"]))["rows"]):
        pad, shift, frames = row["pad"], row["causal_shift"], row["chunk_length"]
        given = [windows.chunks(n, frames=frames, before=pad + shift, after=pad - shift) for n in row["lengths"]]
        answered = [windows.chunks(n, frames=frames) for n in row["lengths"]]
        np.testing.assert_array_equal(np.concatenate(given), arrays[f"out/idx2d_{i}"])
        np.testing.assert_array_equal(np.concatenate(answered), arrays[f"out/idx3d_{i}"])
        if frames == 1:
            centred = [windows.centred(n, frames=2 * pad + 1, output_frame=pad + shift) for n in row["lengths"]]
            np.testing.assert_array_equal(np.concatenate(centred), arrays[f"out/idx2d_{i}"])


@pytest.mark.parametrize("file", ["VideoPose3D_epoch_60.bin", "VideoPose3D_legacyformat_epoch_60.bin"])
def test_the_authors_checkpoint_file_loads_unchanged(file: str) -> None:
    arrays = references.load(f"{file}.expected.npz")
    path = references.HERE / file
    loaded = checkpoints.load(str(path), model="videopose3d")
    assert isinstance(loaded.lifter, VideoPose3D)
    with torch.no_grad():
        references.assert_equal(loaded.lifter(torch.tensor(arrays["in/x"])), arrays["out/x"])


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("filter_widths", [(3, 3, 3), (3, 5), (1, 1), (5,), (1, 3, 1, 3)])
def test_both_forms_equal_dilated_convolutions(filter_widths: tuple[int, ...], causal: bool) -> None:
    lifter = randomised(filter_widths=filter_widths, causal=causal, joints=15, in_channels=4)
    x = torch.randn(2, lifter.frames + 4, 15, 4)
    with torch.no_grad():
        expected = dilated(lifter, x)
        torch.testing.assert_close(lifter(x), expected, rtol=1e-5, atol=1e-6)
        single = torch.cat([lifter(x[:, start : start + lifter.frames]) for start in range(5)], dim=1)
        torch.testing.assert_close(single, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("tds", [1, 2, 3])
def test_over_equals_forward_on_gathered_windows(tds: int, causal: bool, dense: bool) -> None:
    lifter = randomised(filter_widths=(3, 3), causal=causal, dense=dense)
    sequence = torch.randn(23, 17, 2)
    look = torch.from_numpy(windows.centred(23, frames=9, tds=tds, output_frame=lifter.output_frame))
    look = look[torch.randperm(23)]
    with torch.no_grad():
        torch.testing.assert_close(lifter.over(sequence, look), lifter(sequence[look]), rtol=1e-5, atol=1e-6)


def test_windows_that_share_frames_share_the_work() -> None:
    lifter = randomised(filter_widths=(3, 3, 3))
    rows: list[int] = []
    lifter.blocks[0].register_forward_hook(lambda block, inputs, output: rows.append(len(output)))
    look = torch.from_numpy(windows.centred(100, frames=27))
    with torch.no_grad():
        lifter.over(torch.randn(100, 17, 2), look)
        lifter(torch.randn(100, 27, 17, 2))
    shared, alone = rows
    assert alone == 100 * 3
    assert shared < 100 + 27


def test_a_causal_network_does_not_see_what_comes_after_its_answer() -> None:
    lifter = randomised(filter_widths=(3, 3), causal=True)
    assert (lifter.output_frame, randomised(filter_widths=(3, 3)).output_frame) == (8, 4)
    sequence, changed = torch.randn(20, 17, 2), 12
    other = sequence.clone()
    other[changed:] += 1
    look = torch.from_numpy(windows.centred(20, frames=9, output_frame=lifter.output_frame))
    with torch.no_grad():
        difference = (lifter.over(sequence, look) - lifter.over(other, look)).abs().amax(dim=(1, 2, 3))
    assert (difference[:changed] == 0).all()
    assert (difference[changed:] > 0).all()


@pytest.mark.parametrize("arguments", [{}, {"causal": True}, {"dense": True}, {"filter_widths": (1, 1)}])
@pytest.mark.parametrize("extra", [0, 3])
def test_a_gradient_reaches_every_parameter(arguments: dict[str, Any], extra: int) -> None:
    lifter = randomised(**{"filter_widths": (3, 3), "in_channels": 4, **arguments}).train()
    lifter(torch.randn(3, lifter.frames + extra, 17, 4)).square().sum().backward()
    assert [name for name, p in lifter.named_parameters() if p.grad is None or not p.grad.abs().sum()] == []


def test_the_published_network_has_the_published_size() -> None:
    lifter = VideoPose3D()
    assert lifter.frames == 243
    assert sum(p.numel() for p in lifter.parameters()) / 1e6 == pytest.approx(16.95, abs=0.01)  # the paper's table 4


def test_a_prefix_of_data_parallel_changes_nothing_and_a_missing_parameter_is_told() -> None:
    official = references.state_dict(references.load("vp3d_temporal_3-3_c16_dense.npz"))
    state, arguments = VideoPose3D.convert(official)
    prefixed, same = VideoPose3D.convert({f"module.{name}": value for name, value in official.items()})
    assert same == arguments
    assert all(torch.equal(prefixed[name], value) for name, value in state.items())
    del prefixed["blocks.0.mix.taps.weight"]
    with pytest.raises(WeightsError, match=r"missing blocks\.0\.mix\.taps\.weight"):
        checkpoints.load_strictly(VideoPose3D(**arguments), prefixed, "reference")


def test_foreign_weights_are_refused_both_ways() -> None:
    with pytest.raises(WeightsError, match=r"not VideoPose3D's.*expand_conv\.weight was expected, found module\."):
        VideoPose3D.convert(checkpoints.read(references.HERE / "PSTMO_no_refine_28_4306.pth"))
    with pytest.raises(WeightsError, match="found nothing"):
        VideoPose3D.convert({})
    official = references.state_dict(references.load("vp3d_temporal_3-3_c16_dense.npz"))
    for name in plugins.names("in_the_wild.lifters"):
        if name != "videopose3d":
            with pytest.raises(WeightsError):
                plugins.load("in_the_wild.lifters", name).convert(official)


@pytest.mark.parametrize("filter_widths", [(), (3, 4), (0,)])
def test_impossible_filters_are_refused(filter_widths: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="odd numbers of frames"):
        VideoPose3D(filter_widths=filter_widths)


def test_too_few_frames_are_refused() -> None:
    with pytest.raises(InputError, match="at least 9 frames were expected, found 8"):
        randomised(filter_widths=(3, 3))(torch.randn(1, 8, 17, 2))
