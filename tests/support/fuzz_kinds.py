"""Every kind of file that pose3d reads: a sound sample of each, and the way in which the program reads it.

A new file format has its kinds here by itself; a new data set is a line.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cmu_files
import cv2
import fakes
import foreign_keypoints
import labelled
import numpy as np
import packs
import published_sets
import references
import small_lifters
import torch
import yaml
from numbered_clips import make_clip, picture, run_ffmpeg

from in_the_wild import checkpoints, formats, inputs, plugins, settings
from in_the_wild.drawing.scene import Scene3D
from in_the_wild.errors import OutputError
from in_the_wild.formats._motion import MotionFormat
from in_the_wild.poses import Poses
from in_the_wild.skeletons import COCO17, HUMAN36M17
from in_the_wild.video.footage import Video
from in_the_wild.video.read import VideoReader
from in_the_wild.video.write import VideoWriter
from pose3d_cli import config
from pose3d_cli.datasets.mocap import packs as mocap
from pose3d_cli.datasets.prepared.sequences import open_folder
from pose3d_cli.datasets.prepared.summary import summarise

_CASES = Path(__file__).parents[1] / "cases"
_READERS = "pose3d_cli.datasets.readers"


@dataclass(frozen=True)
class Kind:
    """Files of one kind, and how they are read.

    Attributes:
        write: Makes sound samples in an empty folder.
        read: Reads what is in the folder as the program does, to the last value.
        which: The files of the folder that are damaged, one at a time.
    """

    write: Callable[[Path], object]
    read: Callable[[Path], object]
    which: str = "**/*"


def _only(folder: Path) -> Path:
    (path,) = (path for path in folder.iterdir() if path.is_file())
    return path


# Poses


def _poses(space: str) -> Poses:
    joints, root = fakes.walking(8)
    if space == "image":
        return fakes.poses2d(fakes.coco_pixels(joints, root))
    return Poses(
        keypoints=joints,
        scores=np.ones(joints.shape[:2]),
        frame=np.arange(8),
        person_id=np.zeros(8),
        skeleton=HUMAN36M17,
        space="camera",
        video=fakes.video(8),
        root=root,
        root_source="given focal",
    )


# What a format does not hold, and its user says.
_SAID = {".csv": "csv:size=1280x720"}


def _read_poses(folder: Path) -> None:
    path = _only(folder)
    poses = formats.read(path, _SAID.get(path.suffix))
    if poses.space == "image":
        return
    Scene3D(poses.world()).draw(0)


def _write_poses(folder: Path, *, name: str, space: str) -> None:
    formats.write(_poses(space), folder / f"poses{formats.load(name).suffixes[0]}", name)


def _formats() -> Iterator[tuple[str, Kind]]:
    """Formats that only read others' files, or only write, have no samples made by us."""
    for name in formats.names():
        kind = formats.load(name)
        if kind.reads and kind.writes:
            for space in ("camera",) if issubclass(kind, MotionFormat) else ("image", "camera"):
                yield f"{name}, {space}", Kind(partial(_write_poses, name=name, space=space), _read_poses)


# Keypoints of other programs, and the joint maps beside them


def _read_keypoints(folder: Path, *, name: str) -> None:
    (path,) = folder.iterdir()
    formats.recognise(path)
    formats.read(path, f"{foreign_keypoints.READ_AS[name]}:size=1280x720,fps=25")


def _write_keypoints(folder: Path, *, name: str) -> None:
    foreign_keypoints.write(name, _poses("image"), folder)


def _write_joint_map(folder: Path, *, suffix: str) -> None:
    names = {f"j{number}": joint for number, joint in enumerate(COCO17.joints)}
    (folder / f"map{suffix}").write_text(yaml.safe_dump(names) if suffix == ".yaml" else json.dumps(names, indent=1))


def _read_joint_map(folder: Path) -> None:
    own = folder.with_name("own.npz")
    joints = np.array([f"j{number}" for number in range(len(COCO17))])
    np.savez(own, keypoints=_poses("image").keypoints, joints=joints)
    formats.read(own, "npz:size=1280x720,fps=25", joints=_only(folder))


# Weights


def _own_weights(folder: Path) -> None:
    network = plugins.load("in_the_wild.lifters", "videopose3d")
    arguments = small_lifters.arguments("videopose3d") | {"in_channels": 2}
    training = checkpoints.Training()
    torch.manual_seed(0)
    checkpoints.save(
        folder / "own.pt", model="videopose3d", lifter=network(**arguments), arguments=arguments, training=training
    )


