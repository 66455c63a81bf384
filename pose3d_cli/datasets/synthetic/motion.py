"""Human motion that we author ourselves: keyframed joint angles, forward kinematics, feet that stay on the floor.

An action is a set of angle curves given by a few keys each. Actions are played one after the other with short cross
fades, the figure's joints follow by forward kinematics, and the figure travels because the foot that bears the weight
stays where it is: no path is authored, so feet do not slide.

Angles are in degrees, lengths in metres. World space is z up with the floor at 0; a heading of 0 looks along +y and
grows to the figure's left. The module knows nothing about pictures, cameras or files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline, PchipInterpolator
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

from in_the_wild.skeletons import get_skeleton

Array = NDArray[np.float64]
Keys = Sequence[tuple[float, float]]

# Body coordinates are (right, forward, up). Face points as in the training data: nose, eyes and ears from the joint
# between spine and skull, for an average adult head.
_EARS = np.array([0.0, 0.012, 0.054])
_FACE = {
    "nose": np.array([0.0, 0.111, 0.0]) + _EARS,
    "left_eye": np.array([-0.032, 0.080, 0.030]) + _EARS,
    "right_eye": np.array([0.032, 0.080, 0.030]) + _EARS,
    "left_ear": np.array([-0.075, 0.0, 0.0]) + _EARS,
    "right_ear": np.array([0.075, 0.0, 0.0]) + _EARS,
}
_NECK = np.array([0.0, 0.034, -0.019]) + _EARS
_HEAD = np.array([0.0, -0.027, 0.091]) + _EARS
_FINE_RATE = 120.0  # per second

_REST = {
    "left_arm_out": 9.0,
    "right_arm_out": 9.0,
    "left_elbow": 14.0,
    "right_elbow": 14.0,
    "left_leg_out": 3.0,
    "right_leg_out": 3.0,
}
CHANNELS = (
    "turn",  # degrees per second, to the left
    "air",  # metres that a jump adds to the height
    "lean",  # pelvis: forward
    "tilt",  # pelvis: to the left
    "swing",  # pelvis: turned to the left of the heading
    "bend",  # spine: forward
    "side",  # spine: to the left
    "twist",  # spine: to the left
    "nod",  # head: down
    "cock",  # head: to the left
    "look",  # head: to the left
    *(
        f"{side}_{angle}"
        for side in ("left", "right")
        for angle in (
            "arm",  # shoulder: forward
            "arm_out",  # shoulder: away from the body
            "arm_roll",  # upper arm about itself, inwards
            "elbow",  # flexed
            "leg",  # hip: forward
            "leg_out",  # hip: away from the body
            "leg_roll",  # thigh about itself, outwards
            "knee",  # flexed
        )
    ),
)
# A mirror image swaps sides and turns these round.
_SIDEWAYS = ("turn", "tilt", "swing", "side", "twist", "cock", "look")


@dataclass(frozen=True)
class Figure:
    """Lengths of a person in metres; the defaults make one of about 1.75 m with Human3.6M-like proportions."""

    hip: float = 0.105  # from the pelvis to either side
    thigh: float = 0.437
    shin: float = 0.432
    ankle: float = 0.085  # above the floor when the foot is flat
    lower_spine: float = 0.227
    upper_spine: float = 0.285
    neck: float = 0.105
    shoulder: float = 0.172  # from the neck base to either side
    upper_arm: float = 0.284
    forearm: float = 0.256

    def scaled(self, factor: float) -> Figure:
        """The same proportions at another size (the head stays: adults differ little in it)."""
        return Figure(**{name: value * factor for name, value in vars(self).items()})


@dataclass(frozen=True)
class Motion:
    """A figure in motion: joints (T, 17, 3) Human3.6M-17 and face (T, 5, 3), world metres; actions with seconds."""

    joints: Array
    face: Array
    time: Array  # (T,) seconds
    fps: float
    actions: tuple[tuple[str, float, float], ...]

    def __len__(self) -> int:
        return len(self.joints)

    def placed(self, *, at: tuple[float, float] = (0.0, 0.0), heading: float = 0.0) -> Motion:
        """The same motion, starting with the pelvis above `at` and turned by `heading` degrees to the left."""
        start = self.joints[0, get_skeleton("human36m17").root] * (1, 1, 0)
        turn = Rotation.from_euler("z", heading, degrees=True).as_matrix()

        def move(points: Array) -> Array:
            return (points - start) @ turn.T + (*at, 0.0)

        return replace(self, joints=move(self.joints), face=move(self.face))


@dataclass(frozen=True)
class Action:
    """Angle curves by channel, as (seconds, value) keys; a channel without keys rests. Ends are where the keys end."""

    name: str
    duration: float
    keys: Mapping[str, Keys]
    cycle: float = 0.0  # seconds of the one cycle that the keys describe, repeated smoothly; 0 plays them once

    def sample(self, time: Array) -> dict[str, Array]:
        """Every channel at the given seconds (T,); before the start and after the end the first and last pose hold."""
        curves = {channel: np.full(time.shape, _REST.get(channel, 0.0)) for channel in CHANNELS}
        for channel, keys in self.keys.items():
            if channel not in curves:
                raise ValueError(f'Action "{self.name}" has keys for an unknown channel "{channel}".')
            seconds, values = (np.array(column, dtype=np.float64) for column in zip(*keys, strict=True))
            if self.cycle:
                curves[channel] = CubicSpline(seconds, values, bc_type="periodic")(np.mod(time, self.cycle))
            elif len(keys) == 1:
                curves[channel] = np.full(time.shape, values[0])
            else:
                curves[channel] = PchipInterpolator(seconds, values)(np.clip(time, seconds[0], seconds[-1]))
        return curves

    def mirrored(self) -> Action:
        """The same action with left and right exchanged."""
        keys = {
            _other_side(channel): [(t, -v if channel in _SIDEWAYS else v) for t, v in values]
            for channel, values in self.keys.items()
        }
        return Action(name=self.name, duration=self.duration, keys=keys, cycle=self.cycle)


def _other_side(channel: str) -> str:
    if channel.startswith("left_"):
        return "right_" + channel.removeprefix("left_")
    if channel.startswith("right_"):
        return "left_" + channel.removeprefix("right_")
    return channel


# -------------------------------------------------------------------------------------------------------------- actions


def stand(*, seconds: float = 0.6, look: float = 0.0) -> Action:
    """Stand at ease."""
    return Action(name="stand", duration=seconds, keys={"look": [(0, look)]})


def walk(*, seconds: float = 3.0, turn: float = 0.0, cycle: float = 1.1, vigour: float = 1.0) -> Action:
    """Walk; `turn` degrees per second bend the path to the left, `vigour` scales stride and arm swing."""

    def curve(keys: Keys, *, shift: float = 0.0) -> Keys:
        """Keys over percent of a gait cycle -> keys over seconds, `shift` percent later."""
        spline = CubicSpline([k / 100 for k, _ in keys], [v for _, v in keys], bc_type="periodic")
        phase = np.linspace(0, 1, 21)
        values = spline(np.mod(phase - shift / 100, 1.0))
        values[-1] = values[0]
        return [(float(p * cycle), float(v)) for p, v in zip(phase, values, strict=True)]

    v = vigour
    hip = [(0, 27 * v), (12, 23 * v), (30, 3), (50, -13 * v), (60, -5 * v), (75, 22 * v), (87, 30 * v), (100, 27 * v)]
    knee = [(0, 4), (13, 18), (28, 9), (40, 6), (50, 13), (61, 42), (72, 62), (85, 30), (95, 5), (100, 4)]
    arm = [(0, -20 * v), (50, 22 * v), (100, -20 * v)]
    elbow = [(0, 15), (50, 15 + 20 * v), (100, 15)]
    swing = [(0, 5 * v), (50, -5 * v), (100, 5 * v)]  # right leg forward turns the pelvis to the left
    tilt = [(0, 0), (17, -3), (50, 0), (67, 3), (100, 0)]
    keys: dict[str, Keys] = {
        "turn": curve([(0, turn), (50, turn), (100, turn)]),
        "lean": curve([(0, 3), (50, 3), (100, 3)]),
        "swing": curve(swing),
        "twist": curve([(p, -2.2 * a) for p, a in swing]),
        "tilt": curve(tilt),
        "side": curve([(p, -a) for p, a in tilt]),
        "look": curve([(0, 0.25 * turn), (50, 0.25 * turn), (100, 0.25 * turn)]),
    }
    for side, shift in (("right", 0.0), ("left", 50.0)):
        keys[f"{side}_leg"] = curve(hip, shift=shift)
        keys[f"{side}_knee"] = curve(knee, shift=shift)
        keys[f"{side}_arm"] = curve(arm, shift=shift)
        keys[f"{side}_elbow"] = curve(elbow, shift=shift)
    return Action(name="walk", duration=seconds, keys=keys, cycle=cycle)


def turn(*, degrees: float = 180.0, seconds: float = 1.6) -> Action:
    """Turn on the spot, to the left for positive degrees, stepping round; takes 0.8 s at least."""
    step = 0.42
    steps = max(2, 2 * round(seconds / step / 2))
    beat = seconds / steps
    # Still while this action fades in and out, so that all of the turn is made.
    turning = [(0.0, 0.0), (0.15, 0.0), (0.15 + 0.5 * beat, 1.0), (seconds - 0.15 - 0.5 * beat, 1.0)]
    turning += [(seconds - 0.15, 0.0), (seconds, 0.0)]
    rate = degrees / float(PchipInterpolator(*np.array(turning).T).integrate(0, seconds))
    keys: dict[str, list[tuple[float, float]]] = {
        "turn": [(t, rate * share) for t, share in turning],
        "look": [(0, 0), (0.25 * seconds, np.sign(degrees) * 22), (seconds, 0)],
    }
    for n, side in enumerate(("left", "right") if degrees > 0 else ("right", "left")):
        leg: list[tuple[float, float]] = [(0.0, 0.0)]
        knee: list[tuple[float, float]] = [(0.0, 2.0)]
        for k in range(n, steps, 2):
            leg += [(k * beat + 1e-3, 0.0), ((k + 0.5) * beat, 24.0), ((k + 1) * beat, 0.0)]
            knee += [(k * beat + 1e-3, 2.0), ((k + 0.5) * beat, 42.0), ((k + 1) * beat, 2.0)]
        keys[f"{side}_leg"], keys[f"{side}_knee"] = leg, knee
        keys[f"{side}_arm"] = [(0, 0), (0.5 * seconds, 14 * (-1) ** n), (seconds, 0)]
        keys[f"{side}_elbow"] = [(0, 14), (0.5 * seconds, 30), (seconds, 14)]
    return Action(name="turn", duration=seconds, keys=keys)


def squat(*, seconds: float = 2.2, depth: float = 1.0) -> Action:
    """Down to about the knees' height with both arms forward, and up again."""
    a, b, c = 0.42 * seconds, 0.55 * seconds, seconds
    keys: dict[str, Keys] = {
        "lean": [(0, 0), (a, 30 * depth), (b, 30 * depth), (c, 0)],
        "bend": [(0, 0), (a, 10 * depth), (b, 10 * depth), (c, 0)],
        "nod": [(0, 0), (a, -18 * depth), (b, -18 * depth), (c, 0)],
    }
    for side in ("left", "right"):
        keys[f"{side}_leg"] = [(0, 0), (a, 110 * depth), (b, 110 * depth), (c, 0)]
        keys[f"{side}_knee"] = [(0, 2), (a, 108 * depth), (b, 108 * depth), (c, 2)]
        keys[f"{side}_leg_out"] = [(0, 5), (a, 15 * depth), (b, 15 * depth), (c, 5)]
        keys[f"{side}_leg_roll"] = [(0, 0), (a, 12 * depth), (b, 12 * depth), (c, 0)]
        keys[f"{side}_arm"] = [(0, 0), (a, 115), (b, 115), (c, 0)]
        keys[f"{side}_arm_out"] = [(0, 9), (a, 6), (b, 6), (c, 9)]
        keys[f"{side}_elbow"] = [(0, 14), (a, 10), (b, 10), (c, 14)]
    return Action(name="squat", duration=seconds, keys=keys)


