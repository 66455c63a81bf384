"""How true figures in BVH files are: `python tests/bench/bench_figures.py [POSES.npz|MOCAP.npz ...]`.

Every sequence is written as BVH and read again by another program's reader, bvhio. Printed are

- error: the largest distance of its joints from those of constant bones that point where the given ones do (goal: 5 mm)
- cost: how far these are from the given ones on average, which is what constant and symmetric bones cost
- turn, way: second differences, degrees, of rotations, and of bones' directions, which rotations cannot go below

Without files: our own motion, the demo's truth, and the motion capture of ../shared/data/mocap; more of it by name.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import bvhio
import fakes
import numpy as np
from constant_bones import constant_bones, sharpest_directions, sharpest_turns, world_rotations
from moving_people import people, y_up

from in_the_wild import formats, rigging
from in_the_wild.formats._bone_names import PRESETS
from in_the_wild.poses import Poses
from in_the_wild.rig import BONES
from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.datasets.mocap import packs

MOCAP = Path(__file__).parents[3] / "shared" / "data" / "mocap"
DEMO = Path(__file__).parents[2] / "assets" / "demo_truth.npz"
GOAL = 5.0  # millimetres
_SHARES = (100, 99.9, 99)
# The joints that begin bones, and what Blender calls these.
_STARTS = {bone.start: PRESETS["blender"].bones[bone.name][0] for bone in BONES if bone.start in HUMAN36M17.joints}


def sequences(path: Path) -> Iterator[tuple[np.ndarray, float]]:
    """Joints (T, 17, 3), metres with z up, and frames a second: of a motion capture pack, or of people in poses."""
    if "meta" in np.load(path) and "fps" in np.load(path):
        mocap = packs.load([path])
        for s in range(len(mocap.names)):
            yield mocap.sequence(s)[:, : len(HUMAN36M17)].astype(float), mocap.fps
        return
    poses = formats.read(path).world()
    for person in poses.persons:
        yield poses.of_person(person).keypoints.astype(float), poses.video.fps


def demo() -> np.ndarray:
    """The demo's true joints, z up."""
    with np.load(DEMO) as truth:
        return (truth["joints_camera"][:, 0] - truth["t"].reshape(3)) @ truth["R"]


def written(joints: np.ndarray, fps: float, path: Path) -> None:
    """One person in every frame as BVH, in centimetres with y up."""
    count = len(joints)
    Poses(
        keypoints=joints,
        scores=np.ones((count, 17)),
        frame=np.arange(count),
        person_id=np.zeros(count),
        skeleton=HUMAN36M17,
        space="world",
        video=fakes.video(count, fps=fps),
    ).save(path)


def read_again(path: Path) -> dict[str, np.ndarray]:
    """(T, 3) metres by name, as bvhio has them."""
    root = bvhio.readAsHierarchy(str(path))
    joints = [joint for joint, _, _ in root.layout()]
    found = np.empty((bvhio.readAsBvh(str(path)).FrameCount, len(joints), 3))
    for frame in range(len(found)):
        root.loadPose(frame)
        found[frame] = [joint.PositionWorld for joint in joints]
    return {joint.Name: found[:, j] / 100 for j, joint in enumerate(joints)}


def measured(name: str, clips: list[tuple[np.ndarray, float]]) -> float:
    """Print a line about some clips; their largest error, millimetres."""
    errors, costs, turns, ways = [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.bvh"
        for joints, fps in clips:
            written(joints, fps, path)
            found = read_again(path)
            expected = constant_bones(joints.astype(np.float32).astype(float))
            for joint, bone in _STARTS.items():
                apart = found[bone] - y_up(expected[:, HUMAN36M17.index(joint)])
                errors.append(1000 * np.linalg.norm(apart, axis=1).max())
            costs.append(1000 * np.linalg.norm(expected - joints, axis=-1).mean(axis=1))
            moved = rigging.fit(joints, np.ones(joints.shape[:2], bool), skeleton=HUMAN36M17, fps=fps)
            turns.append(sharpest_turns(world_rotations(moved)))
            ways.append(sharpest_directions(joints))
    both = (np.concatenate(turns), np.concatenate(ways))
    shares = [f"{np.percentile(values, share):8.1f}" for share in _SHARES for values in both]
    cost = np.concatenate(costs)
    print(f"{name:18} {len(cost):7} {max(errors):9.4f} {cost.mean():8.1f}", *shares, flush=True)
    return float(max(errors))


def main(paths: list[Path]) -> int:
    chosen = {path.stem if path.stem != "poses3d" else path.parent.name: list(sequences(path)) for path in paths}
    if not paths:
        ours = people(0).keypoints.astype(float)
        chosen = {"our own motion": [(ours, 30.0)], "the demo's truth": [(demo(), 30.0)]}
        chosen |= {pack.stem: list(sequences(pack)) for pack in sorted(MOCAP.glob("*.npz"))}
    headings = " ".join(f"{f'turn {share}%':>8} {'way':>8}" for share in _SHARES)
    print(f"{'clips':18} {'frames':>7} {'error mm':>9} {'cost mm':>8} {headings}")
    worst = max(measured(name, [clip for clip in clips if len(clip[0]) > 2]) for name, clips in chosen.items())
    return int(worst > GOAL)


if __name__ == "__main__":
    sys.exit(main([Path(one) for one in sys.argv[1:]]))
