"""Faults put into keypoints at known places, and put right: `bench_clean.py [--mocap PACK...] [--keep FOLDER]`.

The keypoints are those that the default detector finds in the demo and the three mannequin clips; a folder may keep
them.
Faults are put into what the detector looked at, and the frames between are filled as `pose3d run` does. Printed are,
for each kind of fault, how many were found and missed, how often something else was called a fault, and MPJPE /
P-MPJPE / acceleration error in millimetres, mean of the three clips, of what is lifted: from keypoints without faults,
with them, and cleaned; and the same with the whole clip solved. A joint that drops out is told by its score of 0, and
filled in anyhow: there is nothing to find, and nothing may be called a fault. --quick lifts nothing.
Motion capture, seen ten times a second with a detector's noise, has no faults either. Ends with exit code 1 where
cleaning changes anything of that, or brings the clips' own keypoints farther from the truth.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import in_the_wild as iw
from in_the_wild import formats
from in_the_wild.arrays import load_npz
from in_the_wild.lens import ASSUMED
from in_the_wild.looks import USUAL
from in_the_wild.pipeline import lift_people, refine_people
from in_the_wild.poses import Poses, Source
from in_the_wild.refiners.whole_clip import WholeClip
from in_the_wild.skeletons import COCO17, HUMAN36M17, mirror_name
from in_the_wild.steps.clean import NOTE, clean
from in_the_wild.steps.fill import fill
from in_the_wild.steps.remap import remap
from pose3d_cli.datasets.mocap import packs
from pose3d_cli.datasets.synthetic import clips
from pose3d_cli.metrics.against_truth import compare, read_truth

_LEGS, _ARMS = ("knee", "ankle", "heel", "foot_index"), ("elbow", "wrist", "pinky", "index", "thumb")
# Of each kind: what is swapped (None is everything), or nothing is.
KINDS: dict[str, tuple[str, ...] | None] = {
    "body swapped": None,
    "legs swapped": _LEGS,
    "arms swapped": _ARMS,
    "a joint jumps": ("elbow", "wrist", "knee", "ankle"),
    "a joint drops out": ("elbow", "wrist", "knee", "ankle"),
}
RATE = 10  # looks a second at motion capture
_EVERY_S = 1.5  # seconds from one fault to the next
_SWAPPED_LOOKS, _JUMPED_LOOKS, _DROPPED_LOOKS = (1, 8), (1, 2), (1, 4)  # the fewest and the most
_JUMP = (0.4, 1.2)  # sizes of the person: half the diagonal of the box


@dataclass(frozen=True)
class Fault:
    """What was put into some frames, the first and the last of them named; of a joint that jumps, which."""

    first: int
    last: int
    joint: str = ""


@dataclass
class Count:
    """What became of the faults of a kind."""

    put: int = 0
    found: int = 0
    false: int = 0


def detected(name: str, folder: Path) -> tuple[Poses, Path]:
    """Keypoints of a clip's one person, found once, and the clip's truth."""
    kept, truth = folder / f"{name}.npz", folder / f"{name}_truth.npz"
    if not (kept.is_file() and truth.is_file()):
        video, truth = clips.make(name, folder)
        iw.detect(video).save(kept)
    found = formats.read(kept)
    longest = max(found.persons, key=lambda person: int((found.person_id == person).sum()))
    return found.of_person(longest), truth


def with_faults(poses: Poses, kind: str, random: np.random.Generator) -> tuple[Poses, list[Fault]]:
    """Faults of one kind in some looks, and the frames between filled anew."""
    looks = poses.rows(np.isin(poses.frame, poses.meta["looks"]))
    keypoints, scores, faults = looks.keypoints.copy(), looks.scores.copy(), []
    for first in _places(looks.seconds, random):
        if "swapped" in kind:
            last = min(first + int(random.integers(*_SWAPPED_LOOKS, endpoint=True)) - 1, len(looks) - 4)
            left = [joint for joint in looks.joints if "left" in joint and _is_one(joint, KINDS[kind])]
            one, other = looks.skeleton.indices(*left), looks.skeleton.indices(*map(mirror_name, left))
            for values in (keypoints, scores):
                values[first : last + 1, one + other] = values[first : last + 1, other + one]
            faults.append(Fault(int(looks.frame[first]), int(looks.frame[last])))
            continue
        few = _JUMPED_LOOKS if "jumps" in kind else _DROPPED_LOOKS
        last = min(first + int(random.integers(*few, endpoint=True)) - 1, len(looks) - 4)
        name = f"{random.choice(['left', 'right'])}_{random.choice(KINDS[kind] or ())}"
        joint, rows = looks.skeleton.index(name), slice(first, last + 1)
        if "jumps" in kind:
            size = float(np.linalg.norm(np.ptp(looks.keypoints[first], axis=0))) / 2
            angle = random.uniform(0, 2 * np.pi)
            keypoints[rows, joint] += random.uniform(*_JUMP) * size * np.array([np.cos(angle), np.sin(angle)])
        else:
            keypoints[rows, joint], scores[rows, joint] = 0, 0
        faults.append(Fault(int(looks.frame[first]), int(looks.frame[last]), name))
    return fill(looks.replace(keypoints=keypoints, scores=scores), max_gap=USUAL.longest_gap), faults


def _is_one(joint: str, names: tuple[str, ...] | None) -> bool:
    return names is None or joint.removeprefix("left_") in names


def _places(seconds: np.ndarray, random: np.random.Generator) -> Iterator[int]:
    """Looks at which faults begin, not among the first or last."""
    for time in np.arange(seconds[0] + 0.5, seconds[-1] - 1.5, _EVERY_S):
        yield int(np.searchsorted(seconds, time + random.uniform(0, _EVERY_S / 3)))


def judge(cleaned: Poses, faults: list[Fault], kind: str, count: Count) -> None:
    """Count what was found: a fault at half or more of whose frames something of its kind was changed."""
    mended = [one for runs in cleaned.meta.get(NOTE, {}).values() for one in runs]
    count.put += len(faults)
    for fault in faults:
        frames = set(range(fault.first, fault.last + 1))
        reason = "swapped" if "swapped" in kind else "outlier"
        told = [set(range(one[0], one[1] + 1)) for one in mended if one[3] == reason]
        if fault.joint:
            told = [set(range(one[0], one[1] + 1)) for one in mended if one[3] == reason and one[2] == fault.joint]
        count.found += 2 * len(frames & set().union(*told)) >= len(frames)
    for first, last, *_ in mended:
        count.false += not any(first <= fault.last and fault.first <= last for fault in faults)


def off(keypoints: Poses, truth: Path) -> float:
    """How far keypoints are from the true ones, pixels."""
    true = load_npz(truth, expected="the truth of a clip")["coco"][:, 0]
    found = remap(keypoints, COCO17)
    return float(np.linalg.norm(found.keypoints - true[found.frame], axis=2).mean())


def errors(keypoints: Poses, truth: Path, lifter: iw.TrainedLifter) -> np.ndarray:
    """(2, 3) MPJPE, P-MPJPE and acceleration error of what is lifted, and of the whole clip solved."""
    lifted = lift_people(keypoints, lifter, ASSUMED)
    solved = refine_people(lifted, [WholeClip().seeing(keypoints)])
    found = compare({"lifted": lifted, "solved": solved}, read_truth(truth))
    return np.array([(one.mpjpe, one.p_mpjpe, one.acceleration) for one in found.values()])


def changed_mocap(path: Path) -> tuple[float, int]:
    """Minutes of motion capture, each sequence seen from some side, and how often cleaning changes something of it."""
    mocap, random = packs.load([path]), np.random.default_rng(0)
    minutes, changes = 0.0, 0
    for number in range(len(mocap.names)):
        joints = mocap.sequence(number)[:, : len(HUMAN36M17)].astype(float)
        seconds = np.arange(len(joints)) / mocap.fps
        looks = np.unique((np.arange(0, seconds[-1], 1 / RATE) * mocap.fps).round().astype(int))
        yaw = random.uniform(0, 2 * np.pi)
        x, y, z = np.moveaxis(joints[looks] - joints[:, :1].mean(axis=0), 2, 0)
        away = 8 + x * np.sin(yaw) + y * np.cos(yaw)  # metres
        pixels = 1000 * np.stack([x * np.cos(yaw) - y * np.sin(yaw), -z], axis=-1) / away[..., None]
        poses = Poses(
            keypoints=pixels + random.normal(0, 2, pixels.shape),
            scores=np.ones(pixels.shape[:2]),
            frame=looks,
            person_id=np.zeros(len(looks)),
            skeleton=HUMAN36M17,
            space="image",
            video=Source(mocap.names[number], width=1920, height=1080, fps=mocap.fps, timestamps=seconds),
            meta={"looks": looks.tolist()},
        )
        minutes += seconds[-1] / 60
        changes += len(clean(poses).meta.get(NOTE, {}).get("0", []))
    return minutes, changes


def said(rows: list[np.ndarray]) -> str:
    """Means, as text: lifted | solved."""
    return " | ".join(" / ".join(f"{value:.1f}" for value in one) for one in np.mean(rows, axis=0))


def main(folder: Path, mocap: list[Path], *, seeds: int, quick: bool) -> int:
    """Run everything; the exit code."""
    alarms = 0
    for path in mocap:
        minutes, changes = changed_mocap(path)
        print(f"{path.stem}: {changes} changes in {minutes:.1f} minutes without faults", flush=True)
        alarms += changes
    lifter = None if quick else iw.load_lifter("pstmo_coco")
    given = {name: detected(name, folder) for name in ("demo", *clips.EVALUATION_CLIPS)}
    changed = {name: (off(poses, truth), off(clean(poses), truth)) for name, (poses, truth) in given.items()}
    told = [f"{name}, {a:.2f} to {b:.2f} pixels off" for name, (a, b) in changed.items() if a != b]
    print(f"changed without faults: {', '.join(told) or 'nothing'}")
    if lifter is not None:
        print(f"without faults: {said([errors(*given[name], lifter) for name in clips.EVALUATION_CLIPS])}", flush=True)
    for kind in KINDS:
        count, before, after = Count(), [], []
        for name, (poses, truth) in given.items():
            for seed in range(seeds):
                faulty, faults = with_faults(poses, kind, np.random.default_rng(seed))
                cleaned = clean(faulty)
                judge(cleaned, faults, kind, count)
                if lifter is not None and seed == 0 and name in clips.EVALUATION_CLIPS:
                    before.append(errors(faulty, truth, lifter))
                    after.append(errors(cleaned, truth, lifter))
        lifted = f"; {said(before)} -> {said(after)}" if before else ""
        print(f"{kind}: {count.found} of {count.put} found, {count.false} false{lifted}", flush=True)
    return int(bool(alarms) or any(b > a for a, b in changed.values()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--mocap", type=Path, nargs="*", default=[])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        kept: Path = asked.keep or Path(temporary)
        kept.mkdir(parents=True, exist_ok=True)
        code = main(kept, asked.mocap, seeds=asked.seeds, quick=asked.quick)
    sys.exit(code)
