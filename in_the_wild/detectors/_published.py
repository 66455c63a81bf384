"""Published .onnx files by name: where they are, how to know them, and a folder of the user's that keeps them.

OpenMMLab publishes them as archives, each of one network. Its own host and the mirror of RTMPose's first author hold
the same archives under the same paths.

Where a sha256 stands, it is that of the network inside the archive, and at least two independent projects that use the
file publish it. For the others none is known; what arrives is then checked by the archive's own checksum alone, and the
sha256 found is told.

It knows nothing about running networks.
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

from in_the_wild.detectors._onnx import about
from in_the_wild.errors import WeightsError, did_you_mean
from in_the_wild.files import cache_folder, whole_file

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
class Published:
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


_RTMPOSE, _RTMO = "rtmposev1/onnx_sdk/", "rtmo/onnx_sdk/"

# COCO-17, and Halpe-26 with "-halpe26"; trained on seven sets of pictures ("body7").
POSE_NETWORKS: Mapping[str, Published] = {
    "rtmpose-t": Published(f"{_RTMPOSE}rtmpose-t_simcc-body7_pt-body7_420e-256x192-026a1439_20230504.zip"),
    "rtmpose-s": Published(
        f"{_RTMPOSE}rtmpose-s_simcc-body7_pt-body7_420e-256x192-acd4a1ef_20230504.zip",
        "9aeb635b83f86aea45cf45d85798f7eba1a162de8e0d721c44e54fe5eebaf47d",
    ),
    "rtmpose-m": Published(
        f"{_RTMPOSE}rtmpose-m_simcc-body7_pt-body7_420e-256x192-e48f03d0_20230504.zip",
        "5c0a4bf67953e6d2ac43ce15e77dc9d5d354ae18430a47d2c5963a7bc5683e3c",
    ),
    "rtmpose-l": Published(
        f"{_RTMPOSE}rtmpose-l_simcc-body7_pt-body7_420e-256x192-4dba18fc_20230504.zip",
        "cff059fd58a2c0d5fabaddcd66a96abcfb327563bcb0149ea59c9de4a8990fe2",
    ),
    "rtmpose-t-halpe26": Published(
        f"{_RTMPOSE}rtmpose-t_simcc-body7_pt-body7-halpe26_700e-256x192-6020f8a6_20230605.zip"
    ),
    "rtmpose-s-halpe26": Published(
        f"{_RTMPOSE}rtmpose-s_simcc-body7_pt-body7-halpe26_700e-256x192-7f134165_20230605.zip"
    ),
    "rtmpose-m-halpe26": Published(
        f"{_RTMPOSE}rtmpose-m_simcc-body7_pt-body7-halpe26_700e-256x192-4d3e73dd_20230605.zip",
        "26f3a19e61304a600dfb82d1001d41d24343b89fc70a33ffc84657e0b0bf2ecf",
    ),
    "rtmpose-l-halpe26": Published(
        f"{_RTMPOSE}rtmpose-l_simcc-body7_pt-body7-halpe26_700e-256x192-2abb7558_20230605.zip"
    ),
    "rtmo-s": Published(
        f"{_RTMO}rtmo-s_8xb32-600e_body7-640x640-dac2bf74_20231211.zip",
        "d0703d40d19f3921da51ae725402d5fdae4d2478c7442072d3101bd396f370d8",
    ),
    "rtmo-m": Published(f"{_RTMO}rtmo-m_16xb16-600e_body7-640x640-39e78cc4_20231211.zip"),
    "rtmo-l": Published(f"{_RTMO}rtmo-l_16xb16-600e_body7-640x640-b37118ce_20231211.zip"),
}
PERSON_DETECTORS: Mapping[str, Published] = {
    "yolox-nano": Published(
        f"{_RTMPOSE}yolox_nano_8xb8-300e_humanart-40f6f0d0.zip",
        "1450966de24902b18aada1a78913d7efd8fc8dcd51bd4d0d5591476bd4a38821",
    ),
    "yolox-tiny": Published(
        f"{_RTMPOSE}yolox_tiny_8xb8-300e_humanart-6f3252f9.zip",
        "ceb11c07298f95c50d7c5abeb906d03340c85f23aa79e3e66966e7fb6c307250",
    ),
    "yolox-m": Published(
        f"{_RTMPOSE}yolox_m_8xb8-300e_humanart-c2c7a14a.zip",
        "3dea6513388889f0fff4b77bf7a26013600321b9eb9ceb0e9a400a82572f5f23",
    ),
}


def find(name_or_path: str, published: Mapping[str, Published], *, kind: str, tell: Tell = tell_nobody) -> Path:
    """A file of the user's, or a published one by name: from the user's folder, or fetched and put there.

    Args:
        name_or_path: A file, or a name in `published`.
        published: What there is by name.
        kind: What it is, for errors, such as "pose network".
        tell: Told when a file is fetched.

    Raises:
        WeightsError: neither a file nor a name; a file that no mirror gave; or one that is not what was published.
        OutputError: the user's folder cannot be written.
    """
    path = Path(name_or_path)
    if path.is_file():
        return path
    if name_or_path in published:
        return _kept(name_or_path, published[name_or_path], tell)
    raise WeightsError(
        f'There is no {kind} "{name_or_path}": an .onnx file or a name was expected. '
        f"{did_you_mean(name_or_path, published)}"
    )


def folder() -> Path:
    """The user's folder of published networks."""
    return cache_folder() / "rtmpose"


def _kept(name: str, wanted: Published, tell: Tell) -> Path:
    kept = folder() / wanted.file
    if not kept.is_file():
        archive = folder() / Path(wanted.archive).name
        if archive.is_file():  # put there by hand
            with archive.open("rb") as file:
                _unpack(file, wanted, kept, str(archive))
        else:
            _fetch(name, wanted, kept, tell)
        if wanted.sha256 is None:
            tell(f"{name} has the sha256 {about(kept)['sha256']}; nobody here knows what it should be.")
    elif wanted.sha256 not in (None, found := about(kept)["sha256"]):
        raise WeightsError(
            f"{kept} is not the {name} that was published: sha256 {wanted.sha256} was expected, found {found}. "
            "Remove it, and it is fetched again."
        )
    return kept


def _fetch(name: str, wanted: Published, kept: Path, tell: Tell) -> None:
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


def _unpack(file: IO[bytes], wanted: Published, kept: Path, source: str) -> None:
    """Take the network out of an archive; it is kept whole and right, or not at all."""
    try:
        with zipfile.ZipFile(file) as archive:
            (network,) = (member for member in archive.namelist() if member.endswith(".onnx"))
            with archive.open(network) as packed, tempfile.TemporaryDirectory() as there:
                unpacked = Path(there) / wanted.file
                with unpacked.open("wb") as out:
                    shutil.copyfileobj(packed, out)
                found = about(unpacked)["sha256"]
                if wanted.sha256 not in (None, found):
                    raise WeightsError(
                        f"the network in {source} has the sha256 {found}, where {wanted.sha256} was expected"
                    )
                with unpacked.open("rb") as whole, whole_file(kept) as out_file:
                    shutil.copyfileobj(whole, out_file)
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError) as error:
        raise WeightsError(f"{source} is no archive of one .onnx network ({error})") from error
