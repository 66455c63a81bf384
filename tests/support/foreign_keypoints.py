"""2D keypoints as other programs write them, each after its published description; its reader cites it.

    path = foreign_keypoints.write("alphapose", poses, folder)
    formats.read(path, f"alphapose:size=640x360,fps=25")

Formats lose what they have no place for: size, rate, ids, frames without people at the end.
"""

from __future__ import annotations

import csv
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd

from in_the_wild.poses import Poses
from in_the_wild.skeletons import BLAZEPOSE33, COCO17, COCO18

# The format that reads what each of the writers writes, where it is not called as the writer is.
_OTHER_NAMES = {"plain_csv": "csv"}
# Which formats keep ids.
KEEP_IDS = ("alphapose", "deeplabcut", "deeplabcut_h5", "sleap", "coco", "coco_video", "plain_csv")


def write(name: str, poses: Poses, folder: Path) -> Path:
    """Write keypoints as one of `WRITERS` does.

    Args:
        name: Which.
        poses: Keypoints in the picture, of COCO's joints.
        folder: Where the file, or the folder of files, is made.

    Returns:
        What is to be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return WRITERS[name](poses, folder)


def _flat(poses: Poses, row: int) -> list[float]:
    """x, y, score of every joint in a row."""
    return np.column_stack([poses.keypoints[row], poses.scores[row]]).astype(float).ravel().tolist()


def _rows(poses: Poses, frame: int) -> list[int]:
    return np.flatnonzero(poses.frame == frame).tolist()


def _saved(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content))
    return path


def _box(poses: Poses, row: int) -> list[float]:
    """x, y, width and height."""
    low, high = poses.keypoints[row].min(axis=0), poses.keypoints[row].max(axis=0)
    return [*low.astype(float).tolist(), *(high - low).astype(float).tolist()]


def _alphapose(poses: Poses, folder: Path) -> Path:
    people = [
        {
            "image_id": f"{poses.frame[row]}.jpg",
            "category_id": 1,
            "keypoints": _flat(poses, row),
            "score": 2.9,
            "box": _box(poses, row),
            "idx": [[float(poses.person_id[row])]],
        }
        for row in range(len(poses))
    ]
    return _saved(folder / "alphapose-results.json", people)


def _as_coco18(poses: Poses) -> Poses:
    """COCO's keypoints and a neck between the shoulders, in OpenPose's order."""
    at = [COCO17.index("left_shoulder" if joint == "neck" else joint) for joint in COCO18.joints]
    keypoints, scores = poses.keypoints[:, at].copy(), poses.scores[:, at].copy()
    shoulders = COCO17.indices("left_shoulder", "right_shoulder")
    keypoints[:, COCO18.index("neck")] = poses.keypoints[:, shoulders].mean(axis=1)
    return poses.replace(keypoints=keypoints, scores=scores, skeleton=COCO18)


def _alphapose_frames(poses: Poses, folder: Path) -> Path:
    given = _as_coco18(poses)
    frames = folder / "sep-json"
    frames.mkdir()
    for frame in np.unique(given.frame).tolist():
        bodies = [{"joints": _flat(given, row)} for row in _rows(given, frame)]
        _saved(frames / f"{frame}.json", {"version": "AlphaPose v0.3", "bodies": bodies})
    return frames


def _openpose(poses: Poses, folder: Path, *, as_coco18: bool = False) -> Path:
    given = _as_coco18(poses) if as_coco18 else poses
    frames = folder / "openpose"
    frames.mkdir()
    for frame in range(int(poses.frame.max()) + 1):
        people = [
            {"person_id": [-1], "pose_keypoints_2d": _flat(given, row), "face_keypoints_2d": []}
            for row in _rows(given, frame)
        ]
        _saved(frames / f"my2_clip_{frame:012d}_keypoints.json", {"version": 1.3, "people": people})
    return frames


def _openpose_coco18(poses: Poses, folder: Path) -> Path:
    return _openpose(poses, folder, as_coco18=True)


def _mmpose_frames(poses: Poses, *, first: int) -> list[dict[str, Any]]:
    return [
        {
            "frame_id": frame + first,
            "instances": [
                {
                    "keypoints": poses.keypoints[row].astype(float).tolist(),
                    "keypoint_scores": poses.scores[row].astype(float).tolist(),
                    "bbox": [_box(poses, row)],
                    "bbox_score": 1.0,
                }
                for row in _rows(poses, frame)
            ],
        }
        for frame in range(int(poses.frame.max()) + 1)
    ]


def _mmpose(poses: Poses, folder: Path) -> Path:
    return _saved(folder / "mmpose.json", _mmpose_frames(poses, first=0))


def _mmpose_demo(poses: Poses, folder: Path) -> Path:
    about = {"dataset_name": "coco", "keypoint_id2name": dict(enumerate(COCO17.joints))}
    content = {"meta_info": about, "instance_info": _mmpose_frames(poses, first=1)}
    return _saved(folder / "results_clip.json", content)


def _rtmlib(poses: Poses, folder: Path) -> Path:
    frames = [
        {
            "keypoints": poses.keypoints[_rows(poses, frame)].astype(float).tolist(),
            "scores": poses.scores[_rows(poses, frame)].astype(float).tolist(),
        }
        for frame in range(int(poses.frame.max()) + 1)
    ]
    return _saved(folder / "rtmlib.json", frames)


def _coco_results(poses: Poses, folder: Path) -> Path:
    people = [
        {"image_id": int(poses.frame[row]), "category_id": 1, "keypoints": _flat(poses, row), "score": 0.9}
        for row in range(len(poses))
    ]
    return _saved(folder / "keypoints_results.json", people)


def _visible(poses: Poses, row: int) -> list[float]:
    """x, y, v as annotators write them: 2 is seen, and what is not labelled is 0, 0, 0."""
    return [
        number
        for (x, y), score in zip(poses.keypoints[row].astype(float).tolist(), poses.scores[row], strict=True)
        for number in ((x, y, 2) if score > 0 else (0, 0, 0))
    ]


def _coco(poses: Poses, folder: Path, *, by_video: bool = False) -> Path:
    size = {"width": poses.video.width, "height": poses.video.height}
    images = [
        {
            "id": 50 + frame,
            **({"video_id": 1, "frame_id": frame} if by_video else {"file_name": f"{frame:06d}.jpg"}),
            **size,
        }
        for frame in range(int(poses.frame.max()) + 1)
    ]
    annotations = [
        {
            "id": row + 1,
            "image_id": 50 + int(poses.frame[row]),
            "category_id": 1,
            "iscrowd": 0,
            "bbox": _box(poses, row),
            "keypoints": _visible(poses, row),
            "track_id": int(poses.person_id[row]),
        }
        for row in range(len(poses))
    ]
    categories = [{"id": 1, "name": "person", "keypoints": list(COCO17.joints)}, {"id": 2, "name": "ball"}]
    videos = [{"id": 1, "name": "clip", "fps": poses.video.fps}] if by_video else []
    content = {"info": {}, "images": images, "annotations": annotations, "categories": categories, "videos": videos}
    return _saved(folder / "person_keypoints_default.json", content)


def _coco_video(poses: Poses, folder: Path) -> Path:
    return _coco(poses, folder, by_video=True)


def _dense(poses: Poses, person: int) -> np.ndarray:
    """(T, J, 3) x, y and score of one person, NaN in frames without."""
    own = poses.of_person(person)
    dense = np.full((int(poses.frame.max()) + 1, len(poses.skeleton), 3), np.nan)
    dense[own.frame] = np.concatenate([own.keypoints, own.scores[..., None]], axis=2)
    return dense


def _videopose3d(poses: Poses, folder: Path) -> Path:
    dense = _dense(poses, poses.persons[0])
    path = folder / "data_2d_custom_myvideos.npz"
    about = {
        "layout_name": "coco",
        "num_joints": 17,
        "keypoints_symmetry": [[1], [2]],
        "video_metadata": {"clip.mp4": {"w": poses.video.width, "h": poses.video.height}},
    }
    positions = {"clip.mp4": {"custom": [dense[..., :2].astype("float32")]}}
    np.savez_compressed(path, positions_2d=positions, metadata=about)  # type: ignore[arg-type]
    return path


def _detectron(poses: Poses, folder: Path) -> Path:
    frames = int(poses.frame.max()) + 1
    boxes, keypoints = np.empty(frames, object), np.empty(frames, object)
    for frame in range(frames):
        rows = _rows(poses, frame)
        found = [
            np.concatenate([poses.keypoints[row].T, np.zeros((1, 17)), poses.scores[row][None]]) for row in rows
        ]  # (4, 17) each
        around = [[*_box(poses, row), 0.9] for row in rows]
        boxes[frame] = [[], np.array(around, np.float32) if rows else []]
        keypoints[frame] = [[], np.array(found, np.float32) if rows else []]
    path = folder / "clip.mp4.npz"
    about = {"w": poses.video.width, "h": poses.video.height}
    np.savez_compressed(
        path,
        boxes=boxes,
        segments=np.array([None] * frames),
        keypoints=keypoints,
        metadata=about,  # type: ignore[arg-type]
    )
    return path


def dlc_table(poses: Poses) -> pd.DataFrame:
    """The table of DeepLabCut's `analyze_videos` for several animals."""
    dense = np.concatenate([_dense(poses, person).reshape(-1, 51) for person in poses.persons], axis=1)
    levels = [["DLC_resnet50"], [f"person{one}" for one in poses.persons], list(poses.joints), ["x", "y", "likelihood"]]
    columns = pd.MultiIndex.from_product(levels, names=["scorer", "individuals", "bodyparts", "coords"])
    return pd.DataFrame(dense, columns=columns, index=range(len(dense)))


