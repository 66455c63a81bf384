"""The CMU database's own files, ASF/AMC and BVH, as the joints of the motion capture packs at 50 frames a second.

Definitions are those of the packs' `meta`. Read again from their sources, 16 AMC files gave the packs' joints within
0.1 mm, and 98 BVH files within 5 mm (0.1 mm below the thorax) and cut at the same frames:

- Hips, knees, ankles, shoulders and elbows are the ends of CMU's bones; the pelvis is the middle of the hips, the spine
  the end of the lower back, the thorax the end of the lower neck.
- The wrist lies 95.5 % of the way from the elbow to the end of `lwrist`, which is beyond the forearm's own bone.
- Neck, head and face are fixed points of the head, from the joint between spine and skull, for an average adult; half
  of a person's difference in size goes into them. CMU's heads nod at rest, each subject's by another angle: see
  `_NODS`.

The BVH files are those of the conversion for MotionBuilder (B. Hahne, cgspeed), which drops the bones `thorax` and
`lwrist`. Here the chest ends straight above its joint, as far as the bone below is long, which was within 14 mm of the
ASF skeletons' in sixteen; the wrist's bone is half as long as the forearm's, as in all of those. The first frame is
a T-pose, and left out.

Frame rates: AMC files say none, and the BVH conversion says 120 for all. Most were recorded at 120, but the salsa of
subjects 60 and 61 at 60, and others too, which nobody lists reliably. A file `frame-rates.txt` beside the data, with a
subject or take and its rate in each line ("60 60", "89_01 60"), has the last word.

Where joints are faster than 16 m/s or accelerate above 900 m/s^2 the capture jumps: a twenty-fourth of a second is cut
on both sides, and pieces of a second or more are kept.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from in_the_wild import bvh
from in_the_wild.errors import InputError, listed
from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.datasets.mocap import asf_amc

FPS = 50.0
# Those of `mocap.BODY22`.
JOINTS = (*HUMAN36M17.joints, "nose", "left_eye", "right_eye", "left_ear", "right_ear")

_MOTIONS = (".amc", ".bvh")
SUFFIXES = (*_MOTIONS, ".asf")
_METRES = 0.0254 / 0.45  # of the BVH files' unit, which is the ASF files'
# From y up, x to the left and z forward to z up: x stays.
_Z_UP = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]])
_WRIST = 0.955
# Of the whole forearm, `lradius` and `lwrist`, to `lradius` alone.
_WHOLE_FOREARM = 1.5

# Bone ends in ASF/AMC files.
_ENDS = {
    "right_hip": "rhipjoint",
    "right_knee": "rfemur",
    "right_ankle": "rtibia",
    "left_hip": "lhipjoint",
    "left_knee": "lfemur",
    "left_ankle": "ltibia",
    "spine": "lowerback",
    "thorax": "lowerneck",
    "left_shoulder": "lclavicle",
    "left_elbow": "lhumerus",
    "right_shoulder": "rclavicle",
    "right_elbow": "rhumerus",
}
# Joints of BVH files; those above the missing thorax bone apart.
_BELOW = {
    "right_hip": "RightUpLeg",
    "right_knee": "RightLeg",
    "right_ankle": "RightFoot",
    "left_hip": "LeftUpLeg",
    "left_knee": "LeftLeg",
    "left_ankle": "LeftFoot",
    "spine": "Spine",
}
_ABOVE = {
    "thorax": "Neck1",
    "left_shoulder": "LeftArm",
    "left_elbow": "LeftForeArm",
    "right_shoulder": "RightArm",
    "right_elbow": "RightForeArm",
}

# Head-fixed points (to the left, up, forward) from the joint between spine and skull, metres.
_HEAD = {
    "neck": (0.0, 0.03, 0.05),
    "head": (0.0, 0.15, 0.01),
    "nose": (0.0, 0.035, 0.13),
    "left_eye": (0.032, 0.07, 0.105),
    "right_eye": (-0.032, 0.07, 0.105),
    "left_ear": (0.075, 0.055, 0.02),
    "right_ear": (-0.075, 0.055, 0.02),
}
# Left leg and spine up to the thorax bone's end of somebody whose head is just so, metres.
_AVERAGE = 1.19

# Degrees that the head is raised by, for the subjects of the packs (their `meta`). Others' are estimated: so that half
# of the time that they stand upright they look more than five degrees down, as the packs' people do when they walk.
_NODS = {
    "01": 10.04, "02": -13.57, "03": 15.0, "05": 25.0, "06": 22.1, "07": 9.1, "08": 0.0, "09": 0.0, "10": 23.48,
    "11": 15.0, "12": 8.85, "13": 0.0, "16": 11.9, "26": 11.76, "27": 15.72, "29": 29.53, "32": 16.53, "35": 10.12,
    "37": 8.21, "38": 15.0, "43": 0.0, "46": 0.0, "55": 0.0,
}  # fmt: skip
_GAZE, _MOST_NOD, _UPRIGHT = -5.0, 15.0, 0.9

_USUAL_RATE = 120.0
_RATES = {"60": 60.0, "61": 60.0}
_RATES_FILE = "frame-rates.txt"
_INDEX = "cmu-mocap-index-text.txt"

_FASTEST, _SHARPEST, _MARGIN, _SHORTEST = 16.0, 900.0, 1 / 24, 1.0


@dataclass(frozen=True)
class Take:
    """A piece of a recording without jumps.

    Attributes:
        name: Of the file, "01_02"; of its pieces, if there are several, "01_02_s0" and so on.
        subject: The number before the file's, "01", or the folder's name where files have no such names.
        action: From the index, or the file's name.
        joints: (T, 22, 3) metres, z up, in the order of `JOINTS`, float32.
        fps: Frames per second.
    """

    name: str
    subject: str
    action: str
    joints: np.ndarray
    fps: float = FPS


@dataclass(frozen=True)
class _Body:
    """What both kinds of files give of a recording: metres, y up.

    Attributes:
        points: (T, 3) by name: all but neck, head and face.
        skull: (T, 3) where spine and skull meet.
        head: (T, 3, 3) from head to world, x to the left, y up, z forward.
        chest: (T, 3, 3) likewise.
        size: Left leg and spine up to the thorax bone's end.
        fps: Frames per second as the file says; 120 where it says nothing.
    """

    points: Mapping[str, np.ndarray]
    skull: np.ndarray
    head: np.ndarray
    chest: np.ndarray
    size: float
    fps: float


def find(folder: Path) -> list[Path]:
    """The motions in a folder, at any depth, and the skeletons that they need; of a take in both forms the AMC file.

    Raises:
        InputError: a take is there twice, or a motion lacks its skeleton.
    """
    found: dict[str, Path] = {}
    for suffix in _MOTIONS:
        names: dict[str, Path] = {}
        for path in sorted(folder.rglob(f"*{suffix}")):
            if path.stem in names:
                raise InputError(f"{path} and {names[path.stem]} are one take by their name; keep one of them.")
            names[path.stem] = path
        found = names | found
    motions = list(found.values())
    return sorted({*motions, *(_skeleton(path) for path in motions if path.suffix == ".amc")})


def read(
    source: Path | Sequence[Path], *, without: Collection[str] = (), only: Collection[str] | None = None
) -> Iterator[Take]:
    """Takes of the database, subject by subject.

    Args:
        source: A folder, or files of it as `find` gives them.
        without: Subjects to leave out.
        only: Subjects to keep; None keeps all.

    Raises:
        InputError: no motions, or a file that is broken; the message names file and line.
    """
    files = find(source) if isinstance(source, Path) else source
    motions = sorted((path for path in files if path.suffix in _MOTIONS), key=lambda path: (_subject(path), path.stem))
    if not motions:
        raise InputError(f"Motions (*.amc, *.bvh) were expected in {source}, found none.")
    top = source if isinstance(source, Path) else _common(motions)
    descriptions, rates = _descriptions(top), _rates(top)
    figures: dict[Path, asf_amc.Figure] = {}
    for subject, paths in groupby(motions, key=_subject):
        if subject in without or (only is not None and subject not in only):
            continue
        bodies = [(path, _from_amc(path, figures) if path.suffix == ".amc" else _from_bvh(path)) for path in paths]
        nod = _NODS[subject] if subject in _NODS else _estimate_nod([body for _, body in bodies])
        for path, body in bodies:
            said = _RATES.get(subject, body.fps) if body.fps == _USUAL_RATE else body.fps
            fps = rates.get(path.stem, rates.get(subject, said))
            joints = _joints(body, nod=nod)
            pieces = whole_pieces(joints[:, : len(HUMAN36M17)], fps=fps)
            for number, (start, end) in enumerate(pieces):
                piece = resample(joints[start:end], fps=fps, to=FPS)
                yield Take(
                    name=path.stem if len(pieces) == 1 else f"{path.stem}_s{number}",
                    subject=subject,
                    action=descriptions.get(path.stem, path.stem),
                    joints=(piece @ _Z_UP.T).astype(np.float32),
                )


def whole_pieces(joints: np.ndarray, *, fps: float) -> list[tuple[int, int]]:
    """Where no joint jumps, for a second or more.

    Args:
        joints: (T, J, 3) metres.
        fps: Frames per second.

    Returns:
        First frame and one past the last of each piece.
    """
    steps = np.diff(joints, axis=0)
    fast = (np.linalg.norm(steps, axis=-1) * fps > _FASTEST).any(axis=1)  # (T - 1,)
    sharp = (np.linalg.norm(np.diff(steps, axis=0), axis=-1) * fps**2 > _SHARPEST).any(axis=1)  # (T - 2,)
    bad = np.zeros(len(joints), dtype=bool)
    bad[:-1] |= fast
    bad[1:] |= fast
    bad[1:-1] |= sharp
    margin = round(_MARGIN * fps)
    good = np.convolve(bad, np.ones(2 * margin + 1), "full")[margin : margin + len(bad)] == 0
    edges = np.flatnonzero(np.diff(good, prepend=False, append=False))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2) if end - start >= _SHORTEST * fps]


def resample(joints: np.ndarray, *, fps: float, to: float) -> np.ndarray:
    """(T, J, 3) at another frame rate, between frames on straight lines; nothing beyond the last frame."""
    last = len(joints) - 1
    times = np.arange(int(last * to / fps + 1e-9) + 1) * fps / to
    before = np.minimum(times.astype(int), last)
    share = (times - before)[:, None, None]
    return joints[before] * (1 - share) + joints[np.minimum(before + 1, last)] * share


def _from_amc(path: Path, figures: dict[Path, asf_amc.Figure]) -> _Body:
    skeleton = _skeleton(path)
    if skeleton not in figures:
        figures[skeleton] = asf_amc.read_asf(skeleton)
    figure = figures[skeleton]
    needed = (*_ENDS.values(), "lwrist", "rwrist", "upperback", "thorax", "upperneck", "head")
    _require(skeleton, "bones", needed, figure.names)
    ends, turned = asf_amc.forward_kinematics(figure, asf_amc.read_amc(path, figure))
    at = {name: ends[:, i] for i, name in enumerate(figure.names)}
    points = {joint: at[bone] for joint, bone in _ENDS.items()}
    for side in ("left", "right"):
        elbow = points[f"{side}_elbow"]
        points[f"{side}_wrist"] = elbow + _WRIST * (at[f"{side[0]}wrist"] - elbow)
    lengths = {bone.name: float(np.linalg.norm(bone.offset)) for bone in figure.bones}
    return _Body(
        points=points,
        skull=at["upperneck"],
        head=turned[:, figure.names.index("head")],
        chest=turned[:, figure.names.index("thorax")],
        size=sum(lengths[name] for name in ("lfemur", "ltibia", "lowerback", "upperback", "thorax")),
        fps=_USUAL_RATE,
    )


def _from_bvh(path: Path) -> _Body:
    recording = bvh.read(path)
    names = recording.names
    needed = (*_BELOW.values(), *_ABOVE.values(), "LeftHand", "RightHand", "Spine1", "Head")
    _require(path, "joints of cgspeed's conversion for MotionBuilder", needed, names)
    places, turned = bvh.forward_kinematics(recording)
    if _starts_in_t_pose(recording):
        places, turned = places[1:], turned[1:]
    at = {name: places[:, i] * _METRES for i, name in enumerate(names)}
    lengths = {joint.name: float(np.linalg.norm(joint.offset)) * _METRES for joint in recording.joints}
    chest, head = (turned[:, names.index(name)] for name in ("Spine1", "Head"))
    thorax = lengths["Spine1"]
    up = chest[..., 1] * thorax  # (T, 3), the bone that is not there
    points = {joint: at[name] for joint, name in _BELOW.items()}
    points |= {joint: at[name] + up for joint, name in _ABOVE.items()}
    for side in ("left", "right"):
        forearm = at[f"{side.title()}Hand"] - at[f"{side.title()}ForeArm"]
        points[f"{side}_wrist"] = points[f"{side}_elbow"] + _WRIST * _WHOLE_FOREARM * forearm
    return _Body(
        points=points,
        skull=at["Head"] + up,
        head=head,
        chest=chest,
        size=sum(lengths[name] for name in ("LeftLeg", "LeftFoot", "Spine", "Spine1")) + thorax,
        fps=recording.fps,
    )


def _starts_in_t_pose(recording: bvh.Recording) -> bool:
    root = recording.joints[0].channels
    first = recording.values[0, : len(root)]
    turns = [value for value, channel in zip(first, root, strict=True) if channel.endswith("rotation")]
    return len(recording.values) > 1 and not any(turns)


def _joints(body: _Body, *, nod: float) -> np.ndarray:
    """(T, 22, 3) metres, y up; the head raised by `nod` degrees."""
    scale = (1 + body.size / _AVERAGE) / 2
    raised = Rotation.from_euler("x", -nod, degrees=True)
    points = {
        **body.points,
        "pelvis": (body.points["left_hip"] + body.points["right_hip"]) / 2,
        **{name: body.skull + body.head @ raised.apply(np.array(at) * scale) for name, at in _HEAD.items()},
    }
    return np.stack([points[name] for name in JOINTS], axis=1)


def _estimate_nod(bodies: Sequence[_Body]) -> float:
    heads = np.concatenate([body.head[body.chest[:, 1, 1] > _UPRIGHT] for body in bodies])
    if not len(heads):
        return 0.0
    return float(np.clip(_GAZE - np.median(np.degrees(np.arcsin(heads[:, 1, 2]))), -_MOST_NOD, _MOST_NOD))


def _subject(path: Path) -> str:
    found = re.fullmatch(r"(\d+)_\d+.*", path.stem)
    return found[1] if found else path.parent.name


def _skeleton(motion: Path) -> Path:
    """The ASF file of an AMC file: its subject's, or the only one of the folder."""
    named = motion.with_name(f"{_subject(motion)}.asf")
    found = [named] if named.is_file() else sorted(motion.parent.glob("*.asf"))
    if len(found) != 1:
        raise InputError(
            f"{motion} needs its skeleton: {named.name} was expected beside it, found {len(found)} .asf files."
        )
    return found[0]