def kick(*, seconds: float = 1.7) -> Action:
    """Swing the right leg back and kick forward at hip height."""
    s = seconds / 1.7
    keys: dict[str, Keys] = {
        "lean": [(0, 0), (0.45 * s, 10), (0.8 * s, -14), (1.0 * s, -12), (1.7 * s, 0)],
        "swing": [(0, 0), (0.45 * s, -12), (0.8 * s, 16), (1.7 * s, 0)],
        "twist": [(0, 0), (0.45 * s, 14), (0.8 * s, -16), (1.7 * s, 0)],
        "bend": [(0, 0), (0.45 * s, 4), (0.8 * s, 14), (1.7 * s, 0)],
        "right_leg": [(0, 0), (0.45 * s, -26), (0.78 * s, 78), (0.9 * s, 84), (1.3 * s, 25), (1.7 * s, 0)],
        "right_knee": [
            (0, 2),
            (0.45 * s, 62),
            (0.62 * s, 70),
            (0.8 * s, 10),
            (0.9 * s, 8),
            (1.3 * s, 40),
            (1.7 * s, 2),
        ],
        "left_leg": [(0, 0), (0.45 * s, 12), (0.8 * s, -12), (1.7 * s, 0)],
        "left_knee": [(0, 2), (0.45 * s, 18), (0.8 * s, 6), (1.7 * s, 2)],
        "left_arm": [(0, 0), (0.45 * s, -25), (0.8 * s, 58), (1.7 * s, 0)],
        "left_arm_out": [(0, 9), (0.45 * s, 35), (0.8 * s, 38), (1.7 * s, 9)],
        "right_arm": [(0, 0), (0.45 * s, 40), (0.8 * s, -35), (1.7 * s, 0)],
        "right_arm_out": [(0, 9), (0.45 * s, 25), (0.8 * s, 42), (1.7 * s, 9)],
        "left_elbow": [(0, 14), (0.45 * s, 40), (0.8 * s, 30), (1.7 * s, 14)],
        "right_elbow": [(0, 14), (0.45 * s, 45), (0.8 * s, 22), (1.7 * s, 14)],
    }
    return Action(name="kick", duration=seconds, keys=keys)


