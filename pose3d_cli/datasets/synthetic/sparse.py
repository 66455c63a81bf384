"""Windows that a network of refining learns from: poses on few frames in, poses on every frame out, and those to come.

Three kinds, all a function of seed and step alone: keypoints as a detector gives them and where they are; joints as a
lifter gives them from keypoints that were found on few frames, and where they are; and joints of the past, and those
of the coming moments. Values are joint by joint: D is 34 for COCO keypoints (rays x/z and y/z), 51 for Human3.6M
joints (metres from the root, in the camera).

It knows nothing about the network that learns.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import torch

from in_the_wild import arrays
from in_the_wild.checkpoints import Weights
from in_the_wild.errors import InputError
from in_the_wild.files import whole_file
from in_the_wild.interpolation import interpolate
from in_the_wild.normalise import look_at_box
from in_the_wild.skeletons import COCO17, HUMAN36M17, mirror
from pose3d_cli.datasets.mocap.packs import H36M_IN_BODY22
from pose3d_cli.datasets.synthetic.heldout import View
from pose3d_cli.datasets.synthetic.noise import DetectorNoise
from pose3d_cli.datasets.synthetic.virtual import VirtualWindows, facing

Pair = tuple[np.ndarray, np.ndarray]

# A keypoint filled in between frames where it was seen counts this much of its neighbours' scores, as in lifting.
_FILLED = 0.5
# Windows drawn, and windows lifted, at a time.
_DRAWN, _LIFTED = 64, 64


class Examples(Protocol):
    """Where batches come from."""

    def batch(self, size: int, *, seed: int, step: int) -> Pair:
        """What the network reads (B, K, D) and what it is to answer (B, T, D), float32."""


@dataclass(frozen=True)
class Keypoints:
    """Keypoints of a detector on every N-th frame, and the exact ones on all.

    Attributes:
        windows: Motion through virtual cameras, N * q + 1 frames.
        interval: N.
    """

    windows: VirtualWindows
    interval: int

    def batch(self, size: int, *, seed: int, step: int) -> Pair:
        """Rays (B, q + 1, 34) as detected, and (B, W, 34) exact; a keypoint never seen stands amid the others."""
        views = self.windows.views(size, np.random.default_rng((seed, step)))
        read = slice(None, None, self.interval)
        return _pair(fill_unseen(views.rays[:, read], views.scores[:, read]), views.exact)


@dataclass(frozen=True)
class Continuations:
    """Joints of some frames, and of those that come after them.

    Attributes:
        windows: Motion through virtual cameras, past and future together.
        past: P, frames of the past.
        offset: Spread, in metres, of an error that a joint of the past keeps.
        jitter: Largest spread, in metres, of the error that changes with every frame of the past.
    """

    windows: VirtualWindows
    past: int
    offset: float = 0.01
    jitter: float = 0.004

    def batch(self, size: int, *, seed: int, step: int) -> Pair:
        """Joints (B, P, 51) with errors, and the exact ones to come (B, W - P, 51), moved by what the last is off."""
        rng = np.random.default_rng((seed, step))
        joints = root_relative(self.windows.views(size, rng).camera[..., H36M_IN_BODY22, :])
        offset = rng.normal(0, self.offset, (size, 1, len(HUMAN36M17), 3))
        shaken = rng.normal(0, 1, (size, self.past, len(HUMAN36M17), 3))
        shaken *= rng.uniform(0, self.jitter, (size, 1, 1, 1))
        joints = joints + offset
        joints[:, :, HUMAN36M17.root] = 0
        shaken[:, :, HUMAN36M17.root] = 0
        return _pair(joints[:, : self.past] + shaken, joints[:, self.past :])


@dataclass(frozen=True)
class Lifted:
    """What a lifter made of keypoints found on every N-th frame, and the true joints of all frames.

    Windows are cut from stretches about twice as long, from any frame that was lifted: lifting is what takes long.

    Attributes:
        read: (K, 2q + 1, 17, 3) metres from the root, in the camera, on frames 0, N, 2N, ...
        truth: (K, 2qN + 1, 17, 3) likewise, on all frames.
        interval: N.
    """

    read: np.ndarray
    truth: np.ndarray
    interval: int

    def batch(self, size: int, *, seed: int, step: int) -> Pair:
        """Random windows, mirrored or played backwards by chance: (B, q + 1, 51) and (B, W, 51)."""
        rng = np.random.default_rng((seed, step))
        segments = self.read.shape[1] // 2
        picked = rng.integers(0, len(self.read), (size, 1))
        start = rng.integers(0, segments + 1, (size, 1))
        mirrored, backwards = rng.random((2, size)) < 0.5
        pair = []
        for stretches, every in ((self.read, 1), (self.truth, self.interval)):
            joints = stretches[picked, start * every + np.arange(segments * every + 1)]
            joints[mirrored] = mirror(joints[mirrored], HUMAN36M17.flip)
            joints[backwards] = joints[backwards, ::-1]
            pair.append(joints)
        return _pair(pair[0], pair[1])


def stretch_frames(lifter: Weights, *, interval: int, segments: int) -> int:
    """Frames of a stretch that `draw_lifted` lifts, with those beside it that the lifter looks at."""
    return 2 * interval * segments + 1 + 2 * margin(lifter)


def draw_lifted(windows: VirtualWindows, lifter: Weights, *, interval: int, count: int, seed: int) -> Lifted:
    """Lift stretches of motion through virtual cameras; as slow as lifting is, so this is done once.

    Args:
        windows: Of as many frames as `stretch_frames` says.
        lifter: Centre-frame weights that read COCO keypoints in a box, at the windows' frame rate.
        interval: N.
        count: K, stretches to draw.
        seed: Of the stretches.

    Raises:
        InputError: a lifter of another kind.
    """
    side = margin(lifter)
    read, truth = [], []
    for step, start in enumerate(range(0, count, _DRAWN)):
        views = windows.views(min(_DRAWN, count - start), np.random.default_rng((seed, step)))
        read.append(lift_sparse(views.rays, views.scores, lifter, interval=interval))
        truth.append(root_relative(views.camera[:, side : windows.frames - side, H36M_IN_BODY22]))
    lifted, true = (np.concatenate(part).astype(np.float32) for part in (read, truth))
    return Lifted(lifted, true, interval)


def pool(windows: VirtualWindows, lifter: Weights, *, interval: int, count: int, seed: int, folder: Path) -> Lifted:
    """`draw_lifted`, kept in `pool.npz` of a folder, and made anew where that file was made from something else.

    Raises:
        InputError: a lifter of another kind.
        OutputError: the file cannot be written.
    """
    file = folder / "pool.npz"
    noise, bank = windows.noise, None if windows.noise is None else windows.noise.bank
    made_from = (
        interval, count, seed, lifter.sha256, windows.frames, windows.stride, windows.cameras, windows.bodies,
        windows.clean, windows.mocap.names, noise and replace(noise, bank=None),
        None if bank is None else (len(bank.scores), float(np.abs(bank.residuals).mean())),
    )  # fmt: skip
    key = hashlib.sha256(repr(made_from).encode()).hexdigest()
    kept = _kept(file, key)
    if kept is not None:
        return Lifted(*kept, interval)
    made = draw_lifted(windows, lifter, interval=interval, count=count, seed=seed)
    folder.mkdir(parents=True, exist_ok=True)
    with whole_file(file) as handle:
        np.savez(handle, key=np.array(key), read=made.read, truth=made.truth)
    return made


def _kept(file: Path, key: str) -> Pair | None:
    """What was kept in a file under a key; None for a file of another one, or a damaged one: it is made anew."""
    if not file.is_file():
        return None
    try:
        kept = arrays.load_npz(file)
    except InputError:
        return None
    if str(kept.get("key")) != key or not {"read", "truth"} <= kept.keys():
        return None
    return kept["read"], kept["truth"]


def margin(lifter: Weights) -> int:
    """Frames that a lifter looks at on either side of the one it answers for.

    Raises:
        InputError: it answers for every frame, or reads something else than COCO keypoints in a box.
    """
    training = lifter.training
    expected = (COCO17.name, HUMAN36M17.name, "box")
    if lifter.lifter.every_frame or (training.input_skeleton, training.output_skeleton, training.normalisation) != (
        expected
    ):
        raise InputError(
            f"A lifter that answers for its centre frame and goes from {expected[0]} to {expected[1]} by the "
            f"normalisation {expected[2]} was expected, found {lifter.source}; name another one."
        )
    return lifter.lifter.frames // 2


@torch.no_grad()
def lift_sparse(rays: np.ndarray, scores: np.ndarray, lifter: Weights, *, interval: int) -> np.ndarray:
    """Lift every N-th frame, as `in_the_wild.steps.lift` does where no other frames were detected.

    Args:
        rays: (B, T, 17, 2) COCO keypoints; those of frames ..., side - N, side, side + N, ... are read.
        scores: (B, T, 17).
        lifter: See `margin`, which gives the side.
        interval: N.

    Returns:
        (B, q + 1, 17, 3) metres from the root, in the camera, of the frames side, side + N, ..., T - side - 1.
    """
    side, frames = margin(lifter), rays.shape[1]
    seen = np.arange(side % interval, frames, interval)  # detected
    wanted = np.arange(side, frames - side, interval)
    lines = straight_lines(np.arange(frames), seen)  # (T, q + 1)
    filled = np.einsum("tk,bkjc->btjc", lines, fill_unseen(rays[:, seen], scores[:, seen]))
    certain = np.einsum("tk,bkj->btj", lines, scores[:, seen])
    certain[:, np.setdiff1d(np.arange(seen[0], seen[-1]), seen)] *= _FILLED
    look = wanted[:, None] + np.arange(-side, side + 1)  # (q + 1, 2 * side + 1)
    shape = (len(rays) * len(wanted), 2 * side + 1, len(COCO17))
    normalised = look_at_box(filled[:, look].reshape(*shape, 2), certain[:, look].reshape(shape))
    device = next(lifter.lifter.parameters()).device
    answers = [
        lifter.lifter(part.to(device)).float().cpu().numpy()[:, 0]
        for part in torch.from_numpy(normalised.inputs).split(_LIFTED)
    ]
    joints = np.einsum("bji,bkj->bki", normalised.rotation, np.concatenate(answers) * lifter.training.metres)
    return root_relative(joints.reshape(len(rays), len(wanted), 17, 3))


def heldout_keypoints(
    views: Sequence[View], *, frames: int, interval: int, every: int, noise: DetectorNoise | None, seed: int = 0
) -> Pair:
    """Windows of held-out views, one every so many frames: (K, q + 1, 34) as detected, and (K, W, 34) exact."""
    exact, joints = heldout_windows(views, frames=frames, every=every)
    rays, scores = _detected(exact, joints, noise, seed)
    read = slice(None, None, interval)
    return _pair(fill_unseen(rays[:, read], scores[:, read]), exact)


def heldout_lifted(
    views: Sequence[View],
    lifter: Weights,
    *,
    frames: int,
    interval: int,
    every: int,
    noise: DetectorNoise | None,
    seed: int = 0,
) -> Pair:
    """Likewise of lifted joints: (K, q + 1, 51), and the true ones (K, W, 51)."""
    side = margin(lifter)
    exact, joints = heldout_windows(views, frames=frames + 2 * side, every=every)
    rays, scores = _detected(exact, joints, noise, seed)
    return _pair(lift_sparse(rays, scores, lifter, interval=interval), joints[:, side : side + frames])


def heldout_continuations(views: Sequence[View], *, frames: int, past: int, every: int) -> Pair:
    """Likewise of exact joints (K, P, 51), and those to come (K, W - P, 51)."""
    _, joints = heldout_windows(views, frames=frames, every=every)
    return _pair(joints[:, :past], joints[:, past:])


def heldout_windows(views: Sequence[View], *, frames: int, every: int) -> Pair:
    """Whole windows of held-out views, one every so many frames: rays (K, T, 17, 2) and joints (K, T, 17, 3).

    Raises:
        InputError: no view is as long as a window.
    """

    def cut() -> Iterator[Pair]:
        for view in views:
            for start in range(0, len(view.rays) - frames + 1, every):
                yield view.rays[start : start + frames], view.joints[start : start + frames]

    found = list(cut())
    if not found:
        raise InputError(f"Held-out sequences of {frames} frames or more were expected, found shorter ones alone.")
    rays, joints = (np.stack(part) for part in zip(*found, strict=True))
    return rays, joints


def straight_lines(at: np.ndarray, known: np.ndarray) -> np.ndarray:
    """How much each known moment (K,) counts at moments (T,): (T, K), the nearest alone beyond the ends."""
    return interpolate(at, known, np.eye(len(known)))


def fill_unseen(rays: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Put keypoints that are never seen into the middle of the others: rays (B, K, J, 2), scores (B, K, J)."""
    never = ~(scores > 0).any(axis=1)[:, None, :, None]  # (B, 1, J, 1)
    seen = np.maximum((~never).sum(axis=2, keepdims=True), 1)
    middle = np.where(never, 0, rays).sum(axis=2, keepdims=True) / seen  # (B, K, 1, 2)
    return np.where(never, middle, rays)


def root_relative(joints: np.ndarray) -> np.ndarray:
    """Human3.6M joints (..., 17, 3) from their root."""
    return joints - joints[..., HUMAN36M17.root, None, :]


def _detected(exact: np.ndarray, joints: np.ndarray, noise: DetectorNoise | None, seed: int) -> Pair:
    """What a detector makes of exact keypoints: rays (K, T, 17, 2) and scores (K, T, 17)."""
    if noise is None:
        return exact, np.ones(exact.shape[:-1])
    # Human3.6M's joints come first among the 22,.
    return noise.apply(exact, facing(joints), np.random.default_rng(seed))


def _pair(read: np.ndarray, truth: np.ndarray) -> Pair:
    """Joint by joint: (B, K, J, C), (B, T, J, C) -> (B, K, D), (B, T, D), float32."""
    return _rows(read), _rows(truth)


def _rows(values: np.ndarray) -> np.ndarray:
    return values.reshape(*values.shape[:2], -1).astype(np.float32)
