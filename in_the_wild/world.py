"""The world: from camera space to a scene that stands upright on its floor, and what is known of the ground in notes.

Solving a whole clip notes the ground (`ground`, found by everybody's feet and balance). Where nobody has, people's
balance alone tells up, and each one's feet where the floor is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from in_the_wild.balance import can_tell, plumb_lines
from in_the_wild.errors import InputError
from in_the_wild.ground import ANKLE, Evidence, Ground, estimate
from in_the_wild.lens import Lens
from in_the_wild.poses import Poses
from in_the_wild.skeletons import Skeleton

# The note of the ground that whoever found it leaves, and that of a scene, which says what it rests on.
GROUND_NOTE, NOTE = "ground", "world"
# Camera axes to world axes for a level camera: world x is camera x, world y is away, world z is up.
_LEVEL = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
# Beyond this tilt people's balance is no plumb line (somebody lies), and the camera is taken to be level.
_STEEPEST = np.radians(50)
# Metres by which somebody may stand above or below the floor by a wrong distance; more than that is a person who stands
# on something, or climbed down.
_WRONG_DEPTH = 0.4
_INSTANT = 1e-3  # seconds: what the notes' times are rounded to


def noted(ground: Ground, *, start: float, stands: int) -> dict[str, Any]:
    """A ground as a note, JSON types only: its numbers, and how each was obtained.

    Args:
        ground: What was found.
        start: Seconds from which it holds: those of a shot.
        stands: Of how many feet, each of which stood for a while.
    """
    feet = f"{stands} stands of feet on one floor" if stands else ""
    return {
        "from": round(start, 4),
        "up": [round(float(x), 5) for x in ground.up],
        "tilt": round(ground.tilt, 2),
        "roll": round(ground.roll, 2),
        "sure_within": {"roll": round(ground.sure[0], 2), "tilt": round(ground.sure[1], 2)},
        "camera_height": None if ground.camera_height is None else round(ground.camera_height, 4),
        "units": {"from": "seconds", "tilt": "degrees", "roll": "degrees", "camera_height": "metres"},
        "how": {
            "up": "people balance over their feet" + (f", {feet}" if feet else ""),
            "camera_height": feet or "not known: nobody's feet were seen to stand",
        },
    }


def grounds_of(notes: Mapping[str, Any]) -> list[tuple[float, Ground]]:
    """The grounds that notes tell of, each with the seconds from which it holds."""
    return [
        (
            float(note["from"]),
            Ground(
                np.array(note["up"], dtype=np.float64),
                note["camera_height"],
                (),
                (note["sure_within"]["roll"], note["sure_within"]["tilt"]),
            ),
        )
        for note in notes.get(GROUND_NOTE) or []
    ]


def rescaled(poses: Poses, scale: float) -> Poses:
    """Poses whose notes of the ground are those of a scene so many times larger."""
    grounds = poses.meta.get(GROUND_NOTE)
    if not grounds:
        return poses
    return poses.with_meta(**{GROUND_NOTE: [
        {**note, "camera_height": None if note["camera_height"] is None else round(scale * note["camera_height"], 4)}
        for note in grounds
    ]})  # fmt: skip


def to_world(poses: Poses) -> Poses:
    """Camera-space poses as a scene: z up, the floor at 0, the camera's tilt and turning taken out.

    y is away from the camera, as it looked when the shot began.

    What a single camera cannot tell is assumed, and written into the notes. People whom a wrong distance puts a little
    above or below the floor are put on it.

    Args:
        poses: In camera space, with or without a root path (without one everybody stands at the same place).

    Raises:
        InputError: poses of another space.
    """
    if poses.space != "camera":
        raise InputError(f"Only poses in camera space can be brought into the world, found {poses.space} space.")
    if not len(poses):
        return poses.replace(space="world", root=None, root_source="")
    world = poses.keypoints.astype(np.float64)
    if poses.root is not None:
        world += poses.root[:, None]
    lens = Lens.noted(poses.meta)
    turns = None if lens is None else lens.turns_of(poses)
    if turns is not None:
        world = world @ turns
    said = []
    for rows, ground in _shots(poses):
        up = _people_up(world[rows], poses.skeleton) if ground is None else ground.up
        height = None if ground is None or poses.root is None else ground.camera_height
        world[rows] = world[rows] @ upright(up).T + [0, 0, height or 0.0]
        said.append(_said(ground, up))
        for person in np.unique(poses.person_id[rows]):
            own = rows & (poses.person_id == person)
            above = _lowest(world[own, :, 2].min(axis=1)) - ANKLE
            if height is None or abs(above) < _WRONG_DEPTH:
                world[own, :, 2] -= above
    # root_source stays: the people stand where that root put them.
    return poses.replace(keypoints=world, space="world", root=None).with_meta(
        **{NOTE: "; then ".join(dict.fromkeys(said))}
    )


def upright(up: np.ndarray) -> np.ndarray:
    """(3, 3) from camera axes to those of the world, for a camera that has a direction (3,) upwards."""
    if is_steep(up):
        return _LEVEL
    turned: np.ndarray = _LEVEL @ Rotation.align_vectors([[0, -1, 0]], [up])[0].as_matrix()
    return turned


def _shots(poses: Poses) -> list[tuple[np.ndarray, Ground | None]]:
    """The rows (N,) of each shot that has a ground of its own; of all where none was found."""
    grounds = grounds_of(poses.meta)
    if not grounds:
        return [(np.ones(len(poses), bool), None)]
    starts = [start for start, _ in grounds]
    which = np.maximum(np.searchsorted(starts, poses.seconds + _INSTANT, side="right") - 1, 0)
    shots: list[tuple[np.ndarray, Ground | None]] = [(which == k, ground) for k, (_, ground) in enumerate(grounds)]
    return [(rows, ground) for rows, ground in shots if rows.any()]


def is_steep(up: np.ndarray) -> bool:
    """Whether a direction (3,) is no plumb line: somebody lies."""
    return bool(_leans(up) > _STEEPEST)


def _leans(up: np.ndarray) -> float:
    """Radians by which a camera is tilted in whatever direction."""
    return float(np.arccos(np.clip(-up[1], -1, 1)))


def _said(ground: Ground | None, up: np.ndarray) -> str:
    """What a scene rests on, in words."""
    stands = "each one's lowest joint on the floor"
    if ground is None and is_steep(up):
        return f"camera is level, {stands}"
    if ground is None:
        return f"camera is tilted by {np.degrees(_leans(up)):.0f} degrees, by people's balance; {stands}"
    if ground.camera_height is not None:
        stands = f"{ground.camera_height:.2f} m above the floor, by feet that stand"
    return f"camera looks down by {ground.tilt:.0f} degrees (right to about {ground.sure[1]:.0f}), {stands}"


def _lowest(heights: np.ndarray) -> float:
    """Where a person's ankles are while they stand, from the height (T,) of his lowest joint.

    Feet rest on the floor much of the time, so it is where they are in a quarter of the frames: a wrong depth in a few
    of them would otherwise lift him for the whole clip. Who is far above his lowest place stood on something.
    """
    bottom, usual = np.percentile(heights, [2, 25])
    return float(usual if usual - bottom < _WRONG_DEPTH else bottom)


def _people_up(joints: np.ndarray, skeleton: Skeleton) -> np.ndarray:
    """The direction (3,) in which everybody of joints (N, J, 3) balances; that of a level camera where the joints do
    not tell."""
    level = np.array([0.0, -1.0, 0.0])
    if not can_tell(skeleton):
        return level
    lines = plumb_lines(joints, skeleton).sum(axis=0)
    return estimate([Evidence(lines, np.zeros((0, 3)))]).up if np.linalg.norm(lines) > 0 else level
