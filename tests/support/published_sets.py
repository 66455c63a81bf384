"""Tiny data sets of our own motion in the layouts that published ones are given away in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from scipy.io import savemat

from in_the_wild.camera import project, world_to_camera
from in_the_wild.skeletons import COCO17, HUMAN36M17, HUMANEVA15, JHMDB15, LSP14, MPI_INF_3DHP17, MPII16, Skeleton
from in_the_wild.steps.remap import remap_arrays
from pose3d_cli.datasets.readers._deciwatch import REGRESSED17
from pose3d_cli.datasets.readers.human36m import JOINTS32
from pose3d_cli.datasets.synthetic import clips
from pose3d_cli.datasets.synthetic.motion import actions
from pose3d_cli.datasets.synthetic.motion.curves import Action
from pose3d_cli.datasets.synthetic.motion.play import play

# 2D keypoints by what the files call them: their order, and what their metadata says of it.
HUMAN36M_KEYPOINTS = {
    "gt": (HUMAN36M17, None),
    "cpn_ft_h36m_dbb": (HUMAN36M17, "h36m"),
    "detectron_pt_coco": (COCO17, "coco"),
    "sh_pt_mpii": (MPII16, None),
}
HUMANEVA_KEYPOINTS = {"gt": (HUMANEVA15, "humaneva15"), "detectron_pt_coco": (COCO17, "coco")}
# HumanEva's files have no intrinsics; these are about right.
HUMANEVA_INTRINSICS = (750.0, 750.0, 320.0, 240.0, 0, 0, 0, 0, 0)


def moved(action: Action, *, fps: float, frames: int, heading: float) -> np.ndarray:
    """(T, 17, 3) Human3.6M joints in the world, z up, in the middle of the room; the first frames of an action."""
    return play([action], fps=fps).placed(heading=heading).joints[:frames]


def camera_table(name: str) -> dict[str, Any]:
    """Cameras as the program ships them."""
    found: dict[str, Any] = json.loads(resources.files("pose3d_cli.datasets.readers").joinpath(name).read_text())
    return found


def seen(world: np.ndarray, places: Sequence[dict[str, Any]]) -> list[np.ndarray]:
    """World joints in the space of every camera."""
    return [
        world_to_camera(
            world,
            quaternion=np.array(place["quaternion"]),
            translation=np.array(place["translation_mm"]) / 1000,
        )
        for place in places
    ]


def metadata(skeleton: Skeleton, layout: str | None) -> dict[str, Any]:
    """What VideoPose3D's scripts say of keypoints; some of them leave the name out."""
    sides = [[j for j in range(len(skeleton)) if skeleton.side(j) == side] for side in ("left", "right")]
    return {
        **({} if layout is None else {"layout_name": layout}),
        "num_joints": len(skeleton),
        "keypoints_symmetry": sides,
    }


def as_detected(points: np.ndarray, skeleton: Skeleton) -> np.ndarray:
    """Human3.6M joints (T, 17, C) as other keypoints, as well as can be: unknown face points lie on the neck."""
    near = {
        "head_top": "head",
        "nose": "neck",
        **{f"{s}_{o}": "neck" for s in ("left", "right") for o in ("eye", "ear")},
    }
    return points[:, HUMAN36M17.indices(*(near.get(joint, joint) for joint in skeleton.joints))]


