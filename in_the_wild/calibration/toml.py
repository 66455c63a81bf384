"""The calibrations of Pose2Sim and of Anipose: TOML, a table for each camera.

    [cam_0]  name, size = [width, height], matrix = [[...], [...], [...]], distortions = [...], fisheye

Where the cameras stand, their `rotation` and `translation`, is left out: one camera films.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from in_the_wild.calibration.base import Calibration, of_matrix


def cameras_in(data: Mapping[str, Any]) -> list[Calibration]:
    """The cameras of such a file; none of another."""
    tables = {key: table for key, table in data.items() if isinstance(table, Mapping) and "matrix" in table}
    return [
        of_matrix(
            str(table.get("name", key)),
            table["matrix"],
            table.get("distortions", []),
            size=table.get("size"),
            fisheye=table.get("fisheye", False),
        )
        for key, table in tables.items()
    ]