def _authors_weights(folder: Path, *, name: str) -> None:
    (path,) = references.files(name)
    (folder / path.name).write_bytes(path.read_bytes())


def _read_weights(folder: Path) -> None:
    lifter = checkpoints.load(str(_only(folder))).lifter
    with torch.inference_mode():
        lifter(small_lifters.windows_for(lifter, 1))


def _read_refiner(folder: Path) -> None:
    settings.make("in_the_wild.refiners", f"mixsynthformer:weights={_only(folder)}")


# Settings


def _configuration(folder: Path, *, suffix: str) -> None:
    values = json.loads(json.dumps(config.load("videopose3d_coco_27")))
    text = {".yaml": yaml.safe_dump, ".json": partial(json.dumps, indent=1), ".toml": _toml}[suffix](values)
    (folder / f"own{suffix}").write_text(text)


def _toml(values: Mapping[str, Any], group: str = "") -> str:
    """TOML has no None, and groups stand behind values."""
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in values.items() if not isinstance(value, dict | None)]
    groups = {f"{group}{key}": value for key, value in values.items() if isinstance(value, dict)}
    return "".join([*lines, *(f"[{name}]\n{_toml(inner, f'{name}.')}" for name, inner in groups.items())])


# Data sets


def _one_pack(folder: Path) -> None:
    packs.write(folder / "own.npz", {"walk": "01"})


def _cmu(folder: Path) -> None:
    cmu_files.write(folder, cmu_files.walk(130))


def _bvh(folder: Path) -> None:
    (folder / "01_01.bvh").write_text(cmu_files.converted(cmu_files.walk(130)))


def _read_mocap(folder: Path) -> None:
    mocap.load([folder])


def _read_set(folder: Path, *, name: str, **chosen: Any) -> None:
    reader = plugins.load(_READERS, name)(folder, **chosen)
    reader.require()
    reader.describe()
    for sequence in reader.read():
        np.asarray(sequence.joints)


def _read_prepared(folder: Path) -> None:
    prepared = open_folder(folder)
    prepared.check()
    summarise(prepared)


def _set(name: str, write: Callable[[Path], object], which: str = "**/*", **chosen: Any) -> Kind:
    return Kind(write, partial(_read_set, name=name, **chosen), which)


# Videos


def _clip(folder: Path, *, name: str, codec: str, sound: str = "", pix_fmt: str = "yuv420p") -> None:
    if not sound:
        make_clip(folder / name, count=12, codec=codec, pix_fmt=pix_fmt)
        return
    silent = make_clip(folder / f"silent_{name}", count=12, codec=codec)
    tone = ("-f", "lavfi", "-i", "sine=f=440:d=0.4")
    run_ffmpeg("-i", silent, *tone, "-c:v", "copy", "-c:a", sound, folder / name)
    silent.unlink()


def _read_video(folder: Path) -> None:
    for _ in VideoReader(_only(folder)):
        pass


def _pictures(folder: Path, *, suffix: str, count: int = 1) -> None:
    for index in range(count):
        _, encoded = cv2.imencode(suffix, picture(index))
        (folder / f"{index:03d}{suffix}").write_bytes(encoded.tobytes())


def _read_sequence(folder: Path) -> None:
    for _ in VideoReader(Video(str(folder / "%03d.png"), rotate=90, start=0.04)):
        pass


def _part(folder: Path) -> None:
    make_clip(folder / "clip.mkv", count=30)


def _read_part(folder: Path) -> None:
    for _ in VideoReader(Video(_only(folder), start=0.5, end=0.7)):
        pass


def _interlaced(folder: Path) -> None:
    interlace = ("-vf", "tinterlace=interleave_top,fieldorder=tff", "-flags", "+ilme+ildct")
    run_ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x64:r=50:d=0.3", *interlace, "-c:v", "mpeg2video", folder / "clip.mpg")


def _list(folder: Path) -> None:
    names = ["list.txt", "*.txt", "list.t?t", "https://example.org/clip.mp4"]  # what is there: the list itself
    (folder / "list.txt").write_text("\n".join(["# videos", *names, ""]))