def wave(*, seconds: float = 2.2) -> Action:
    """Raise the right hand beside the head and wave it."""
    beats = np.arange(0.55, seconds - 0.55, 0.25)
    keys: dict[str, Keys] = {
        "right_arm": [(0, 0), (0.5, 88), (seconds - 0.5, 88), (seconds, 0)],
        "right_arm_out": [(0, 9), (0.5, 72), (seconds - 0.5, 72), (seconds, 9)],
        "right_elbow": [(0, 14), (0.45, 80)]
        + [(float(t), 100.0 if k % 2 else 45.0) for k, t in enumerate(beats)]
        + [(seconds - 0.3, 80), (seconds, 14)],
        "side": [(0, 0), (0.6, 5), (seconds - 0.5, 5), (seconds, 0)],
        "cock": [(0, 0), (0.6, -7), (seconds - 0.5, -7), (seconds, 0)],
        "left_arm": [(0, 0), (0.6, 4), (seconds, 0)],
        "left_knee": [(0, 2), (0.6, 10), (seconds - 0.4, 10), (seconds, 2)],
        "left_leg": [(0, 0), (0.6, 6), (seconds - 0.4, 6), (seconds, 0)],
    }
    return Action(name="wave", duration=seconds, keys=keys)


def jumping_jacks(*, count: int = 3, cycle: float = 1.0) -> Action:
    """Jump the feet apart while the arms go overhead, and back, `count` times."""
    c = cycle
    keys: dict[str, Keys] = {
        "air": [
            (t * c, h)
            for t, h in zip((0, 0.08, 0.25, 0.42, 0.58, 0.75, 0.92, 1), (0, 0, 0.1, 0, 0, 0.1, 0, 0), strict=True)
        ],
        "lean": [(0, 4), (0.5 * c, 4), (c, 4)],
    }
    for side in ("left", "right"):
        keys[f"{side}_arm_out"] = [(0, 12), (0.1 * c, 20), (0.45 * c, 158), (0.55 * c, 158), (0.9 * c, 20), (c, 12)]
        keys[f"{side}_elbow"] = [(0, 14), (0.5 * c, 22), (c, 14)]
        keys[f"{side}_leg_out"] = [(0, 3), (0.1 * c, 4), (0.42 * c, 23), (0.58 * c, 23), (0.9 * c, 4), (c, 3)]
        keys[f"{side}_leg"] = [(0, 16), (0.25 * c, 4), (0.48 * c, 14), (0.75 * c, 4), (c, 16)]
        keys[f"{side}_knee"] = [(0, 28), (0.25 * c, 5), (0.48 * c, 24), (0.75 * c, 5), (c, 28)]
    return Action(name="jumping jacks", duration=count * cycle, keys=keys, cycle=cycle)


