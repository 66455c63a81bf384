"""Scenes of 1 to 6 mannequins who cross, hide each other, leave the picture and return, with the truth of tracking.

    for scene in scenes(18):
        for look in scene.looks(rate=12): ...

People stand and act, pass at some depth, walk out of the picture and come back, or wait behind somebody for up to two
seconds. Clothes are distinct, but in some scenes two people dress alike; some scenes are cut to another camera, and the
people after a cut are others. What is true is told at every look; pictures are drawn when they are asked for.

It knows nothing about detectors or tracking.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from in_the_wild.interpolation import interpolate
from in_the_wild.poses import Source
from pose3d_cli.datasets.mocap.packs import COCO_IN_BODY22, Mocap
from pose3d_cli.datasets.synthetic.mannequin.camera import Camera, project
from pose3d_cli.datasets.synthetic.mannequin.look import Look
from pose3d_cli.datasets.synthetic.mannequin.render import render
from pose3d_cli.datasets.synthetic.mannequin.room import textured_background
from pose3d_cli.datasets.synthetic.mannequin.visibility import visibility
from pose3d_cli.datasets.synthetic.motion import actions as act
from pose3d_cli.datasets.synthetic.motion.curves import Action
from pose3d_cli.datasets.synthetic.motion.kinematics import Figure
from pose3d_cli.datasets.synthetic.motion.play import play

WIDTH, HEIGHT = 640, 360
SECONDS = 8.0
RATES = (25.0, 30.0, 60.0)
_COARSE = 2  # visibility is reckoned at a fraction of the picture's size


@dataclass(frozen=True)
class Body:
    """One person over a scene: joints (T, 17, 3) Human3.6M-17 and face (T, 5, 3), world metres."""

    joints: np.ndarray
    face: np.ndarray
    look: Look

    def moved(self, by: np.ndarray) -> Body:
        """The same person elsewhere, by (2,) metres on the floor."""
        shift = np.array([*by, 0.0])
        return Body(self.joints + shift, self.face + shift, self.look)

    def at(self, place: np.ndarray, frame: int) -> Body:
        """The same person, above a place (2,) on the floor at a frame."""
        return self.moved(place - self.joints[frame, 0, :2])


@dataclass(frozen=True)
class Shot:
    """What one camera shows from a frame on."""

    first: int
    camera: Camera
    room: int


@dataclass(frozen=True)
class Truth:
    """The truth of one frame.

    Attributes:
        frame: Its number.
        ids: (P,) who is who; the people of another shot are others.
        keypoints: (P, 17, 2) pixels of COCO's keypoints, NaN behind the camera.
        seen: (P, 17) which of them are in the picture and behind nobody else.
        share: (P,) of each person's outline that is seen.
    """

    frame: int
    ids: np.ndarray
    keypoints: np.ndarray
    seen: np.ndarray
    share: np.ndarray


@dataclass(frozen=True)
class PeopleScene:
    """People before a camera, or one camera after another."""

    name: str
    bodies: tuple[Body, ...]
    shots: tuple[Shot, ...]
    fps: float

    @property
    def video(self) -> Source:
        """What a reader of the drawn video would tell of it."""
        frames = len(self.bodies[0].joints)
        return Source(self.name, WIDTH, HEIGHT, self.fps, np.arange(frames) / self.fps)

    @property
    def cuts(self) -> list[int]:
        """The first frame of every shot but the first."""
        return [shot.first for shot in self.shots[1:]]

    @cached_property
    def _backgrounds(self) -> list[np.ndarray]:
        return [textured_background(shot.camera, np.random.default_rng(shot.room)) for shot in self.shots]

    def looks(self, rate: float) -> Iterator[Truth]:
        """The truth of so many frames a second, and of the last; nobody looks at the same rhythm for long."""
        frames = self.video.frames
        steps = np.random.default_rng(len(self.name)).choice([-1, 0, 0, 1], size=frames) * (self.fps > 3 * rate)
        at = np.cumsum(np.full(frames, round(self.fps / rate)) + steps)
        for frame in np.union1d(at[at < frames], [0, *self.cuts, frames - 1]):
            yield self.truth(int(frame))

    def truth(self, frame: int) -> Truth:
        """What is true of one frame."""
        number = self._shot(frame)
        camera = self.shots[number].camera
        joints, face, looks = self._people(frame)
        points = np.concatenate([joints, face], axis=1)[:, COCO_IN_BODY22]
        coarse = Camera(np.diag([1 / _COARSE, 1 / _COARSE, 1]) @ camera.K, camera.R, camera.t,
                        camera.width // _COARSE, camera.height // _COARSE)  # fmt: skip
        share, seen = visibility(joints, face, points, camera=coarse, looks=looks)
        ids = np.arange(len(self.bodies)) + 100 * number
        return Truth(frame, ids, project(points, camera), seen, share)

    def picture(self, frame: int) -> np.ndarray:
        """(H, W, 3) uint8 RGB."""
        number = self._shot(frame)
        joints, face, looks = self._people(frame)
        return render(joints, face, camera=self.shots[number].camera, looks=looks, supersample=1, shadow=False,
                      background=self._backgrounds[number])  # fmt: skip

    def _shot(self, frame: int) -> int:
        return int(np.searchsorted(self.cuts, frame, side="right"))

    def _people(self, frame: int) -> tuple[np.ndarray, np.ndarray, list[Look]]:
        joints = np.stack([body.joints[frame] for body in self.bodies])
        face = np.stack([body.face[frame] for body in self.bodies])
        return joints, face, [body.look for body in self.bodies]


# -------------------------------------------------------------------------------------------------------- making them


def scenes(count: int, *, first: int = 0, mocap: Mocap | None = None) -> Iterator[PeopleScene]:
    """So many scenes; the same number gives the same scene.

    Args:
        count: How many.
        first: The number of the first of them.
        mocap: Captured motion, which some people follow; without it they act.
    """
    for seed in range(first, first + count):
        yield _scene(seed, mocap)


def _scene(seed: int, mocap: Mocap | None) -> PeopleScene:
    random = np.random.default_rng(1000 + seed)
    people, fps = 1 + seed % 6, RATES[seed // 2 % 3]
    time = np.arange(round(SECONDS * fps)) / fps
    nearest = float(random.uniform(1.2, 6.5))
    fov = float(random.uniform(48, 64))
    height = float(random.uniform(1.1, 2.4))
    depths = np.sort(nearest + random.uniform(0, min(5.5, 12 - nearest), people))
    reach = np.tan(np.radians(fov) / 2)  # of a metre of depth, to each side

    bodies: list[Body] = []
    for i, depth in enumerate(depths):
        look = Look.random(random)
        if bodies and seed % 4 == 3 and i == people - 1:
            look = bodies[0].look  # two people dress alike
        bodies.append(_somebody(random, time, look, bodies, depth=depth, side=depth * reach, mocap=mocap))
    cameras = [Camera.look_at(position=(0, 0, height), target=(0, 4, 0.95), width=WIDTH, height=HEIGHT, fov=fov)]
    firsts = [0]
    if seed % 5 == 4:
        cameras.append(Camera.look_at(position=(random.uniform(-2, 2), nearest / 2 - 2, height + 0.6),
                                      target=(0, 4, 0.9), width=WIDTH, height=HEIGHT, fov=fov - 8))  # fmt: skip
        firsts.append(int(len(time) * random.uniform(0.4, 0.6)))
    shots = tuple(Shot(f, camera, seed * 10 + n) for n, (f, camera) in enumerate(zip(firsts, cameras, strict=True)))
    alike = ", two alike" if seed % 4 == 3 and people > 1 else ""
    name = f"{seed}: {people} from {nearest:.1f} m, {fps:.0f}/s{alike}{', cut' if len(shots) > 1 else ''}"
    return PeopleScene(name, tuple(bodies), shots, fps)


def _somebody(
    random: np.random.Generator, time: np.ndarray, look: Look, others: Sequence[Body], *,
    depth: float, side: float, mocap: Mocap | None,
) -> Body:  # fmt: skip
    """One more person: who passes, leaves and returns, waits behind another, acts, or does as was captured."""
    roles = ["pass", "leave", "act"] + ["wait"] * 2 * bool(others) + ["captured"] * (mocap is not None)
    role = str(random.choice(roles))
    heading = float(random.choice([-90.0, 90.0])) + float(random.uniform(-12, 12))
    middle = len(time) // 2
    if role == "captured":
        assert mocap is not None
        return _captured(random, time, look, mocap).at(np.array([random.uniform(-0.5, 0.5) * side, depth]), middle)
    if role == "pass":
        place, when = np.array([random.uniform(-0.4, 0.4) * side, depth]), random.uniform(0.3, 0.7)
        return _acting(random, time, look, [_walk(random, SECONDS)], heading).at(place, int(when * len(time)))
    if role == "leave":
        out, around = float(random.uniform(1.6, 3.2)), act.turn(degrees=180, seconds=1.2)
        actions = [_walk(random, out), around, _walk(random, SECONDS - out)]
        edge = np.array([np.sign(-heading) * side * random.uniform(0.95, 1.3), depth])
        return _acting(random, time, look, actions, heading).at(edge, int(out / SECONDS * len(time)))
    if role == "wait":
        before = others[int(random.integers(len(others)))].joints[middle, 0, :2]
        behind = before * (1 + random.uniform(0.12, 0.6))
        arrive, wait = float(random.uniform(2, 3)), float(random.uniform(0.4, 1.9))
        on = [_walk(random, SECONDS)] if random.uniform() < 0.5 else [act.turn(degrees=180, seconds=1.2),
                                                                     _walk(random, SECONDS)]  # fmt: skip
        actions = [_walk(random, arrive), act.stand(seconds=wait), *on]
        return _acting(random, time, look, actions, heading).at(behind, int((arrive + wait / 2) / SECONDS * len(time)))
    actions = [
        (act.wave(), act.squat(), act.punch(), act.sway(), act.kick(), act.stand(seconds=1.5))[int(random.integers(6))]
        for _ in range(6)
    ]
    place = np.array([random.uniform(-0.6, 0.6) * side, depth])
    return _acting(random, time, look, actions, float(random.uniform(0, 360))).at(place, middle)


def _walk(random: np.random.Generator, seconds: float) -> Action:
    return act.walk(seconds=seconds, cycle=float(random.uniform(0.95, 1.4)), vigour=float(random.uniform(0.6, 1.1)))


def _acting(
    random: np.random.Generator, time: np.ndarray, look: Look, actions: Sequence[Action], heading: float
) -> Body:
    figure = Figure().scaled(float(random.uniform(0.88, 1.08)))
    moment = np.minimum(time, sum(action.duration for action in actions) - 1e-6)
    motion = play(actions, fps=1 / time[1], time=moment, figure=figure, seed=int(random.integers(1000)))
    motion = motion.placed(heading=heading)
    return Body(motion.joints, motion.face, look)


def _captured(random: np.random.Generator, time: np.ndarray, look: Look, mocap: Mocap) -> Body:
    """A stretch of a captured sequence, turned anyhow."""
    long_enough = np.flatnonzero(mocap.lengths > mocap.fps * SECONDS)
    joints = mocap.sequence(int(random.choice(long_enough))).astype(np.float64)
    start = int(random.integers(len(joints) - int(mocap.fps * SECONDS)))
    turn = random.uniform(0, 2 * np.pi)
    rotation = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    values = (joints @ rotation.T).reshape(len(joints), -1)
    moved = interpolate(start / mocap.fps + time, np.arange(len(joints)) / mocap.fps, values).reshape(len(time), -1, 3)
    return Body(moved[:, :17], moved[:, 17:], look)
