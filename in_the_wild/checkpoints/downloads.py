"""Networks to be fetched by name: where they are, how to know them, and a folder of the user's that keeps them.

OpenMMLab publishes .onnx files as archives, each of one network. Its own host and the mirror of RTMPose's first author
hold the same archives under the same paths.

Where a sha256 stands, it is that of the network inside the archive, and at least two independent projects that use the
file publish it. For the others none is known; what arrives is then checked by the archive's own checksum alone, and the
sha256 found is told.

It knows nothing about which networks there are, nor about running them.
"""

from __future__ import annotations

import http.client
import shutil
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from in_the_wild.errors import WeightsError, did_you_mean
from in_the_wild.files import cache_folder, sha256, whole_file

MIRRORS = (
    "https://huggingface.co/Tau-J/RTMPose/resolve/cd4d7095f5cfc9cfc4f46289bee91ea4a1e1d9fd/",
    "https://download.openmmlab.com/mmpose/v1/projects/",
)
_SECONDS = 30  # without an answer until a mirror counts as out of reach

# Told in a sentence what takes long or needs a look.
Tell = Callable[[str], None]


def tell_nobody(sentence: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Download:
    """One archive.

    Attributes:
        archive: Path below each of the mirrors; the network is kept under its stem.
        sha256: Of the network inside, None where it is not known.
    """

    archive: str
    sha256: str | None = None

    @property
    def file(self) -> str:
        """The network's file name in the user's folder."""
        return f"{Path(self.archive).stem}.onnx"


def find(name_or_path: str, known: Mapping[str, Download], *, kind: str, tell: Tell = tell_nobody) -> Path:
    """A file of the user's, or one by name: from the user's folder, or fetched and put there.

    Args:
        name_or_path: A file, or a name in `known`.
        known: What there is by name.
        kind: What it is, for errors, such as "pose network".
        tell: Told when a file is fetched.

    Raises:
        WeightsError: neither a file nor a name; a file that no mirror gave; or one that is not what was published.
        OutputError: the user's folder cannot be written.
    """
    path = Path(name_or_path)
    if path.is_file():
        return path
    if name_or_path in known:
        return _kept(name_or_path, known[name_or_path], tell)
    raise WeightsError(
        f'There is no {kind} "{name_or_path}": an .onnx file or a name was expected. '
        f"{did_you_mean(name_or_path, known)}"
    )


def folder() -> Path:
    """The user's folder of published networks."""
    return cache_folder() / "rtmpose"


def _kept(name: str, wanted: Download, tell: Tell) -> Path:
    kept = folder() / wanted.file
    if not kept.is_file():
        archive = folder() / Path(wanted.archive).name
        if archive.is_file():  # put there by hand
            with archive.open("rb") as file:
                _unpack(file, wanted, kept, str(archive))
        else:
            _fetch(name, wanted, kept, tell)
        if wanted.sha256 is None:
            tell(f"{name} has the sha256 {sha256(kept)}; nobody here knows what it should be.")
    elif wanted.sha256 not in (None, found := sha256(kept)):
        raise WeightsError(
            f"{kept} is not the {name} that was published: sha256 {wanted.sha256} was expected, found {found}. "
            "Remove it, and it is fetched again."
        )
    return kept


def _fetch(name: str, wanted: Download, kept: Path, tell: Tell) -> None:
    """Get an archive from the first mirror that gives it."""
    reasons = []
    for mirror in MIRRORS:
        url = mirror + wanted.archive
        tell(f"Fetching {name} from {url}")
        try:
            with tempfile.TemporaryFile() as file:
                with urllib.request.urlopen(url, timeout=_SECONDS) as answer:
                    shutil.copyfileobj(answer, file)
                _unpack(file, wanted, kept, url)
            return
        except (OSError, http.client.HTTPException) as error:
            reasons.append(str(getattr(error, "reason", error)))
        except WeightsError as error:
            reasons.append(str(error))
    raise WeightsError(
        f"{name} could not be fetched ({'; '.join(dict.fromkeys(reasons))}); get {MIRRORS[0]}{wanted.archive} where "
        f"there is a network, and put it into {kept.parent}."
    )


def _unpack(file: IO[bytes], wanted: Download, kept: Path, source: str) -> None:
    """Take the network out of an archive; it is kept whole and right, or not at all."""
    try:
        with zipfile.ZipFile(file) as archive:
            (network,) = (member for member in archive.namelist() if member.endswith(".onnx"))
            with archive.open(network) as packed, tempfile.TemporaryDirectory() as there:
                unpacked = Path(there) / wanted.file
                with unpacked.open("wb") as out:
                    shutil.copyfileobj(packed, out)
                found = sha256(unpacked)
                if wanted.sha256 not in (None, found):
                    raise WeightsError(
                        f"the network in {source} has the sha256 {found}, where {wanted.sha256} was expected"
                    )
                with unpacked.open("rb") as whole, whole_file(kept) as out_file:
                    shutil.copyfileobj(whole, out_file)
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError) as error:
        raise WeightsError(f"{source} is no archive of one .onnx network ({error})") from error
