"""STCFormer against the numbers of the authors' networks and scripts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import references
import torch

from in_the_wild import camera, checkpoints, windows
from in_the_wild.errors import InputError, SkeletonError, WeightsError
from in_the_wild.lens import Lens
from in_the_wild.lifters.base import lift_with_flip
from in_the_wild.lifters.stcformer import VARIANTS, STCFormer
from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import COCO17, HUMAN36M17, MPI_INF_3DHP17, SKELETONS, mirror
from in_the_wild.steps.lift import TrainedLifter


def network(arrays: dict[str, np.ndarray], **chosen: Any) -> STCFormer:
    state, arguments = STCFormer.convert(references.state_dict(arrays))
    lifter = STCFormer(**{**arguments, **chosen})
    checkpoints.load_strictly(lifter, state, "reference")
    return lifter.eval()


def small(**arguments: Any) -> STCFormer:
    torch.manual_seed(0)
    return STCFormer(**{"frames": 9, "channels": 32, "layers": 2, **arguments})


def frames_first(official: np.ndarray) -> np.ndarray:
    """The authors' 3DHP inputs (B, C, T, J, 1), and all others as they are, as (B, T, J, C)."""
    return official[..., 0].transpose(0, 2, 3, 1) if official.ndim == 5 else official


def checkpoint(name: str) -> Path:
    for folder in (references.HERE, references.SHARED / "checkpoints"):
        if (folder / name).is_file():
            return folder / name
    pytest.skip(f"{name} is in neither tests/reference nor ../shared/reference/checkpoints")


NETWORKS = [file for kind in ("", "3dhp") for file in references.files(f"stcformer{kind}_model_*.npz")]


@pytest.mark.parametrize("grad", [False, True], ids=["in pieces", "whole"])
@pytest.mark.parametrize("file", NETWORKS, ids=lambda file: file.stem)
def test_every_network_equals_the_authors(file: Path, grad: bool) -> None:
    arrays = references.load(file.name)
    lifter = network(arrays)
    inner: list[torch.Tensor] = []
    lifter.blocks[0].register_forward_hook(lambda block, inputs, output: inner.append(output))
    with torch.set_grad_enabled(grad):
        joints = lifter(torch.tensor(frames_first(arrays["in/x"])))
    references.assert_equal(joints.detach(), arrays["out/x"])
    if "mid/stc_block.0" in arrays:
        references.assert_equal(inner[0].detach(), arrays["mid/stc_block.0"])


def test_shapes_tell_what_was_built() -> None:
    arrays = references.load("stcformer_model_f27_l6_d16.npz")
    _, arguments = STCFormer.convert({f"module.{name}": value for name, value in references.state_dict(arrays).items()})
    assert arguments == {"in_channels": 2, "channels": 16, "layers": 6, "heads": 8, "variant": "h36m"}
    arrays = references.load("stcformer3dhp_model_f27_l2_d32.npz")
    _, arguments = STCFormer.convert(references.state_dict(arrays))
    assert arguments == {"in_channels": 2, "channels": 32, "layers": 2, "heads": 4, "variant": "3dhp"}


def test_flip_evaluation_equals_the_authors() -> None:
    arrays = references.load("stcformer_flip_eval_f27.npz")
    both = torch.tensor(arrays["in/input_2D"])  # (B, 2, T, J, 2): as it is, and mirrored
    torch.testing.assert_close(mirror(both[:, 0], HUMAN36M17.flip), both[:, 1])
    joints = lift_with_flip(
        network(arrays), both[:, 0], flip=True, in_flip=HUMAN36M17.flip, out_flip=HUMAN36M17.flip
    ).numpy()
    middle = joints[:, 13:14].copy()
    references.assert_equal(joints, arrays["out/output_3D"])
    middle[:, :, HUMAN36M17.root] = 0
    references.assert_equal(middle, arrays["out/single"])


@pytest.mark.parametrize(("answer", "frame"), [("middle", 13), ("as_released", 0)])
def test_the_demo_is_reproduced(answer: str, frame: int) -> None:
    """The released script writes each window's first frame; the line that takes the middle one is commented out."""
    arrays = references.load("stcformer_demo_f27_T31.npz")
    pixels = arrays["in/kps_px"]
    size = json.loads(str(arrays["config"]))
    count = len(pixels)
    poses = Poses(
        keypoints=pixels,
        scores=np.ones((count, 17)),
        frame=np.arange(count),
        person_id=np.zeros(count),
        skeleton=HUMAN36M17,
        space="image",
        video=Source("demo.mp4", size["width"], size["height"], fps=25.0, timestamps=np.arange(count) / 25),
    )
    training = checkpoints.Training(input_skeleton=HUMAN36M17.name, fps=50.0, normalisation="image")
    lifter = TrainedLifter(network(arrays), training, tds=1, smoothing=0.0, keep=frame)
    joints = lifter.lift(poses, Lens(focal=1000.0)).keypoints
    references.assert_equal(joints, arrays[f"out/pred_camera_{answer}"])
    world = camera.camera_to_world(joints, quaternion=np.array(camera.H36M_WILD_QUATERNION), translation=np.zeros(3))
    world[..., 2] -= world[..., 2].min(axis=1, keepdims=True)
    references.assert_equal(world, arrays[f"out/pred_world_{answer}"])


