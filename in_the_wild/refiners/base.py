"""What every refiner promises: poses in, better poses out, each person alone.

It knows nothing about files, video pictures or networks.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from in_the_wild.errors import InputError
from in_the_wild.poses import SPACES, Poses
from in_the_wild.progress import More, nobody
from in_the_wild.skeletons import Skeleton

if TYPE_CHECKING:
    from torch import nn


class Refiner(ABC):
    """Changes the values of poses: the same joints, space and people, and the same rows or more.

    Attributes:
        spaces: The spaces of poses that it accepts, names in `in_the_wild.poses.SPACES`; all of them, usually.
        fills: Whether it adds the frames that are missing between rows.
        smooths: Whether it takes jitter out of the rows that come in.
        network: The class of its network, whose `convert` knows the authors' checkpoints; None for one without weights.
    """

    spaces: ClassVar[tuple[str, ...]] = tuple(SPACES)
    fills: ClassVar[bool] = False
    smooths: ClassVar[bool] = True
    network: ClassVar[type[nn.Module] | None] = None

    @property
    def settings(self) -> Mapping[str, Any]:
        """All that decides the result besides the poses, the plug-in's name as "name" first. JSON types only.

        That is all that a refiner keeps, unless it says otherwise.
        """
        return {"name": type(self).__module__.rpartition(".")[2], **vars(self)}

    def skeleton_for(self, space: str) -> Skeleton | None:
        """The joints that poses of a space must have; None where any will do."""
        return None

    def seeing(self, keypoints: Poses) -> Refiner:
        """The same refiner, told what 3D poses were lifted from; most have no use for it.

        Args:
            keypoints: Tracked, image space, of the same people.
        """
        return self

    @abstractmethod
    def refine(self, person: Poses) -> Poses:
        """Refine one person.

        Args:
            person: Rows of one person by rising frame, at least one; frames may be missing.

        Returns:
            A row for each frame that came in, or more, by rising frame. Rows that were added have a root where the
            others have one.
        """

    def refine_telling(self, person: Poses, progress: More) -> Poses:
        """The same as `refine`, for those that take long: told how many more rows are done, as far as that is known."""
        return self.refine(person)

    def __call__(self, poses: Poses, *, progress: More = nobody) -> Poses:
        """Refine every person alone; rows without an id stay as they are.

        Args:
            poses: Of everybody.
            progress: Told how many more rows are done.

        Returns:
            Poses of the same skeleton and space, ordered by frame, then person; `settings` joins the note "refiners".

        Raises:
            InputError: poses of a space that this refiner does not accept, or people without ids.
        """
        if poses.space not in self.spaces:
            raise InputError(
                f"{type(self).__name__} refines poses in {' or '.join(self.spaces)} space, "
                f"found {poses.space} space; choose another refiner or refine at another step."
            )
        people = poses.persons
        if len(poses) and not people:
            raise InputError("People must have ids before refining, found none; track them first.")
        refined = [self._refine_one(poses.of_person(person), progress) for person in people]
        strangers = poses.rows(poses.person_id < 0)
        joined = Poses.join([*refined, strangers])
        earlier = poses.meta.get("refiners", [])
        return joined.replace(meta={**poses.meta, "refiners": [*earlier, dict(self.settings)]})

    def _refine_one(self, person: Poses, progress: More) -> Poses:
        """One person, and all rows told as done in the end."""
        told = 0.0

        def tell(more: float) -> None:
            nonlocal told
            told += more
            progress(more)

        refined = self.refine_telling(person, tell)
        progress(len(person) - told)
        return refined
