"""Figures of people that a detector takes for people, drawn in a moment."""

from __future__ import annotations

import cv2
import numpy as np

SKIN, SHIRT, TROUSERS, HAIR, SHOES = (224, 172, 140), (40, 80, 170), (50, 50, 60), (60, 40, 25), (20, 20, 20)

# Where the figure's joints are drawn, pixels from the middle of its forehead; the left ones. The right ones mirror it.
DRAWN = {"shoulder": (44, 88), "elbow": (62, 145), "wrist": (66, 200), "hip": (20, 200), "knee": (24, 290)}
ANKLE = (26, 372)


def draw_figure(image: np.ndarray, x: int, y: int = 40) -> None:
    """Draw a person 400 pixels tall who faces the camera, head at (x, y) and below."""

    def at(dx: float, dy: float) -> tuple[int, int]:
        return round(x + dx), round(y + dy)

    cv2.line(image, at(0, 60), at(0, 75), SKIN, 18)
    cv2.ellipse(image, at(0, 30), (24, 30), 0, 0, 360, SKIN, -1, cv2.LINE_AA)
    cv2.ellipse(image, at(0, 14), (25, 18), 0, 180, 360, HAIR, -1, cv2.LINE_AA)
    for eye in (-9, 9):
        cv2.circle(image, at(eye, 26), 4, (255, 255, 255), -1, cv2.LINE_AA)
        cv2.circle(image, at(eye, 26), 2, (40, 20, 10), -1, cv2.LINE_AA)
    cv2.line(image, at(0, 28), at(0, 38), (180, 120, 90), 3)
    cv2.ellipse(image, at(0, 46), (9, 3), 0, 0, 180, (170, 60, 60), -1)
    cv2.fillPoly(image, [np.array([at(-48, 78), at(48, 78), at(34, 200), at(-34, 200)])], SHIRT, cv2.LINE_AA)
    for side in (-1, 1):
        shoulder, elbow, wrist, hip, knee = ((side * dx, dy) for dx, dy in DRAWN.values())
        ankle = (side * ANKLE[0], ANKLE[1])
        cv2.line(image, at(*shoulder), at(*elbow), SHIRT, 22, cv2.LINE_AA)
        cv2.line(image, at(*elbow), at(*wrist), SKIN, 15, cv2.LINE_AA)
        cv2.circle(image, at(side * 67, 212), 10, SKIN, -1, cv2.LINE_AA)
        cv2.line(image, at(*hip), at(*knee), TROUSERS, 30, cv2.LINE_AA)
        cv2.line(image, at(*knee), at(*ankle), TROUSERS, 24, cv2.LINE_AA)
        cv2.ellipse(image, at(side * 30, 384), (18, 9), 0, 0, 360, SHOES, -1, cv2.LINE_AA)


def picture(*people: int, size: tuple[int, int] = (480, 480)) -> np.ndarray:
    """(H, W, 3) RGB with a figure at each of these x."""
    image = np.full((*size, 3), (150, 190, 170), dtype=np.uint8)
    for x in people:
        draw_figure(image, x)
    return image
