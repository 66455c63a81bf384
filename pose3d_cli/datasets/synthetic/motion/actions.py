"""The actions that a figure can be told to perform, as keys over seconds."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicSpline, PchipInterpolator

from pose3d_cli.datasets.synthetic.motion.curves import Action, Keys


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