def crouch(*, seconds: float = 2.6) -> Action:
    """Sit down as on a low chair, hands on the thighs, and stand up."""
    a, b, c = 0.36 * seconds, 0.66 * seconds, seconds
    keys: dict[str, Keys] = {
        "lean": [(0, 0), (0.6 * a, 38), (a, 20), (b, 20), (b + 0.4 * a, 38), (c, 0)],
        "bend": [(0, 0), (a, 14), (b, 14), (c, 0)],
        "nod": [(0, 0), (a, -8), (b, -8), (c, 0)],
        "look": [(0, 0), (a, 0), (0.5 * (a + b), 35), (b, 0), (c, 0)],
    }
    for side in ("left", "right"):
        keys[f"{side}_leg"] = [(0, 0), (0.6 * a, 72), (a, 102), (b, 102), (b + 0.4 * a, 72), (c, 0)]
        keys[f"{side}_knee"] = [(0, 2), (0.6 * a, 62), (a, 92), (b, 92), (b + 0.4 * a, 62), (c, 2)]
        keys[f"{side}_leg_out"] = [(0, 4), (a, 8), (b, 8), (c, 4)]
        keys[f"{side}_arm"] = [(0, 0), (a, 44), (b, 44), (c, 0)]
        keys[f"{side}_elbow"] = [(0, 14), (a, 42), (b, 42), (c, 14)]
    return Action(name="crouch", duration=seconds, keys=keys)


