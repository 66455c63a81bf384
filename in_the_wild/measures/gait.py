"""Steps: when and where feet land, how often, how far apart, and for how long they stand.

They are told by the feet that stand, which solving the whole clip has noted (`in_the_wild.refiners.whole_clip`). What
stands is an ankle, from when the foot is flat until the heel leaves the floor: stance is shorter here than on a force
plate, by the heel's and the toes' share.

Length and width of a step are taken along and across the line between the two contacts of the foot that lands, which
follows people round a bend:

    Huxham et al., "Defining spatial parameters for non-linear walking", Gait & Posture 23, 2006
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.measures._world import along_paths
from in_the_wild.measures.angles import SIDES
from in_the_wild.poses import Poses

_NOTE, _STANDING = "whole_clip", "standing"
# A foot that stands again so near, metres, has made no step. Nor has one that lands so soon after the other, to come to
# rest, or so late, seconds.
_UNMOVED, _SOON_S, _LATE_S = 0.1, 0.25, 1.5


@dataclass(frozen=True)
class Contact:
    """A foot that stands.

    Attributes:
        foot: "left" or "right".
        first: Frame in which it begins to.
        last: Frame in which it still does.
        place: Metres in the world, of the ankle on the floor.
        landed: Whether it was seen to begin; not of the first frames of a person.
        left: Whether it was seen to end.
    """

    foot: str
    first: int
    last: int
    place: tuple[float, float]
    landed: bool
    left: bool


@dataclass(frozen=True)
class Step:
    """A foot that lands after the other one.

    Attributes:
        foot: The one that lands.
        frame: In which it does.
        seconds: When it does.
        duration: Seconds since the other landed.
        length: Metres that it is before the other, NaN where it is not known where it stood before.
        width: Metres that it is beside the other's track, likewise.
        stance: Share, 0 to 1, of the time until it lands again for which it stands; NaN where it does not.
    """

    foot: str
    frame: int
    seconds: float
    duration: float
    length: float
    width: float
    stance: float


@dataclass(frozen=True)
class Gait:
    """How somebody walks; means are NaN without steps.

    Attributes:
        contacts: By the frame in which they begin.
        steps: Likewise.
    """

    contacts: tuple[Contact, ...]
    steps: tuple[Step, ...]

    @property
    def cadence(self) -> float:
        """Steps a minute, while walking."""
        return 60 / self._mean(lambda step: step.duration)

    @property
    def step_length(self) -> float:
        """Metres, the mean."""
        return self._mean(lambda step: step.length)

    @property
    def step_width(self) -> float:
        """Metres, the mean."""
        return self._mean(lambda step: step.width)

    @property
    def stance(self) -> float:
        """Share of a foot's cycle for which it stands, the mean."""
        return self._mean(lambda step: step.stance)

    def _mean(self, of: Callable[[Step], float]) -> float:
        known = [value for value in map(of, self.steps) if np.isfinite(value)]
        return float(np.mean(known)) if known else float("nan")


def has_feet(poses: Poses) -> bool:
    """Whether it was noted which feet stand."""
    return any(_STANDING in found for found in poses.meta.get(_NOTE, {}).values())


def gait(poses: Poses) -> dict[int, Gait]:
    """How everybody who has an id walks.

    Args:
        poses: In 3D, with the root's path, as solving the whole clip left them.

    Raises:
        InputError: keypoints in the picture, no path, or nothing noted of the feet.
    """
    world = along_paths(poses)
    if not has_feet(poses):
        raise InputError(
            f"Steps are told by the feet that stand, which {poses.video.path} has no note of; pose3d run writes it, "
            "unless it is told --refiner none."
        )
    return {person: _gait(world, person) for person in world.persons}


def _gait(world: Poses, person: int) -> Gait:
    landings = [_standing_still(_contacts(world, person, foot)) for foot in SIDES]
    contacts = sorted(itertools.chain(*landings), key=lambda contact: contact.first)
    seconds = world.video.timestamps
    found = (_step(contacts[: at + 1], contacts[at + 1 :], seconds) for at in range(1, len(contacts)))
    return Gait(tuple(contacts), tuple(step for step in found if step is not None))


def _contacts(world: Poses, person: int, foot: str) -> list[Contact]:
    ankle = f"{foot}_ankle"
    noted = world.meta[_NOTE].get(str(person), {}).get(_STANDING, {}).get(ankle, [])
    path = world.person(person, filled=True)[ankle][:, :2]
    there = np.isfinite(path[:, 0])
    contacts = []
    for noted_first, noted_last in noted:
        # Of poses that were cut down since, a foot stands as long as there are any.
        begins = max(noted_first, 0)
        rows = begins + np.flatnonzero(there[begins : noted_last + 1])
        if len(rows):
            first, last = int(rows[0]), int(rows[-1])
            x, y = np.median(path[rows], axis=0)
            landed, left = there[first - 1 : first].any(), there[last + 1 : last + 2].any()
            contacts.append(Contact(foot, first, last, (float(x), float(y)), bool(landed), bool(left)))
    return contacts


def _standing_still(contacts: Sequence[Contact]) -> list[Contact]:
    """Contacts of one foot, those at one place as one."""
    joined: list[Contact] = []
    for contact in contacts:
        if joined and np.hypot(*_way(joined[-1], contact)) < _UNMOVED:
            before = joined.pop()
            contact = Contact(contact.foot, before.first, contact.last, before.place, before.landed, contact.left)
        joined.append(contact)
    return joined


def _step(until: Sequence[Contact], after: Sequence[Contact], seconds: np.ndarray) -> Step | None:
    """The step that ends with the last of some contacts, if one does; of those after it two tell how long it stands."""
    other, landing = until[-2:]
    if not _follows(other, landing, seconds):
        return None
    landed = float(seconds[landing.first])
    length = width = stance = float("nan")
    if len(until) > 2 and until[-3].foot == landing.foot:
        stride = _way(until[-3], landing)
        along = stride / np.hypot(*stride)
        x, y = _way(other, landing)
        length, width = float(x * along[0] + y * along[1]), float(abs(x * along[1] - y * along[0]))
    if len(after) > 1 and all(_follows(*pair, seconds) for pair in itertools.pairwise((landing, *after[:2]))):
        # A foot stands until the end of its last frame.
        stance = float((seconds[landing.last + 1] - landed) / (seconds[after[1].first] - landed))
    return Step(landing.foot, landing.first, landed, landed - float(seconds[other.first]), length, width, stance)


def _follows(before: Contact, after: Contact, seconds: np.ndarray) -> bool:
    """Whether somebody steps from one contact to the next."""
    duration = seconds[after.first] - seconds[before.first]
    return bool(before.foot != after.foot and before.landed and after.landed and _SOON_S <= duration <= _LATE_S)


def _way(start: Contact, end: Contact) -> np.ndarray:
    """(2,) metres from one to another."""
    return np.subtract(end.place, start.place)