@pytest.mark.parametrize("name", ["STCFormer_no_refine_6_4406.pth", "STCFormer3dhp_no_refine_8_2310.pth"])
def test_the_authors_checkpoint_files_load_unchanged(name: str) -> None:
    path = checkpoint(name)
    arrays = dict(np.load(path.with_name(f"{name}.expected.npz")))
    loaded = checkpoints.load(str(path), model="stcformer", arguments={"frames": 9})
    assert isinstance(loaded.lifter, STCFormer)
    assert loaded.lifter.frames == 9
    with torch.no_grad():
        references.assert_equal(loaded.lifter(torch.tensor(frames_first(arrays["in/x"]))), arrays["out/x"])


def test_training_windows_equal_the_authors_where_theirs_have_the_right_length() -> None:
    arrays = references.load("stcformer_windows_tds.npz")
    compared = 0
    for i, row in enumerate(json.loads(str(arrays["config"]))["rows"]):
        ours = windows.trailing(row["sequence_length"], frames=row["frames"], step=row["chunk_length"], tds=row["tds"])
        theirs = arrays[f"out/idx2d_{i}"]
        assert len(theirs) == len(ours) * (1 + row["augment"])  # each once more for its mirror image
        right = arrays[f"out/len2d_{i}"] == row["frames"]
        assert right.all() == row["correct_length"]
        np.testing.assert_array_equal(np.tile(ours, (1 + row["augment"], 1))[right], theirs[right][:, : row["frames"]])
        if row["out_all"]:
            np.testing.assert_array_equal(arrays[f"out/idx3d_{i}"], theirs)
        compared += int(right.sum())
    assert compared == 90


def test_training_windows_of_short_sequences_are_whole() -> None:
    look = windows.trailing(10, frames=9, step=4, tds=2)
    assert look.shape == (3, 9)
    # Of 12 frames in three pieces one lies before the sequence, and one behind it.
    np.testing.assert_array_equal(look[:, 4], [0, 2, 6])
    np.testing.assert_array_equal(look[2], [0, 0, 2, 4, 6, 8, 9, 9, 9])
    with pytest.raises(InputError, match="found frames 8, step 4, tds 2, sequence 10"):
        windows.trailing(10, frames=8, step=4, tds=2)


def test_the_parts_of_joints_are_those_of_the_authors() -> None:
    human36m = [0, 1, 1, 1, 2, 2, 2, 0, 0, 0, 0, 3, 3, 3, 4, 4, 4]
    mpi_inf_3dhp = [0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 0, 0, 0]
    for name, parts in (("stcformer_model_f27_l6_d16", human36m), ("stcformer3dhp_model_f27_l2_d32", mpi_inf_3dhp)):
        arrays = references.load(f"{name}.npz")
        assert json.loads(str(arrays["config"]))["part"] == parts
        lifter = network(arrays)
        assert lifter.parts.tolist() == parts
        assert "parts" not in lifter.state_dict()


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", SKELETONS)
def test_parts_of_every_skeleton_are_symmetric(name: str, variant: str) -> None:
    skeleton = SKELETONS[name]
    parts = small(skeleton=name, joints=len(skeleton), out_joints=len(skeleton), variant=variant).parts
    assert set(parts.tolist()) == {0, 1, 2, 3, 4}
    mirrored = parts[list(skeleton.flip)]
    for part in range(5):
        there = mirrored[parts == part]
        assert (there == there[0]).all()  # the mirror image of a part is one part,
        assert (there[0] == part) == (part == 0)  # another one but for the torso,
        sides = {skeleton.side(joint) for joint in range(len(skeleton)) if parts[joint] == part}
        assert part == 0 or len(sides) == 1  # and a limb is on one side


def test_coco_keypoints_have_the_parts_of_their_human36m_namesakes() -> None:
    coco, human36m = small(skeleton="coco17"), small()
    for joint in set(COCO17.joints) & set(HUMAN36M17.joints):
        assert coco.parts[COCO17.index(joint)] == human36m.parts[HUMAN36M17.index(joint)]
    assert all(coco.parts[COCO17.index(joint)] == 0 for joint in COCO17.joints if "eye" in joint or "ear" in joint)


@pytest.mark.parametrize("variant", VARIANTS)
def test_samples_of_a_batch_do_not_know_of_each_other(variant: str) -> None:
    lifter = small(variant=variant).eval()
    x = torch.randn(29, 9, 17, 2)  # more than go through at once
    with torch.no_grad():
        together = lifter(x)
        for sample in (0, 12, 13, 28):
            torch.testing.assert_close(together[sample : sample + 1], lifter(x[sample : sample + 1]), rtol=0, atol=1e-5)


