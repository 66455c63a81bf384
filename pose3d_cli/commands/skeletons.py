"""`pose3d skeletons`: which joints a pose can have."""

from __future__ import annotations

from typing import Annotated

from in_the_wild.skeletons import SKELETONS, get_skeleton
from pose3d_cli.commands import _family

PANEL = _family.PANEL


def skeletons(name: Annotated[str | None, _family.one("skeleton", lambda: SKELETONS)] = None) -> None:
    """Sets of joints that poses can have, in the order of the arrays.

    Example: pose3d skeletons human36m17
    """
    from in_the_wild.steps.remap import reachable
    from pose3d_cli import terminal

    if name is None:
        rows = [(one, str(len(skeleton)), ", ".join(reachable(skeleton))) for one, skeleton in SKELETONS.items()]
        _family.lines("skeletons", "Skeletons", rows, ("joints", "can be brought to"))
        return
    skeleton = get_skeleton(name)
    columns = ("number", "joint", "parent")
    joints = zip(range(len(skeleton)), skeleton.joints, skeleton.parents, strict=True)
    terminal.table(name, columns, [(*joint, parent or "") for *joint, parent in joints], numbers=columns[:1])
    terminal.say(f"Can be brought to: {', '.join(reachable(skeleton)) or 'no other'}.")
