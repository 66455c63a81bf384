"""Joint maps: which joint of a known skeleton each joint of a file is, as whoever made the file says it.

A map is a file in YAML, JSON or TOML, of the names in the file and COCO's names of the same joints:

    snout: nose
    hand_l: left_wrist
    ...

Names that it leaves out are taken as they are where they are COCO's already, and are otherwise no joints of the
skeleton, such as those of a tail. Eyes and ears may be missing: they are joints that were never seen.

It knows nothing about how files hold joints.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from in_the_wild import documents
from in_the_wild.errors import InputError, did_you_mean, listed
from in_the_wild.skeletons import Skeleton

_EXPECTED = "a joint map"
# A word for a side, or its first letter where it stands apart: "left_hip", "hip-L", "LHip".
_SIDE = re.compile(r"(?i:left|right)|^[LRlr](?=[A-Z_\-. ])|(?<=[_\-. ])[LRlr](?=[_\-. ]|$)")
# Without these a body can be lifted.
_DISPENSABLE = frozenset({"left_eye", "right_eye", "left_ear", "right_ear"})


def load(path: str | Path, skeleton: Skeleton) -> dict[str, str]:
    """Names in a file, and the skeleton's joints that they are.

    Raises:
        InputError: no such file, none of pairs of names, a name that the skeleton does not have, or one twice.
    """
    path = Path(path)
    if path.suffix.lower() not in documents.SUFFIXES:
        raise InputError(f"A joint map was expected in a file ending in {listed(documents.SUFFIXES)}, found {path}.")
    content = documents.load(path, expected=_EXPECTED)
    if not isinstance(content, Mapping) or not all(
        isinstance(name, str) and isinstance(joint, str) for name, joint in content.items()
    ):
        raise InputError(
            f"{path}: pairs of a joint's name and {skeleton.name}'s, such as \"snout: nose\", were expected."
        )
    for name, joint in content.items():
        if joint not in skeleton.joints:
            raise InputError(
                f'{path}: "{name:.60}" should be a joint of {skeleton.name}, found "{joint:.60}". '
                f"{did_you_mean(joint, skeleton.joints)}"
            )
    joints = list(content.values())
    twice = sorted({joint for joint in joints if joints.count(joint) > 1})
    if twice:
        raise InputError(f"{path}: every joint was expected once, found {listed(twice)} more than once.")
    return dict(content)


def places(path: Path, names: Sequence[str], skeleton: Skeleton, mapped: Mapping[str, str]) -> list[int | None]:
    """Where each joint of a skeleton stands in a file, None where the file has no such joint.

    Args:
        path: The file, for errors.
        names: Its joints, in its order.
        skeleton: What is wanted.
        mapped: What `load` gives; empty where nobody says it.

    Raises:
        InputError: joints of the map that the file does not have, or joints that the file lacks.
    """
    unknown = [name for name in mapped if name not in names]
    if unknown:
        raise InputError(
            f'{path} has no joint "{unknown[0]:.60}", which the joint map names. {did_you_mean(unknown[0], names)}'
        )
    taken = {joint: name for name, joint in mapped.items()}
    at = {
        joint: taken.get(joint, joint if joint in names and joint not in mapped else None) for joint in skeleton.joints
    }
    missing = [joint for joint, name in at.items() if name is None and joint not in _DISPENSABLE]
    if missing:
        left = [name for name in names if name not in at.values()]
        raise InputError(
            f"{path} lacks {len(missing)} of the {len(skeleton)} joints of {skeleton.name}: {listed(missing)}. Found "
            f"besides: {listed(left)}. {_suggestion(missing, left)}"
        )
    return [None if (name := at[joint]) is None else names.index(name) for joint in skeleton.joints]


def _suggestion(missing: Sequence[str], left: Sequence[str]) -> str:
    """How to say what is missing, with the names nearest to what is asked for, on the same side of the body."""
    words = {name: _apart(name) for name in left}
    pairs = []
    for joint in missing:
        side, part = _apart(joint)
        own = {name: word for name, (its_side, word) in words.items() if its_side == side}
        near = difflib.get_close_matches(part, own.values(), n=1, cutoff=0.5)
        pairs += [(name, joint) for name, word in own.items() if word in near][:1]
    example = ", ".join(f"{name:.40}: {joint}" for name, joint in pairs[:4]) or f"NAME: {missing[0]}"
    return f"Say which they are in a file for --joints, a line for each: {example}."


def _apart(name: str) -> tuple[str, str]:
    """The side of the body that a name says, "l", "r" or "", and the name without it.

    >>> _apart("left_hip"), _apart("RHip"), _apart("hip-l"), _apart("nose")
    (('l', 'hip'), ('r', 'hip'), ('l', 'hip'), ('', 'nose'))
    """
    said = _SIDE.search(name)
    if said is None:
        return "", name.lower()
    part = name[: said.start()] + name[said.end() :]
    return said.group().strip("_-. ")[0].lower(), part.strip("_-. ").lower()
