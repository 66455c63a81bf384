"""What tasks on motion capture before virtual cameras share: motion, cameras, bodies, and a detector's noise."""

from __future__ import annotations

import importlib.resources
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from in_the_wild.errors import ConfigError, InputError
from in_the_wild.skeletons import COCO17, Skeleton
from pose3d_cli.datasets.mocap import chances, packs
from pose3d_cli.datasets.synthetic.bodies import Bodies
from pose3d_cli.datasets.synthetic.heldout import View, views
from pose3d_cli.datasets.synthetic.noise import DetectorNoise, NoiseBank
from pose3d_cli.datasets.synthetic.virtual import Cameras, VirtualWindows
from pose3d_cli.training.groups import Keys


@dataclass(frozen=True)
class HeldOut:
    """What of the held-out people is measured.

    Attributes:
        cameras: Random cameras that see them.
        every: One frame, or one window, in so many.
    """

    cameras: int
    every: int


@dataclass(frozen=True)
class Sampling:
    """How often frames of motion capture are seen, see `pose3d_cli.datasets.mocap.chances`.

    Attributes:
        trust: How often a second of a pack is seen, by its name; 1 for others.
        groups: Groups of like poses.
        evenness: From 0, frames alike, to 1, groups alike.
    """

    trust: Mapping[str, float]
    groups: int = 100
    evenness: float = 0.5

    def chances(self, mocap: packs.Mocap) -> np.ndarray:
        """(F,) chances of frames."""
        return chances.of_frames(mocap, trust=self.trust, groups=self.groups, evenness=self.evenness)


@dataclass(frozen=True)
class Motion(Keys):
    """Motion capture before virtual cameras.

    Attributes:
        hold_out: Subjects that are never trained on, and measured at every check.
        stride: Frames of the motion capture from one frame of a window to the next.
        cameras: What cameras are drawn from.
        bodies: How bodies are varied.
        noise: Errors of a detector.
        bank: Errors that were measured: a file, or the name of one that comes with the program; None for none.
        clean: Share of windows without any.
        heldout: What of the held-out people is measured.
        motion_fps: Frame rate that motion of another is brought to; None expects one that all packs share.
        hold_out_takes: Takes that are never trained on either, such as "cmu_69/69_7*": see `packs.load`.
        common_bones: Bring rigs of their own to the bones that people have, see `packs.load`.
        sampling: How often frames are seen; None draws sequences by the square root of their length.
    """

    hold_out: Sequence[str]
    stride: int
    cameras: Cameras
    bodies: Bodies
    noise: DetectorNoise
    bank: str | None
    clean: float
    heldout: HeldOut
    motion_fps: float | None = None
    hold_out_takes: Sequence[str] = ()
    common_bones: bool = False
    sampling: Sampling | None = None

    def windows(self, source: Path, *, frames: int, skeleton: Skeleton = COCO17) -> VirtualWindows:
        """Windows of those who are trained on.

        Args:
            source: A folder of motion capture packs.
            frames: T, window length.
            skeleton: What a detector's COCO keypoints are brought to.

        Raises:
            InputError: no packs, or nobody left in them.
            ConfigError: the measured errors are missing.
        """
        mocap = packs.load(
            _packs(source),
            without=[*self.hold_out, *self.hold_out_takes],
            fps=self.motion_fps,
            common_bones=self.common_bones,
        )
        return VirtualWindows(
            mocap,
            frames=frames,
            stride=self.stride,
            cameras=self.cameras,
            bodies=self.bodies,
            noise=self.detector(),
            clean=self.clean,
            skeleton=skeleton,
            chances=None if self.sampling is None else self.sampling.chances(mocap),
        )

    def views(self, source: Path) -> list[View]:
        """The held-out people, seen by cameras that are always the same.

        Raises:
            InputError: no packs, or none of them in these.
        """
        return list(
            views(
                packs.load(_packs(source), only=self.hold_out, fps=self.motion_fps, common_bones=self.common_bones),
                count=self.heldout.cameras,
                stride=self.stride,
                cameras=self.cameras,
            )
        )

    def detector(self) -> DetectorNoise:
        """The errors of a detector, those that were measured among them."""
        return replace(self.noise, bank=None if self.bank is None else NoiseBank.load(str(_asset(self.bank))))


def _packs(source: Path) -> list[Path]:
    found = sorted(source.glob("*.npz"))
    if not found:
        raise InputError(
            f"Motion capture packs (*.npz) were expected in {source}, found none; name their folder: --data."
        )
    return found


def _asset(name: str) -> Path:
    """A file that a configuration names: a path, or one that comes with the program."""
    if Path(name).is_file():
        return Path(name)
    shipped = Path(str(importlib.resources.files("in_the_wild.assets") / name))
    if not shipped.is_file():
        raise ConfigError(f"The configuration names {name}, which is neither a file nor comes with the program.")
    return shipped
