"""P-STMO against the numbers of the authors' networks and scripts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import references
import torch

from in_the_wild import camera, checkpoints, normalise
from in_the_wild.errors import InputError, WeightsError
from in_the_wild.lens import Lens
from in_the_wild.lifters.base import lift_with_flip
from in_the_wild.lifters.pstmo import PSTMO
from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import COCO17, HUMAN36M17, Skeleton, mirror
from in_the_wild.steps.lift import TrainedLifter
from pose3d_cli.metrics.actions import H36M_ACTIONS, action_average, action_means
from pose3d_cli.metrics.joints3d import mpjpe, p_mpjpe
from pose3d_cli.training.losses import pstmo_loss


def frames_first(official: np.ndarray) -> np.ndarray:
    """The authors' (B, C, T, J, 1) as (B, T, J, C)."""
    return official[..., 0].transpose(0, 2, 3, 1)


@pytest.mark.parametrize("file", references.files("pstmo_model_*.npz"), ids=lambda file: file.stem)
def test_both_heads_equal_the_authors(file: Path) -> None:
    arrays = references.load(file.name)
    with torch.no_grad():
        every, centre = references.pstmo(arrays).both_heads(torch.tensor(frames_first(arrays["in/x"])))
    references.assert_equal(every, frames_first(arrays["out/x_vte"]))
    references.assert_equal(centre, frames_first(arrays["out/x"]))


@pytest.mark.parametrize(
    ("name", "in_skeleton"), [("pstmo_flip_eval_coco_f27", COCO17), ("pstmo_flip_eval_h36m_f27", HUMAN36M17)]
)
def test_flip_evaluation_equals_the_authors(name: str, in_skeleton: Skeleton) -> None:
    arrays = references.load(f"{name}.npz")
    both = torch.tensor(arrays["in/input_2D"])  # (B, 2, T, J, 2): as it is, and mirrored
    torch.testing.assert_close(mirror(both[:, 0], in_skeleton.flip), both[:, 1])
    lifter = references.pstmo(arrays)
    centre = lift_with_flip(lifter, both[:, 0], flip=True, in_flip=in_skeleton.flip, out_flip=HUMAN36M17.flip)
    references.assert_equal(centre, frames_first(arrays["out/output_3D"]))


@pytest.mark.parametrize("name", ["pstmo_in_the_wild_f27_T15", "pstmo_in_the_wild_f27_T41"])
def test_the_in_the_wild_script_is_reproduced(name: str) -> None:
    arrays = references.load(f"{name}.npz")
    pixels = arrays["in/kps_px"]
    references.assert_equal(
        normalise.screen(pixels, width=1000, height=1002).astype(np.float32), arrays["out/kps_norm"]
    )
    count = len(pixels)
    video = Source(path="wild.mp4", width=640, height=360, fps=25.0, timestamps=np.arange(count) / 25)
    poses = Poses(
        keypoints=pixels,
        scores=np.ones((count, 17)),
        frame=np.arange(count),
        person_id=np.zeros(count),
        skeleton=COCO17,
        space="image",
        video=video,
    )
    training = checkpoints.Training(input_skeleton=COCO17.name, fps=50.0, normalisation="h36m")
    lifter = TrainedLifter(references.pstmo(arrays), training, tds=1, smoothing=0.0, batch=7)
    joints = lifter.lift(poses, Lens(focal=1000.0)).keypoints
    references.assert_equal(joints, arrays["out/pred_camera"])
    world = camera.camera_to_world(joints, quaternion=np.array(camera.H36M_WILD_QUATERNION), translation=np.zeros(3))
    world[..., 2] -= world[..., 2].min()
    references.assert_equal(world, arrays["out/pred_world"])


def test_the_authors_checkpoint_file_loads_unchanged() -> None:
    path = references.HERE / "PSTMO_no_refine_28_4306.pth"
    loaded = checkpoints.load(str(path), model="pstmo")
    arrays = references.load(path.name + ".expected.npz")
    assert isinstance(loaded.lifter, PSTMO)
    with torch.no_grad():
        every, centre = loaded.lifter.both_heads(torch.tensor(frames_first(arrays["in/x"])))
    references.assert_equal(every, frames_first(arrays["out/x_vte"]))
    references.assert_equal(centre, frames_first(arrays["out/x"]))
    assert loaded.training.fps == 25.0  # as their records say


def test_the_test_step_gives_the_authors_protocols() -> None:
    arrays = references.load("pstmo_test_step_plain_f27.npz")
    lifter = references.pstmo(arrays)
    predicted, target, actions, batches = [], [], [], []
    for part in "01":
        x = torch.tensor(arrays[f"in/input_2D_{part}"][:, 0])
        joints = lift_with_flip(lifter, x, flip=True, in_flip=HUMAN36M17.flip, out_flip=HUMAN36M17.flip)
        predicted.append(joints[:, 0].numpy())
        target.append(arrays[f"in/gt_3D_{part}"][:, 0])
        actions += [str(action) for action in arrays[f"in/action_{part}"]]
        batches.append(len(x))
    given, true = (1e3 * np.concatenate(part).astype(float) for part in (predicted, target))
    given[:, HUMAN36M17.root] = true[:, HUMAN36M17.root] = 0
    means = action_means(mpjpe(given, true), actions), action_means(p_mpjpe(given, true), actions, batches=batches)
    averages = [action_average(each, over=H36M_ACTIONS) for each in means]
    np.testing.assert_allclose(averages, arrays["out/p1_p2_mm"], rtol=1e-4)


def test_training_loss_equals_the_authors() -> None:
    arrays = references.load("pstmo_train_loss.npz")

    class Answers(PSTMO):
        def both_heads(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return torch.tensor(arrays["in/vte"]), torch.tensor(arrays["in/single"])

    lifter = Answers(frames=27, channels=8, hidden=8, layers=1)
    loss = pstmo_loss(lifter, torch.zeros(3, 27, 17, 2), torch.tensor(arrays["in/target"]))
    assert float(loss) == pytest.approx(float(arrays["out/losses"][2]), rel=1e-6)


def test_a_gradient_reaches_every_parameter() -> None:
    lifter = PSTMO(frames=9, channels=16, hidden=32, layers=2, in_channels=4)
    every, centre = lifter.both_heads(torch.randn(3, 9, 17, 4))
    (every.square().sum() + centre.square().sum()).backward()
    without = [name for name, p in lifter.named_parameters() if p.grad is None or not p.grad.abs().sum()]
    # A constant added to all keys is lost in the softmax.
    assert [name for name in without if not name.endswith("attention.key.bias")] == []


def test_training_and_inference_attention_agree() -> None:
    lifter = PSTMO(frames=9, channels=16, hidden=32, layers=1, dropout=0.0)
    x = torch.randn(4, 9, 16)
    block = lifter.temporal[0]
    torch.testing.assert_close(block.train()(x), block.eval()(x))


def test_windows_without_strides_and_foreign_weights_are_refused() -> None:
    with pytest.raises(InputError, match=r"strides for \[9, 27, 81, 243, 351\] frames, found 25"):
        PSTMO(frames=25)
    with pytest.raises(WeightsError, match="not P-STMO's"):
        PSTMO.convert({"Spatial_norm.weight": torch.zeros(3)})
