"""A person over a whole clip: the path of every joint that fits best what was seen, and what bodies can do.

A lifter sees a second at a time. Here all frames are solved together, from where the lifter put the joints:

- joints project onto the detector's keypoints, less what the two mean differently by a joint (robust: Geman-McClure);
- they are near where the lifter put them, relative to the root, the farther along the limbs the less so;
- bones are as long as they are in the median over the clip and both sides;
- accelerations are those of people;
- feet that stand, stand still, and on the floor where it is known.

    Barron, "A General and Adaptive Robust Loss Function", CVPR 2019 (Geman-McClure is its alpha = -2); Triggs et al.,
    "Bundle Adjustment: A Modern Synthesis", 1999

It knows nothing about files or the lifter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import binary_opening, gaussian_filter1d
from threadpoolctl import threadpool_limits

from in_the_wild.progress import More, nobody
from in_the_wild.refiners._least_squares import NormalEquations
from in_the_wild.skeletons import Skeleton

_STEPS = 3  # of Gauss-Newton; with fifteen joints are 0.1 mm nearer to the truth on the clips, and 0.5 on the demo
_BONE = 0.004  # metres by which a bone may be longer or shorter in a frame
_AT_ROOT, _ALONG = 0.035, 0.045  # how sure the lifter is of a joint: metres, and metres more for each along the bones
_ROOT = 3.0  # how sure one is of the root's path before, metres: keypoints say more
_ROBUST = 3.0  # a keypoint that is farther off than so many times the usual is hardly believed
_STANDING = 0.25  # metres a second, across the view, below which a foot stands
_STANDS_S = 0.15  # for so many seconds
_FOOT_SLIP = 0.05  # metres a second of a foot that stands
_FOOT_SMOOTHING_S, _DEPTH_SMOOTHING_S = 0.04, 0.2
_ON_FLOOR = 0.05  # metres by which a foot that stands is above or below the floor; robust as keypoints are
_GAP_S = 0.5  # over a longer gap nobody's path is drawn
_NEAREST = 0.1  # metres from the camera
# Frames that are solved at once, and seconds before and after that are solved too and forgotten. A foot that stands
# carries what is known of its place from frame to frame: with 4 seconds the root was 0.4 mm off, with 8 nothing.
_PIECE, _MARGIN_S = 1200, 8.0


@dataclass(frozen=True)
class Sight:
    """What a camera saw of some of the joints.

    Attributes:
        joints: Which ones, K of the skeleton's.
        rays: (T, K, 2) x / z and y / z of the keypoints.
        weights: (T, K) from 0 to 1, how sure the detector was.
        turns: (T, 3, 3) from the space of the clip to that of a camera that turns; None where both are one.
    """

    joints: Sequence[int]
    rays: np.ndarray
    weights: np.ndarray
    turns: np.ndarray | None = None

    def seen(self, points: np.ndarray) -> np.ndarray:
        """Points (T, K, 3) of the clip in camera space."""
        return points if self.turns is None else np.einsum("tij,tkj->tki", self.turns, points)


@dataclass(frozen=True)
class Floor:
    """Where ankles of feet that stand are.

    Attributes:
        up: (3,) unit direction in camera space.
        level: Metres along it, below 0 under the camera.
    """

    up: np.ndarray
    level: float


@dataclass(frozen=True)
class Clip:
    """One person as the lifter sees him.

    Attributes:
        skeleton: Which joints these are.
        time: (T,) seconds, rising.
        joints: (T, J, 3) metres in camera space (of a camera that turns, in that of its first picture), relative to the
            root.
        root: (T, 3) metres, likewise.
        sight: The detector's keypoints, where they are known.
        floor: Where it is known.
    """

    skeleton: Skeleton
    time: np.ndarray
    joints: np.ndarray
    root: np.ndarray
    sight: Sight | None = None
    floor: Floor | None = None

    @property
    def step(self) -> float:
        """Seconds that a frame usually lasts."""
        return float(np.median(np.diff(self.time))) if len(self.time) > 1 else 1.0


@dataclass(frozen=True)
class Trust:
    """How far each kind of evidence is to be trusted.

    Attributes:
        keypoints: Metres, at the person's depth, by which a keypoint is usually off.
        acceleration: Metres per second squared, of a usual joint.
    """

    keypoints: float
    acceleration: float


@dataclass(frozen=True)
class Solved:
    """What a clip says.

    Attributes:
        positions: (T, J, 3) metres in camera space.
        bones: Metres of each bone, by the name of its lower joint.
        standing: (T,) by the name of a foot's joint, whether it stands.
    """

    positions: np.ndarray
    bones: dict[str, float]
    standing: dict[str, np.ndarray]


@dataclass(frozen=True)
class _Facts:
    """What holds for the whole of a clip, and is found before any of it is solved."""

    bones: list[tuple[int, int]]
    lengths: np.ndarray  # (bones,)
    sureness: np.ndarray  # (J,) metres
    offset: np.ndarray  # (K, 2) metres by which keypoints lie beside the joints
    standing: np.ndarray  # (T, J)


def solve(clip: Clip, trust: Trust, progress: More = nobody) -> Solved:
    """Solve a clip, in pieces where it is long.

    Args:
        clip: At least one frame.
        trust: In its keypoints, and in slow people.
        progress: Told how many more frames are solved.
    """
    facts = _facts(clip)
    count = len(clip.time)
    margin = int(np.ceil(_MARGIN_S / clip.step))
    positions = np.empty_like(clip.joints, dtype=np.float64)
    # LAPACK's steps along the band are so small that its threads wait for one another: one is four times as fast as
    # two.
    with threadpool_limits(1, user_api="blas"):
        for begin in range(0, count, _PIECE):
            end = min(begin + _PIECE, count)
            first, last = max(begin - margin, 0), min(end + margin, count)
            around = replace(facts, standing=facts.standing[first:last])
            piece = _solve_piece(_cut(clip, slice(first, last)), around, trust)
            positions[begin:end] = piece[begin - first : end - first]
            progress(end - begin)
    names = clip.skeleton.joints
    return Solved(
        positions,
        {names[b]: float(length) for (_, b), length in zip(facts.bones, facts.lengths, strict=True)},
        {names[j]: facts.standing[:, j] for j in _feet(clip.skeleton)},
    )


def _solve_piece(clip: Clip, facts: _Facts, trust: Trust) -> np.ndarray:
    """(T, J, 3) metres in camera space."""
    positions = clip.joints + clip.root[:, None].astype(np.float64)
    for _ in range(_STEPS):
        equations = NormalEquations(*positions.shape[:2])
        if clip.sight is not None:
            _add_keypoints(equations, positions, clip.sight, facts, trust)
        _add_lifter(equations, positions, clip, facts)
        _add_bones(equations, positions, facts)
        _add_accelerations(equations, positions, clip.time, trust)
        _add_feet(equations, positions, clip.time, facts)
        if clip.floor is not None:
            _add_floor(equations, positions, clip.floor, facts)
        positions = positions + equations.solve()
    return positions


# --------------------------------------------------------------------------------------------- terms


def _add_keypoints(
    equations: NormalEquations, positions: np.ndarray, sight: Sight, facts: _Facts, trust: Trust
) -> None:
    joints, root = sight.seen(positions[:, sight.joints]), sight.seen(positions[:, :1])[:, 0]
    residual = _beside(joints, root, sight) - facts.offset  # (T, K, 2)
    scale = trust.keypoints**2
    weights = sight.weights / scale / (1 + (residual**2).sum(axis=2) / (_ROBUST**2 * scale)) ** 2
    depth = np.maximum(joints[..., 2], _NEAREST)
    zoom = np.maximum(root[:, None, 2], _NEAREST) / depth  # (T, K)
    jacobian = np.zeros((*residual.shape, 3))
    jacobian[..., 0, 0] = jacobian[..., 1, 1] = zoom
    jacobian[..., 2] = -zoom[..., None] * joints[..., :2] / depth[..., None]
    if sight.turns is not None:
        jacobian = jacobian @ sight.turns[:, None]
    weighted = jacobian * weights[..., None, None]
    equations.add_joints(
        sight.joints,
        np.einsum("tkca,tkcb->tkab", weighted, jacobian),
        np.einsum("tkca,tkc->tka", weighted, residual),
    )


def _add_lifter(equations: NormalEquations, positions: np.ndarray, clip: Clip, facts: _Facts) -> None:
    root = clip.skeleton.root
    others = [j for j in range(len(clip.skeleton)) if j != root]
    weights = facts.sureness[others] ** -2.0  # (J - 1,)
    astray = positions[:, others] - positions[:, [root]] - clip.joints[:, others]
    curvature = np.broadcast_to(weights[:, None, None] * np.eye(3), (*astray.shape, 3))
    equations.add_pairs([(root, j) for j in others], curvature, weights[:, None] * astray)
    weight = _ROOT**-2.0
    gradient = weight * (positions[:, [root]] - clip.root[:, None])
    equations.add_joints([root], np.broadcast_to(weight * np.eye(3), (len(positions), 1, 3, 3)), gradient)


def _add_bones(equations: NormalEquations, positions: np.ndarray, facts: _Facts) -> None:
    ways = _ways(positions, facts.bones)
    lengths = np.maximum(np.linalg.norm(ways, axis=2), 1e-6)
    along = ways / lengths[..., None]
    weight = _BONE**-2.0
    equations.add_pairs(
        facts.bones,
        weight * along[..., :, None] * along[..., None, :],
        weight * (lengths - facts.lengths)[..., None] * along,
    )


def _add_accelerations(equations: NormalEquations, positions: np.ndarray, time: np.ndarray, trust: Trust) -> None:
    steps = np.diff(time)
    if len(steps) < 2:
        return
    before, after = steps[:-1], steps[1:]
    both = before + after
    # The second divided difference, which is the acceleration also where frames are not evenly apart.
    coefficients = np.stack([2 / (before * both), -2 / (before * after), 2 / (after * both)], axis=1)
    weights = np.where(np.maximum(before, after) <= _GAP_S, trust.acceleration**-2.0, 0.0)
    equations.add_over_time(positions, coefficients, np.broadcast_to(weights[:, None], (len(both), positions.shape[1])))


def _add_feet(equations: NormalEquations, positions: np.ndarray, time: np.ndarray, facts: _Facts) -> None:
    steps = np.diff(time)
    still = (facts.standing[1:] & facts.standing[:-1]) / (_FOOT_SLIP * steps[:, None]) ** 2
    equations.add_over_time(positions, np.tile([-1.0, 1.0], (len(steps), 1)), still)


def _add_floor(equations: NormalEquations, positions: np.ndarray, floor: Floor, facts: _Facts) -> None:
    feet = np.flatnonzero(facts.standing.any(axis=0))
    above = positions[:, feet] @ floor.up - floor.level  # (T, K)
    scale = _ON_FLOOR**2
    weights = facts.standing[:, feet] / scale / (1 + above**2 / (_ROBUST**2 * scale)) ** 2
    equations.add_joints(
        feet.tolist(), weights[..., None, None] * np.outer(floor.up, floor.up), (weights * above)[..., None] * floor.up
    )


# --------------------------------------------------------------------------------------------- facts


def _facts(clip: Clip) -> _Facts:
    skeleton = clip.skeleton
    bones = [(parent, j) for j, parent in enumerate(skeleton.parent_indices) if parent >= 0]
    lengths = np.median(np.linalg.norm(_ways(clip.joints, bones), axis=2), axis=0)
    mirrored = [next(k for k, (_, lower) in enumerate(bones) if lower == skeleton.flip[j]) for _, j in bones]
    lengths = (lengths + lengths[mirrored]) / 2
    reach = np.zeros(len(skeleton))
    for _ in bones:  # parents need not stand before their children
        for (parent, j), length in zip(bones, lengths, strict=True):
            reach[j] = reach[parent] + length
    return _Facts(bones, lengths, _AT_ROOT + _ALONG * reach, _offset(clip), standing_feet(clip))


def _offset(clip: Clip) -> np.ndarray:
    """(K, 2) metres: what the detector and the lifter mean differently by a joint, its median over the clip."""
    if clip.sight is None:
        return np.zeros((0, 2))
    root = clip.sight.seen(clip.root[:, None])
    beside = _beside(clip.sight.seen(clip.joints[:, clip.sight.joints]) + root, root[:, 0], clip.sight)
    seen = clip.sight.weights > 0
    known = seen.any(axis=0)
    offset = np.zeros(beside.shape[1:])
    offset[known] = np.nanmedian(np.where(seen[:, known, None], beside[:, known], np.nan), axis=0)
    return offset


def standing_feet(clip: Clip) -> np.ndarray:
    """(T, J) which joints are those of feet that stand: they hardly move across the view, for a while."""
    standing = np.zeros(clip.joints.shape[:2], dtype=bool)
    step = clip.step
    least = max(1, round(_STANDS_S / step))
    if clip.sight is None or len(clip.time) <= least:
        return standing
    turns = clip.sight.turns
    distance = clip.root[:, 2] if turns is None else np.linalg.norm(clip.root, axis=1)
    depth = gaussian_filter1d(distance, _DEPTH_SMOOTHING_S / step)
    for j in _feet(clip.skeleton):
        if j in clip.sight.joints:
            k = list(clip.sight.joints).index(j)
            way = clip.sight.rays[:, k]
            if turns is not None:
                way = np.concatenate([way, np.ones((len(way), 1))], axis=1)
                way = np.einsum("tji,tj->ti", turns, way / np.linalg.norm(way, axis=1, keepdims=True))
            path = gaussian_filter1d(way, _FOOT_SMOOTHING_S / step, axis=0)
            speed = np.linalg.norm(np.gradient(path, clip.time, axis=0), axis=1) * depth
            slow = (speed < _STANDING) & (clip.sight.weights[:, k] > 0)
            # The first and the last frame go on as they are.
            long = binary_opening(np.pad(slow, least, mode="edge"), np.ones(least))[least:-least]
            standing[:, j] = long & slow
    return standing


def contacts(positions: np.ndarray, standing: np.ndarray) -> np.ndarray:
    """(K, 3) where feet stood, the mean of each stand.

    Args:
        positions: (T, J, 3) metres.
        standing: (T, J), see `standing_feet`.
    """
    places = [
        positions[begin:end, j].mean(axis=0)
        for j in np.flatnonzero(standing.any(axis=0))
        for begin, end in runs(standing[:, j])
    ]
    return np.array(places).reshape(-1, 3)


def runs(flags: np.ndarray) -> np.ndarray:
    """(R, 2) the first and one past the last of each run of flags (T,) that are set."""
    return np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(int))).reshape(-1, 2)


def _feet(skeleton: Skeleton) -> list[int]:
    return [j for j, joint in enumerate(skeleton.joints) if joint.endswith("_ankle")]


def _beside(joints: np.ndarray, root: np.ndarray, sight: Sight) -> np.ndarray:
    """(T, K, 2) metres at the root's depth by which joints (T, K, 3) are seen beside their keypoints."""
    depth = np.maximum(joints[..., 2:], _NEAREST)
    return (joints[..., :2] / depth - sight.rays) * np.maximum(root[:, None, 2:], _NEAREST)


def _ways(positions: np.ndarray, bones: Sequence[tuple[int, int]]) -> np.ndarray:
    """(T, bones, 3) from the upper to the lower joint of each."""
    upper, lower = (list(ends) for ends in zip(*bones, strict=True))
    return positions[:, lower] - positions[:, upper]


def _cut(clip: Clip, part: slice) -> Clip:
    sight = clip.sight
    return replace(
        clip,
        time=clip.time[part],
        joints=clip.joints[part],
        root=clip.root[part],
        sight=None if sight is None else _cut_sight(sight, part),
    )


def _cut_sight(sight: Sight, part: slice) -> Sight:
    turns = None if sight.turns is None else sight.turns[part]
    return replace(sight, rays=sight.rays[part], weights=sight.weights[part], turns=turns)
