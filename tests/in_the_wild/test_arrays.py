"""Arrays of files: what a header says is believed only as far as the file can hold it."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import fuzz
import numpy as np
import peak_memory
import pytest
from numpy.lib import format as npy

from in_the_wild.arrays import load_npy, load_npz
from in_the_wild.errors import InputError, Pose3DError


def header(shape: tuple[int, ...], descr: str = "<f8") -> bytes:
    written = io.BytesIO()
    npy.write_array_header_2_0(written, {"descr": descr, "fortran_order": False, "shape": shape})
    return written.getvalue()


def pack(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return path


def sound() -> dict[str, np.ndarray]:
    chance = np.random.default_rng(0)
    return {
        "keypoints": chance.normal(size=(20, 17, 2)).astype(np.float32),
        "fortran": np.asfortranarray(chance.normal(size=(3, 4))),
        "seen": np.ones((20, 17), dtype=bool),
        "names": np.array(["pelvis", "neck"]),
        "nobody": np.zeros((0, 17, 3)),
        "empty_texts": np.array(["", ""]),
        "number": np.array(25.0),
    }


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_plain_arrays_come_back(tmp_path: Path, save: object) -> None:
    assert callable(save)
    save(tmp_path / "a.npz", **sound())
    found = load_npz(tmp_path / "a.npz")
    assert found.keys() == sound().keys()
    for name, array in sound().items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype
        np.save(tmp_path / "a.npy", array)
        for mapped in (False, True) if array.size else (False,):
            np.testing.assert_array_equal(load_npy(tmp_path / "a.npy", mapped=mapped), array)


def test_much_that_is_alike_packs_small_and_is_read(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", zeros=np.zeros((200_000, 17)))
    assert load_npz(tmp_path / "a.npz")["zeros"].shape == (200_000, 17)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (header((1 << 40,)), "shape"),
        (header((1 << 62, 1 << 62)), "shape"),
        (header((-1, 5)) + bytes(40), "shape"),
        (header((5,)) + bytes(39), "40"),
        (header((5,)) + bytes(48), "shape"),
        (header((1 << 50,), "<U0"), "empty texts"),
        (header((1,), "|O") + b"cos\nsystem\n(S'true'\ntR.", "object"),
        (header((1,), "|V8") + bytes(8), "type"),
        (header((1,), "<m8[s]") + bytes(8), "type"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff{'descr'", ""),
        (b"\x93NUMPY\x09\x00" + bytes(64), ""),
        (b"no numpy at all", ""),
        (b"", ""),
    ],
)
def test_headers_that_promise_what_is_not_there_are_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "a.npy").write_bytes(content)
    pack(tmp_path / "a.npz", {"a": content})
    for load, name in ((load_npz, "a.npz"), (load_npy, "a.npy")):
        with pytest.raises(InputError, match=f"{name} cannot be read") as caught:
            load(tmp_path / name)
        assert "\n" not in str(caught.value)
        if load is load_npz and reason != "40":
            assert reason in str(caught.value)


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_small_files_may_not_unpack_to_much(tmp_path: Path, compression: int) -> None:
    size = 65 << 20
    path = pack(tmp_path / "bomb.npz", {"a": header((size // 8,)) + bytes(size)}, compression)
    with pytest.raises(InputError, match=r"bomb\.npz cannot be read"):
        load_npz(path)


def test_a_directory_that_lies_about_sizes_is_refused_in_little_memory(tmp_path: Path) -> None:
    """The member unpacks to 100 MB and its directory promises 4 kB; and the other way round."""
    for said, size in ((4096, 100 << 20), (60 << 20, 4096)):
        path = pack(tmp_path / f"{said}.npz", {"a": header((said // 8 - 16,)) + bytes(size - 128)})
        content = bytearray(path.read_bytes())
        local, central = 22, content.rindex(b"PK\x01\x02") + 24
        for at in (local, central):
            content[at : at + 4] = said.to_bytes(4, "little")
        path.write_bytes(content)
        code = (
            "import sys; from in_the_wild.arrays import load_npz; from in_the_wild.errors import InputError\n"
            f"before = {peak_memory.KILOBYTES}\n"
            f"try: load_npz({str(path)!r})\n"
            "except InputError: pass\n"
            "else: sys.exit('read')\n"
            f"print({peak_memory.KILOBYTES} - before)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert int(done.stdout) < 80_000, "kilobytes"


def test_locked_and_foreign_archives_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.npz", "w") as archive:
        archive.writestr("word/document.xml", "text")
    with pytest.raises(InputError, match="holds no arrays"):
        load_npz(tmp_path / "other.npz")
    np.savez(tmp_path / "locked.npz", a=np.zeros(3))
    content = bytearray((tmp_path / "locked.npz").read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    (tmp_path / "locked.npz").write_bytes(content)
    with pytest.raises(InputError, match="encrypted"):
        load_npz(tmp_path / "locked.npz")


def test_damaged_arrays_give_one_sentence_or_are_read(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", **sound())
    np.save(tmp_path / "a.npy", sound()["keypoints"])
    for load, name in ((load_npz, "a.npz"), (load_npy, "a.npy")):
        path = tmp_path / f"damaged_{name}"
        refused = []
        for damage, content in fuzz.mutations((tmp_path / name).read_bytes(), seed=10, count=400):
            path.write_bytes(content)
            try:
                load(path)
            except Pose3DError as error:
                refused.append((damage, str(error)))
        assert len(refused) > 100
        assert not [case for case in refused if path.name not in case[1]]
