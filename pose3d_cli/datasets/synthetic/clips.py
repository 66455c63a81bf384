"""Video of mannequins with its exact 3D truth: the demo clip, test clips, and clips for measuring weights.

    python -m pose3d_cli.datasets.synthetic.clips demo --folder assets
    python -m pose3d_cli.datasets.synthetic.clips walker dancer boxer --folder somewhere

Each clip is a `Scene`: authored motions, looks, a camera and a room. `make` draws it into NAME.mp4 and writes the truth
beside it as NAME_truth.npz, plain arrays that load with `allow_pickle=False`:

    joints_camera  (T, P, 17, 3)  Human3.6M-17 joints, metres in camera space (x right, y down, z away)
    face_camera    (T, P, 5, 3)   nose, left eye, right eye, left ear, right ear, likewise
    keypoints17    (T, P, 17, 2)  pixels of the Human3.6M-17 joints
    coco           (T, P, 17, 2)  pixels of the COCO-17 keypoints
    visible        (T, P)         whether any COCO keypoint lies inside the picture
    time           (T,)           seconds of each picture
    K (3, 3), R (3, 3), t (3,)    the camera: x_camera = R @ x_world + t, world z up with the floor at 0
    width, height, fps            of the upright picture

The module knows nothing about detectors or weights.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import typer
from numpy.typing import NDArray

from in_the_wild.errors import ConfigError, OutputError, did_you_mean
from in_the_wild.video.encoder import ffmpeg_binary
from in_the_wild.video.kinds import Encoding
from in_the_wild.video.write import VideoWriter
from pose3d_cli.datasets.mocap.packs import COCO_IN_BODY22, H36M_IN_BODY22
from pose3d_cli.datasets.synthetic.mannequin.camera import Camera, project_camera
from pose3d_cli.datasets.synthetic.mannequin.look import Look
from pose3d_cli.datasets.synthetic.mannequin.render import render
from pose3d_cli.datasets.synthetic.mannequin.room import textured_background
from pose3d_cli.datasets.synthetic.motion import actions as act
from pose3d_cli.datasets.synthetic.motion.kinematics import Figure
from pose3d_cli.datasets.synthetic.motion.play import Motion, play

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Scene:
    """People in motion before a camera. All motions share the scene's times.

    `quarter_turns` stores the pictures turned clockwise so many times, with the metadata that turns them back on
    display, as a phone does. `variable_rate` keeps the exact `time`s of the motions in the file.
    """

    motions: tuple[Motion, ...]
    looks: tuple[Look, ...]
    camera: Camera
    room: int  # seed of the background
    wall: float | None = None  # metres to the wall behind; None lets the seed decide
    crf: int = 23
    quarter_turns: int = 0
    variable_rate: bool = False

    @property
    def time(self) -> Array:
        """(T,) seconds of each picture."""
        return self.motions[0].time

    @property
    def fps(self) -> float:
        """Pictures per second, on average where the rate varies."""
        return self.motions[0].fps

    def bodies(self) -> tuple[Array, Array]:
        """Joints (T, P, 17, 3) and face (T, P, 5, 3) in world metres."""
        return np.stack([m.joints for m in self.motions], axis=1), np.stack([m.face for m in self.motions], axis=1)

    def frames(self) -> Iterator[NDArray[np.uint8]]:
        """The upright pictures (H, W, 3) uint8 RGB, one after the other."""
        background = textured_background(self.camera, np.random.default_rng(self.room), wall=self.wall)
        for joints, face in zip(*self.bodies(), strict=True):
            yield render(joints, face, camera=self.camera, looks=self.looks, background=background)

    def truth(self) -> dict[str, np.ndarray]:
        """The arrays of a truth file, as the module's docstring lists them."""
        camera = self.camera
        joints, face = (points @ camera.R.T + camera.t for points in self.bodies())
        body = np.concatenate([joints, face], axis=2)
        pixels = project_camera(body, camera)
        coco = pixels[:, :, COCO_IN_BODY22]
        inside = ((coco >= 0) & (coco < (camera.width, camera.height))).all(axis=-1)
        return {
            "joints_camera": joints.astype(np.float32),
            "face_camera": face.astype(np.float32),
            "keypoints17": pixels[:, :, H36M_IN_BODY22].astype(np.float32),
            "coco": coco.astype(np.float32),
            "visible": inside.any(axis=-1),
            "time": self.time,
            "K": camera.K,
            "R": camera.R,
            "t": camera.t,
            "width": np.array(camera.width),
            "height": np.array(camera.height),
            "fps": np.array(self.fps),
        }


# --------------------------------------------------------------------------------------------------------------- scenes