def _deeplabcut(poses: Poses, folder: Path) -> Path:
    path = folder / "clipDLC_resnet50.csv"
    dlc_table(poses).to_csv(path)
    return path


def _deeplabcut_h5(poses: Poses, folder: Path) -> Path:
    """As pytables writes a table of pandas, as far as anybody reads it."""
    table = dlc_table(poses)
    rows = np.empty(len(table), dtype=[("index", "<i8"), ("values_block_0", "<f8", (table.shape[1],))])
    rows["index"], rows["values_block_0"] = table.index, table.to_numpy()
    path = folder / "clipDLC_resnet50.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("df_with_missing")
        group["table"] = rows
        group.attrs["non_index_axes"] = np.bytes_(pickle.dumps([(1, list(table.columns))], protocol=0))
    return path


def _sleap(poses: Poses, folder: Path) -> Path:
    dense = np.stack([_dense(poses, person) for person in poses.persons])  # (P, T, J, 3)
    path = folder / "clip.analysis.h5"
    with h5py.File(path, "w") as file:
        file["tracks"] = dense[..., :2].transpose(0, 3, 2, 1)
        file["point_scores"] = dense[..., 2].transpose(0, 2, 1)
        file["node_names"] = np.array(poses.joints, dtype="S")
        file["track_names"] = np.array([f"track_{person}" for person in poses.persons], dtype="S")
    return path


