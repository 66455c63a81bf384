"""Who is who, on drawn scenes of 1 to 6 people: `python tests/bench/bench_tracks.py [SCENES [DETECTOR]]`.

Prints HOTA, IDF1, MOTA and id switches (by trackeval) of this tracker, with and without colours, and of ByteTrack and
OC-SORT (of the package trackers, where it is installed) on the same detections: those of a detector that is named, or
else the truth with a detector's kinds of errors, which is fast. Ends with exit code 1 where this tracker misses its
goal on the latter. `make bench` installs the packages.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from fakes import Film
from people_scenes import PeopleScene, Truth, scenes
from simulated_detector import SimulatedDetector
from tracking_scores import Tracked, boxes_of, combine, evaluate

from in_the_wild import api
from in_the_wild.appearance import appearance
from in_the_wild.poses import Poses
from in_the_wild.skeletons import COCO17
from in_the_wild.steps.detect import Finder
from in_the_wild.steps.remap import remap
from in_the_wild.steps.track import track_ids
from pose3d_cli.datasets.mocap import packs

MOCAP = Path(__file__).parents[3] / "shared" / "data" / "mocap" / "cmu_direct.npz"
SCENES, RATE = 30, 12.0  # how many, and looks a second
MOST = 6  # people in a scene
GOAL_HOTA, GOAL_IDF1 = 86.0, 92.0


@dataclass(frozen=True)
class Detected:
    """One scene as a detector sees it: the truth of every look, whom it found, and what colours they have."""

    scene: PeopleScene
    looks: list[Truth]
    poses: Poses
    colours: np.ndarray

    @property
    def boxes(self) -> np.ndarray:
        """(N, 4) Boxes about COCO's keypoints, as the truth's are."""
        return boxes_of(remap(self.poses, COCO17).keypoints)


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


@dataclass(frozen=True)
class Drawn:
    """One frame of a scene, drawn when somebody looks at it."""

    scene: PeopleScene
    index: int
    thumbnail: np.ndarray = field(default_factory=lambda: np.zeros((0, 0, 3), np.uint8))

    @property
    def time(self) -> float:
        """Seconds."""
        return float(self.scene.video.timestamps[self.index])

    @property
    def image(self) -> np.ndarray:
        """The picture."""
        return self.scene.picture(self.index)


def really_detected(scene: PeopleScene, finder: Finder) -> Detected:
    """What a detector finds in a scene, at the looks that it chooses."""
    video = scene.video
    about = Film(Path(scene.name), video.width, video.height, video.fps)
    seen = finder.find((Drawn(scene, frame) for frame in range(video.frames)), about)
    return Detected(scene, [scene.truth(look) for look in seen.poses.meta["looks"]], seen.poses, seen.appearance)


def by_look(one: Detected, ids: np.ndarray) -> Iterator[Tracked]:
    """The people of every look, of ids (N,) of all rows, -1 for nobody."""
    boxes = one.boxes
    for look in one.looks:
        rows = np.flatnonzero((one.poses.frame == look.frame) & (ids >= 0))
        yield Tracked(boxes[rows], ids[rows])


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
        boxes, times = one.boxes, one.poses.video.timestamps
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


def everything(count: int, detector: str | None) -> Iterator[Detected]:
    """Scene after scene, detected. A real detector would have to be told of cuts, and sees only scenes without."""
    mocap = packs.load([MOCAP]) if MOCAP.is_file() else None
    drawn = enumerate(scenes(count, mocap=mocap))
    if detector is None:
        yield from (detected(scene, seed) for seed, scene in drawn)
        return
    with api.make_finder(detector, persons=MOST) as finder:
        yield from (really_detected(scene, finder) for _, scene in drawn if not scene.cuts)


def main(count: int, detector: str | None) -> int:
    """Draw, detect and track; the exit code."""
    warnings.filterwarnings("ignore")  # of packages that are told no pictures
    known = trackers()
    figures: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in known}
    seconds = dict.fromkeys(known, 0.0)
    for one in everything(count, detector):
        scene = one.scene
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
    if detector is not None:
        return 0
    missed = totals["pose3d"][0] < GOAL_HOTA or totals["pose3d"][1] < GOAL_IDF1
    print(f"goal of HOTA {GOAL_HOTA:.0f}, IDF1 {GOAL_IDF1:.0f} {'missed' if missed else 'reached'}")
    return int(missed)


if __name__ == "__main__":
    given = dict(enumerate(sys.argv))
    sys.exit(main(int(given.get(1, SCENES)), given.get(2)))