def write_human36m(folder: Path, *, subjects: Sequence[str] = ("S1", "S5", "S9"), frames: int = 40) -> Path:
    """Human3.6M as VideoPose3D keeps it: two actions seen by all four cameras, every kind of keypoints.

    Keypoints that are not the truth are a few pixels off, and their videos run on for three frames.
    """
    table = camera_table("human36m_cameras.json")
    joints: dict[str, Any] = {subject: {} for subject in subjects}
    keypoints: dict[str, Any] = {kind: {subject: {} for subject in subjects} for kind in HUMAN36M_KEYPOINTS}
    rng = np.random.default_rng(0)
    for number, subject in enumerate(subjects):
        for name, action in (("Walking", actions.walk()), ("Greeting 1", actions.wave())):
            world = moved(action, fps=50, frames=frames + 3, heading=70.0 * number)
            joints[subject][name] = _with_32(world[:frames]).astype(np.float32)
            views = [
                project(view, np.array(camera["intrinsics"]))
                for view, camera in zip(seen(world, table["places"][subject]), table["cameras"], strict=True)
            ]
            for kind, (skeleton, _) in HUMAN36M_KEYPOINTS.items():
                keypoints[kind][subject][name] = list(_found(views, kind, skeleton, frames=frames, rng=rng))
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / "data_3d_h36m.npz", positions_3d=joints)  # type: ignore[arg-type]
    for kind, layout in HUMAN36M_KEYPOINTS.items():
        _save_keypoints(folder / f"data_2d_h36m_{kind}.npz", keypoints[kind], metadata(*layout))
    return folder


def _with_32(joints: np.ndarray) -> np.ndarray:
    """The 17 joints (T, 17, 3) among all 32 of the motion capture; those in between are wrong by design."""
    every = np.empty((len(joints), len(JOINTS32), 3))
    for j, name in enumerate(JOINTS32):
        every[:, j] = joints[:, HUMAN36M17.index(name)] if name in HUMAN36M17.joints else every[:, j - 1] + 0.07
    return every


def write_humaneva(folder: Path, *, subjects: Sequence[str] = ("S1", "S2"), frames: int = 40) -> Path:
    """HumanEva-I as VideoPose3D keeps it: a take in two chunks and a whole one, by subjects that train and test."""
    table = camera_table("humaneva_cameras.json")
    parts = [f"{part}/{subject}" for subject in subjects for part in ("Train", "Validate")]
    joints: dict[str, Any] = {part: {} for part in parts}
    keypoints: dict[str, Any] = {kind: {part: {} for part in parts} for kind in HUMANEVA_KEYPOINTS}
    rng = np.random.default_rng(0)
    for number, part in enumerate(parts):
        walked = moved(actions.walk(), fps=60, frames=2 * frames + 6, heading=70.0 * number)
        boxed = moved(actions.punch(), fps=60, frames=frames + 3, heading=70.0 * number)
        for name, world in (
            ("Walking 1 chunk0", walked[: frames + 3]),
            ("Walking 1 chunk2", walked[frames + 3 :]),
            ("Box 1 chunk0", boxed),
        ):
            joints[part][name] = as_detected(world[:frames], HUMANEVA15).astype(np.float32)
            views = [
                project(v, np.array(HUMANEVA_INTRINSICS)) for v in seen(world, table["places"][part.split("/")[1]])
            ]
            for kind, (skeleton, _) in HUMANEVA_KEYPOINTS.items():
                keypoints[kind][part][name] = list(_found(views, kind, skeleton, frames=frames, rng=rng))
    keypoints["detectron_pt_coco"]["Unlabeled/S4"] = {"Box 2": [np.zeros((5, 17, 2), np.float32)] * 3}
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / "data_3d_humaneva15.npz", positions_3d=joints)  # type: ignore[arg-type]
    for kind, layout in HUMANEVA_KEYPOINTS.items():
        _save_keypoints(folder / f"data_2d_humaneva15_{kind}.npz", keypoints[kind], metadata(*layout))
    return folder


def _found(
    views: Sequence[np.ndarray], kind: str, skeleton: Skeleton, *, frames: int, rng: np.random.Generator
) -> Iterator[np.ndarray]:
    """What a detector finds in every view (T, 17, 2); the truth has neither errors nor frames too many."""
    for view in views:
        points = as_detected(view, skeleton)
        found = points[:frames] if kind == "gt" else points + rng.normal(0, 2, points.shape)
        yield found.astype(np.float32)


def _save_keypoints(path: Path, positions: dict[str, Any], about: dict[str, Any]) -> None:
    np.savez_compressed(path, positions_2d=positions, metadata=about)  # type: ignore[arg-type]


