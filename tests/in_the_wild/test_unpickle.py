"""Pickled arrays read back whole from every kind of pickle, and hostile ones run nothing."""

from __future__ import annotations

import collections
import io
import os
import pickle
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fuzz
import numpy as np
import peak_memory
import pytest
from numpy.lib import format as npy

from in_the_wild import unpickle
from in_the_wild.errors import InputError


def nested() -> dict[str, Any]:
    """What data sets pickle, and a little more; made anew each time."""
    ragged = np.empty(2, object)
    ragged[:] = [np.arange(4, dtype=np.float32).reshape(2, 2), np.arange(3)]
    mixed = np.empty((2, 2), object, order="F")
    mixed[0, 1], mixed[1, 0] = [np.ones(2)], {"inner": ragged}
    return {
        "S1": {"Walking 1": [np.arange(6, dtype=np.float32).reshape(1, 2, 3), np.zeros((0, 17, 2))]},
        "fortran": np.asfortranarray(np.arange(6).reshape(2, 3)),
        "big endian": np.arange(3, dtype=">i2"),
        "texts": np.array(["left", "é"]),
        "bytes": np.array([b"a", b"bc"]),
        "truth": np.array([True, False]),
        "no dimension": np.array(5.0),
        "scalars": (np.float64(0.5), np.int32(7), np.str_("x"), None, "name", 2.5),
        "ordered": collections.OrderedDict(a=np.ones(1)),
        "ragged": ragged,
        "mixed": mixed,
        "type": np.dtype(np.float32),
    }


def assert_same(found: Any, wanted: Any) -> None:
    """Equal in values, types and shapes, in every depth."""
    assert type(found) is type(wanted)
    if isinstance(wanted, dict):
        assert list(found) == list(wanted)
        for key in wanted:
            assert_same(found[key], wanted[key])
    elif isinstance(wanted, list | tuple):
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            assert_same(one, other)
    elif isinstance(wanted, np.ndarray):
        assert (found.shape, found.dtype) == (wanted.shape, wanted.dtype)
        if wanted.dtype.hasobject:
            assert_same(found.tolist(), wanted.tolist())
        else:
            np.testing.assert_array_equal(found, wanted)
    else:
        assert found == wanted


def save_pickle(path: Path, raw: bytes, *, shape: tuple[int, ...] = ()) -> Path:
    """A .npy file, or an .npz file with one called "data", around the bytes of a pickle."""
    member = io.BytesIO()
    npy.write_array_header_1_0(member, {"descr": "|O", "fortran_order": False, "shape": shape})
    member.write(raw)
    if path.suffix == ".npy":
        path.write_bytes(member.getvalue())
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("data.npy", member.getvalue())
    return path


def test_what_numpy_saves_reads_back(tmp_path: Path) -> None:
    wanted = nested()
    np.savez_compressed(tmp_path / "a.npz", data=wanted, plain=np.arange(4), ragged=wanted["ragged"])  # type: ignore[arg-type]
    found = unpickle.load(tmp_path / "a.npz")
    assert_same(found, {"data": wanted, "plain": np.arange(4), "ragged": wanted["ragged"]})


