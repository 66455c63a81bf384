"""Networks: torch, a graphics card, the weights that come along, a window that is lifted, a person who is found."""

from __future__ import annotations

import importlib.resources
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from pose3d_cli.checkup.finding import Check, Trouble
from pose3d_cli.checkup.packages import require

if TYPE_CHECKING:
    from torch import Tensor

_OURS = "pip install --force-reinstall --no-deps pose3d"
_TORCH = "pip install --force-reinstall torch"
_CARD = "update the card's driver, or leave it out with --device cpu"
_SAME_MM = 0.1  # that a graphics card may differ from the processor


def checks() -> list[Check]:
    """In the order in which they build on each other."""
    return [
        Check("torch", _multiplies, _TORCH),
        Check("GPU", _agrees, _CARD, needed=False, rests_on=("torch", "weights")),
        Check("weights", _weights, _OURS),
        Check("lifter", _lifts, _OURS, rests_on=("torch", "weights")),
        Check("detector", _finds_a_person, "pip install --force-reinstall ai-edge-litert", rests_on=("OpenCV", "PyAV")),
    ]


def _multiplies() -> str:
    version = require("torch", "torch")
    import numpy as np
    import torch

    product = torch.from_numpy(np.full((64, 64), 0.5, np.float32)) @ torch.full((64, 64), 2.0)
    if not bool((product == 64).all()):
        raise Trouble("a product of matrices comes out wrong")
    return f"{version}, {torch.get_num_threads()} threads, {torch.backends.cpu.get_cpu_capability()}"


def _agrees() -> str:
    """That a card gives a lifted window as the processor does."""
    require("torch", "torch")
    import torch

    if not torch.cuda.is_available():
        card = shutil.which("nvidia-smi") is not None
        mend = "install torch for CUDA, see pytorch.org/get-started" if card else ""
        raise Trouble("none that torch can use; the processor does all", mend, missing=True)
    apart = float((_window("cuda") - _window("cpu")).abs().max()) * 1000
    if not apart <= _SAME_MM:
        raise Trouble(f"{torch.cuda.get_device_name()} differs from the processor by {apart:.2g} mm")
    return f"{torch.cuda.get_device_name()}, within {apart:.1g} mm of the processor"


def _window(device: str) -> Tensor:
    """What the default lifter makes of a window of someone who stands still."""
    import torch

    from in_the_wild import checkpoints
    from in_the_wild.skeletons import get_skeleton

    weights = checkpoints.load(device=device)
    joints, channels = len(get_skeleton(weights.training.input_skeleton)), weights.arguments.get("in_channels", 2)
    pose = torch.linspace(-1, 1, joints * channels).reshape(1, 1, joints, channels)
    with torch.inference_mode():
        lifted: Tensor = weights.lifter(pose.expand(1, weights.lifter.frames, -1, -1).to(device)).cpu()
    return lifted


def _lifts() -> str:
    require("torch", "torch")
    from in_the_wild.checkpoints import shipped

    joints = _window("cpu")
    if not bool(joints.isfinite().all()):
        raise Trouble("a lifted window is not finite")
    return f"{shipped.DEFAULT} lifts a window"


def _weights() -> str:
    """That each file is the one that was released."""
    from in_the_wild.checkpoints import index, shipped
    from in_the_wild.files import sha256

    told = index.read()
    for name, entry in told.items():
        if sha256(shipped.find(name)) != entry["sha256"]:
            raise Trouble(f"{name} is damaged, or another file than was released")
    return f"{len(told)} files as released"


def _finds_a_person() -> str:
    version = require("ai_edge_litert", "ai-edge-litert")
    from in_the_wild import defaults, plugins
    from in_the_wild.video.read import VideoReader

    frame = next(iter(VideoReader(Path(str(importlib.resources.files("in_the_wild.assets") / "demo.mp4")))))
    with plugins.load("in_the_wild.detectors", defaults.DETECTOR)(persons=1) as detector:
        found = detector(frame.image, frame.time)
    if len(found.keypoints) != 1:
        raise Trouble("nobody is found in the demo clip, which shows a person", _OURS)
    return f"{defaults.DETECTOR} finds a person; LiteRT {version}"