def write_mpi_inf_3dhp(
    folder: Path,
    *,
    takes: Sequence[str] = ("S1 Seq1", "S2 Seq1"),
    sequences: Sequence[str] = ("TS1", "TS5"),
    frames: int = 40,
) -> Path:
    """Some takes and test sequences of MPI-INF-3DHP in the authors' layout; of the latter two frames in three count."""
    for number, take in enumerate(takes):
        cameras = [
            _walk_seen(0.4 * number + 0.45 * camera, width=2048, height=2048, frames=frames) for camera in range(14)
        ]
        cells = {name: np.empty((14, 1), object) for name in ("annot2", "annot3", "univ_annot3")}
        for camera, (pixels, joints) in enumerate(cameras):
            cells["annot2"][camera, 0] = _among_28(pixels)
            cells["annot3"][camera, 0] = _among_28(joints * 1050)
            cells["univ_annot3"][camera, 0] = _among_28(joints * 1000)
        path = folder / "train" / Path(*take.split()) / "annot.mat"
        path.parent.mkdir(parents=True)
        savemat(path, {"cameras": np.arange(14, dtype=np.int32)[None], **cells})
    for number, sequence in enumerate(sequences):
        width, height = (1920, 1080) if sequence in ("TS5", "TS6") else (2048, 2048)
        pixels, joints = _walk_seen(0.3 + 0.7 * number, width=width, height=height, frames=frames)
        path = folder / "test" / sequence / "annot_data.mat"
        path.parent.mkdir(parents=True)
        with h5py.File(path, "w", userblock_size=512) as file:
            file["annot2"] = pixels[:, None]
            file["annot3"], file["univ_annot3"] = joints[:, None] * 1050, joints[:, None] * 1000
            file["valid_frame"] = (np.arange(frames) % 3 > 0).astype(float)[None]
            file["activity_annotation"] = (1.0 + np.arange(frames) % 7)[None]
    return folder


def _walk_seen(azimuth: float, *, width: int, height: int, frames: int) -> tuple[np.ndarray, np.ndarray]:
    """A walk: (T, 17, 2) pixels and (T, 17, 3) metres of MPI-INF-3DHP's joints before a camera."""
    moved = play([actions.walk()], fps=25).joints[:frames]  # (T, 17, 3) Human3.6M's, z up
    given, _ = remap_arrays(moved, np.ones(moved.shape[:2]), HUMAN36M17, MPI_INF_3DHP17)
    given = given - given[:, MPI_INF_3DHP17.root].mean(axis=0)
    cos, sin = np.cos(azimuth), np.sin(azimuth)
    joints = given @ np.array([[cos, sin, 0], [0, 0, -1], [-sin, cos, 0]]).T + np.array([0, 0, 4])
    return joints[..., :2] / joints[..., 2:] * 0.7 * width + np.array([width, height]) / 2, joints


def _among_28(values: np.ndarray) -> np.ndarray:
    """(T, 17, C) among the 28 joints of the training files: (T, 28 * C); the others are where the pelvis is."""
    among = np.repeat(values[:, [MPI_INF_3DHP17.root]], 28, axis=1)
    # joint_idx of "relevant" in the authors' mpii_get_joints.m, which counts from 1.
    among[:, np.array([8, 6, 15, 16, 17, 10, 11, 12, 24, 25, 26, 19, 20, 21, 5, 4, 7]) - 1] = values
    return among.reshape(len(values), -1)


# What DeciWatch's files are called by, and by whose answers.
DECIWATCH = {
    "human36m_fcn": ("h36m", "fcn"),
    "pw3d": ("pw3d", "spin"),
    "aist": ("aist", "spin"),
    "jhmdb": ("jhmdb", "simplepose"),
}


