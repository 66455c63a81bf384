"""One self-contained file of poses and their video, for any browser.

What is shown is put into the shipped page (`document`) as data: JSON, and bytes in base64. Nothing is fetched from
anywhere.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from in_the_wild import cautions, look, reasons
from in_the_wild.drawing.people import sizes_of
from in_the_wild.drawing.stage import placed, within_reach
from in_the_wild.files import whole_file
from in_the_wild.gather import Shown
from in_the_wild.measures.angles import HINGES, SIDES
from in_the_wild.page import encode, words
from in_the_wild.page.document import described_skeleton, document, header_name
from in_the_wild.page.footage import Footage
from in_the_wild.page.lens import Lens, lens
from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import Skeleton

_USUAL = (0.5, 99.5)  # percentiles: joints outside are taken for outliers when the scene is framed
_BEYOND = 0.4  # metres by which joints may lie outside that


def write(results: Sequence[Shown], path: Path, *, footage: Footage) -> None:
    """Write a page.

    Args:
        results: One, or several of one video to be compared.
        path: The .html to write.
        footage: The video.

    Raises:
        InputError: poses in the picture alone.
        OutputError: the file cannot be written.
    """
    scripts: dict[str, str] = {}
    described = [_described(shown, number, scripts) for number, shown in enumerate(results)]
    header = {"results": described, "video": _of_video(footage, results[0].poses), "look": look.plain(), "live": None}
    name = header_name(results[0].poses.video.path)
    with whole_file(path) as file:
        for part in document(name, header, {**scripts, "video": footage.source}):
            file.write(part.encode())


def _described(shown: Shown, number: int, scripts: dict[str, str]) -> dict[str, Any]:
    """A result for the header; its bytes are added to the scripts."""
    poses = shown.poses.rows(shown.poses.person_id >= 0)
    world = poses.world()
    kept = within_reach(world)
    poses, world = poses.rows(kept), world.rows(kept)
    world = world.replace(keypoints=placed(world, ()))
    encoded = encode.encode(world)
    names = [f"result{number}-chunk{chunk}" for chunk in range(len(encoded.chunks))]
    times = f"result{number}-times"
    for name, content in ((times, encoded.times), *zip(names, encoded.chunks, strict=True)):
        scripts[name] = base64.b64encode(content).decode()
    video = poses.video
    return {
        "name": shown.name,
        "skeleton": described_skeleton(poses.skeleton),
        "people": [
            {"id": track.id, "size": _size(world.of_person(track.id)), "spans": track.spans} for track in encoded.people
        ],
        "frames": video.frames,
        "fps": video.fps,
        "start": float(video.timestamps[0]) if video.frames else 0.0,
        "times": times,
        "chunks": names,
        **encode.CONSTANTS,
        "lens": _of_lens(poses, world),
        "hinges": _hinges(poses.skeleton),
        "bounds": _bounds(world.keypoints),
        "hasErrors": poses.error_mm is not None,
        "reasons": None if poses.reasons is None else reasons.SENTENCES,
        "cautions": _cautions(poses),
        "cuts": [int(frame) for frame in poses.meta.get("cuts", [])],
        "assumptions": words.assumptions(poses),
        "warnings": words.warnings(poses),
    }


def _of_lens(poses: Poses, world: Poses) -> dict[str, Any] | None:
    found = lens(poses, world)
    if found is None:
        return None
    return {
        "source": found.source,
        "focal": found.focal,
        "calibration": _of_calibration(found, poses.video),
        "axes": found.axes.tolist(),
        "places": {str(person): place.tolist() for person, place in found.places.items()},
    }


def _of_calibration(found: Lens, video: Source) -> dict[str, Any] | None:
    calibration = found.calibration
    if calibration is None:
        return None
    return {
        "focal": calibration.focal,
        "centre": calibration.centre,
        "distortion": calibration.distortion,
        "fisheye": calibration.fisheye,
        "reach": found.reach(video.width, video.height),
    }


def _cautions(poses: Poses) -> list[dict[str, Any]]:
    """What is not to be trusted, in a sentence each; joints that these poses do not have are left out."""
    return [
        {
            "from": one.start,
            "to": one.end,
            "person": one.person,
            "joints": [poses.skeleton.index(joint) for joint in one.joints if joint in poses.joints],
            "said": cautions.sentences([one])[0],
        }
        for one in map(cautions.Caution.of_note, poses.meta.get(cautions.NOTE, []))
    ]


def _hinges(skeleton: Skeleton) -> list[dict[str, Any]]:
    """The angles between two bones that this skeleton has, side by side."""
    found = []
    for hinge in HINGES:
        for side in SIDES:
            names = [f"{side}_{joint}" for joint in hinge.joints]
            if set(names) <= set(skeleton.joints):
                joints = [skeleton.index(name) for name in names]
                found.append({"name": f"{side}_{hinge.name}", "definition": hinge.definition, "joints": joints})
    return found


def _size(person: Poses) -> float:
    """How large a person is in all frames together, 1 for a grown one."""
    return float(np.median(sizes_of(person.keypoints, person.skeleton)))


def _bounds(points: np.ndarray) -> list[list[float]] | None:
    """Two corners of the box that people stay in, but for a few wild estimates."""
    if not len(points):
        return None
    places = points.reshape(-1, 3)
    low, high = np.percentile(places, _USUAL, axis=0)
    corners = np.maximum(low - _BEYOND, places.min(axis=0)), np.minimum(high + _BEYOND, places.max(axis=0))
    return [corner.tolist() for corner in corners]


def _of_video(footage: Footage, poses: Poses) -> dict[str, Any]:
    """The video for the header; its bytes or its path lie in an element of their own."""
    video = poses.video
    return {
        "name": header_name(video.path),
        "width": video.width,
        "height": video.height,
        "began": footage.began,
        "rotate": footage.rotate,
        "mirror": footage.mirror,
        "missing": footage.missing,
    }
