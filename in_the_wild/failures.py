"""What went wrong, in one sentence that says how to mend it."""

from __future__ import annotations

import errno

from in_the_wild import plugins
from in_the_wild.errors import Pose3DError


def known(error: BaseException) -> str | None:
    """What to tell the user of an error that users can mend; None for any other."""
    if isinstance(error, Pose3DError):
        return str(error)
    if isinstance(error, MemoryError):
        return "There is not enough memory; close other programs, or give a smaller video."
    if isinstance(error, ModuleNotFoundError) and error.name and error.name.partition(".")[0] in plugins.EXTRAS:
        return f"This needs {error.name}, which is not installed: {plugins.install_command(error.name)}"
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        place = f" for {error.filename}" if error.filename else ""
        return f"There is no space left on the disk{place}; make room, or choose another folder with -o."
    return None


def sentence(error: BaseException) -> str:
    """What to tell the user of any error, a mistake of the program's own included."""
    return known(error) or (
        f"the program failed in a way that it should not ({type(error).__name__}: {error}). "
        "Run the command again with --debug and report what it shows."
    )