def demo() -> Scene:
    """Nine seconds of one person: walking in on a curve, a turn, a squat, a kick, a wave."""
    actions = [
        act.walk(seconds=2.6, turn=-12),
        act.turn(degrees=-50, seconds=1.0),
        act.squat(seconds=1.9),
        act.kick(seconds=1.6),
        act.wave(seconds=2.1),
    ]
    return Scene(
        motions=(play(actions, fps=30, seed=3).placed(at=(-2.1, 1.5), heading=-92),),
        looks=(Look(shirt=(0.86, 0.36, 0.20), trousers=(0.17, 0.24, 0.38), shoes=(0.90, 0.90, 0.88), sleeve=0.55),),
        camera=Camera.look_at(position=(0.2, -3.9, 1.5), target=(0.1, 0.0, 0.93), width=854, height=480, fov=50),
        room=31,
        wall=8.0,
        crf=22,
    )


def walker() -> Scene:
    """For measuring weights: a walk round a bend, picking something up, sitting down; seen from above."""
    actions = [
        act.walk(seconds=3.2, turn=-38, cycle=1.0, vigour=1.1),
        act.reach(seconds=2.4),
        act.turn(degrees=-110, seconds=1.2),
        act.crouch(seconds=2.4),
    ]
    figure = Figure().scaled(1.04)
    return Scene(
        motions=(play(actions, fps=25, figure=figure, seed=11).placed(at=(-1.2, 1.2), heading=-70),),
        looks=(Look.random(np.random.default_rng(21)),),
        camera=Camera.look_at(
            position=(2.0, -5.2, 3.0), target=(0.5, 0.1, 0.75), width=640, height=480, fov=50, roll=4
        ),
        room=12,
        wall=9.0,
    )


def dancer() -> Scene:
    """For measuring weights: a slow dance, jumping jacks, a lunge; an upright picture from a low camera, from aside."""
    actions = [
        act.sway(count=1, cycle=2.2),
        act.jumping_jacks(count=3, cycle=0.95),
        act.lunge(seconds=2.1),
        act.turn(degrees=150, seconds=1.4),
    ]
    figure = Figure(hip=0.112, shoulder=0.160).scaled(0.95)
    return Scene(
        motions=(play(actions, fps=30, figure=figure, seed=12).placed(at=(0.0, 0.0), heading=150),),
        looks=(Look.random(np.random.default_rng(6)),),
        camera=Camera.look_at(
            position=(-0.9, -4.4, 0.7), target=(0.0, 0.0, 0.95), width=480, height=720, fov=40, roll=-6
        ),
        room=23,
    )


def boxer() -> Scene:
    """For measuring weights: boxing, a throw, a left-footed kick and walking off, seen obliquely."""
    actions = [
        act.punch(count=2, cycle=1.1),
        act.throw(seconds=1.8),
        act.kick(seconds=1.6).mirrored(),
        act.turn(degrees=-140, seconds=1.3),
        act.walk(seconds=1.8, turn=20),
    ]
    return Scene(
        motions=(play(actions, fps=50, seed=13).placed(at=(0.6, 0.4), heading=95),),
        looks=(Look.random(np.random.default_rng(34)),),
        camera=Camera.look_at(position=(-2.4, -4.2, 1.9), target=(-0.2, 0.5, 0.9), width=640, height=480, fov=48),
        room=16,
    )


def one_person() -> Scene:
    """A short, small test clip of one person waving."""
    return Scene(
        motions=(play([act.wave(seconds=2.4)], fps=25, seed=1).placed(heading=160),),
        looks=(Look(),),
        camera=Camera.look_at(position=(0.0, -3.6, 1.3), target=(0.0, 0.0, 0.95), width=320, height=240, fov=46),
        room=1,
    )


def two_people() -> Scene:
    """Two people who walk towards each other and cross, the nearer one hiding the farther for a moment."""
    stroll = play([act.walk(seconds=3.2, cycle=1.1)], fps=25, seed=1)
    stride = play([act.walk(seconds=3.2, cycle=1.0)], fps=25, seed=2, figure=Figure().scaled(0.96))
    return Scene(
        motions=(stroll.placed(at=(-1.7, -0.5), heading=-90), stride.placed(at=(1.9, 0.6), heading=90)),
        looks=(
            Look(),
            Look(shirt=(0.25, 0.55, 0.35), trousers=(0.55, 0.50, 0.42), hair=(0.7, 0.55, 0.3), long_hair=True),
        ),
        camera=Camera.look_at(position=(0.0, -5.0, 1.5), target=(0.0, 0.0, 0.9), width=426, height=320, fov=50),
        room=2,
    )


def leaving() -> Scene:
    """Somebody who walks out of the picture, turns there, and comes back."""
    actions = [act.walk(seconds=2.2), act.turn(degrees=180, seconds=1.2), act.walk(seconds=2.4)]
    return Scene(
        motions=(play(actions, fps=25, seed=4).placed(at=(0.2, 0.0), heading=-90),),
        looks=(Look(shirt=(0.20, 0.45, 0.75), trousers=(0.25, 0.24, 0.24), sleeve=1.97),),
        camera=Camera.look_at(position=(0.0, -4.2, 1.4), target=(0.0, 0.0, 0.92), width=320, height=240, fov=44),
        room=5,
    )


