"""Weights on people and takes held out: `python tests/bench/bench_heldout.py [WEIGHTS...] [--data FOLDER]`.

Random cameras, the same for all weights, see the subjects that nothing was trained on, the takes of other packs that
the default weights were not trained on, and the pack that is left out as a whole: with exact keypoints, and with the
errors of the default detector as measured on rendered people. Errors are told by kind of pose and by how far the camera
looks down. Without the motion capture packs nothing is measured.
"""

from __future__ import annotations

import argparse
import importlib.resources
from collections.abc import Sequence
from pathlib import Path

from in_the_wild import checkpoints
from in_the_wild.checkpoints import Weights
from pose3d_cli import config
from pose3d_cli.datasets.mocap import packs as mocap
from pose3d_cli.datasets.synthetic import heldout
from pose3d_cli.datasets.synthetic.noise import DetectorNoise, NoiseBank
from pose3d_cli.datasets.synthetic.virtual import Cameras
from pose3d_cli.evaluation import virtual_views
from pose3d_cli.evaluation.virtual_views import Errors

CONFIGURATION = "pstmo_coco_27"
LEFT_OUT = "snu_basketball/*"
DATA = Path("../shared/data")
# One frame a second is lifted.
CAMERAS, EVERY, FPS = 200, 25, 25.0


def held_out() -> dict[str, list[str]]:
    """People and takes by what they are."""
    values = config.load(CONFIGURATION, [])
    takes = [take for take in values["hold_out_takes"] if take != LEFT_OUT]
    return {"four subjects": list(values["hold_out"]), "takes of other packs": takes, "pack left out": [LEFT_OUT]}


def measure(weights: Weights, views: Sequence[heldout.View]) -> dict[str, Errors]:
    """Errors by kind of pose, by pitch, and over all frames."""
    lifted = list(virtual_views.lift(weights.lifter, weights.training, views, every=EVERY))
    errors = [virtual_views.measure(joints, view, every=EVERY) for joints, view in zip(lifted, views, strict=True)]
    return {
        **virtual_views.by_pose(lifted, views, every=EVERY),
        **virtual_views.by_pitch(errors, views),
        "all frames": virtual_views.mean(errors),
    }


def main(names: Sequence[str], data: Path) -> None:
    """Print MPJPE / P-MPJPE of all weights."""
    files = sorted(data.glob("mocap*/*.npz"))
    if not files:
        print(f"No motion capture packs in {data}: nothing is measured.")
        return
    bank = NoiseBank.load(str(importlib.resources.files("in_the_wild.assets") / "blazepose_noise.npz"))
    loaded = [checkpoints.load(name) for name in names]
    print("MPJPE / P-MPJPE, mm, of " + ", ".join(names))
    for what, only in held_out().items():
        motion = mocap.load(files, only=only, fps=FPS, common_bones=True)
        for keypoints, noise in {"exact": None, "noisy": DetectorNoise(bank=bank, measured=1.0)}.items():
            views = list(heldout.views(motion, count=CAMERAS, stride=1, cameras=Cameras(), noise=noise))
            found = [measure(weights, views) for weights in loaded]
            print(f"{what}, {keypoints} keypoints")
            for row, first in found[0].items():
                cells = ", ".join(f"{one[row].mpjpe:.1f} / {one[row].p_mpjpe:.1f}" for one in found)
                print(f"  {row} ({first.frames} frames): {cells}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("weights", nargs="*", default=["pstmo_coco"])
    parser.add_argument("--data", type=Path, default=DATA)
    given = parser.parse_args()
    main(given.weights, given.data)
