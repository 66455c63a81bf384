"""All checks, run beside each other, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from pose3d_cli.checkup import networks, packages, pictures, place
from pose3d_cli.checkup.finding import Check, Finding, blamed, examine

# Each group runs in a thread of its own: importing torch takes as long as all that ffmpeg is asked for.
_GROUPS: Sequence[Callable[[], list[Check]]] = (
    networks.checks,
    lambda: [*pictures.checks(), *place.checks(), *packages.checks()],
)


def examined() -> list[Finding]:
    """What came of every check: what has to be mended first, then what is needed, then the rest."""
    with ThreadPoolExecutor(len(_GROUPS)) as pool:
        groups = list(pool.map(lambda group: [(check, examine(check)) for check in group()], _GROUPS))
    checks = [pair for group in groups for pair in group]
    by_part = {finding.part: finding for _, finding in checks}
    found = [blamed(finding, check, by_part) for check, finding in checks]
    return sorted(found, key=lambda one: (not one.cause, not one.bad, not one.needed))
