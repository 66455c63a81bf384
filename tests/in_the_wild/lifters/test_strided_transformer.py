"""StridedTransformer against the numbers of the authors' networks and scripts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import references
import torch

from in_the_wild import camera, checkpoints, windows
from in_the_wild.errors import InputError, WeightsError
from in_the_wild.lens import Lens
from in_the_wild.lifters.base import lift_with_flip
from in_the_wild.lifters.blocks import StridedBlock, UnbiasedLayerNorm, arguments_from_shapes
from in_the_wild.lifters.pstmo import PSTMO
from in_the_wild.lifters.strided_transformer import StridedTransformer
from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import HUMAN36M17, mirror
from in_the_wild.steps.lift import TrainedLifter

FLIP = HUMAN36M17.flip


def network(arrays: dict[str, np.ndarray]) -> StridedTransformer:
    state, arguments = StridedTransformer.convert(references.state_dict(arrays))
    lifter = StridedTransformer(**arguments)
    checkpoints.load_strictly(lifter, state, "reference")
    return lifter.eval()


@pytest.mark.parametrize("file", references.files("strided_model_*.npz"), ids=lambda file: file.stem)
def test_both_heads_equal_the_authors(file: Path) -> None:
    arrays = references.load(file.name)
    x = torch.tensor(arrays["in/x"])
    lifter = network(arrays)
    with torch.no_grad():
        every, centre = lifter.both_heads(x)
        references.assert_equal(every, arrays["out/x_vte"])
        references.assert_equal(centre, arrays["out/x"])
        torch.testing.assert_close(lifter(x), centre)


def test_flip_evaluation_equals_the_authors() -> None:
    arrays = references.load("strided_flip_eval_refine_f27.npz")
    both = torch.tensor(arrays["in/input_2D"])  # (B, 2, T, J, 2): as it is, and mirrored
    torch.testing.assert_close(mirror(both[:, 0], FLIP), both[:, 1])
    lifter = network(arrays)
    centre = lift_with_flip(lifter, both[:, 0], flip=True, in_flip=FLIP, out_flip=FLIP)
    references.assert_equal(centre, arrays["out/output_3D_before_refine"])
    with torch.no_grad():
        every, mirrored = (lifter.both_heads(both[:, side])[0] for side in (0, 1))
    references.assert_equal((every + mirror(mirrored, FLIP)) / 2, arrays["out/output_3D_VTE"])


def test_the_demo_script_is_reproduced() -> None:
    arrays = references.load("strided_demo_f27_T33.npz")
    config = json.loads(str(arrays["config"]))
    count = len(arrays["in/kps_px"])
    video = Source(
        path="demo.mp4", width=config["width"], height=config["height"], fps=25.0, timestamps=np.arange(count) / 25
    )
    poses = Poses(
        keypoints=arrays["in/kps_px"],
        scores=np.ones((count, 17)),
        frame=np.arange(count),
        person_id=np.zeros(count),
        skeleton=HUMAN36M17,
        space="image",
        video=video,
    )
    training = checkpoints.Training(input_skeleton=HUMAN36M17.name, fps=50.0, normalisation="image")
    lifter = TrainedLifter(network(arrays), training, tds=1, smoothing=0.0, batch=7)
    joints = lifter.lift(poses, Lens(focal=1000.0)).keypoints
    references.assert_equal(joints, arrays["out/pred_camera"])
    world = camera.camera_to_world(joints, quaternion=np.array(camera.H36M_WILD_QUATERNION), translation=np.zeros(3))
    world[..., 2] -= world[..., 2].min(axis=1, keepdims=True)  # on the floor in every frame, where P-STMO's is over all
    references.assert_equal(world, arrays["out/pred_world"])


@pytest.mark.parametrize("name", ["strided_windows", "strided_windows_b"])
def test_windows_equal_the_authors(name: str) -> None:
    arrays = references.load(f"{name}.npz")
    for i, row in enumerate(json.loads(str(arrays["config"]))["rows"]):
        ours = windows.centred(row["sequence_length"], frames=row["frames"])
        np.testing.assert_array_equal(ours, arrays[f"out/idx2d_{i}"])
        answered = ours if row["out_all"] else ours[:, [row["frames"] // 2]]
        np.testing.assert_array_equal(answered, arrays[f"out/idx3d_{i}"])


def test_the_authors_checkpoint_file_loads_unchanged() -> None:
    path = references.HERE / "Strided_no_refine_5_4369.pth"
    arrays = references.load(path.name + ".expected.npz")
    for model in ("strided_transformer", None):
        loaded = checkpoints.load(str(path), model=model)
        assert isinstance(loaded.lifter, StridedTransformer)
        with torch.no_grad():
            every, centre = loaded.lifter.both_heads(torch.tensor(arrays["in/x"]))
        references.assert_equal(every, arrays["out/x_vte"])
        references.assert_equal(centre, arrays["out/x"])


def test_a_prefix_of_data_parallel_changes_nothing_and_a_missing_parameter_is_told() -> None:
    path = references.HERE / "Strided_no_refine_5_4369.pth"
    official = checkpoints.read(path)
    state, arguments = StridedTransformer.convert(official)
    prefixed, same = StridedTransformer.convert({f"module.{name}": value for name, value in official.items()})
    assert same == arguments
    assert all(torch.equal(prefixed[name], value) for name, value in state.items())
    del prefixed["strided.1.contract.bias"]
    with pytest.raises(WeightsError, match=r"missing strided\.1\.contract\.bias"):
        checkpoints.load_strictly(StridedTransformer(**arguments), prefixed, path.name)


def test_p_stmo_and_strided_transformer_refuse_each_others_weights() -> None:
    strided = checkpoints.read(references.HERE / "Strided_no_refine_5_4369.pth")
    pstmo = checkpoints.read(references.HERE / "PSTMO_no_refine_28_4306.pth")
    with pytest.raises(WeightsError, match=r"not StridedTransformer's.*encoder\.widen\.weight.*module\.encoder\.fc_1"):
        StridedTransformer.convert(pstmo)
    with pytest.raises(WeightsError, match="not P-STMO's"):
        PSTMO.convert(strided)
    with pytest.raises(WeightsError, match="found nothing"):
        StridedTransformer.convert({})
    with pytest.raises(WeightsError, match="no published strides for 27 frames in 2 stages"):
        StridedTransformer.convert({name: value for name, value in strided.items() if ".layers.2." not in name})


@pytest.mark.parametrize("frames", [9, 27, 81, 243, 351])
def test_every_published_window_ends_in_one_token(frames: int) -> None:
    lifter = StridedTransformer(frames=frames, channels=8, hidden=8, layers=1, in_channels=4).eval()
    with torch.no_grad():
        assert lifter(torch.randn(2, frames, 17, 4)).shape == (2, 1, 17, 3)
    assert lifter.output_frame == frames // 2


def test_strides_may_be_given() -> None:
    with pytest.raises(InputError, match=r"strides for \[9, 27, 81, 243, 351\] frames, found 25; give strides"):
        StridedTransformer(frames=25)
    lifter = StridedTransformer(frames=25, channels=8, hidden=8, layers=1, strides=(5, 5)).eval()
    with torch.no_grad():
        assert lifter(torch.randn(1, 25, 17, 2)).shape == (1, 1, 17, 3)


def test_a_gradient_reaches_every_parameter() -> None:
    torch.manual_seed(0)
    lifter = StridedTransformer(frames=9, channels=16, hidden=32, layers=2, in_channels=4)
    every, centre = lifter.both_heads(torch.randn(3, 9, 17, 4))
    (every.square().sum() + centre.square().sum()).backward()
    without = [name for name, p in lifter.named_parameters() if p.grad is None or not p.grad.abs().sum()]
    # A constant added to all keys is lost in the softmax.
    assert [name for name in without if not name.endswith("attention.key.bias")] == []


@pytest.mark.parametrize("spread", [1e-5, 1e-2, 1.0])
def test_layer_norm_adds_to_the_unbiased_deviation(spread: float) -> None:
    torch.manual_seed(0)
    norm = UnbiasedLayerNorm(16).eval()
    torch.nn.init.normal_(norm.weight)
    torch.nn.init.normal_(norm.bias)
    x = spread * torch.randn(4, 9, 16)
    expected = (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True) + 1e-6) * norm.weight + norm.bias
    torch.testing.assert_close(norm(x), expected, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(norm(torch.ones(2, 3, 16)), norm.bias.expand(2, 3, 16))


@pytest.mark.parametrize("lifter_class", [StridedTransformer, PSTMO])
@pytest.mark.parametrize(("frames", "count"), [(27, 40), (27, 200), (81, 30)])
def test_over_equals_forward_on_gathered_windows(
    lifter_class: type[StridedTransformer | PSTMO], frames: int, count: int
) -> None:
    torch.manual_seed(0)
    lifter = lifter_class(frames=frames, channels=16, hidden=16, layers=1).eval()
    sequence = torch.randn(count, 17, 2)
    look = torch.from_numpy(windows.centred(count, frames=frames, tds=2))
    with torch.no_grad():
        torch.testing.assert_close(lifter.over(sequence, look), lifter(sequence[look]), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("frames", "strides"), [(81, (9, 3, 3)), (243, (3, 9, 9)), (81, (3, 3, 3, 3))])
def test_strides_are_told_by_window_and_number_of_stages(frames: int, strides: tuple[int, ...]) -> None:
    shapes = {
        "position": torch.empty(1, frames, 16),
        "centre_head.joints.weight": torch.empty(51, 16),
        "temporal.0.expand.weight": torch.empty(32, 16),
        **{f"strided.{stage}.expand.weight": torch.empty(32, 16) for stage in range(len(strides))},
    }
    told = arguments_from_shapes(shapes, network="StridedTransformer")
    lifter = StridedTransformer(**told)
    assert tuple(block.stride for block in lifter.strided if isinstance(block, StridedBlock)) == strides
