"""What every lifter promises, whichever files the family has; and that adding one is adding a file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import fakes
import pytest
import torch
from small_lifters import FAMILY, NAMES, arguments, windows_for
from torch import nn

from in_the_wild import checkpoints, formats, plugins, windows
from in_the_wild.errors import WeightsError
from in_the_wild.lifters.base import Lifter, lift_with_flip
from in_the_wild.skeletons import HUMAN36M17, mirror

ROOT = Path(__file__).parents[3]


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def lifter(name: str) -> Lifter:
    torch.manual_seed(0)
    network: Lifter = plugins.load(FAMILY, name)(**arguments(name))
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d):
            assert module.running_mean is not None
            nn.init.normal_(module.running_mean, std=0.1)
    return network.eval()


@torch.no_grad()
def test_a_window_gives_finite_joints_of_the_promised_shape(lifter: Lifter) -> None:
    joints = lifter(windows_for(lifter, 3))
    assert joints.shape == (3, lifter.frames if lifter.every_frame else 1, lifter.out_joints, 3)
    assert torch.isfinite(joints).all()


@torch.no_grad()
def test_windows_do_not_mix(lifter: Lifter) -> None:
    x = windows_for(lifter, 4)
    torch.testing.assert_close(lifter(x)[2:3], lifter(x[2:3]), atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_frames_that_windows_share_give_the_same(lifter: Lifter) -> None:
    sequence = torch.randn(30, lifter.joints, lifter.in_channels)
    look = torch.from_numpy(windows.centred(30, frames=lifter.frames))[::3]
    torch.testing.assert_close(lifter.over(sequence, look), lifter(sequence[look]), atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_the_mirror_image_of_the_input_gives_that_of_the_output(lifter: Lifter) -> None:
    x, sides = windows_for(lifter, 2), HUMAN36M17.flip
    straight, mirrored = (
        lift_with_flip(lifter, part, flip=True, in_flip=sides, out_flip=sides) for part in (x, mirror(x, sides))
    )
    torch.testing.assert_close(mirror(mirrored, sides), straight, atol=1e-5, rtol=1e-5)


def test_training_reaches_every_parameter(lifter: Lifter) -> None:
    """In training mode, through both heads where there are two; what softmax or batch norm cancels is no lack."""
    lifter.train()
    heads = getattr(lifter, "both_heads", lambda x: (lifter(x),))(windows_for(lifter, 4))
    torch.stack([(joints * torch.randn_like(joints)).sum() for joints in heads]).sum().backward()
    without = [name for name, parameter in lifter.named_parameters() if parameter.grad is None]
    assert without == []


@torch.no_grad()
def test_a_saved_lifter_comes_back(name: str, lifter: Lifter, tmp_path: Path) -> None:
    path = tmp_path / "saved.pt"
    training = checkpoints.Training(fps=30.0, normalisation="box")
    checkpoints.save(path, model=name, lifter=lifter, arguments=arguments(name), training=training)
    loaded = checkpoints.load(str(path))
    assert (loaded.model, loaded.training) == (name, training)
    x = windows_for(lifter, 2)
    torch.testing.assert_close(loaded.lifter(x), lifter(x), atol=2e-2, rtol=2e-2)  # saved in 16 bits


def test_only_its_own_authors_names_are_recognised(name: str) -> None:
    with pytest.raises(WeightsError):
        plugins.load(FAMILY, name).convert({"backbone.conv1.weight": torch.zeros(3, 3)})


TINY = '''
"""A straight line from each keypoint to its joint."""

from typing import ClassVar

import torch
from torch import nn

from in_the_wild.errors import WeightsError
from in_the_wild.lifters.base import Lifter


class Tiny(Lifter):
    """One linear layer."""

    every_frame: ClassVar[bool] = True

    def __init__(self, *, frames: int = 5, joints: int = 17, out_joints: int = 17, in_channels: int = 2) -> None:
        super().__init__()
        self.frames, self.joints, self.out_joints, self.in_channels = frames, joints, out_joints, in_channels
        self.line = nn.Linear(in_channels, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.line(x)

    @classmethod
    def convert(cls, state_dict):
        if set(state_dict) != {"line.weight", "line.bias"}:
            raise WeightsError("These weights are not Tiny's.")
        return dict(state_dict), {"in_channels": state_dict["line.weight"].shape[1]}
'''


def with_tiny(folder: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python where the family has one more file, as if it lay beside the others."""
    start = f"import sys, in_the_wild.lifters as family; family.__path__.append({str(folder)!r}); "
    return subprocess.run(
        [sys.executable, "-c", start + code, *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("more_lifters")
    (folder / "tiny.py").write_text(TINY)
    return folder


COMMAND = "from pose3d_cli.main import main; sys.exit(main())"


@pytest.mark.slow
def test_a_dropped_in_lifter_is_in_help_and_the_list(tiny: Path) -> None:
    assert "tiny" not in NAMES
    shown = with_tiny(tiny, COMMAND, "run", "--help-all")
    assert shown.returncode == 0, shown.stderr
    assert "strided_transformer, tiny," in " ".join(shown.stdout.replace("│", " ").split())
    shown = with_tiny(tiny, COMMAND, "models")
    assert shown.returncode == 0, shown.stderr
    assert "A straight line from each keypoint" in shown.stdout
    wrong = with_tiny(tiny, COMMAND, "run", "clip.mp4", "--model", "tinny")
    assert "tiny" in wrong.stderr


@pytest.mark.slow
def test_a_dropped_in_lifter_lifts(tiny: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    state = {"line.weight": torch.randn(3, 2), "line.bias": torch.zeros(3)}
    torch.save(state, tmp_path / "authors.pth")
    joints, root = fakes.walking(12)
    poses = fakes.poses2d(fakes.coco_pixels(joints, root))
    formats.write(poses, tmp_path / "poses2d.npz")
    done = with_tiny(
        tiny, COMMAND, "lift", str(tmp_path / "poses2d.npz"), "-o", str(tmp_path / "poses3d.npz"),
        "--weights", str(tmp_path / "authors.pth"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lifted = formats.read(tmp_path / "poses3d.npz")
    assert lifted.meta["model"] == "tiny"
    assert len(lifted) == 12


@pytest.mark.slow
def test_a_dropped_in_lifter_is_tested(tiny: Path) -> None:
    code = "import pytest; sys.exit(pytest.main(sys.argv[1:]))"
    these = str(Path(__file__).relative_to(ROOT))
    done = with_tiny(tiny, code, "-q", "-p", "no:xdist", "-p", "no:cacheprovider", these, "-k", "[tiny]")
    assert done.returncode == 0, done.stdout
    assert "7 passed" in done.stdout