def reach(*, seconds: float = 2.4) -> Action:
    """Bend down to the left to pick something up, then put it high up on the right."""
    a, b, c, d = 0.30 * seconds, 0.40 * seconds, 0.74 * seconds, seconds
    keys: dict[str, Keys] = {
        "lean": [(0, 0), (a, 48), (b, 48), (c, -4), (d, 0)],
        "bend": [(0, 0), (a, 38), (b, 38), (c, -6), (d, 0)],
        "twist": [(0, 0), (a, 26), (b, 26), (c, -28), (d, 0)],
        "nod": [(0, 0), (a, 12), (b, 12), (c, -18), (d, 0)],
        "right_arm": [(0, 0), (a, 78), (b, 78), (c, 156), (d, 0)],
        "right_elbow": [(0, 14), (a, 12), (b, 12), (0.57 * seconds, 70), (c, 10), (d, 14)],
        "left_arm": [(0, 0), (a, 50), (b, 50), (c, 35), (d, 0)],
        "left_arm_out": [(0, 9), (a, 18), (b, 18), (c, 28), (d, 9)],
        "left_elbow": [(0, 14), (a, 35), (b, 35), (c, 50), (d, 14)],
        "left_leg": [(0, 0), (a, 78), (b, 78), (c, -4), (d, 0)],
        "right_leg": [(0, 0), (a, 72), (b, 72), (c, 0), (d, 0)],
        "left_knee": [(0, 2), (a, 48), (b, 48), (c, 2), (d, 2)],
        "right_knee": [(0, 2), (a, 38), (b, 38), (c, 2), (d, 2)],
        "left_leg_out": [(0, 5), (a, 9), (b, 9), (d, 5)],
        "right_leg_out": [(0, 5), (a, 9), (b, 9), (d, 5)],
    }
    return Action(name="reach", duration=seconds, keys=keys)


def throw(*, seconds: float = 1.8) -> Action:
    """Wind up and throw with the right arm over the shoulder."""
    s = seconds / 1.8
    keys: dict[str, Keys] = {
        "twist": [(0, 0), (0.6 * s, -38), (0.95 * s, 32), (1.2 * s, 26), (1.8 * s, 0)],
        "swing": [(0, 0), (0.6 * s, -22), (0.9 * s, 20), (1.8 * s, 0)],
        "lean": [(0, 0), (0.6 * s, -8), (0.98 * s, 20), (1.8 * s, 0)],
        "bend": [(0, 0), (0.6 * s, -6), (1.0 * s, 20), (1.8 * s, 0)],
        "right_arm": [(0, 0), (0.6 * s, 70), (0.8 * s, 95), (0.98 * s, 80), (1.2 * s, 30), (1.8 * s, 0)],
        "right_arm_out": [(0, 9), (0.6 * s, 85), (0.85 * s, 70), (1.0 * s, 20), (1.2 * s, 2), (1.8 * s, 9)],
        "right_elbow": [(0, 14), (0.6 * s, 100), (0.8 * s, 95), (0.96 * s, 12), (1.8 * s, 14)],
        "left_arm": [(0, 0), (0.6 * s, 75), (0.95 * s, 10), (1.8 * s, 0)],
        "left_arm_out": [(0, 9), (0.6 * s, 25), (0.95 * s, 30), (1.8 * s, 9)],
        "left_elbow": [(0, 14), (0.6 * s, 20), (0.95 * s, 75), (1.8 * s, 14)],
        "left_leg": [(0, 0), (0.45 * s, 32), (0.8 * s, 34), (1.05 * s, 40), (1.8 * s, 0)],
        "left_knee": [(0, 2), (0.45 * s, 42), (0.8 * s, 10), (1.05 * s, 30), (1.8 * s, 2)],
        "right_leg": [(0, 0), (0.6 * s, 2), (0.95 * s, -16), (1.8 * s, 0)],
        "right_knee": [(0, 2), (0.6 * s, 22), (0.95 * s, 16), (1.2 * s, 34), (1.8 * s, 2)],
    }
    return Action(name="throw", duration=seconds, keys=keys)