def rotated() -> Scene:
    """An upright phone video: pictures are stored lying on their side, with the metadata to turn them."""
    return Scene(
        motions=(play([act.squat(seconds=2.0)], fps=30, seed=5).placed(heading=150),),
        looks=(Look(shirt=(0.80, 0.75, 0.25)),),
        camera=Camera.look_at(position=(0.0, -4.0, 1.4), target=(0.0, 0.0, 0.92), width=240, height=320, fov=42),
        room=6,
        quarter_turns=1,
    )


def variable_rate() -> Scene:
    """A phone video whose pictures come between 15 and 50 a second."""
    actions = [act.jumping_jacks(count=2, cycle=1.1)]
    gaps = np.random.default_rng(7).uniform(1 / 50, 1 / 15, size=200)
    time = np.round(np.concatenate([[0.0], np.cumsum(gaps)]), 4)
    time = time[time < 2.2]
    fps = (len(time) - 1) / float(time[-1])
    return Scene(
        motions=(play(actions, fps=fps, time=time, seed=6).placed(heading=170),),
        looks=(Look(shirt=(0.55, 0.30, 0.60)),),
        camera=Camera.look_at(position=(0.0, -4.6, 1.3), target=(0.0, 0.0, 1.05), width=320, height=240, fov=50),
        room=8,
        variable_rate=True,
    )


_SCENES: dict[str, Callable[[], Scene]] = {
    scene.__name__: scene
    for scene in (demo, walker, dancer, boxer, one_person, two_people, leaving, rotated, variable_rate)
}
CLIPS = tuple(_SCENES)
EVALUATION_CLIPS = ("walker", "dancer", "boxer")


def scene(name: str) -> Scene:
    """The scene of a clip. Raises ConfigError for a name that is not in CLIPS."""
    if name not in _SCENES:
        raise ConfigError(f'There is no clip "{name}". {did_you_mean(name, CLIPS)}')
    return _SCENES[name]()


def evaluation_clips() -> dict[str, Scene]:
    """The scenes on which shipped weights are measured through a detector; no weights are trained on them."""
    return {name: scene(name) for name in EVALUATION_CLIPS}


# --------------------------------------------------------------------------------------------------------------- making


def make(name: str, folder: str | Path) -> tuple[Path, Path]:
    """Draw a clip into `folder`, which is made if need be.

    Returns the paths of NAME.mp4 and NAME_truth.npz; both appear whole or not at all. Raises ConfigError for an unknown
    name, OutputError when the folder cannot be written.
    """
    return make_scene(scene(name), Path(folder), name)


def make_scene(chosen: Scene, folder: Path, name: str) -> tuple[Path, Path]:
    """Draw a scene of one's own; otherwise like `make`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder {folder} for the clip cannot be made: {error.strerror}.") from error
    video, truth = folder / f"{name}.mp4", folder / f"{name}_truth.npz"
    _write_video(chosen, video)
    _write_arrays(truth, chosen.truth())
    return video, truth


def _write_video(chosen: Scene, path: Path) -> None:
    turns = chosen.quarter_turns
    width, height = chosen.camera.width, chosen.camera.height
    if turns % 2:
        width, height = height, width
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        plain = Path(scratch) / path.name
        timestamps = chosen.time if chosen.variable_rate else None
        with VideoWriter(
            plain,
            width=width,
            height=height,
            fps=chosen.fps,
            timestamps=timestamps,
            encoding=Encoding(crf=chosen.crf, preset="slow"),
        ) as writer:
            for picture in chosen.frames():
                writer.write(np.ascontiguousarray(np.rot90(picture, -turns)))
        if turns:
            plain = _with_display_rotation(plain, degrees=90 * turns)
        os.replace(plain, path)


def _with_display_rotation(path: Path, *, degrees: int) -> Path:
    """A copy of a video whose metadata asks players to turn it by `degrees` counter-clockwise."""
    turned = path.with_stem(path.stem + "_turned")
    command = [ffmpeg_binary(), "-v", "error", "-display_rotation", str(degrees), "-i", str(path)]
    command += ["-c", "copy", "-movflags", "+faststart", str(turned)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise OutputError(f"ffmpeg could not write the rotation of {path.name}: {done.stderr.strip()}")
    return turned


def _write_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    scratch = path.with_name(f".{path.name}.partial.npz")
    try:
        np.savez_compressed(scratch, **arrays)
        os.replace(scratch, path)
    except OSError as error:
        scratch.unlink(missing_ok=True)
        raise OutputError(f"The truth file {path} cannot be written: {error.strerror}.") from error


_NAMES = f"Clips to make: {', '.join(CLIPS)}."


def _main(
    names: list[str] = typer.Argument(help=_NAMES),
    folder: Path = typer.Option(Path("."), help="Where NAME.mp4 and NAME_truth.npz go."),
) -> None:
    """Draw clips of mannequins with their exact 3D truth."""
    for name in names:
        video, _ = make(name, folder)
        typer.echo(f"{video}: {video.stat().st_size / 1e6:.2f} MB, {len(scene(name).time)} pictures")


if __name__ == "__main__":
    typer.run(_main)
