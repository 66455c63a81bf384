"""What programs call the bones of a figure.

    blender   thigh.L, upper_arm.R: names whose sides Blender mirrors, as those of its Rigify
    mixamo    mixamorig:LeftUpLeg, mixamorig:RightArm: those of Adobe's characters
    unity     LeftUpperLeg, RightUpperArm: the HumanBodyBones of Unity's avatars
    maya      LeftUpLeg, RightArm: HumanIK's, of Maya and MotionBuilder
    cmu       LHipJoint, LeftUpLeg, LowerBack: B. Hahne's conversion of CMU's motion capture database (cgspeed)

A bone of ours may be two of theirs, one behind the other, of which the first turns and the other lies along it. Joints
turn about the axes that the programs count by, in BVH's order: Blender, Maya and MotionBuilder write ZYX where they say
XYZ, as they name first what turns first; Unity turns about z, x and y.

It knows nothing about files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from in_the_wild.errors import InputError, listed
from in_the_wild.rig import NAMES

# Where the second of two bones begins that are one of ours, as a share of its length.
SECOND = {"chest": 0.5, "left_foot": 0.7, "right_foot": 0.7}


@dataclass(frozen=True)
class Preset:
    """The names of one program.

    Attributes:
        bones: By our bone, one name, or two.
        order: The axes about which joints turn, such as "ZYX".
        before: By our bone, a joint that it hangs on, which stays where its own parent is.
    """

    bones: Mapping[str, tuple[str, ...]]
    order: str = "ZYX"
    before: Mapping[str, str] = field(default_factory=dict)


def _named(trunk: str, limbs: str, *, sides: Sequence[str] = ("Left{}", "Right{}")) -> dict[str, tuple[str, ...]]:
    """Names in the order of `NAMES`, two for a bone with a plus between them; those of limbs are one side's."""
    names = trunk.split()
    for side in sides:
        names += ["+".join(side.format(part) for part in name.split("+")) for name in limbs.split()]
    return {bone: tuple(name.split("+")) for bone, name in zip(NAMES, names, strict=True)}


_HUMAN_IK = "Shoulder Arm ForeArm Hand UpLeg Leg Foot+ToeBase"
_MAYA = _named("Hips Spine Spine1+Spine2 Neck Head", _HUMAN_IK)
PRESETS: Mapping[str, Preset] = {
    "blender": Preset(
        _named(
            "hips spine chest neck head", "shoulder upper_arm forearm hand thigh shin foot+toe", sides=("{}.L", "{}.R")
        )
    ),
    "mixamo": Preset({bone: tuple(f"mixamorig:{name}" for name in names) for bone, names in _MAYA.items()}),
    "unity": Preset(
        _named("Hips Spine Chest+UpperChest Neck Head", "Shoulder UpperArm LowerArm Hand UpperLeg LowerLeg Foot+Toes"),
        order="YXZ",
    ),
    "maya": Preset(_MAYA),
    "cmu": Preset(
        _named("Hips LowerBack Spine+Spine1 Neck1 Head", _HUMAN_IK),
        before={"neck": "Neck", "left_thigh": "LHipJoint", "right_thigh": "RHipJoint"},
    ),
}
# What is read: Biovision's own names too.
_READ = {
    **PRESETS,
    "biovision": Preset(_named("Hips Spine Chest Neck Head", "Collar Shoulder Elbow Wrist Hip Knee Ankle")),
}
# What a figure cannot be without.
_LIMBS = ("upper_arm", "forearm", "hand", "thigh", "shin", "foot")
_NEEDED = ("neck", "head", *(f"{side}_{bone}" for side in ("left", "right") for bone in _LIMBS))


def recognised(names: Iterable[str]) -> tuple[str, dict[str, str]]:
    """Whose names the joints of a figure have, and which of them is which bone.

    Prefixes before a colon, the case of letters, and what is neither letter nor figure make no difference.

    Args:
        names: Of all joints that turn.

    Returns:
        The program, and for each bone that is there its first joint, such as {"left_thigh": "Hero:LeftUpLeg"}.

    Raises:
        InputError: names of no program's.
    """
    there = {_plain(name): name for name in names}
    found = {program: _found(preset, there) for program, preset in _READ.items()}
    # Some names are several programs': the figure is that one's which has most of all that it names.
    program = max(found, key=lambda one: (len(found[one].keys() & set(_NEEDED)), _common(_READ[one], there)))
    lacking = [_READ[program].bones[bone][0] for bone in _NEEDED if bone not in found[program]]
    if lacking:
        raise InputError(
            f"The joints of a person were expected, called as in {listed(list(_READ))}; for {program} it lacks "
            f"{listed(lacking)}, found {listed(list(there.values()))}."
        )
    return program, found[program]


def _found(preset: Preset, there: Mapping[str, str]) -> dict[str, str]:
    return {bone: there[_plain(first)] for bone, (first, *_) in preset.bones.items() if _plain(first) in there}


def _common(preset: Preset, there: Mapping[str, str]) -> int:
    """How many of all the names of a preset are there."""
    own = {_plain(name) for parts in preset.bones.values() for name in parts}
    return len(there.keys() & (own | {_plain(name) for name in preset.before.values()}))


def _plain(name: str) -> str:
    return re.sub(r"^mixamorig\d*|[^a-z0-9]", "", name.rpartition(":")[2].lower())