def lunge(*, seconds: float = 2.2) -> Action:
    """A long step forward with the left leg, arms out to the sides, and back."""
    a, b, c = 0.40 * seconds, 0.58 * seconds, seconds
    keys: dict[str, Keys] = {
        "left_leg": [
            (0, 0),
            (0.3 * a, 48),
            (0.6 * a, 72),
            (a, 74),
            (b, 74),
            (b + 0.4 * a, 64),
            (b + 0.7 * a, 40),
            (c, 0),
        ],
        "left_knee": [
            (0, 2),
            (0.3 * a, 72),
            (0.6 * a, 78),
            (a, 80),
            (b, 80),
            (b + 0.4 * a, 84),
            (b + 0.7 * a, 62),
            (c, 2),
        ],
        "right_leg": [(0, 0), (a, -30), (b, -30), (c, 0)],
        "right_knee": [(0, 2), (a, 30), (b, 30), (c, 2)],
        "lean": [(0, 0), (a, 6), (b, 6), (c, 0)],
        "nod": [(0, 0), (a, -6), (b, -6), (c, 0)],
        **{f"{s}_arm_out": [(0, 9), (a, 88), (b, 88), (c, 9)] for s in ("left", "right")},
        **{f"{s}_elbow": [(0, 14), (a, 8), (b, 8), (c, 14)] for s in ("left", "right")},
    }
    return Action(name="lunge", duration=seconds, keys=keys)


def punch(*, count: int = 2, cycle: float = 1.0) -> Action:
    """Box: a left and a right straight per cycle from a guard."""
    c = cycle
    keys: dict[str, Keys] = {
        "twist": [(0, 0), (0.22 * c, -26), (0.5 * c, 0), (0.72 * c, 26), (c, 0)],
        "swing": [(0, 0), (0.22 * c, -10), (0.5 * c, 0), (0.72 * c, 10), (c, 0)],
        "lean": [(0, 8), (0.5 * c, 8), (c, 8)],
        "nod": [(0, 6), (0.5 * c, 6), (c, 6)],
        "left_leg": [(0, 30), (0.22 * c, 34), (0.72 * c, 28), (c, 30)],
        "left_knee": [(0, 28), (0.5 * c, 26), (c, 28)],
        "right_leg": [(0, -8), (0.22 * c, -8), (0.72 * c, -12), (c, -8)],
        "right_knee": [(0, 20), (0.5 * c, 22), (c, 20)],
    }
    for side, hit in (("left", 0.22), ("right", 0.72)):
        guard, straight = (52.0, 118.0), (88.0, 8.0)
        times = [0.0, hit - 0.18, hit, hit + 0.18, 1.0]
        arm, elbow = ([p[i] for p in (guard, guard, straight, guard, guard)] for i in (0, 1))
        keys[f"{side}_arm"] = [(t * c, v) for t, v in zip(times, arm, strict=True)]
        keys[f"{side}_elbow"] = [(t * c, v) for t, v in zip(times, elbow, strict=True)]
        keys[f"{side}_arm_roll"] = [(0, 24), (0.5 * c, 24), (c, 24)]
    return Action(name="punch", duration=count * cycle, keys=keys, cycle=cycle)


def sway(*, count: int = 2, cycle: float = 1.8) -> Action:
    """A slow dance: weight from side to side, arms following overhead and round."""
    c = cycle
    keys: dict[str, Keys] = {
        "tilt": [(0, 0), (0.25 * c, 9), (0.5 * c, 0), (0.75 * c, -9), (c, 0)],
        "side": [(0, 0), (0.25 * c, -18), (0.5 * c, 0), (0.75 * c, 18), (c, 0)],
        "twist": [(0, 12), (0.5 * c, -12), (c, 12)],
        "look": [(0, 10), (0.5 * c, -10), (c, 10)],
        "left_leg_out": [(0, 12), (0.25 * c, 20), (0.75 * c, 4), (c, 12)],
        "right_leg_out": [(0, 12), (0.25 * c, 4), (0.75 * c, 20), (c, 12)],
    }
    for side, lead in (("left", 0.25), ("right", 0.75)):
        up, down = sorted([lead, (lead + 0.5) % 1])[:: 1 if lead < 0.5 else -1]
        raised = [(0, 85.0), (up * c, 140.0), (down * c, 40.0), (c, 85.0)]
        keys[f"{side}_arm_out"] = sorted(raised)
        keys[f"{side}_elbow"] = sorted([(0, 40.0), (up * c, 20.0), (down * c, 70.0), (c, 40.0)])
        keys[f"{side}_arm"] = [(0, 35), (0.5 * c, 60), (c, 35)]
        keys[f"{side}_knee"] = sorted([(0, 14.0), (up * c, 4.0), (down * c, 26.0), (c, 14.0)])
        keys[f"{side}_leg"] = sorted([(0, 8.0), (up * c, 2.0), (down * c, 15.0), (c, 8.0)])
    return Action(name="sway", duration=count * cycle, keys=keys, cycle=cycle)


