"""How often a detector must look: `python tests/bench/bench_looks.py`.

Draws slow and fast people at 25 to 60 frames a second, has BlazePose look at every frame once, and lifts what it said
at the frames that each rule for looks picks: accuracy against looks. Ends with exit code 1 where the usual rule is more
than a millimetre worse than every frame on any clip.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import in_the_wild as iw
from in_the_wild.detectors.base import Detection, Detector
from in_the_wild.detectors.blazepose import BlazePose
from in_the_wild.looks import USUAL, Looks
from in_the_wild.pipeline import Pipeline
from in_the_wild.skeletons import BLAZEPOSE33
from in_the_wild.video.read import VideoReader
from pose3d_cli.datasets.synthetic import clips
from pose3d_cli.datasets.synthetic.clips import Scene
from pose3d_cli.datasets.synthetic.mannequin.camera import Camera
from pose3d_cli.datasets.synthetic.mannequin.look import Look
from pose3d_cli.datasets.synthetic.motion import actions as act
from pose3d_cli.datasets.synthetic.motion.curves import Action
from pose3d_cli.datasets.synthetic.motion.play import play
from pose3d_cli.metrics.against_truth import compare, read_truth

RULES = {
    "every frame": Looks.parse("every"),
    "auto": USUAL,
    "auto from 12": Looks(rate=12.0),
    "12 a second": Looks.parse("12"),
    "auto from 8": Looks(rate=8.0),
    "8 a second": Looks.parse("8"),
    "auto from 5": Looks(rate=5.0),
    "5 a second": Looks.parse("5"),
}
WORSE = 1.0  # mm of MPJPE


def fast(actions: list[Action], fps: float, seed: int) -> Scene:
    """Somebody fast, seen from the front and a little aside."""
    return Scene(
        motions=(play(actions, fps=fps, seed=seed).placed(at=(0.0, 0.2), heading=160),),
        looks=(Look.random(np.random.default_rng(seed)),),
        camera=Camera.look_at(position=(-1.2, -4.3, 1.5), target=(0, 0.2, 0.95), width=640, height=480, fov=48),
        room=seed,
    )


FAST = {
    "fast boxing, 60/s": lambda: fast([act.punch(count=5, cycle=0.6)], 60, 41),
    "fast boxing, 30/s": lambda: fast([act.punch(count=5, cycle=0.6)], 30, 42),
    "jumping jacks, 60/s": lambda: fast([act.jumping_jacks(count=5, cycle=0.7)], 60, 43),
    "jumping jacks, 25/s": lambda: fast([act.jumping_jacks(count=5, cycle=0.7)], 25, 44),
    "kicks and throws, 50/s": lambda: fast(
        [act.kick(seconds=0.9), act.throw(seconds=0.9), act.turn(seconds=0.8)], 50, 45
    ),
}


class Recorded(Detector):
    """What BlazePose said of every frame of a video."""

    name = "recorded"
    skeleton = BLAZEPOSE33
    persons = 1

    def __init__(self, video: Path) -> None:
        with BlazePose() as detector:
            frames = VideoReader(video).pictures(on_demand=True)
            self._said = {round(frame.time, 4): detector(frame.image, frame.time) for frame in frames}

    @property
    def settings(self) -> Mapping[str, Any]:
        return {"name": self.name}

    def __call__(self, image: np.ndarray, time: float) -> Detection:
        return self._said[round(time, 4)]


def main() -> int:
    """Run everything; the exit code."""
    lifter = iw.load_lifter("pstmo_coco")
    missed = False
    scenes = {name: lambda name=name: clips.scene(name) for name in clips.EVALUATION_CLIPS} | FAST
    with tempfile.TemporaryDirectory() as temporary:
        for name, scene in scenes.items():
            video, truth = clips.make_scene(scene(), Path(temporary), "clip")
            detector = Recorded(video)
            errors = {}
            print(f"{name}: MPJPE / P-MPJPE / acceleration error, mm, at looks a second")
            for rule, looks in RULES.items():
                result = Pipeline(iw.Finder(detector, looks), lifter).run(video)
                assert result.poses is not None
                errors[rule] = compare({rule: result.poses}, read_truth(truth))[rule]
                seconds = result.poses.video.frames / result.poses.video.fps
                rate = len(result.poses.meta["looks"]) / seconds
                one = errors[rule]
                print(
                    f"  {rule}: {one.mpjpe:.1f} / {one.p_mpjpe:.1f} / {one.acceleration:.1f} at {rate:.1f}", flush=True
                )
            missed |= errors["auto"].mpjpe > errors["every frame"].mpjpe + WORSE
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