def _take_sound(folder: Path) -> None:
    """Whatever is wrong with the sound, there is a film."""
    film = folder.with_name("film.mp4")
    try:
        with VideoWriter(film, width=64, height=48, fps=25, audio_from=_only(folder)) as video:
            for index in range(3):
                video.write(picture(index))
    except OutputError as error:
        raise AssertionError(f"damaged sound took the film along: {error}") from error


def _video(name: str, codec: str, *, pix_fmt: str = "yuv420p") -> Kind:
    return Kind(partial(_clip, name=name, codec=codec, pix_fmt=pix_fmt), _read_video)


def _sound(name: str, codec: str, sound: str) -> Kind:
    return Kind(partial(_clip, name=name, codec=codec, sound=sound), _take_sound)


# By what reads them; each group is damaged in a process of its own.
GROUPS: dict[str, dict[str, Kind]] = {
    "poses": dict(_formats()),
    "keypoints": {
        name: Kind(partial(_write_keypoints, name=name), partial(_read_keypoints, name=name))
        for name in foreign_keypoints.WRITERS
    } | {
        f"joint map {suffix}": Kind(partial(_write_joint_map, suffix=suffix), _read_joint_map)
        for suffix in (".yaml", ".json")
    },
    "weights": {
        "own .pt": Kind(_own_weights, _read_weights),
        "P-STMO .pth": Kind(partial(_authors_weights, name="PSTMO_no_refine_28_4306.pth"), _read_weights),
        "STCFormer .pth": Kind(partial(_authors_weights, name="STCFormer_no_refine_6_4406.pth"), _read_weights),
        "VideoPose3D .bin": Kind(partial(_authors_weights, name="VideoPose3D_epoch_60.bin"), _read_weights),
        "legacy .bin": Kind(partial(_authors_weights, name="VideoPose3D_legacyformat_epoch_60.bin"), _read_weights),
        "MixSynthFormer": Kind(partial(_authors_weights, name="MixSynthFormer_checkpoint_e42.pth.tar"), _read_refiner),
    },
    "settings": {
        suffix: Kind(partial(_configuration, suffix=suffix), lambda folder: config.load(str(_only(folder))))
        for suffix in (".yaml", ".json", ".toml")
    },
    "motion capture": {
        "pack": Kind(_one_pack, _read_mocap),
        "ASF/AMC": Kind(_cmu, _read_mocap),
        "BVH": Kind(_bvh, _read_mocap),
        "prepared": Kind(partial(labelled.write, frames=10), _read_prepared),
    },
    "data sets": {
        "Human3.6M, pickled npz": _set("human36m", partial(published_sets.write_human36m, frames=4)),
        "HumanEva, pickled npz": _set("humaneva", partial(published_sets.write_humaneva, frames=8)),
        "MPI-INF-3DHP, mat": _set("mpi_inf_3dhp", partial(published_sets.write_mpi_inf_3dhp, frames=6), partial=True),
        "3DPW, pickled npz": _set("pw3d", partial(published_sets.write_deciwatch, reader="pw3d", frames=30)),
        "COCO json": _set("coco", published_sets.write_coco),
        "VideoPose3D's custom npz": _set("custom", published_sets.write_custom, fps=25.0),
    },
    "videos": {
        "mp4": _video("clip.mp4", "libx264"),
        "mkv": _video("clip.mkv", "libx264"),
        "avi": _video("clip.avi", "mpeg4"),
        "webm": _video("clip.webm", "libvpx"),
        "ts": _video("clip.ts", "libx264"),
        "gif": _video("clip.gif", "gif", pix_fmt="rgb8"),
        "part of an mkv": Kind(_part, _read_part),
        "interlaced": Kind(_interlaced, _read_video),
        **{name: Kind(partial(_pictures, suffix=f".{name}"), _read_video) for name in ("jpg", "png", "webp", "tiff")},
        "heic": Kind(lambda folder: shutil.copy(_CASES / "photograph_in_tiles.heic", folder), _read_video),
        "numbered pictures": Kind(partial(_pictures, suffix=".png", count=4), _read_sequence),
        "list": Kind(_list, lambda folder: inputs.expand([f"@{_only(folder)}"])),
        "mp4 with sound": _sound("clip.mp4", "libx264", "aac"),
        "mkv with sound": _sound("clip.mkv", "libx264", "libvorbis"),
    },
}  # fmt: skip
