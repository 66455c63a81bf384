"""Who is who, on drawn scenes of 1 to 6 people: `python tests/bench/bench_tracks.py [SCENES]`.

Prints HOTA, IDF1, MOTA and id switches (by trackeval) of this tracker, with and without colours, and of ByteTrack and
OC-SORT (of the package trackers, where it is installed) on the same detections, which are the truth with a detector's
kinds of errors. Ends with exit code 1 where this tracker misses its goal. `make bench` installs the packages.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from people_scenes import Look_, PeopleScene, scenes
from simulated_detector import SimulatedDetector
from tracking_scores import Tracked, boxes_of, combine, evaluate

from in_the_wild.appearance import appearance
from in_the_wild.poses import Poses
from in_the_wild.skeletons import COCO17
from in_the_wild.steps.track import track_ids
from pose3d_cli.datasets.mocap import packs

MOCAP = Path(__file__).parents[3] / "shared" / "data" / "mocap" / "cmu_direct.npz"
SCENES, RATE = 30, 12.0  # how many, and looks a second
GOAL_HOTA, GOAL_IDF1 = 86.0, 92.0


@dataclass(frozen=True)
class Detected:
    """One scene as a detector sees it: the truth of every look, whom it found, and what colours they have."""

    scene: PeopleScene
    looks: list[Look_]
    poses: Poses
    colours: np.ndarray


def detected(scene: PeopleScene, seed: int) -> Detected:
    """What a simulated detector finds in a scene."""
    detector, looks = SimulatedDetector(seed), list(scene.looks(RATE))
    found = [detector(look) for look in looks]
    colours = [
        appearance(scene.picture(look.frame), one.keypoints, one.scores, skeleton=COCO17)
        for look, one in zip(looks, found, strict=True)
    ]
    poses = Poses(
        keypoints=np.concatenate([one.keypoints for one in found]),
        scores=np.concatenate([one.scores for one in found]),
        frame=np.repeat([look.frame for look in looks], [len(one.ids) for one in found]),
        person_id=np.full(sum(len(one.ids) for one in found), -1),
        skeleton=COCO17,
        space="image",
        video=scene.video,
    )
    return Detected(scene, looks, poses, np.concatenate(colours))


def by_look(one: Detected, ids: np.ndarray) -> Iterator[Tracked]:
    """The people of every look, of ids (N,) of all rows, -1 for nobody."""
    for look in one.looks:
        rows = np.flatnonzero((one.poses.frame == look.frame) & (ids >= 0))
        yield Tracked(boxes_of(one.poses.keypoints[rows]), ids[rows])


def frames_of(one: Detected) -> np.ndarray:
    """(F,) The frames that were looked at."""
    return np.array([look.frame for look in one.looks])


def with_colours(one: Detected) -> np.ndarray:
    """Ids by this tracker."""
    return track_ids(one.poses, looks=frames_of(one), appearance=one.colours, cuts=one.scene.cuts)


def without_colours(one: Detected) -> np.ndarray:
    """Ids by this tracker, told nothing of colours."""
    return track_ids(one.poses, looks=frames_of(one), cuts=one.scene.cuts)


def by_package(make: Callable[[], Any]) -> Callable[[Detected], np.ndarray]:
    """Ids by a tracker of the package trackers, a new one for each shot, told boxes, scores and times."""
    import supervision

    def track(one: Detected) -> np.ndarray:
        ids, tracker, shots = np.full(len(one.poses), -1), make(), 0
        boxes, times = boxes_of(one.poses.keypoints), one.poses.video.timestamps
        for look in one.looks:
            if look.frame in one.scene.cuts:
                tracker, shots = make(), shots + 1
            rows = np.flatnonzero(one.poses.frame == look.frame)
            found = supervision.Detections(
                boxes[rows], confidence=one.poses.scores[rows].mean(axis=1), data={"row": rows}
            )
            told = tracker.update(found, timestamp=float(times[look.frame]))
            if len(told):
                own = np.asarray(told.tracker_id)
                ids[np.asarray(told.data["row"], dtype=int)] = np.where(own >= 0, own + 10000 * shots, -1)
        return ids

    return track


def trackers() -> dict[str, Callable[[Detected], np.ndarray]]:
    """All that are compared, by name."""
    known: dict[str, Callable[[Detected], np.ndarray]] = {"pose3d": with_colours, "without colours": without_colours}
    try:
        from trackers import ByteTrackTracker, OCSORTTracker
    except ImportError:
        return known
    # Two seconds of memory, and thresholds for scores that are means over joints.
    how: dict[str, Any] = {"lost_track_buffer": 60, "high_conf_det_threshold": 0.5, "minimum_consecutive_frames": 2}
    known["ByteTrack"] = by_package(lambda: ByteTrackTracker(**how, track_activation_threshold=0.5))
    known["OC-SORT"] = by_package(lambda: OCSORTTracker(**how, minimum_iou_threshold=0.1))
    return known


def main(count: int) -> int:
    """Draw, detect and track; the exit code."""
    warnings.filterwarnings("ignore")  # of packages that are told no pictures
    known = trackers()
    figures: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in known}
    seconds = dict.fromkeys(known, 0.0)
    mocap = packs.load([MOCAP]) if MOCAP.is_file() else None
    for seed, scene in enumerate(scenes(count, mocap=mocap)):
        one = detected(scene, seed)
        for name, track in known.items():
            began = time.process_time()
            ids = track(one)
            seconds[name] += time.process_time() - began
            figures[name][scene.name] = evaluate(one.looks, list(by_look(one, ids)))
        each = ", ".join(f"{name} {combine({'': figures[name][scene.name]})[0]:.1f}" for name in known)
        print(f"{scene.name}: HOTA {each}", flush=True)
    totals = {name: combine(scene) for name, scene in figures.items()}
    for name, (hota, idf1, mota, switches) in totals.items():
        print(
            f"{name:16} HOTA {hota:.1f}  IDF1 {idf1:.1f}  MOTA {mota:.1f}  switches {switches}  {seconds[name]:.1f} s"
        )
    missed = totals["pose3d"][0] < GOAL_HOTA or totals["pose3d"][1] < GOAL_IDF1
    print(f"goal of HOTA {GOAL_HOTA:.0f}, IDF1 {GOAL_IDF1:.0f} {'missed' if missed else 'reached'}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else SCENES))
