"""Joint angles beside the detector's own 3D: `bench_angles.py [--everyday N]`.

The demo, the three mannequin clips and everyday clips of one person, which nothing was trained on, go through the
default detector. Printed is how far angles are from those of the mannequins on average, in degrees: ours, and those of
BlazePose's own 3D, in the frames in which both have the person and all three angles are known.

BlazePose has no spine. Its trunk is taken as straight: from the middle of the hips to that of the shoulders, whose
middle stands for the spine's joint. Hinges, the knees and elbows, do not depend on it. What is measured against the
vertical is left out, as its own 3D knows no path by which the floor could be found. Ends with exit code 1 where
BlazePose's mean is the better one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import in_the_wild as iw
from in_the_wild import formats
from in_the_wild.arrays import load_npz
from in_the_wild.measures.angles import NAMES, angles
from in_the_wild.poses import Poses
from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.datasets.synthetic import clips
from pose3d_cli.datasets.synthetic.clips import Scene
from pose3d_cli.datasets.synthetic.everyday import everyday

_SIDES = ("left", "right")
# By joint of Human3.6M that BlazePose does not have, those in whose middle it is taken to be.
_MIDDLES = {
    "pelvis": ("left_hip", "right_hip"),
    "spine": ("left_hip", "right_hip", "left_shoulder", "right_shoulder"),
    "thorax": ("left_shoulder", "right_shoulder"),
    "neck": ("nose",),
    "head": ("left_ear", "right_ear"),
}


def scenes(count: int) -> Iterator[tuple[str, Scene]]:
    """The clips by name: those that have one, and so many everyday clips of one person."""
    for name in ("demo", *clips.EVALUATION_CLIPS):
        yield name, clips.scene(name)
    alone = ((seed, everyday(seed)) for seed in range(100))
    for _, (seed, scene) in zip(range(count), (one for one in alone if len(one[1].motions) == 1), strict=False):
        yield f"everyday {seed}", scene


def true_poses(truth: Path, like: Poses) -> Poses:
    """The mannequin of a clip in the world, a row in every frame."""
    arrays = load_npz(truth, expected="the truth of a clip")
    joints = (arrays["joints_camera"][:, 0] - arrays["t"]) @ arrays["R"]
    count = len(joints)
    return Poses(
        keypoints=joints, scores=np.ones(joints.shape[:2]), frame=np.arange(count), person_id=np.zeros(count),
        skeleton=HUMAN36M17, space="world", video=like.video,
    )  # fmt: skip


def as_human36m(poses: Poses) -> Poses:
    """BlazePose's own 3D with the joints of Human3.6M."""
    index = poses.skeleton.indices
    places = [poses.keypoints[:, index(*_MIDDLES.get(joint, (joint,)))].mean(axis=1) for joint in HUMAN36M17.joints]
    scores = [poses.scores[:, index(*_MIDDLES.get(joint, (joint,)))].min(axis=1) for joint in HUMAN36M17.joints]
    return poses.replace(
        keypoints=np.stack(places, axis=1), scores=np.stack(scores, axis=1), skeleton=HUMAN36M17, root=None
    )


def measured(poses: Poses) -> np.ndarray:
    """(T, A) degrees of the person seen longest; NaN where they are not known."""
    longest = max(poses.persons, key=lambda person: int((poses.person_id == person).sum()))
    values: np.ndarray = angles(poses.of_person(longest), filled=True).values[longest]
    return values


def errors(scene: Scene, folder: Path, name: str) -> np.ndarray:
    """(2, T, A) degrees by which ours and the detector's own are off; NaN where one of them is not known."""
    video, truth = clips.make_scene(scene, folder, name)
    output = iw.Output(folder / name, film="none", view=False, detector_3d=True)
    ours = iw.run([video], output)[0]
    own = formats.read(next((folder / name).rglob("detector3d.npz")))
    true = measured(true_poses(truth, ours))
    off = np.stack([measured(ours), measured(as_human36m(own))]) - true
    off = np.abs((off + 180) % 360 - 180)
    return np.where(np.isfinite(off).all(axis=0), off, np.nan)


def main(count: int) -> int:
    """Print the table; the exit code."""
    found = []
    with tempfile.TemporaryDirectory() as temporary:
        for name, scene in scenes(count):
            found.append(errors(scene, Path(temporary), name))
            ours, own = np.nanmean(found[-1][:, :, _of_limbs()], axis=(1, 2))
            print(f"{name}: {ours:.1f} degrees, its own 3D {own:.1f}", flush=True)
    off = np.concatenate(found, axis=1)
    print(f"{'angle':20} ours  its own 3D  (mean degrees off, both sides)")
    for angle in dict.fromkeys(NAMES[a].split("_", 1)[1] for a in _of_limbs()):
        both = [NAMES.index(f"{side}_{angle}") for side in _SIDES]
        print("{:20} {:4.1f}  {:4.1f}".format(angle, *np.nanmean(off[:, :, both], axis=(1, 2))))
    ours, own = np.nanmean(off[:, :, _of_limbs()], axis=(1, 2))
    print(f"{'mean':20} {ours:4.1f}  {own:4.1f}")
    return int(ours > own)


def _of_limbs() -> list[int]:
    """The angles of limbs, whose names begin with a side."""
    return [a for a, name in enumerate(NAMES) if name.startswith(_SIDES)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--everyday", type=int, default=10)
    sys.exit(main(parser.parse_args().everyday))