def test_long_windows_are_cut_into_the_same_rows() -> None:
    lifter = small(frames=243).eval()
    x = torch.randn(2, 243, 17, 2)
    whole = lifter(x).detach()
    with torch.no_grad():
        torch.testing.assert_close(lifter(x), whole, rtol=0, atol=1e-5)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_gradient_reaches_every_parameter(variant: str) -> None:
    lifter = small(variant=variant, drop_path=0.0)
    lifter(torch.randn(3, 9, 17, 2)).square().sum().backward()
    without = [name for name, p in lifter.named_parameters() if p.grad is None or not p.grad.abs().sum()]
    assert without == []


def test_the_torso_of_the_3dhp_variant_is_not_learnt() -> None:
    lifter = small(variant="3dhp", drop_path=0.0)
    lifter(torch.randn(3, 9, 17, 2)).square().sum().backward()
    embedding: Any = lifter.blocks[0].part
    assert (embedding.weight.grad == 0).all(dim=1).tolist() == [True, False, False, False, False]
    assert not embedding.weight[0].any()


def test_training_without_stochastic_depth_gives_what_inference_gives() -> None:
    lifter = small(drop_path=0.0)
    x = torch.randn(2, 9, 17, 2)
    torch.testing.assert_close(lifter.train()(x), lifter.eval()(x))


def test_stochastic_depth_drops_the_part_embedding_of_whole_windows() -> None:
    block: Any = small(drop_path=0.5).train().blocks[0]
    parts = torch.arange(5)
    added = block._part_embedding(parts, 400)
    inference = block.eval()._part_embedding(parts, 400)
    dropped = (added == 0).flatten(1).all(dim=1)
    assert 0.4 < dropped.float().mean() < 0.6
    torch.testing.assert_close(added[~dropped], 2 * inference.expand_as(added[~dropped]))


def test_training_works_in_bfloat16() -> None:
    lifter = small(channels=16, layers=1)
    x, target = torch.randn(2, 9, 17, 2), torch.zeros(2, 9, 17, 3)
    optimiser = torch.optim.Adam(lifter.parameters(), lr=3e-3)
    losses = []
    for _ in range(8):
        with torch.autocast("cpu", torch.bfloat16):
            loss = torch.linalg.vector_norm(lifter(x).float() - target, dim=-1).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] * 0.8


def test_the_published_network_is_the_default() -> None:
    lifter = STCFormer()
    assert (lifter.frames, lifter.joints, len(lifter.blocks), lifter.head.in_features) == (27, 17, 6, 256)
    # Table 4 of the paper: 4.75 million parameters, and 18.91 million of the large model.
    assert sum(p.numel() for p in lifter.parameters()) == pytest.approx(4.75e6, rel=0.002)
    assert sum(p.numel() for p in STCFormer(channels=512).parameters()) == pytest.approx(18.91e6, rel=0.002)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"variant": "h36n"}, 'no variant "h36n" of STCFormer. Did you mean "h36m"'),
        ({"joints": 15}, "as many joints as it reads, 15; found out_joints 17"),
        ({"joints": 16, "out_joints": 16}, "reads 16 keypoints, but human36m17 has 17"),
        ({"channels": 24}, "half of its channels divisible by the 8 heads; found layers 2, channels 24"),
        ({"layers": 0}, "at least one layer"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        small(**arguments)
    with pytest.raises(SkeletonError, match='no skeleton "coco16"'):
        small(skeleton="coco16")


FOREIGN = (
    "pstmo_model_f9_l2_c16",
    "pstmo_mae_f27_l3_c32",
    "pstmo_refine_j17_b5",
    "strided_model_f27_l2_c24",
    "mixste_mixste2_f9_d2_e16",
    "mixste_rela_f27_d2_e32",
    "vp3d_temporal_3-3_c16_dense",
    "vp3d_temporal_3-3-3_c32",
    "mixsynth_model_s10_q1_d30_e32_l2_rt1_rc8",
)


@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize("name", FOREIGN)
def test_foreign_weights_are_refused(name: str, prefix: str) -> None:
    official = references.state_dict(references.load(f"{name}.npz"))
    with pytest.raises(WeightsError, match="not STCFormer's"):
        STCFormer.convert({prefix + key: value for key, value in official.items()})


def test_parts_of_a_checkpoint_are_refused() -> None:
    official = references.state_dict(references.load("stcformer_model_f27_l6_d16.npz"))
    for missing in ("pose_emb.weight", "regress_head.weight", "stcformer.stc_block.0.stc_att.emb.weight"):
        with pytest.raises(WeightsError, match="was expected, found"):
            STCFormer.convert({name: value for name, value in official.items() if name != missing})
    with pytest.raises(WeightsError, match="found nothing"):
        STCFormer.convert({})
    # What only the whole can tell is told by the strict loading that follows.
    state, arguments = STCFormer.convert({name: value for name, value in official.items() if ".3.mlp.fc2" not in name})
    with pytest.raises(WeightsError, match=r"missing blocks\.3\.contract\.weight"):
        checkpoints.load_strictly(STCFormer(**arguments), state, "reference")


def test_the_3dhp_variant_reads_its_own_skeleton() -> None:
    assert len(STCFormer(variant="3dhp", channels=16, layers=1).parts) == len(MPI_INF_3DHP17)
