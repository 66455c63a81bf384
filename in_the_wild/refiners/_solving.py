"""A person over a whole clip: the path of every joint that fits best what was seen, and what bodies can do.

A lifter sees a second at a time. Here all frames are solved together, from where the lifter put the joints:

- joints project onto the detector's keypoints, less what the two mean differently by a joint (robust: Geman-McClure);
- they are near where the lifter put them, relative to the root, the farther along the limbs the less so;
- bones are as long as they are in the median over the clip and both sides;
- accelerations are those of people, the greater the farther along a limb;
- feet that stand (`_feet`) stand still, and on the floor where it is known.

    Barron, "A General and Adaptive Robust Loss Function", CVPR 2019 (Geman-McClure is its alpha = -2); Triggs et al.,
    "Bundle Adjustment: A Modern Synthesis", 1999

It knows nothing about files or the lifter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from in_the_wild.progress import More, nobody
from in_the_wild.refiners._clip import Clip, Floor, Sight
from in_the_wild.refiners._feet import Feet, contacts, feet_of
from in_the_wild.refiners._least_squares import NormalEquations
from in_the_wild.skeletons import Skeleton

_STEPS = 3  # of Gauss-Newton; with fifteen joints are 0.1 mm nearer to the truth on the clips, and 0.5 on the demo
_BONE = 0.004  # metres by which a bone may be longer or shorter in a frame
_AT_ROOT, _ALONG = 0.035, 0.045  # how sure the lifter is of a joint: metres, and metres more for each along the bones
_ROOT = 3.0  # how sure one is of the root's path before, metres: keypoints say more
_ROBUST = 3.0  # a keypoint that is farther off than so many times the usual is hardly believed
_FOOT_SLIP = 0.05  # metres a second of a foot that stands
# Accelerations of trunk and head, of elbows and knees, and of what hangs on these, by times those of a usual joint. The
# same for all joints makes either the trunk tremble or hands and feet lag.
_OF_TRUNK, _OF_HINGES, _OF_ENDS = 0.53, 1.0, 1.47
_HINGES = ("_elbow", "_knee")
_ON_FLOOR = 0.05  # metres by which a foot that stands is above or below the floor; robust as keypoints are
_GAP_S = 0.5  # over a longer gap nobody's path is drawn
_NEAREST = 0.1  # metres from the camera
# Frames that are solved at once, and seconds before and after that are solved too and forgotten. A foot that stands
# carries what is known of its place from frame to frame: with 4 seconds the root was 0.4 mm off, with 8 nothing.
_PIECE, _MARGIN_S = 1200, 8.0


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
        feet: Which joints are those of feet, F.
        standing: (T, F) whether each stands.
    """

    positions: np.ndarray
    bones: dict[str, float]
    feet: list[int]
    standing: np.ndarray

    @property
    def contacts(self) -> np.ndarray:
        """(K, 3) where feet stood."""
        return contacts(self.positions[:, self.feet], self.standing)


@dataclass(frozen=True)
class _Facts:
    """What holds for the whole of a clip, and is found before any of it is solved."""

    bones: list[tuple[int, int]]
    lengths: np.ndarray  # (bones,)
    sureness: np.ndarray  # (J,) metres
    liveliness: np.ndarray  # (J,) accelerations, by times that of a usual joint
    offset: np.ndarray  # (K, 2) metres by which keypoints lie beside the joints
    feet: Feet


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
            frames = slice(first, last)
            piece = _solve_piece(clip.part(frames), replace(facts, feet=facts.feet.part(frames)), trust)
            positions[begin:end] = piece[begin - first : end - first]
            progress(end - begin)
    names, up = clip.skeleton.joints, None if clip.floor is None else clip.floor.up
    return Solved(
        positions,
        {names[b]: float(length) for (_, b), length in zip(facts.bones, facts.lengths, strict=True)},
        facts.feet.joints,
        facts.feet.rested(positions, clip.time, up),
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
        _add_accelerations(equations, positions, clip.time, trust.acceleration * facts.liveliness)
        _add_feet(equations, positions, clip, facts)
        if clip.floor is not None:
            _add_floor(equations, positions, clip.floor, facts.feet)
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


def _add_accelerations(
    equations: NormalEquations, positions: np.ndarray, time: np.ndarray, acceleration: np.ndarray
) -> None:
    steps = np.diff(time)
    if len(steps) < 2:
        return
    before, after = steps[:-1], steps[1:]
    both = before + after
    # The second divided difference, which is the acceleration also where frames are not evenly apart.
    coefficients = np.stack([2 / (before * both), -2 / (before * after), 2 / (after * both)], axis=1)
    together = np.maximum(before, after) <= _GAP_S
    equations.add_over_time(positions, coefficients, together[:, None] * acceleration**-2.0)


def _add_feet(equations: NormalEquations, positions: np.ndarray, clip: Clip, facts: _Facts) -> None:
    steps, feet, up = np.diff(clip.time), facts.feet, None if clip.floor is None else clip.floor.up
    if not len(steps) or not feet.joints:
        return
    still = np.zeros((len(steps), positions.shape[1]))
    still[:, feet.joints] = feet.stillness(positions, clip.time, up) / (_FOOT_SLIP * steps[:, None]) ** 2
    equations.add_over_time(positions, np.tile([-1.0, 1.0], (len(steps), 1)), still)


def _add_floor(equations: NormalEquations, positions: np.ndarray, floor: Floor, feet: Feet) -> None:
    above = positions[:, feet.joints] @ floor.up - floor.level  # (T, F)
    scale = _ON_FLOOR**2
    weights = feet.standing / scale / (1 + above**2 / (_ROBUST**2 * scale)) ** 2
    equations.add_joints(
        feet.joints, weights[..., None, None] * np.outer(floor.up, floor.up), (weights * above)[..., None] * floor.up
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
    return _Facts(bones, lengths, _AT_ROOT + _ALONG * reach, _liveliness(skeleton), _offset(clip), feet_of(clip))


def _liveliness(skeleton: Skeleton) -> np.ndarray:
    """(J,) accelerations of joints, by times that of a usual one."""
    hinges = [joint.endswith(_HINGES) for joint in skeleton.joints]
    found = np.where(hinges, _OF_HINGES, _OF_TRUNK)
    for j in range(len(skeleton)):
        above = skeleton.parent_indices[j]
        while above >= 0:
            if hinges[above]:
                found[j] = _OF_ENDS
            above = skeleton.parent_indices[above]
    return found


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


def _beside(joints: np.ndarray, root: np.ndarray, sight: Sight) -> np.ndarray:
    """(T, K, 2) metres at the root's depth by which joints (T, K, 3) are seen beside their keypoints."""
    depth = np.maximum(joints[..., 2:], _NEAREST)
    return (joints[..., :2] / depth - sight.rays) * np.maximum(root[:, None, 2:], _NEAREST)


def _ways(positions: np.ndarray, bones: Sequence[tuple[int, int]]) -> np.ndarray:
    """(T, bones, 3) from the upper to the lower joint of each."""
    upper, lower = (list(ends) for ends in zip(*bones, strict=True))
    return positions[:, lower] - positions[:, upper]