def write_deciwatch(folder: Path, reader: str, *, estimator: str | None = None, frames: int = 60) -> Path:
    """One of the four sets in DeciWatch's layout: three sequences to train on and two to test, the last one shorter.

    Estimates are larger than the truth, and shaken; what is longer than wide is a picture of 240 by 320.
    """
    rng = np.random.default_rng(0)
    name, by = DECIWATCH[reader]
    by = estimator or by
    for split, names in (("train", ("walk", "squat", "wave")), ("test", ("reach", "sway"))):
        made = [
            _deciwatch_sequence(reader, action, number, frames - 7 * number, rng) for number, action in enumerate(names)
        ]
        for file, part in ((f"groundtruth_poses/{name}/{name}_gt", 0), (f"detected_poses/{name}/{by}/{name}_{by}", 1)):
            path = folder / f"{file}_{split}.npz"
            path.parent.mkdir(parents=True, exist_ok=True)
            arrays = {key: [one[part][key] for one in made] for key in made[0][part]}
            np.savez_compressed(path, **{key: _objects(values) for key, values in arrays.items()})
    return folder


def _deciwatch_sequence(
    reader: str, action: str, number: int, frames: int, rng: np.random.Generator
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Truth and estimate of a sequence as the files have it."""
    joints = _before_a_camera(action, 0.4 * number)[:frames]
    pose = np.sin(np.arange(frames)[:, None] / 9 + np.arange(72)) * 0.5
    shape = np.tile(rng.normal(size=10), (frames, 1))
    pictures = {
        "human36m_fcn": f"S{number + 1}/{action}_1/camera{number}",
        "pw3d": "downtown_walking_00",  # two people or more in one video
        "aist": f"gBR_sBM_c0{number + 1}_d04_mBR0_ch0{number}",
        "jhmdb": f"{action}/clip_{number}",
    }[reader]
    names = [f"{pictures}/image_{frame:05d}.jpg" for frame in range(frames)]
    if reader == "jhmdb":
        near = {"belly": "spine", "face": "neck", "neck": "thorax"}
        chosen = joints[:, HUMAN36M17.indices(*(near.get(joint, joint) for joint in JHMDB15.joints)), :2]
        points = chosen * 90 + [160, 120]
        boxes = np.concatenate([points.min(axis=1) - 5.4, points.max(axis=1) + 5.4], axis=1)
        off = (points - [160, 120]) * 1.1 + [160, 120] + rng.normal(0, 2, points.shape)
        return (
            {
                "imgname": names,
                "joints_2d": points.reshape(frames, -1),
                "imgshape": np.array([240, 320, 3]),
                "bbox": boxes,
            },
            {"imgname": names, "joints_2d": off.reshape(frames, -1)},
        )
    if reader == "pw3d":
        near = {"head_top": "head", "head": "neck", "neck": "thorax"}
        joints = joints[:, HUMAN36M17.indices(*(near.get(joint, joint) for joint in REGRESSED17))]
    elif reader == "aist":
        near = {"head_top": "head", "neck": "thorax"}
        joints = joints[:, HUMAN36M17.indices(*(near.get(joint, joint) for joint in LSP14.joints))]
    off = joints * 1.1 + rng.normal(0, 0.01, joints.shape)
    truth = {"imgname": names, "joints_3d": joints.reshape(frames, -1)}
    estimate = {"imgname": names, "joints_3d": off.reshape(frames, -1)}
    if reader != "human36m_fcn":
        truth |= {"pose": pose, "shape": shape}
        estimate |= {"pose": pose * 0.8 + rng.normal(0, 0.02, pose.shape), "shape": shape, "camera": shape[:, :3]}
    if reader == "aist":
        del truth["shape"]
        truth |= {"trans": shape[:, :3], "scaling": np.array(90.0)}
    return truth, estimate


@cache
def _before_a_camera(action: str, heading: float) -> np.ndarray:
    """(T, 17, 3) Human3.6M joints from the pelvis: x right, y down, z away."""
    joints = moved(getattr(actions, action)(), fps=50, frames=100, heading=heading)
    return (joints - joints[:, :1])[..., [0, 2, 1]] * [1, -1, 1]


def _objects(values: Sequence[Any]) -> np.ndarray:
    """An array of objects with one entry per sequence, which numpy pickles."""
    found = np.empty(len(values), object)
    for i, value in enumerate(values):
        found[i] = value
    return found


@cache
def scene(name: str) -> dict[str, np.ndarray]:
    """The truth about a clip, as `clips.make` saves it; not to be changed."""
    return clips.scene(name).truth()


def write_coco(folder: Path, *, truth: bool = True) -> Path:
    """Own videos in COCO's format: two people by video and track to train on, one by file names to test on.

    Person 2 is missing in the pictures 8 and 9 of his 20. The test has every second picture, and in its fourth and
    fifth nobody labelled the left wrist.

    Args:
        folder: Where the files go.
        truth: Whether 3D joints lie beside them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    two, one = scene("two_people"), scene("one_person")
    images, annotations, rows = [], [], []
    for frame in range(20):
        images.append({"id": 100 + frame, "video_id": 7, "frame_id": frame, **_coco_size(two)})
        for person in range(2):
            if person == 1 and frame in (8, 9):
                continue
            rows.append((frame, person))
            found = _coco_annotation(len(rows), 100 + frame, two["coco"][frame, person])
            annotations.append({**found, "track_id": person + 1})
    videos = [{"id": 7, "name": "street"}]
    _save_coco(folder / "train.json", images, annotations, videos=videos)
    if truth:
        _save_coco_joints(folder / "train_joints3d.npz", two, rows)
    images, annotations, rows = [], [], []
    for frame in range(0, 30, 2):
        images.append({"id": frame, "file_name": f"wave/{frame:06d}.jpg", **_coco_size(one)})
        rows.append((frame, 0))
        hidden = ("left_wrist",) if frame in (6, 8) else ()
        annotations.append(_coco_annotation(len(rows), frame, one["coco"][frame, 0], hidden=hidden))
    _save_coco(folder / "test.json", images, annotations)
    if truth:
        _save_coco_joints(folder / "test_joints3d.npz", one, rows)
    return folder


def _coco_size(truth: dict[str, np.ndarray]) -> dict[str, Any]:
    return {"width": int(truth["width"]), "height": int(truth["height"])}


def _coco_annotation(number: int, image: int, points: np.ndarray, *, hidden: Sequence[str] = ()) -> dict[str, Any]:
    """One person (17, 2); keypoints that are hidden are not labelled."""
    rows = np.concatenate([points, np.full((len(points), 1), 2.0)], axis=1)
    rows[COCO17.indices(*hidden)] = 0
    low, high = points.min(axis=0), points.max(axis=0)
    return {
        "id": number,
        "image_id": image,
        "category_id": 1,
        "iscrowd": 0,
        "num_keypoints": len(points) - len(hidden),
        "keypoints": [round(float(value), 3) for value in rows.ravel()],
        "bbox": [*low.tolist(), *(high - low).tolist()],
    }


def _save_coco(path: Path, images: list[Any], annotations: list[Any], **more: Any) -> None:
    categories = [{"id": 1, "name": "person", "keypoints": list(COCO17.joints)}]
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories, **more}))


def _save_coco_joints(path: Path, truth: dict[str, np.ndarray], rows: Sequence[tuple[int, int]]) -> None:
    K = truth["K"]
    np.savez(
        path,
        annotation_id=np.arange(len(rows)) + 1,
        joints=np.stack([truth["joints_camera"][frame, person] for frame, person in rows]),
        fps=truth["fps"],
        intrinsics=np.array([K[0, 0], K[1, 1], K[0, 2], K[1, 2]]),
    )


def write_custom(folder: Path) -> Path:
    """Detections in two own videos as VideoPose3D's data/prepare_data_2d_custom.py leaves them."""
    folder.mkdir(parents=True, exist_ok=True)
    scenes = {"wave.mp4": scene("one_person"), "street.mp4": scene("two_people")}
    positions = {video: {"custom": [truth["coco"][:25, 0]]} for video, truth in scenes.items()}
    sizes = {video: {"w": int(truth["width"]), "h": int(truth["height"])} for video, truth in scenes.items()}
    about = {**metadata(COCO17, "coco"), "video_metadata": sizes}
    _save_keypoints(folder / "data_2d_custom_myvideos.npz", positions, about)
    return folder