def _require(path: Path, what: str, needed: Sequence[str], there: Sequence[str]) -> None:
    missing = [name for name in needed if name not in there]
    if missing:
        raise InputError(f"{path}: the {what} {listed(missing)} were expected, found {listed(there)}.")


def _common(files: Sequence[Path]) -> Path:
    """The nearest folder that all files are in."""
    shared = set(files[0].parents).intersection(*(path.parents for path in files))
    return max(shared, key=lambda folder: len(folder.parts))


def _beside(top: Path, name: str) -> list[tuple[Path, int, str]]:
    """Lines of the files of a name in a folder, at any depth, with file and number."""
    return [
        (path, number, line)
        for path in sorted(top.rglob(name))
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1)
    ]


def _descriptions(top: Path) -> dict[str, str]:
    """What is done in each take, from lines "NN_MM<tab>description" of the index, if it is there."""
    entries = (re.fullmatch(r"\s*(\d+_\d+)\s+(\S.*)", line) for _, _, line in _beside(top, _INDEX))
    return {entry[1]: entry[2].strip() for entry in entries if entry}


def _rates(top: Path) -> dict[str, float]:
    rates: dict[str, float] = {}
    for path, number, line in _beside(top, _RATES_FILE):
        if line.strip():
            entry = re.fullmatch(r"\s*(\S+)\s+(\d+(?:\.\d+)?)\s*", line)
            if not entry or float(entry[2]) <= 0:
                raise InputError(
                    f'{path}, line {number}: a subject or take and its rate were expected, found "{line}".'
                )
            rates[entry[1]] = float(entry[2])
    return rates
