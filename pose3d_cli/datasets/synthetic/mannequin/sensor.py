"""What a camera makes of what is before it: exposure, colour cast, noise, compression."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Sensor:
    """A camera's way with light.

    Attributes:
        gain: (3,) factors of red, green and blue.
        gamma: Below 1 shadows are lifted, above 1 they drown.
        noise: Spread of the noise of a value in 0..255.
        quality: Of JPEG, 0..100.
    """

    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    gamma: float = 1.0
    noise: float = 0.0
    quality: int = 95

    @classmethod
    def random(cls, rng: np.random.Generator) -> Sensor:
        """From bright and clean to dim, noisy and compressed."""
        red, green, blue = (float(value) for value in rng.uniform(0.75, 1.25) * rng.uniform(0.92, 1.08, 3))
        return cls(
            gain=(red, green, blue),
            gamma=float(np.exp(rng.normal(0, 0.25))),
            noise=float(rng.uniform(0, 4)),
            quality=int(rng.integers(60, 96)),
        )

    def expose(self, picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
        """The picture (H, W, 3) RGB as this camera takes it."""
        levels = np.arange(256) / 255
        tables = [np.clip((levels * gain) ** self.gamma * 255 + 0.5, 0, 255) for gain in self.gain]
        exposed = cv2.LUT(picture, np.stack(tables, axis=-1)[None].astype(np.uint8))
        grain = rng.normal(0, self.noise, picture.shape[:2])[..., None] if self.noise else 0.0
        noisy = np.clip(exposed + grain, 0, 255).astype(np.uint8)
        _, packed = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, self.quality])
        return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), dtype=np.uint8)