# ------------------------------------------------------------------------------------------------------------- playing


def play(
    actions: Sequence[Action],
    *,
    fps: float = 30.0,
    time: ArrayLike | None = None,
    figure: Figure | None = None,
    blend: float = 0.3,
    seed: int = 0,
) -> Motion:
    """Perform `actions` one after the other; neighbours fade into each other over `blend` seconds.

    The figure starts with its pelvis above the origin, looking along +y. `time` (T,) asks for poses at these seconds
    instead of at a constant rate. A small unrest, drawn from `seed`, keeps the figure alive while it stands. Raises
    ValueError without actions.
    """
    if not actions:
        raise ValueError("play needs at least one action.")
    figure = Figure() if figure is None else figure
    # The path is integrated finely, so that it does not depend on the frame rate of the video.
    ends = np.cumsum([action.duration for action in actions])
    fine = np.arange(0, ends[-1] + 1.5 / _FINE_RATE, 1 / _FINE_RATE)
    angles = _blended(actions, ends, fine, blend=blend)
    rng = np.random.default_rng(seed)
    for channel in CHANNELS:
        if channel not in ("turn", "air"):
            angles[channel] += _unrest(fine, rng) * (0.5 if "leg" in channel or "knee" in channel else 1.3)
        angles[channel] = gaussian_filter1d(angles[channel], 0.035 * _FINE_RATE, mode="nearest")
    angles["air"] = np.maximum(angles["air"], 0.0)  # splines undershoot before and after a jump
    angles["heading"] = np.concatenate([[0.0], np.cumsum(angles["turn"][:-1] / _FINE_RATE)])
    joints, _ = forward_kinematics(angles, figure=figure)
    shift = _stand_on_floor(joints, air=angles["air"], ankle=figure.ankle)

    frames = np.arange(0, ends[-1] - 1e-9, 1 / fps) if time is None else np.asarray(time, dtype=np.float64)
    # Angles are interpolated, not positions, so that bones keep their lengths.
    joints, face = forward_kinematics({c: np.interp(frames, fine, a) for c, a in angles.items()}, figure=figure)
    moved = np.stack([np.interp(frames, fine, column) for column in shift.T], axis=1)[:, None]
    return Motion(
        joints=joints + moved,
        face=face + moved,
        time=frames,
        fps=fps,
        actions=tuple((a.name, float(e - a.duration), float(e)) for a, e in zip(actions, ends, strict=True)),
    )


def _blended(actions: Sequence[Action], ends: Array, time: Array, *, blend: float) -> dict[str, Array]:
    angles = {channel: np.zeros_like(time) for channel in CHANNELS}
    total = np.zeros_like(time)
    for action, end in zip(actions, ends, strict=True):
        start = end - action.duration
        rise = np.ones_like(time) if start < 1e-9 else _smoothstep((time - start) / blend + 0.5)
        fall = np.ones_like(time) if end == ends[-1] else _smoothstep((end - time) / blend + 0.5)
        weight = np.minimum(rise, fall)
        total += weight
        local = time - start if action.cycle else np.clip(time - start, 0, action.duration)
        for channel, curve in action.sample(local).items():
            angles[channel] += weight * curve
    return {channel: curve / total for channel, curve in angles.items()}


