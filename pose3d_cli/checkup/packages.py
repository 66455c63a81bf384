"""Python and its packages: which are installed, whether they suit each other, and which extras are there.

Nothing is imported here: a package is judged by what pip noted of it, and by where Python would import it from.
"""

from __future__ import annotations

import importlib.util
import platform
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from in_the_wild import __version__, threads
from pose3d_cli.checkup.finding import Check, Trouble

_US = "pose3d"
_FOR_WORK_ON_US = "dev"
# What follows an extra's own packages without its lists, see setup.cfg.
_FOLLOWING = {"mmpose": ("mmcv-lite==2.1.0", "mmpose==1.3.2")}
# Packages that hold all that another one does.
_SERVES_FOR = {"mmengine-lite": "mmengine"}


def require(module: str, package: str) -> str:
    """The release of an installed package that Python imports from where pip put it.

    Args:
        module: What is imported, such as "cv2".
        package: What pip calls it.

    Raises:
        Trouble: it is missing, or another file of its name is found first.
    """
    try:
        installed = metadata.distribution(package)
    except metadata.PackageNotFoundError:
        raise Trouble("not installed", f'pip install "{_wanted(package)}"', missing=True) from None
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise Trouble(f"{package} {installed.version} lacks its files", _again(package))
    place, home = Path(spec.origin).resolve(), Path(str(installed.locate_file(""))).resolve()
    if not place.is_relative_to(home):
        raise Trouble(f"another file is imported in its place: {place}", f"rename {place}, or take it off PYTHONPATH")
    return installed.version


def checks() -> list[Check]:
    """Python, what pip promised, and every extra."""
    extras = metadata.metadata(_US).get_all("Provides-Extra") or []
    return [
        Check("Python", _python),
        Check("packages", _agreed, mend="pip install --upgrade pose3d"),
        *(_extra(extra) for extra in sorted(extras) if extra != _FOR_WORK_ON_US),
    ]


def _python() -> str:
    system = f"{platform.system()} {platform.machine()}, {threads.allowed()} cores"
    return f"{platform.python_version()}, pose3d {__version__}, {system}"


def _agreed() -> str:
    """That all that pose3d needs, and what that needs in turn, is installed in releases that suit each other."""
    ours = {one.name: metadata.version(one.name) for one in _satisfied()}
    return ", ".join(f"{name} {ours[name]}" for name in ("numpy", "scipy", "torch"))


def _satisfied() -> Iterator[Requirement]:
    """All requirements, from pose3d's own on, each package once.

    Raises:
        Trouble: one is not met.
    """
    seen, waiting = {_US}, [_US]
    while waiting:
        asking = waiting.pop()
        for wanted in _requirements(asking):
            _check(wanted, asking)
            yield wanted
            if wanted.name.lower() not in seen:
                seen.add(wanted.name.lower())
                waiting.append(wanted.name)


def _check(wanted: Requirement, asking: str) -> None:
    mend = f'pip install "{wanted.name}{wanted.specifier}"'
    try:
        version = metadata.version(wanted.name)
    except metadata.PackageNotFoundError:
        raise Trouble(f"{asking} needs {wanted.name}, which is not installed", mend) from None
    if not wanted.specifier.contains(version, prereleases=True):
        raise Trouble(f"{asking} needs {wanted.name}{wanted.specifier}, but {version} is installed", mend)


def _requirements(package: str, extra: str = "") -> list[Requirement]:
    """What a package needs on this machine; what an extra adds to it."""
    stated = [Requirement(line) for line in metadata.requires(package) or []]
    plain = [one for one in stated if one.marker is None or one.marker.evaluate({"extra": ""})]
    if not extra:
        return plain
    return [one for one in stated if one not in plain and one.marker and one.marker.evaluate({"extra": extra})]


def _wanted(package: str) -> str:
    """A package as pose3d asks for it."""
    named = [f"{one.name}{one.specifier}" for one in _requirements(_US) if one.name == package]
    return next(iter(named), package)


def _extra(extra: str) -> Check:
    """Whether what an extra brings is there."""
    following = _FOLLOWING.get(extra, ())

    def look() -> str:
        wanted = [one.name for one in (*_requirements(_US, extra), *map(Requirement, following))]
        lacking = [name for name in wanted if _release(name) is None]
        if lacking:
            raise Trouble(f"without {', '.join(lacking)}", missing=True)
        return ", ".join(f"{name} {_release(name)}" for name in wanted)

    then = f" && pip install --no-deps {' '.join(following)}" if following else ""
    return Check(f"extra {extra}", look, f'pip install "pose3d[{extra}]"{then}', needed=False)


def _release(package: str) -> str | None:
    """Which release is installed of a package, or of one that serves for it."""
    for name in filter(None, (package, _SERVES_FOR.get(package))):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return None


def _again(package: str) -> str:
    return f"pip install --force-reinstall --no-deps {package}"