def _mediapipe(poses: Poses, folder: Path) -> Path:
    """Shares of the picture; where COCO has no such joint, the nose."""
    at = [COCO17.index(joint if joint in COCO17.joints else "nose") for joint in BLAZEPOSE33.joints]
    shares = poses.keypoints[:, at] / np.array([poses.video.width, poses.video.height])
    scores = poses.scores[:, at]
    frames = [
        {
            "landmarks": [
                [
                    {"x": float(x), "y": float(y), "z": 0.0, "visibility": float(score)}
                    for (x, y), score in zip(shares[row], scores[row], strict=True)
                ]
                for row in _rows(poses, frame)
            ]
        }
        for frame in range(int(poses.frame.max()) + 1)
    ]
    return _saved(folder / "landmarks.json", frames)


def _plain_csv(poses: Poses, folder: Path) -> Path:
    path = folder / "plain.csv"
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["frame", "person", "joint", "x", "y", "score"])
        for row in range(len(poses)):
            for joint, (x, y), score in zip(poses.joints, poses.keypoints[row], poses.scores[row], strict=True):
                table.writerow([poses.frame[row], poses.person_id[row], joint, x, y, score])
    return path


WRITERS: dict[str, Callable[[Poses, Path], Path]] = {
    "alphapose": _alphapose,
    "alphapose_frames": _alphapose_frames,
    "openpose": _openpose,
    "openpose_coco18": _openpose_coco18,
    "mmpose": _mmpose,
    "mmpose_demo": _mmpose_demo,
    "rtmlib": _rtmlib,
    "coco_results": _coco_results,
    "coco": _coco,
    "coco_video": _coco_video,
    "videopose3d": _videopose3d,
    "detectron": _detectron,
    "deeplabcut": _deeplabcut,
    "deeplabcut_h5": _deeplabcut_h5,
    "sleap": _sleap,
    "mediapipe": _mediapipe,
    "plain_csv": _plain_csv,
}
READ_AS = {name: _OTHER_NAMES.get(name, name.partition("_")[0]) for name in WRITERS}
