"""The refine module: blends a lifter's joints with ones that are back-projected by the TRUE root depth and camera.

P-STMO, StridedTransformer and STCFormer share it (`model/block/refine.py`, `common/camera.py` get_uvd2xyz). It reads
ground truth, which no video has: figures made with it are to be labelled, and nothing of the library can use it.

    lifter's joints (B, T, J, 3) and back-projected ones (B, T, J, 3) -> weights (B, T, J, 2) -> joints (B, T, J, 3)
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from in_the_wild import checkpoints
from in_the_wild.errors import InputError, WeightsError
from in_the_wild.lifters.base import Lifter
from in_the_wild.normalise import screen
from in_the_wild.parameters import without_data_parallel
from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.datasets.prepared.sequences import Labelled
from pose3d_cli.datasets.synthetic.heldout import View


class RefineModule(nn.Module):
    """Weighs each joint's x and y between the lifter's and the back-projected ones; z stays the lifter's.

    Args:
        joints: J.
        hidden: Width of the one hidden layer.
        dropout: Behind it.
    """

    def __init__(self, *, joints: int = 17, hidden: int = 1024, dropout: float = 0.5) -> None:
        super().__init__()
        self.joints = joints
        self.expand = nn.Linear(joints * 6, hidden)
        self.dropout = nn.Dropout(dropout)
        self.weigh = nn.Linear(hidden, joints * 2)

    def forward(self, lifted: Tensor, projected: Tensor) -> Tensor:
        """Joints of the lifter (B, T, J, 3) and back-projected ones (B, T, J, 3) -> (B, T, J, 3)."""
        both = torch.cat([lifted, projected], dim=-1).flatten(2)  # (B, T, J * 6)
        share = torch.sigmoid(self.weigh(self.dropout(torch.relu(self.expand(both)))))
        share = share.unflatten(-1, (-1, 2))  # (B, T, J, 2)
        plane = share * lifted[..., :2] + (1 - share) * projected[..., :2]
        return torch.cat([plane, lifted[..., 2:]], dim=-1)

    @classmethod
    def convert(cls, state_dict: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Translate the authors' parameter names.

        Returns:
            The state dict in this network's names, and the constructor arguments that its shapes tell.

        Raises:
            WeightsError: the parameters are not a refine module's.
        """
        translated = {_NAMES.get(name, name): value for name, value in without_data_parallel(state_dict).items()}
        if set(translated) != set(_NAMES.values()):
            raise WeightsError(
                f"These weights are not a refine module's: the parameters {', '.join(_NAMES)} were expected, found "
                f"{', '.join(list(state_dict)[:3]) or 'nothing'}, ..."
            )
        hidden, inputs = translated["expand.weight"].shape
        return translated, {"joints": inputs // 6, "hidden": hidden}


# The authors' names -> ours; files are written with theirs.
_NAMES = {
    "post_refine.0.weight": "expand.weight",
    "post_refine.0.bias": "expand.bias",
    "post_refine.3.weight": "weigh.weight",
    "post_refine.3.bias": "weigh.bias",
}


def save(path: Path, network: RefineModule) -> None:
    """Write a refine module as the authors write theirs, which `load` reads.

    Raises:
        OutputError: the file cannot be written.
    """
    theirs = {ours: name for name, ours in _NAMES.items()}
    checkpoints.write({theirs[name]: value.cpu() for name, value in network.state_dict().items()}, path)


class RefinedLifter(nn.Module):
    """A lifter with the refine module behind it, as both are trained together (P-STMO `run.py` with --refine).

    Args:
        lifter: Gives metres; of one that answers for every frame, the middle one is refined.
        module: What is behind it.
        root: Which joint is the root.
        metres: Metres in one unit of what the lifter gives.
        freeze: Train the module alone; the lifter stays as it is in use.
    """

    def __init__(
        self, lifter: Lifter, module: RefineModule, *, root: int, metres: float = 1.0, freeze: bool = False
    ) -> None:
        super().__init__()
        self.lifter, self.module, self.root, self.metres, self.freeze = lifter, module, root, metres, freeze
        lifter.requires_grad_(not freeze)

    def train(self, mode: bool = True) -> RefinedLifter:
        """Training mode, in which a frozen lifter's batch norms and dropout do not take part."""
        super().train(mode)
        self.lifter.train(mode and not self.freeze)
        return self

    def forward(
        self, x: Tensor, rotation: Tensor, image: Tensor, root_depth: Tensor, focal: Tensor, centre: Tensor
    ) -> Tensor:
        """Keypoints (B, T, J, C), rotations (B, 3, 3) from the camera to what the lifter predicts in, and the truth.

        Returns:
            (B, J, 3) metres in the camera's axes, the root not at zero; for the truth see `refine_with_truth`.
        """
        joints = self.lifter(x)
        joints = joints[:, joints.shape[1] // 2].float() @ rotation * self.metres  # (B, J, 3)
        uvd = torch.cat([image, joints[..., 2:]], dim=-1)
        projected = uvd2xyz(uvd, root_depth=root_depth, focal=focal, centre=centre, root=self.root)
        refined: Tensor = self.module(joints[:, None], projected[:, None])[:, 0]
        return refined


def load(path: Path, *, device: str = "cpu") -> RefineModule:
    """A refine module from a file of the authors', in eval mode.

    Raises:
        WeightsError: not a checkpoint, or not one of a refine module.
    """
    state, arguments = checkpoints.convert(RefineModule, checkpoints.state_dict(path), path)
    network = RefineModule(**arguments)
    checkpoints.load_strictly(network, state, path.name)
    return network.to(device).eval()


def uvd2xyz(uvd: Tensor, *, root_depth: Tensor, focal: Tensor, centre: Tensor, root: int = 0) -> Tensor:
    """Back-project image points and root-relative depths by the true depth of the root (the authors' get_uvd2xyz).

    Args:
        uvd: (..., J, 3) x and y in the image, in the unit of `focal` and `centre`; depth relative to the root, metres.
        root_depth: (...) true depth of the root, metres. What `uvd` says of the root's own depth is not read.
        focal: (..., 2) true focal lengths along x and y.
        centre: (..., 2) true principal point.
        root: Which joint it is.

    Returns:
        (..., J, 3) root-relative metres in camera space.
    """
    is_root = torch.arange(uvd.shape[-2], device=uvd.device) == root
    depth = root_depth[..., None] + torch.where(is_root, 0, uvd[..., 2])  # (..., J)
    plane = (uvd[..., :2] - centre[..., None, :]) / focal[..., None, :] * depth[..., None]
    points = torch.cat([plane, depth[..., None]], dim=-1)
    return points - points[..., root, None, :]


@torch.no_grad()
def refine_with_truth(
    network: RefineModule,
    joints: np.ndarray,
    image: np.ndarray,
    *,
    root_depth: np.ndarray,
    focal: np.ndarray,
    centre: np.ndarray,
    root: int = 0,
) -> np.ndarray:
    """RefineModule a lifter's joints by the true root depth and camera.

    Args:
        network: In eval mode.
        joints: (B, J, 3) metres in camera space, as the lifter gives them, the root not yet put to zero.
        image: (B, J, 2) where the same joints are seen, in the unit of `focal` and `centre`.
        root_depth: (B,) true depth of the root, metres.
        focal: (B, 2) true focal lengths along x and y.
        centre: (B, 2) true principal point.
        root: Which joint it is.

    Returns:
        (B, J, 3) root-relative metres in camera space, the root at zero.

    Raises:
        InputError: joints that the network is not for.
    """
    if joints.shape[1] != network.joints:
        raise InputError(f"This refine module is for {network.joints} joints, found {joints.shape[1]}; give another.")
    uvd = torch.from_numpy(np.concatenate([image, joints[..., 2:]], axis=-1))
    truth = {"root_depth": root_depth, "focal": focal, "centre": centre}
    projected = uvd2xyz(uvd, **{name: torch.from_numpy(value) for name, value in truth.items()}, root=root)
    device = next(network.parameters()).device
    pair = (each.to(device, torch.float32)[:, None] for each in (torch.from_numpy(joints), projected))
    refined: np.ndarray = network(*pair)[:, 0].cpu().numpy()
    refined[:, root] = 0
    return refined


def refine_sequence(
    network: RefineModule, joints: np.ndarray, image: np.ndarray, sequence: Labelled, frames: np.ndarray, *, root: int
) -> np.ndarray:
    """RefineModule a lifter's joints (N, J, 3) of some frames of a labelled sequence, by its true root and camera.

    Args:
        network: In eval mode.
        joints: As the lifter gives them, metres, the root not yet put to zero.
        image: (N, J, 2) where they are seen, as `in_the_wild.normalise.screen` gives them.
        sequence: Where they are from.
        frames: (N,) which of its frames.
        root: Which joint it is.

    Returns:
        (N, J, 3) root-relative metres in camera space, the root at zero.

    Raises:
        InputError: a sequence that does not know its camera, or joints that the network is not for.
    """
    camera = sequence.camera
    if camera.intrinsics is None or sequence.joints is None:
        raise InputError(
            f"To refine, the camera's focal length and the true root are needed; {sequence.name} has none."
        )
    width, height = camera.picture
    depth = np.asarray(sequence.joints[frames, root, 2], np.float64)
    return refine_with_truth(
        network,
        joints,
        image,
        root_depth=depth,
        focal=np.array([camera.intrinsics[:2]]) / width * 2,
        centre=screen(np.array([camera.intrinsics[2:4]]), width=width, height=height),
        root=root,
    )


def refine_view(network: RefineModule, joints: np.ndarray, view: View, which: slice) -> np.ndarray:
    """RefineModule a lifter's joints (B, 17, 3) of some frames of a held-out view, whose camera is a pinhole.

    The image points are the true joints' exact projections, as the held-out test's keypoints are; the keypoints
    themselves are COCO's, of which the module knows nothing.

    Args:
        network: In eval mode.
        joints: Of the frames `which`, as the lifter gives them, the root not yet put to zero.
        view: Of the held-out test.
        which: Its frames that the joints are of.

    Returns:
        (B, 17, 3) root-relative metres in camera space, the root at zero.
    """
    root = view.root[which]
    truth = view.joints[which] + root[:, None]
    return refine_with_truth(
        network,
        joints,
        truth[..., :2] / truth[..., 2:],
        root_depth=root[:, 2],
        focal=np.ones((1, 2)),
        centre=np.zeros((1, 2)),
        root=HUMAN36M17.root,
    )
