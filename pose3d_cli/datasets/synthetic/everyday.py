"""Clips of mannequins as people film each other: drawn at random, one for each seed.

One person or two do a few of the authored motions, before a camera that somebody holds or has put down: from the knee
to above the head, three metres away or more, aimed at the people, hardly rolled. `scenes` draws what is rarer than
that, and `clips` the clips that are named. Seeds below 100 are for measuring alone: nothing is trained, fitted or
chosen on them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pose3d_cli.datasets.synthetic.clips import Scene
from pose3d_cli.datasets.synthetic.mannequin.camera import Camera, project
from pose3d_cli.datasets.synthetic.mannequin.look import Look
from pose3d_cli.datasets.synthetic.motion import actions as act
from pose3d_cli.datasets.synthetic.motion.curves import Action
from pose3d_cli.datasets.synthetic.motion.kinematics import Figure
from pose3d_cli.datasets.synthetic.motion.play import Motion, play

FPS, FRAMES = 25.0, 75
# Width and height: landscape, the old television's, and a phone held upright.
_SIZES = ((854, 480), (640, 480), (480, 854))
_TWO = 0.2  # share of clips with two people
_INSIDE = 0.97  # share of the joints that are in the picture, over the clip

_ACTIONS: tuple[Callable[[np.random.Generator], Action], ...] = (
    lambda rng: act.walk(turn=rng.uniform(-40, 40), cycle=rng.uniform(0.9, 1.25), vigour=rng.uniform(0.7, 1.2)),
    lambda rng: act.turn(degrees=float(rng.choice([-1, 1]) * rng.uniform(60, 200))),
    lambda rng: act.squat(depth=rng.uniform(0.5, 1.0)),
    lambda rng: act.kick(),
    lambda rng: act.wave(),
    lambda rng: act.jumping_jacks(count=2, cycle=rng.uniform(0.9, 1.2)),
    lambda rng: act.crouch(),
    lambda rng: act.reach(),
    lambda rng: act.throw(),
    lambda rng: act.lunge(),
    lambda rng: act.punch(cycle=rng.uniform(0.9, 1.2)),
    lambda rng: act.sway(count=1, cycle=rng.uniform(1.6, 2.4)),
    lambda rng: act.stand(seconds=1.0, look=rng.uniform(-40, 40)),
)


def everyday(seed: int) -> Scene:
    """The clip of a seed: three seconds, 25 pictures a second."""
    rng = np.random.default_rng((2511, seed))
    count = 2 if rng.random() < _TWO else 1
    apart = rng.uniform(0.9, 1.4)
    people = tuple(
        _performed(rng).placed(
            at=(apart * (i - (count - 1) / 2), rng.uniform(-0.3, 0.3)), heading=float(rng.uniform(-180, 180))
        )
        for i in range(count)
    )
    return Scene(
        motions=people,
        looks=tuple(Look.random(rng) for _ in people),
        camera=_camera(np.concatenate([person.joints for person in people]), rng),
        room=int(rng.integers(2**31)),
    )


def _performed(rng: np.random.Generator) -> Motion:
    """What somebody of a size and proportions of his own does."""
    actions: list[Action] = []
    while sum(action.duration for action in actions) < FRAMES / FPS:
        action = _ACTIONS[rng.integers(len(_ACTIONS))](rng)
        actions.append(action.mirrored() if rng.random() < 0.5 else action)
    figure = Figure(hip=0.105 * rng.uniform(0.92, 1.1), shoulder=0.172 * rng.uniform(0.92, 1.06))
    return play(
        actions,
        fps=FPS,
        time=np.arange(FRAMES) / FPS,
        figure=figure.scaled(float(np.clip(rng.normal(1.0, 0.05), 0.88, 1.12))),
        seed=int(rng.integers(2**31)),
    )


def _camera(joints: np.ndarray, rng: np.random.Generator) -> Camera:
    """Somewhere around people (N, 17, 3), and so far away that they are in the picture nearly all the time."""
    width, height = _SIZES[rng.integers(len(_SIZES))]
    middle = joints.reshape(-1, 3).mean(axis=0)
    yaw, above = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 2.3)
    fov, roll = float(rng.uniform(40, 75)), float(rng.normal(0, 2.5))
    target = middle + rng.normal(0, 0.1, size=3)
    distance = rng.uniform(2.8, 5.5)
    while True:
        position = (middle[0] + distance * np.cos(yaw), middle[1] + distance * np.sin(yaw), above)
        camera = Camera.look_at(position=position, target=target, width=width, height=height, fov=fov, roll=roll)
        pixels = project(joints.reshape(-1, 3), camera)
        if ((pixels >= 0) & (pixels < (width, height))).all(axis=-1).mean() > _INSIDE:
            return camera
        distance *= 1.1