def forward_kinematics(angles: Mapping[str, Array], *, figure: Figure) -> tuple[Array, Array]:
    """Channel curves and the heading (T,) -> joints (T, 17, 3) and face (T, 5, 3) in metres, pelvis at the origin."""

    def about(axis: str, degrees: Array) -> Rotation:
        return Rotation.from_euler(axis, degrees[:, None], degrees=True)

    def vector(*xyz: float) -> Array:
        return np.asarray(xyz, dtype=np.float64)

    pelvis = about("z", angles["heading"] + angles["swing"]) * about("y", -angles["tilt"]) * about("x", -angles["lean"])
    half = about("z", angles["twist"] / 2) * about("y", -angles["side"] / 2) * about("x", -angles["bend"] / 2)
    middle = pelvis * half
    chest = middle * half
    skull = chest * about("z", angles["look"]) * about("y", -angles["cock"]) * about("x", -angles["nod"])

    at: dict[str, Array] = {"pelvis": np.zeros((len(angles["heading"]), 3))}
    at["spine"] = pelvis.apply(figure.lower_spine * _direction(0, -0.13, 1))
    at["thorax"] = at["spine"] + middle.apply(figure.upper_spine * _direction(0, -0.02, 1))
    top = at["thorax"] + chest.apply(figure.neck * _direction(0, 0.12, 1))
    at["neck"] = top + skull.apply(_NECK)
    at["head"] = top + skull.apply(_HEAD)
    for side, sign in (("left", -1.0), ("right", 1.0)):
        arm, out = angles[f"{side}_arm"], angles[f"{side}_arm_out"]
        # The shoulder blade follows a raised arm.
        raised = np.degrees(np.arccos(np.clip(np.cos(np.radians(arm)) * np.cos(np.radians(out)), -1, 1)))
        collar = chest * about("y", -sign * 0.22 * np.maximum(raised - 35, 0))
        at[f"{side}_shoulder"] = at["thorax"] + collar.apply(figure.shoulder * _direction(sign, 0, -0.16))
        upper = chest * about("x", arm) * about("y", -sign * out) * about("z", sign * angles[f"{side}_arm_roll"])
        at[f"{side}_elbow"] = at[f"{side}_shoulder"] + upper.apply(vector(0, 0, -figure.upper_arm))
        lower = upper * about("x", angles[f"{side}_elbow"])
        at[f"{side}_wrist"] = at[f"{side}_elbow"] + lower.apply(vector(0, 0, -figure.forearm))

        at[f"{side}_hip"] = pelvis.apply(vector(sign * figure.hip, 0, 0))
        thigh = (
            pelvis
            * about("x", angles[f"{side}_leg"])
            * about("y", -sign * angles[f"{side}_leg_out"])
            * about("z", -sign * angles[f"{side}_leg_roll"])
        )
        at[f"{side}_knee"] = at[f"{side}_hip"] + thigh.apply(vector(0, 0, -figure.thigh))
        shin = thigh * about("x", -angles[f"{side}_knee"])
        at[f"{side}_ankle"] = at[f"{side}_knee"] + shin.apply(vector(0, 0, -figure.shin))

    joints = np.stack([at[name] for name in get_skeleton("human36m17").joints], axis=1)
    face = np.stack([top + skull.apply(point) for point in _FACE.values()], axis=1)
    return joints, face


def _stand_on_floor(joints: Array, *, air: Array, ankle: float) -> Array:
    """How to move the figure (T, 3) so that the lower foot is on the floor and stays put while it bears the weight."""
    feet = joints[:, get_skeleton("human36m17").indices("left_ankle", "right_ankle")]  # (T, 2, 3)
    height = feet[..., 2]
    bearing = np.exp(-(height - height.min(axis=1, keepdims=True)) / 0.012)
    bearing /= bearing.sum(axis=1, keepdims=True)
    step = -((feet[1:, :, :2] - feet[:-1, :, :2]) * (0.5 * (bearing[1:] + bearing[:-1]))[..., None]).sum(axis=1)
    smooth = gaussian_filter1d(step, 0.02 * _FINE_RATE, axis=0)
    path = np.concatenate([np.zeros((1, 2)), np.cumsum(smooth, axis=0)])
    support = gaussian_filter1d(height.min(axis=1), 0.010 * _FINE_RATE)
    return np.column_stack([path, ankle - support + air])


def _unrest(time: Array, rng: np.random.Generator) -> Array:
    """Slow random motion with a standard deviation of about 1."""
    frequency = rng.uniform(0.15, 0.8, size=4)
    phase = rng.uniform(0, 2 * np.pi, size=4)
    return np.sqrt(0.5) * np.sin(2 * np.pi * frequency * time[:, None] + phase).sum(axis=1)


def _smoothstep(x: Array) -> Array:
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)


def _direction(right: float, forward: float, up: float) -> Array:
    vector = np.array([right, forward, up], dtype=np.float64)
    return vector / np.linalg.norm(vector)
