"""The colours of a person's sides: orange is left, blue right, which colour-blind people tell apart; white the middle.

Red, green and blue from 0 to 255. It knows nothing about what is drawn.
"""

from __future__ import annotations

LEFT, RIGHT, MIDDLE = (255, 146, 36), (64, 156, 255), (236, 238, 242)
SIDE_COLOURS = {"left": LEFT, "right": RIGHT, "middle": MIDDLE}
