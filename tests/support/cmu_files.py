"""The CMU database's files, written here: a little human of our own, asymmetric, that walks with known joint angles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

METRE = 0.45 / 0.0254  # in the database's unit

# Bone: parent, direction, length in metres, axis in degrees, degrees of freedom. Left leg and spine make 1.19 m.
BONES: dict[str, tuple[str, tuple[float, float, float], float, tuple[float, float, float], str]] = {
    "lhipjoint": ("root", (0.7, -0.7, 0.14), 0.12, (0, 0, 0), ""),
    "lfemur": ("lhipjoint", (0.34, -0.94, 0), 0.42, (0, 0, 20), "rx ry rz"),
    "ltibia": ("lfemur", (0.34, -0.94, 0), 0.41, (0, 0, 20), "rx"),
    "lfoot": ("ltibia", (0.1, -0.25, 0.96), 0.12, (-90, 0, 20), "rx rz"),
    "rhipjoint": ("root", (-0.66, -0.73, 0.16), 0.13, (0, 0, 0), ""),
    "rfemur": ("rhipjoint", (-0.34, -0.94, 0), 0.43, (0, 0, -20), "rx ry rz"),
    "rtibia": ("rfemur", (-0.34, -0.94, 0), 0.4, (0, 0, -20), "rx"),
    "rfoot": ("rtibia", (-0.1, -0.25, 0.96), 0.125, (-90, 0, -20), "rx rz"),
    "lowerback": ("root", (0.02, 0.99, -0.1), 0.12, (0, 0, 0), "rx ry rz"),
    "upperback": ("lowerback", (0.01, 1, -0.02), 0.12, (0, 0, 0), "rx ry rz"),
    "thorax": ("upperback", (0, 1, 0), 0.12, (0, 0, 0), "rx ry rz"),
    "lowerneck": ("thorax", (0.02, 0.98, 0.16), 0.1, (0, 0, 0), "rx ry rz"),
    "upperneck": ("lowerneck", (0, 0.98, -0.18), 0.1, (0, 0, 0), "rx ry rz"),
    "head": ("upperneck", (0, 1, -0.07), 0.1, (0, 0, 0), "rx ry rz"),
    "lclavicle": ("thorax", (0.94, 0.34, -0.08), 0.2, (0, 0, 0), "ry rz"),
    "lhumerus": ("lclavicle", (1, 0, 0), 0.29, (180, -30, -90), "rx ry rz"),
    "lradius": ("lhumerus", (1, 0, 0), 0.18, (180, -30, -90), "rx"),
    "lwrist": ("lradius", (1, 0, 0), 0.09, (0, 90, 90), "ry"),
    "rclavicle": ("thorax", (-0.93, 0.33, -0.12), 0.21, (0, 0, 0), "ry rz"),
    "rhumerus": ("rclavicle", (-1, 0, 0), 0.3, (180, 30, 90), "rx ry rz"),
    "rradius": ("rhumerus", (-1, 0, 0), 0.2, (180, 30, 90), "rx"),
    "rwrist": ("rradius", (-1, 0, 0), 0.1, (0, -90, -90), "ry"),
}
# What the conversion to BVH calls the joint that a bone turns, where its start is.
BVH_JOINTS = {
    "lhipjoint": "LHipJoint", "lfemur": "LeftUpLeg", "ltibia": "LeftLeg", "lfoot": "LeftFoot",
    "rhipjoint": "RHipJoint", "rfemur": "RightUpLeg", "rtibia": "RightLeg", "rfoot": "RightFoot",
    "lowerback": "LowerBack", "upperback": "Spine", "thorax": "Spine1",
    "lowerneck": "Neck", "upperneck": "Neck1", "head": "Head",
    "lclavicle": "LeftShoulder", "lhumerus": "LeftArm", "lradius": "LeftForeArm", "lwrist": "LeftHand",
    "rclavicle": "RightShoulder", "rhumerus": "RightArm", "rradius": "RightForeArm", "rwrist": "RightHand",
}  # fmt: skip

Angles = dict[str, np.ndarray]


def walk(frames: int, *, fps: float = 120.0, nod: float = 0.0) -> Angles:
    """A walk along +z at 1.2 m/s with the left hand raised: values (T, D) for the root and every bone that turns."""
    time = np.arange(frames) / fps
    swing = np.sin(2 * np.pi * time)
    zero = np.zeros(frames)
    values = {"root": np.zeros((frames, 6))}
    values |= {name: np.zeros((frames, len(bone[4].split()))) for name, bone in BONES.items() if bone[4]}
    values["root"][:, :3] = np.stack([zero, zero + 0.98, 1.2 * time], axis=1) * METRE
    values["root"][:, 3:] = np.stack([2 * swing, 5 * swing, zero + 1], axis=1)
    values["lfemur"][:] = np.stack([-25 * swing, 3 * swing, -20 + zero], axis=1)
    values["rfemur"][:] = np.stack([25 * swing, -3 * swing, 20 + zero], axis=1)
    values["ltibia"][:, 0] = 20 + 15 * swing
    values["rtibia"][:, 0] = 20 - 15 * swing
    values["thorax"][:] = np.stack([2 * swing, -5 * swing, swing], axis=1)
    values["head"][:] = np.stack([nod + zero, zero, zero], axis=1)
    values["lhumerus"][:] = np.stack([20 * swing, zero - 10, zero - 40], axis=1)
    values["rhumerus"][:] = np.stack([20 * swing, zero + 10, zero - 70], axis=1)
    values["lradius"][:, 0] = 20
    values["rradius"][:, 0] = 25 + 5 * swing
    values["lwrist"][:, 0] = -30
    return values


def asf(**changed: str) -> str:
    """The skeleton; text of a bone may be changed."""
    blocks = []
    for name, (_, direction, length, axis, dof) in BONES.items():
        unit = np.array(direction) / np.linalg.norm(direction)
        lines = [
            f"name {name}",
            f"direction {' '.join(f'{x:.9f}' for x in unit)}",
            f"length {length * METRE:.9f}",
            f"axis {' '.join(map(str, axis))}   XYZ",
            *([f"dof {dof}", "limits (-160.0 20.0)", *["       (-70.0 70.0)"] * (len(dof.split()) - 1)] if dof else []),
        ]
        block = "\n     ".join(lines)
        blocks.append(f"  begin\n     {changed.get(name, block)}\n  end\n")
    children: dict[str, list[str]] = {}
    for name, (parent, *_) in BONES.items():
        children.setdefault(parent, []).append(name)
    hierarchy = "".join(f"    {parent} {' '.join(names)}\n" for parent, names in children.items())
    return (
        "# our own\n:version 1.10\n:name VICON\n:units\n  mass 1.0\n  length 0.45\n  angle deg\n"
        ":root\n   order TX TY TZ RX RY RZ\n   axis XYZ\n   position 0 0 0\n   orientation 0 0 0\n"
        f":bonedata\n{''.join(blocks)}:hierarchy\n  begin\n{hierarchy}  end\n"
    )


def amc(values: Angles, *, first: int = 1) -> str:
    lines = ["#!OML:ASF our.ASF", ":FULLY-SPECIFIED", ":DEGREES"]
    for t in range(len(values["root"])):
        lines.append(str(first + t))
        lines += [f"{name} {' '.join(f'{x:.9f}' for x in rows[t])}" for name, rows in values.items()]
    return "\n".join(lines) + "\n"


def write(folder: Path, values: Angles, *, name: str = "01_01") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name[:2]}.asf").write_text(asf())
    (folder / f"{name}.amc").write_text(amc(values))
    return folder


def own_turns(bone: str, values: Angles) -> Rotation:
    """T turns of a bone within its parent, which is what BVH writes down."""
    if bone == "root":
        return Rotation.from_euler("xyz", values["root"][:, 3:], degrees=True)
    axis, dof = BONES[bone][3:]
    askew = Rotation.from_euler("xyz", axis, degrees=True)
    if not dof:
        return Rotation.from_euler("xyz", np.zeros((len(values["root"]), 3)))
    return askew * Rotation.from_euler(dof.replace("r", "").replace(" ", ""), values[bone], degrees=True) * askew.inv()


def converted(values: Angles, *, seconds: float = 0.0083333) -> str:
    """The walk as the database's BVH conversion has it: a T-pose first, without the bones `thorax` and `lwrist`."""
    children: dict[str, list[str]] = {}
    for name, (parent, *_) in BONES.items():
        children.setdefault(parent, []).append(name)
    order: list[str] = []

    def block(bone: str, depth: int) -> str:
        order.append(bone)
        parent = BONES[bone][0] if bone != "root" else "root"
        offset = np.zeros(3)
        if parent not in ("root", "thorax"):
            offset = np.array(BONES[parent][1]) / np.linalg.norm(BONES[parent][1]) * BONES[parent][2] * METRE
        head = f"JOINT {BVH_JOINTS[bone]}" if bone != "root" else "ROOT Hips"
        channels = "3 Zrotation Yrotation Xrotation"
        if bone == "root":
            channels = "6 Xposition Yposition Zposition Zrotation Yrotation Xrotation"
        inner = "".join(block(child, depth + 1) for child in children.get(bone, []))
        inner = inner or "End Site\n{\nOFFSET 0 0 0\n}\n"
        return f"{head}\n{{\nOFFSET {' '.join(f'{x:.9f}' for x in offset)}\nCHANNELS {channels}\n{inner}}}\n"

    hierarchy = block("root", 0)
    turns = [own_turns(bone, values).as_euler("ZYX", degrees=True) for bone in order]
    rows = np.concatenate([values["root"][:, :3], *turns], axis=1)
    rows = np.concatenate([rows[:1], rows])
    rows[0, 3:] = 0
    motion = "\n".join(" ".join(f"{x:.9f}" for x in row) for row in rows)
    return f"HIERARCHY\n{hierarchy}MOTION\nFrames: {len(rows)}\nFrame Time: {seconds}\n{motion}\n"


# Takes
