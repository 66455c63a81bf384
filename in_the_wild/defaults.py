"""What is taken where nobody says more; light to import, so that help can show it."""

from __future__ import annotations

DETECTOR = "blazepose"
# What makes the frames that the detector did not look at, where nobody names a refiner that does.
FILLER = "spline"
# What solves the poses of a whole clip, unless somebody names NO_REFINER.
REFINER, NO_REFINER = "whole_clip", "none"
# The most people that a detector is asked to look for in one picture, unless one is enough.
SEVERAL = 10
# Share of a window that the next one covers again, for networks that answer for every frame. Half covers every frame
# twice: most of what more overlap gives, at twice the price of none.
OVERLAP = 0.5
PLOT = "path"  # what is drawn of results for papers
