"""The refine module of P-STMO, StridedTransformer and STCFormer, which reads ground truth, against their numbers."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import packs
import pytest
import references
import torch
from typer.testing import CliRunner

from in_the_wild import checkpoints
from in_the_wild.errors import InputError, WeightsError
from in_the_wild.lifters.base import lift_with_flip
from in_the_wild.lifters.pstmo import PSTMO
from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.datasets.mocap import packs as mocap
from pose3d_cli.datasets.synthetic import heldout
from pose3d_cli.datasets.synthetic.virtual import Cameras
from pose3d_cli.evaluation import virtual_views
from pose3d_cli.evaluation.refine_module import RefineModule, load, refine_view, refine_with_truth, uvd2xyz
from pose3d_cli.main import app
from pose3d_cli.metrics.actions import H36M_ACTIONS, action_average, action_means
from pose3d_cli.metrics.joints3d import mpjpe, p_mpjpe

# A lifter and a training that the held-out test can check, small enough to make on the spot.
SMALL: dict[str, Any] = {"frames": 9, "channels": 16, "hidden": 16, "layers": 1, "in_channels": 4}
TRAINING = checkpoints.Training(fps=25.0, normalisation="box", data="nothing", licence="Apache-2.0")


def network(state_dict: dict[str, torch.Tensor]) -> RefineModule:
    state, arguments = RefineModule.convert(state_dict)
    refine = RefineModule(**arguments)
    checkpoints.load_strictly(refine, state, "reference")
    return refine.eval()


def back_projected(uvd: np.ndarray, **truth: np.ndarray) -> np.ndarray:
    """`uvd2xyz` on arrays."""
    tensors: dict[str, Any] = {name: torch.from_numpy(one) for name, one in truth.items()}
    return uvd2xyz(torch.from_numpy(uvd), **tensors).numpy()


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("packs") / "own.npz"
    packs.write(path, {"walk": "1", "wave": "9"})
    return path


@pytest.fixture(scope="module")
def views(pack: Path) -> list[heldout.View]:
    return list(heldout.views(mocap.load([pack]), count=2, stride=2, cameras=Cameras()))


@pytest.mark.parametrize("file", references.files("pstmo_uvd2xyz_*.npz"), ids=lambda file: file.stem)
def test_back_projection_equals_the_authors(file: Path) -> None:
    arrays = references.load(file.name)
    intrinsics = arrays["in/cam"][:, None]  # (N, 1, 9), for every frame
    found = back_projected(
        arrays["in/uvd"],
        root_depth=arrays["in/gt_3D"][:, :, 0, 2],
        focal=intrinsics[..., :2],
        centre=intrinsics[..., 2:4],
    )
    references.assert_equal(found, arrays["out/xyz"])


def test_true_depths_are_back_projected_to_the_truth(views: list[heldout.View]) -> None:
    for view in views:
        placed = view.joints + view.root[:, None]
        uvd = np.concatenate([placed[..., :2] / placed[..., 2:], view.joints[..., 2:]], axis=-1)
        uvd[:, HUMAN36M17.root, 2] = 7  # which is not read
        found = back_projected(uvd, root_depth=view.root[:, 2], focal=np.ones((1, 2)), centre=np.zeros((1, 2)))
        np.testing.assert_allclose(found, view.joints, atol=1e-6)


def test_the_network_equals_the_authors() -> None:
    arrays = references.load("pstmo_refine_j17_b5.npz")
    with torch.no_grad():
        found = network(references.state_dict(arrays))(torch.tensor(arrays["in/x"]), torch.tensor(arrays["in/x_1"]))
    references.assert_equal(found, arrays["out/x"])


def test_strided_transformers_refined_evaluation_equals_the_authors() -> None:
    arrays = references.load("strided_flip_eval_refine_f27.npz")
    intrinsics, depth = arrays["in/cam"], arrays["in/gt_3D"][:, 0, 0, 2]
    middle = arrays["in/input_2D"].shape[2] // 2
    image, joints = arrays["in/input_2D"][:, 0, middle], arrays["out/output_3D_before_refine"][:, 0]
    truth: dict[str, Any] = {"root_depth": depth, "focal": intrinsics[:, :2], "centre": intrinsics[:, 2:4]}
    uvd = np.concatenate([image, joints[..., 2:]], axis=-1)
    references.assert_equal(back_projected(uvd, **truth), arrays["out/xyz"][:, 0])
    refine = network(references.state_dict(arrays, "sd_refine/"))
    references.assert_equal(refine_with_truth(refine, joints, image, **truth), arrays["out/output_3D"][:, 0])


@pytest.mark.skipif(
    importlib.util.find_spec("in_the_wild.lifters.strided_transformer") is None, reason="no such lifter here"
)
def test_strided_transformer_and_refine_together_equal_the_authors() -> None:
    from in_the_wild.lifters.strided_transformer import StridedTransformer

    arrays = references.load("strided_flip_eval_refine_f27.npz")
    state, arguments = StridedTransformer.convert(references.state_dict(arrays))
    lifter = StridedTransformer(**arguments)
    checkpoints.load_strictly(lifter, state, "reference")
    x = torch.tensor(arrays["in/input_2D"][:, 0])
    joints = lift_with_flip(lifter.eval(), x, flip=True, in_flip=HUMAN36M17.flip, out_flip=HUMAN36M17.flip)
    references.assert_equal(joints, arrays["out/output_3D_before_refine"])
    refined = refine_with_truth(
        network(references.state_dict(arrays, "sd_refine/")),
        joints[:, 0].numpy(),
        x[:, x.shape[1] // 2].numpy(),
        root_depth=arrays["in/gt_3D"][:, 0, 0, 2],
        focal=arrays["in/cam"][:, :2],
        centre=arrays["in/cam"][:, 2:4],
    )
    references.assert_equal(refined, arrays["out/output_3D"][:, 0])


def test_the_refined_test_step_gives_the_authors_protocols() -> None:
    arrays = references.load("pstmo_test_step_refine_f27.npz")
    state, arguments = PSTMO.convert(references.state_dict(arrays))
    lifter = PSTMO(**arguments)
    checkpoints.load_strictly(lifter, state, "reference")
    lifter.eval()
    refine = network(references.state_dict(arrays, "sd_refine/"))
    predicted, target, actions, batches = [], [], [], []
    for part in "01":
        x, intrinsics = torch.tensor(arrays[f"in/input_2D_{part}"][:, 0]), arrays[f"in/cam_{part}"]
        true = arrays[f"in/gt_3D_{part}"][:, 0].copy()
        joints = lift_with_flip(lifter, x, flip=True, in_flip=HUMAN36M17.flip, out_flip=HUMAN36M17.flip)
        refined = refine_with_truth(
            refine,
            joints[:, 0].numpy(),
            x[:, lifter.frames // 2].numpy(),
            root_depth=true[:, HUMAN36M17.root, 2],
            focal=intrinsics[:, :2],
            centre=intrinsics[:, 2:4],
        )
        true[:, HUMAN36M17.root] = 0
        predicted.append(refined)
        target.append(true)
        actions += [str(action) for action in arrays[f"in/action_{part}"]]
        batches.append(len(x))
    given, wanted = (1e3 * np.concatenate(part).astype(float) for part in (predicted, target))
    protocol1, aligned = action_means(mpjpe(given, wanted), actions), p_mpjpe(given, wanted)
    protocol2 = action_means(aligned, actions, batches=batches)
    averages = [action_average(means, over=H36M_ACTIONS) for means in (protocol1, protocol2)]
    np.testing.assert_allclose(averages, arrays["out/p1_p2_mm"], rtol=1e-4)
    table = json.loads(str(arrays["config"]))["per_action"]
    for action, error in protocol2.items():
        assert error == pytest.approx(table[action]["p2_mm"], rel=1e-4)
    # Each sample with its own error instead: the one batch of mixed actions no longer gives them all the same.
    own = action_means(aligned, actions)
    assert own["Directions"] == pytest.approx(protocol2["Directions"])
    assert len({round(own[action], 1) for action in ("Eating", "Walking", "SittingDown")}) == 3


def test_the_authors_file_loads_and_others_are_refused() -> None:
    folder = references.SHARED / "checkpoints"
    if not folder.is_dir():
        pytest.skip("../shared/reference/checkpoints is absent")
    refine = load(folder / "PSTMO_refine_6_4215.pth")
    stored = torch.load(folder / "PSTMO_refine_6_4215.pth", weights_only=True)
    assert not refine.training
    assert torch.equal(refine.weigh.weight, stored["module.post_refine.3.weight"])
    assert (refine.joints, refine.expand.out_features) == (17, 1024)
    with pytest.raises(WeightsError, match=r"not a refine module's: .*post_refine\.0\.weight"):
        load(folder / "STCFormer_no_refine_6_4406.pth")


def test_z_stays_the_lifters_and_the_root_is_put_to_zero() -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    joints, image = rng.normal(size=(5, 17, 3)), rng.normal(size=(5, 17, 2))
    truth: dict[str, Any] = {"root_depth": np.full(5, 4.0), "focal": np.full((1, 2), 2.0), "centre": np.zeros((1, 2))}
    refined = refine_with_truth(RefineModule().eval(), joints, image, **truth)
    np.testing.assert_allclose(refined[:, 1:, 2], joints[:, 1:, 2], rtol=1e-6)
    assert not refined[:, 0].any()
    # x and y lie between the lifter's and the back-projected ones.
    other = back_projected(np.concatenate([image, joints[..., 2:]], axis=-1), **truth)
    low, high = np.minimum(joints, other)[:, 1:, :2], np.maximum(joints, other)[:, 1:, :2]
    assert ((refined[:, 1:, :2] >= low - 1e-6) & (refined[:, 1:, :2] <= high + 1e-6)).all()
    with pytest.raises(InputError, match="for 15 joints, found 17"):
        refine_with_truth(RefineModule(joints=15).eval(), joints, image, **truth)


@pytest.mark.parametrize("every", [1, 3])
def test_the_check_hands_over_the_frames_it_compares(views: list[heldout.View], every: int) -> None:
    """A module that trusts the back-projection alone, behind a lifter whose depths are true, leaves no error."""
    trusting = RefineModule().eval()
    with torch.no_grad():
        trusting.weigh.weight.zero_()
        trusting.weigh.bias.fill_(-50)  # the lifter's share

    def refine(joints: np.ndarray, view: heldout.View, which: slice) -> np.ndarray:
        assert joints.shape == view.joints[which].shape
        return refine_view(
            trusting, np.stack([joints[..., 0], joints[..., 1], view.joints[which][..., 2]], axis=-1), view, which
        )

    torch.manual_seed(0)
    lifter = PSTMO(**SMALL).eval()
    plain = list(virtual_views.evaluate(lifter, TRAINING, views, every=every, flip=False))
    refined = list(virtual_views.evaluate(lifter, TRAINING, views, every=every, flip=False, refine=refine))
    assert all(error.mpjpe > 100 for error in plain)
    assert all(error.mpjpe < 1e-3 for error in refined)


def test_evaluate_refines_and_says_that_it_uses_ground_truth(pack: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    lifter = PSTMO(**SMALL).eval()
    checkpoints.save(tmp_path / "tiny.pt", model="pstmo", lifter=lifter, arguments=SMALL, training=TRAINING)
    parts = ((0, RefineModule().expand), (3, RefineModule().weigh))
    state = {f"module.post_refine.{i}.{name}": value for i, part in parts
             for name, value in part.state_dict().items()}  # fmt: skip
    torch.save(state, tmp_path / "refine_6_4215.pth")
    arguments = ["evaluate", str(tmp_path / "tiny.pt"), "--data", str(pack.parent), "--subjects", "1,9",
                 "--cameras", "2", "--no-flip", "--device", "cpu"]  # fmt: skip
    runner = CliRunner()
    plain = runner.invoke(app, [*arguments, "-o", str(tmp_path / "plain.json")])
    refine = ["--refine-module", str(tmp_path / "refine_6_4215.pth")]
    refined = runner.invoke(app, [*arguments, *refine, "-o", str(tmp_path / "refined.json")])
    assert (plain.exit_code, refined.exit_code) == (0, 0), (plain.output, refined.output)
    assert "ground truth" not in plain.stdout
    assert "Uses ground truth: refine_6_4215.pth" in refined.stdout
    without, with_truth = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("plain", "refined"))
    assert (without["uses_ground_truth"], without["refine"]) == (False, None)
    assert (with_truth["uses_ground_truth"], with_truth["refine"]) == (True, "refine_6_4215.pth")
    assert with_truth["errors"]["all frames"]["mpjpe"] < without["errors"]["all frames"]["mpjpe"]
    wrong = runner.invoke(app, [*arguments, "--refine-module", str(tmp_path / "tiny.pt")])
    assert wrong.exit_code == 1
    assert "not a refine module's" in wrong.output
