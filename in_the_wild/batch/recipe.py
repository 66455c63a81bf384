"""How clips are worked on, as names and numbers: what is sent to a worker, which loads its networks by it once."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any

from in_the_wild import api, defaults, devices
from in_the_wild.files import fingerprint
from in_the_wild.lens import ASSUMED, Lens
from in_the_wild.pipeline import Pipeline
from in_the_wild.result import PACKAGES
from in_the_wild.selection import EVERYBODY, Selection
from in_the_wild.versions import versions


@dataclass(frozen=True)
class Recipe:
    """All that decides the poses, besides the clips.

    Attributes:
        model: The lifter, see `in_the_wild.run`.
        lifter: Of `LIFTER_SETTINGS`, as values; they hold where `model` says nothing else.
        detector: What finds keypoints, see `in_the_wild.run`; None where keypoints alone are given.
        looks: How often it looks, where `detector` does not say it, see `Looks.parse`.
        every: The same, as every so many-th frame.
        refiners: See `in_the_wild.run`.
        persons: Whom to keep.
        lens: What is known of the camera's.
        device: Where networks run.
    """

    model: str | None = None
    lifter: Mapping[str, Any] = field(default_factory=dict)
    detector: str | None = defaults.DETECTOR
    looks: str = "auto"
    every: int | None = None
    refiners: tuple[str, ...] = ()
    persons: Selection = EVERYBODY
    lens: Lens = ASSUMED
    device: str = "auto"

    def digest(self) -> str:
        """Tells from others what is loaded by it, with nothing loaded: by its words, the files they name, and ours."""
        lifter = [word for word in self.lifter.values() if isinstance(word, str)]
        words = [word for word in (self.model, self.detector, *self.refiners, *lifter) if word]
        named = {Path(part) for word in words for part in (word, *re.split("[:=,]", word))}
        shipped = Path(str(resources.files("in_the_wild.assets")))
        files = sorted(path for path in (*named, *shipped.iterdir()) if path.is_file())
        decisive = {
            **asdict(replace(self, lens=ASSUMED)),
            "lens": repr(self.lens),
            "device": str(devices.choose(self.device)),
            "versions": versions(*PACKAGES),
            "files": [(path.name, fingerprint(path)) for path in files],
        }
        return hashlib.sha256(json.dumps(decisive, sort_keys=True, default=str).encode()).hexdigest()


@contextmanager
def loaded(recipe: Recipe, tell: Callable[[str], None]) -> Iterator[Pipeline]:
    """The networks of a recipe, for as many clips as come while the block lasts.

    Args:
        recipe: What is loaded.
        tell: Hears what people should know of it, such as downloads.

    Raises:
        Pose3DError: what is wrong for all clips: an unknown plug-in, weights that do not load.
    """
    device = devices.choose(recipe.device)
    with ExitStack() as opened:
        lifter = api.load_lifter(recipe.model, device=device, tell=tell, **recipe.lifter)
        finder = None
        if recipe.detector is not None:
            usual = {"persons": api.persons_sought(recipe.persons), "device": device, "tell": tell}
            made = api.make_finder(recipe.detector, looks=recipe.looks, every=recipe.every, **usual)
            finder = opened.enter_context(made)
        yield Pipeline(
            finder,
            lifter,
            api.make_refinings(recipe.refiners, finder, lifter),
            recipe.persons,
            recipe.lens,
            cleaning=defaults.NO_REFINER not in recipe.refiners,
            asked=recipe.digest(),
        )