def test_what_numpy_saves_alone_reads_back(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", nested(), allow_pickle=True)  # type: ignore[arg-type]
    np.save(tmp_path / "b.npy", np.arange(4))
    assert_same(unpickle.load_array(tmp_path / "a.npy"), nested())
    assert_same(unpickle.load_array(tmp_path / "b.npy"), np.arange(4))


@pytest.mark.parametrize("protocol", range(5))
def test_every_protocol_that_numpy_ever_wrote(tmp_path: Path, protocol: int) -> None:
    wanted = np.array(nested(), dtype=object)
    found = unpickle.load(save_pickle(tmp_path / "a.npz", pickle.dumps(wanted, protocol)))["data"]
    assert_same(found, nested())


@pytest.mark.parametrize("name", [b"numpy.core.multiarray", b"numpy._core.multiarray"])
def test_names_of_numpy_1_and_2(tmp_path: Path, name: bytes) -> None:
    raw = pickle.dumps(np.array({"a": np.arange(3), "b": np.float32(2)}, dtype=object), 2)
    named = re.sub(rb"numpy\._?core\.multiarray", name, raw)
    assert name in named
    found = unpickle.load(save_pickle(tmp_path / "a.npz", named))["data"]
    assert_same(found, {"a": np.arange(3), "b": np.float32(2)})


def test_pickles_of_python_2(tmp_path: Path) -> None:
    # {"S1": array([1.5, -2], float32)} as Python 2 writes it: texts and bytes are one type, read as latin1.
    numbers = np.array([1.5, -2], dtype="<f4")
    raw = (
        b"\x80\x02}U\x02S1cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        b"(K\x01K\x02\x85cnumpy\ndtype\nU\x02f4K\x00K\x01\x87R(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
        b"\x89U\x08" + numbers.tobytes() + b"tbs."
    )
    assert_same(unpickle.load(save_pickle(tmp_path / "a.npz", raw))["data"], {"S1": numbers})


def test_one_array_in_two_places_stays_one(tmp_path: Path) -> None:
    one = np.arange(3)
    np.savez(tmp_path / "a.npz", data={"a": one, "b": [one], "c": (one,)})  # type: ignore[arg-type]
    found = unpickle.load(tmp_path / "a.npz")["data"]
    assert found["a"] is found["b"][0] is found["c"][0]


def test_what_contains_itself_is_read(tmp_path: Path) -> None:
    turning: list[Any] = [np.arange(3)]
    turning.append({"again": turning})
    np.savez(tmp_path / "a.npz", data={"turning": turning})  # type: ignore[arg-type]
    found = unpickle.load(tmp_path / "a.npz")["data"]["turning"]
    assert found[1]["again"] is found
    assert_same(found[0], np.arange(3))


class Calls:
    """Pickles as a call of anything."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.call


def hostile(marker: Path) -> dict[str, Any]:
    """Objects whose pickles would make the marker file when opened, by what they ask for."""
    touch = f"open({str(marker)!r}, 'w').close()"
    command = f"touch {marker}"
    return {
        f"{os.system.__module__}.system": Calls(os.system, command),
        "builtins.exec": Calls(exec, touch),
        "builtins.eval": Calls(eval, touch),
        "builtins.getattr": Calls(getattr, "", "join"),
        "builtins.open": Calls(open, str(marker), "w"),
        "numpy.load": Calls(np.load, str(marker)),
        "numpy.save": Calls(np.save, str(marker), 1),
        "pathlib.Path.touch": Calls(Path.touch, marker),
    }


WRAPPINGS: dict[str, Callable[[Any], Any]] = {
    "alone": lambda bad: bad,
    "in a dictionary": lambda bad: {"S1": {"Walking": [np.arange(3), bad]}},
    "in an array of an array": lambda bad: {"S1": np.array([np.array([{"a": bad}, 1], dtype=object), 2], dtype=object)},
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("name", hostile(Path()))
def test_a_pickle_that_asks_for_more_runs_nothing(tmp_path: Path, name: str, wrapping: str) -> None:
    marker = tmp_path / "ran"
    bad = WRAPPINGS[wrapping](hostile(marker)[name])
    np.savez(tmp_path / "a.npz", fine=np.arange(3), positions_3d=np.array(bad, dtype=object))
    np.save(tmp_path / "b.npy", np.array(bad, dtype=object), allow_pickle=True)
    for load, file in ((unpickle.load, "a.npz"), (unpickle.load_array, "b.npy")):
        with pytest.raises(InputError, match="could run code when opened") as error:
            load(tmp_path / file)
        assert str(tmp_path / file) in str(error.value)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["a.npz", "b.npy"]


def test_the_marker_would_be_made_by_a_reader_that_trusts(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    pickle.loads(pickle.dumps(hostile(marker)[f"{os.system.__module__}.system"]))
    assert marker.exists()


@pytest.mark.parametrize(
    "name",
    ["numpy.f2py.crackfortran", "numpy.f2py.main", "numpy.core.multiarray.fromfile", "numpy.memmap"],
)
@pytest.mark.parametrize("protocol", [2, 4])
def test_numpy_itself_is_not_open(tmp_path: Path, name: str, protocol: int) -> None:
    module, _, function = name.rpartition(".")
    if protocol == 2:
        raw = f"\x80\x02c{module}\n{function}\nU\x01a\x85R.".encode("latin1")
    else:
        raw = b"\x80\x04" + b"".join(bytes([0x8C, len(text)]) + text.encode() for text in (module, function))
        raw += b"\x93\x8c\x01a\x85R."
    with pytest.raises(InputError, match=name):
        unpickle.load(save_pickle(tmp_path / "a.npz", raw))


def test_attributes_of_what_is_allowed_are_out_of_reach(tmp_path: Path) -> None:
    # Protocol 4 takes a dotted name apart in Python's own find_class.
    raw = b"\x80\x04\x8c\x05numpy\x8c\x15ndarray.tofile.__self\x93."
    with pytest.raises(InputError, match="could run code"):
        unpickle.load(save_pickle(tmp_path / "a.npz", raw))


def test_a_type_that_denies_its_objects_makes_no_pointers(tmp_path: Path) -> None:
    # numpy's own type takes flags from the file: objects without the flag would be read from bytes as pointers.
    raw = (
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        b"(K\x01K\x01\x85cnumpy\ndtype\nU\x02O8K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
        b"\x89U\x08AAAAAAAAtb."
    )
    with pytest.raises(InputError, match="a damaged file or one of another kind"):
        unpickle.load(save_pickle(tmp_path / "a.npz", raw))


@pytest.mark.parametrize("size", [b"\x02", b"\x40"])
def test_a_shape_that_is_not_its_bytes_is_refused(tmp_path: Path, size: bytes) -> None:
    raw = pickle.dumps(np.arange(4, dtype=np.uint8), 2)
    other = raw.replace(b"K\x04\x85", b"K" + size + b"\x85")
    assert other != raw
    with pytest.raises(InputError, match="damaged"):
        unpickle.load(save_pickle(tmp_path / "a.npz", other))


def test_records_with_objects_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", data=np.array([(1, "a")], dtype=[("n", int), ("o", object)]))
    with pytest.raises(InputError, match="a damaged file or one of another kind"):
        unpickle.load(tmp_path / "a.npz")


@pytest.mark.parametrize("share", [0.2, 0.6, 0.98])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_truncated_file_is_named(tmp_path: Path, save: Callable[..., None], share: float) -> None:
    path = tmp_path / "a.npz"
    save(path, data=nested(), plain=np.arange(1000))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(InputError, match="cannot be read") as error:
        unpickle.load(path)
    assert str(path) in str(error.value)


def test_flipped_bytes_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, data=nested())  # type: ignore[arg-type]
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    path.write_bytes(raw)
    with pytest.raises(InputError, match="cannot be read"):
        unpickle.load(path)


def test_other_files_are_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "text.npz").write_text("no archive")
    np.save(tmp_path / "alone.npy", np.arange(3))
    (tmp_path / "alone.npy").rename(tmp_path / "array.npz")
    (tmp_path / "folder.npz").mkdir()
    with zipfile.ZipFile(tmp_path / "empty.npz", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    (tmp_path / "text.npy").write_text("no array")
    for name in ("text.npz", "array.npz", "folder.npz", "missing.npz"):
        with pytest.raises(InputError, match=r"[Aa]n \.npz file of numpy was expected, found") as caught:
            unpickle.load(tmp_path / name)
        assert name in str(caught.value)
    with pytest.raises(InputError, match=r"empty\.npz holds no arrays"):
        unpickle.load(tmp_path / "empty.npz")
    for name in ("text.npy", "missing.npy"):
        with pytest.raises(InputError, match=r"[Aa] \.npy file of numpy was expected, found") as caught:
            unpickle.load_array(tmp_path / name)
        assert name in str(caught.value)


def _many(count: int, once: bytes) -> bytes:
    return b"\x80\x02]q\x01(" + once * count + b"e."


MUCH = {
    "bytearray": b"\x80\x05\x96" + (10 << 30).to_bytes(8, "little") + b"abc.",
    "bytes": b"\x80\x04\x8e" + (10 << 30).to_bytes(8, "little") + b"abc.",
    "text": b"\x80\x04\x8d" + (10 << 30).to_bytes(8, "little") + b"abc.",
    "short text": b"\x80\x02X\xff\xff\xff\xffabc.",
    "number": b"\x80\x02\x8b\xff\xff\xff\x7f1.",
    "frame": b"\x80\x04\x95" + (10 << 30).to_bytes(8, "little") + b"N.",
    "memo": b"\x80\x02Nr\xff\xff\xff\x7f.",
    "memo in digits": b"Np2000000000\n.",
    # A text of 100 kB that is encoded 20,000 times: 2 GB.
    "encoded": _many(20_000, b"c_codecs\nencode\nh\x00X\x06\x00\x00\x00latin1\x86R").replace(
        b"]q\x01(", b"X\xa0\x86\x01\x00" + b"x" * 100_000 + b"q\x000]q\x01("
    ),
    "ordered": _many(20_000, b"ccollections\nOrderedDict\nh\x00\x85R").replace(
        b"]q\x01(", b"]q\x00(" + b"NN\x86" * 50_000 + b"e0]q\x01("
    ),
}


@pytest.mark.parametrize("what", MUCH)
def test_a_small_pickle_may_not_ask_for_much_memory(tmp_path: Path, what: str) -> None:
    save_pickle(tmp_path / "a.npz", MUCH[what])
    code = (
        "import resource, sys; from pathlib import Path; from in_the_wild import unpickle\n"
        "from in_the_wild.errors import InputError\n"
        f"before = {peak_memory.KILOBYTES}\n"
        "resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))\n"
        f"try: unpickle.load(Path({str(tmp_path / 'a.npz')!r}))\n"
        f"except InputError as error: print({peak_memory.KILOBYTES} - before, error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    kilobytes, _, sentence = done.stdout.partition(" ")
    assert int(kilobytes) < 100_000
    assert "cannot be read" in sentence
    assert "more memory" not in sentence, "refused by us, not by the system"


def test_damaged_pickles_give_one_sentence_or_are_read(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", data=nested(), plain=np.arange(20))  # type: ignore[arg-type]
    refused = []
    for damage, content in fuzz.mutations((tmp_path / "a.npz").read_bytes(), seed=5, count=500):
        (tmp_path / "damaged.npz").write_bytes(content)
        try:
            unpickle.load(tmp_path / "damaged.npz")
        except InputError as error:
            refused.append((damage, str(error)))
    assert len(refused) > 100
    assert not [case for case in refused if "damaged.npz" not in case[1]]
