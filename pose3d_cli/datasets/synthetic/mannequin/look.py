"""How a mannequin looks: colours of skin, hair and clothes, and a few proportions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import ArrayLike

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Look:
    """How one person looks: RGB colours in 0..1 and a few proportions.

    `sleeve` and `leg` say how far cloth reaches: 0 none, 1 to the elbow or knee, 2 to the wrist or ankle. `build`
    scales every thickness, `belly` the trunk alone, `loose` what cloth covers of the limbs. A `skirt` reaches down so
    much of the thighs; 0 none. `left_sleeve` and `right_sleeve` take the shirt's colour when None.
    """

    shirt: Colour = (0.75, 0.18, 0.16)
    trousers: Colour = (0.16, 0.22, 0.40)
    shoes: Colour = (0.13, 0.12, 0.12)
    skin: Colour = (0.85, 0.64, 0.52)
    hair: Colour = (0.20, 0.13, 0.08)
    left_sleeve: Colour | None = None
    right_sleeve: Colour | None = None
    stripe: Colour | None = None
    build: float = 1.0
    belly: float = 1.0
    sleeve: float = 0.6
    leg: float = 2.0
    loose: float = 1.0
    skirt: float = 0.0
    tucked: bool = False
    long_hair: bool = False

    @classmethod
    def random(cls, rng: np.random.Generator) -> Look:
        """A person such as one meets: skin and hair from a natural range, clothes of any colour."""
        skins = np.array([(0.93, 0.76, 0.66), (0.85, 0.64, 0.52), (0.70, 0.49, 0.36), (0.48, 0.32, 0.23)])
        hairs = np.array([(0.10, 0.08, 0.07), (0.25, 0.16, 0.09), (0.55, 0.38, 0.18), (0.78, 0.66, 0.42), (0.5,) * 3])
        mix = rng.uniform()
        first, second = rng.choice(len(skins), size=2)
        return cls(
            shirt=random_colour(rng),
            trousers=random_colour(rng, brightest=0.65),
            shoes=random_colour(rng),
            skin=colour_of(mix * skins[first] + (1 - mix) * skins[second]),
            hair=colour_of(hairs[rng.integers(len(hairs))] * rng.uniform(0.8, 1.1)),
            stripe=random_colour(rng) if rng.uniform() < 0.3 else None,
            build=float(rng.uniform(0.88, 1.18)),
            belly=float(rng.uniform(0.9, 1.15)),
            sleeve=float(rng.choice([0.35, 0.6, 1.0, 1.97])),
            leg=float(rng.choice([0.7, 1.95], p=[0.25, 0.75])),
            tucked=bool(rng.uniform() < 0.4),
            long_hair=bool(rng.uniform() < 0.35),
        )

    @classmethod
    def anybody(cls, rng: np.random.Generator) -> Look:
        """Somebody from a wider range: thin and heavy, in loose clothes, in skirts."""
        return replace(
            cls.random(rng),
            build=float(rng.uniform(0.8, 1.3)),
            belly=float(rng.uniform(0.85, 1.1) if rng.uniform() < 0.6 else rng.uniform(1.1, 1.5)),
            loose=float(rng.choice([1.0, 1.15, 1.35], p=[0.5, 0.3, 0.2])),
            skirt=float(rng.uniform(0.5, 1.0) if rng.uniform() < 0.15 else 0.0),
        )


def colour_of(values: ArrayLike) -> Colour:
    """Three numbers as a colour, brought into 0..1."""
    red, green, blue = np.clip(np.asarray(values, dtype=np.float64), 0, 1)
    return float(red), float(green), float(blue)


def random_colour(rng: np.random.Generator, *, brightest: float = 0.95) -> Colour:
    """Any colour, none brighter than `brightest`."""
    hue, saturation = rng.uniform(0, 180), rng.beta(1.3, 1.6) * 255
    value = rng.uniform(0.12, brightest) * 255
    pixel = cv2.cvtColor(np.array([[[hue, saturation, value]]], dtype=np.uint8), cv2.COLOR_HSV2RGB)
    return colour_of(pixel[0, 0] / 255)
