"""The page in a browser: seen as the video's own camera, joints lie on the pixels that its lens shows them at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import fakes
import numpy as np
import pytest
from browser import opened
from page_reading import choose_joint, wait_until_ready

import in_the_wild as iw
from in_the_wild.calibration.base import Calibration
from in_the_wild.lens import Lens
from in_the_wild.poses import Poses
from in_the_wild.skeletons import HUMAN36M17

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FRAMES = 12
VIDEO = fakes.video(FRAMES)
ASIDE = Calibration("aside", (VIDEO.width, VIDEO.height), (610.0, 600.0), (700.0, 330.0))
LENSES = {
    "bent": replace(ASIDE, distortion=(-0.3, 0.12, 0.004, -0.003, -0.02)),
    "rational": replace(ASIDE, distortion=(0.2, 0.05, 0, 0, 0.01, 0.4, 0.1, 0.02, 0.01, 0, -0.01, 0)),
    "fisheye": replace(ASIDE, distortion=(-0.02, 0.01, -0.004, 0.001), fisheye=True),
    "straight": None,
}


@pytest.mark.parametrize("name", LENSES)
def test_joints_lie_where_the_lens_shows_them(browser: Browser, tmp_path: Path, name: str) -> None:
    calibration = LENSES[name]
    lens = Lens(focal=float(fakes.FOCAL)) if calibration is None else Lens(calibration=calibration)
    joints, root = fakes.walking(FRAMES)
    notes = lens.notes(width=VIDEO.width, height=VIDEO.height)
    poses = Poses(
        joints, np.ones((FRAMES, 17)), np.arange(FRAMES), np.zeros(FRAMES), HUMAN36M17, "camera", VIDEO,
        root=root, root_source=lens.source, meta=notes,
    )  # fmt: skip
    camera = lens.pinhole(width=VIDEO.width, height=VIDEO.height)
    with opened(browser, iw.view(poses, tmp_path / "view.html", video="none"), size=(1100, 700)) as shown:
        wait_until_ready(shown.page)
        shown.page.get_by_role("button", name="Camera", exact=True).click()
        canvas = shown.settled(".space canvas")
        scale = min(canvas["width"] / VIDEO.width, canvas["height"] / VIDEO.height)
        for joint in ("head", "left_ankle", "right_wrist"):
            choose_joint(shown.page, joint)
            ring = shown.settled(".ring")
            x, y, z = joints[0, HUMAN36M17.index(joint)] + root[0]
            ray = np.array([[x / z, y / z]])
            pixel = (ray * camera.focal + camera.centre if calibration is None else calibration.pixels(ray))[0]
            seen = (
                (ring["x"] + ring["width"] / 2 - canvas["x"] - canvas["width"] / 2) / scale + VIDEO.width / 2,
                (ring["y"] + ring["height"] / 2 - canvas["y"] - canvas["height"] / 2) / scale + VIDEO.height / 2,
            )
            assert seen == pytest.approx(tuple(pixel), abs=1.5)
