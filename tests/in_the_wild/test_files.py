"""The one door: what is no file is refused, what is written is whole, and no input is written over."""

from __future__ import annotations

import errno
import json
import os
import socket
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from in_the_wild import files
from in_the_wild.errors import InputError, OutputError, WeightsError


def make_nothing(path: Path) -> None:
    """There is no file."""


def make_broken_link(path: Path) -> None:
    path.symlink_to(path.with_name("gone"))


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.fspath(path.relative_to(Path.cwd())))


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (make_nothing, "found no file"),
        (make_broken_link, "found no file"),
        (Path.mkdir, "found a folder"),
        (os.mkfifo, "found a pipe"),
        (make_socket, "found a socket"),
        (lambda path: path.symlink_to("/dev/zero"), "found a device"),
    ],
)
def test_what_is_no_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], object], found: str
) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket may not be long
    path = tmp_path / "it"
    make(path)
    with pytest.raises(InputError, match=f"An .npz file was expected, {found}"):
        files.regular_file(path, expected="an .npz file")


@pytest.mark.parametrize("name", ["a\0b", "a" * 5000, "file/below"])
def test_names_that_no_file_has_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"An \.npz file was expected"):
        files.regular_file(tmp_path / name, expected="an .npz file")


@pytest.mark.parametrize(
    ("failure", "found"),
    [
        (zlib.error("Error -3"), r"a damaged file .*\(Error -3\)"),
        (zipfile.BadZipFile("no zip"), "a damaged file"),
        (struct.error("unpack"), "a damaged file"),
        (KeyError("frame"), r"KeyError: 'frame'"),
        (TypeError(), "a damaged file or one of another kind"),
        (MemoryError(), "more memory"),
        (RecursionError("maximum depth"), "nested too deep"),
        (OverflowError("too large"), "too large"),
        (EOFError(), "ends too early"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"), "no UTF-8 text"),
        (json.JSONDecodeError("Expecting value", "", 0), "Expecting value"),
        (PermissionError(errno.EACCES, "Permission denied"), "Permission denied"),
        (ValueError("first\nsecond " * 100), r"first second .*\.\.\."),
    ],
)
def test_what_parsers_raise_becomes_one_sentence(failure: Exception, found: str) -> None:
    with (
        pytest.raises(InputError, match=rf"^a\.npz cannot be read: a pack was expected, found [^\n]*{found}"),
        files.guarded(Path("a.npz"), expected="a pack"),
    ):
        raise failure


def test_sentences_of_our_own_and_ctrl_c_pass_the_guard() -> None:
    for own in (WeightsError("other weights"), KeyboardInterrupt()):
        with pytest.raises(type(own)) as caught, files.guarded(Path("a.npz"), expected="a pack"):
            raise own
        assert caught.value is own


def stop_after(written: object, stop: type[BaseException]) -> None:
    del written
    raise stop


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"
    with files.whole_file(path) as file:
        file.write(b"old")
    for stop in (RuntimeError, KeyboardInterrupt):
        with pytest.raises(stop), files.whole_file(path) as file:
            stop_after(file.write(b"half of the n"), stop)
    assert path.read_bytes() == b"old"
    assert list(path.parent.iterdir()) == [path]


def test_what_is_no_file_is_not_written_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "null").symlink_to("/dev/null")
    for name in ("pipe", "folder", "null"):
        with pytest.raises(OutputError, match="no ordinary file"), files.whole_file(tmp_path / name):
            pytest.fail("opened")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "null", "pipe"]


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "set"
    for content in ("old", "new"):
        with files.whole_folder(path) as folder:
            (folder / content).touch()
        assert [inside.name for inside in path.iterdir()] == [content]
    with pytest.raises(KeyboardInterrupt), files.whole_folder(path) as folder:
        stop_after((folder / "half").write_bytes(b""), KeyboardInterrupt)
    assert [inside.name for inside in path.iterdir()] == ["new"]
    assert list(tmp_path.iterdir()) == [path]


def test_no_input_is_written_over_by_any_of_its_names(tmp_path: Path) -> None:
    given = tmp_path / "a.npz"
    given.write_bytes(b"precious")
    (tmp_path / "soft.npz").symlink_to(given)
    (tmp_path / "hard.npz").hardlink_to(given)
    (tmp_path / "below").mkdir()
    for output in ("a.npz", "soft.npz", "hard.npz", "below/../a.npz"):
        for read, written in ((given, tmp_path / output), (tmp_path / output, given)):
            with pytest.raises(OutputError, match=r"written over the input .*choose another"):
                files.refuse_overwriting(written, [None, "no such file", read])
    (tmp_path / "equal.npz").write_bytes(b"precious")
    files.refuse_overwriting(tmp_path / "equal.npz", [given, None])
    files.refuse_overwriting(tmp_path / "new.npz", [given])


def test_damaged_files_are_set_aside_beside_earlier_ones(tmp_path: Path) -> None:
    path = tmp_path / "poses2d.npz"
    for content, name in ((b"1", "poses2d.npz.damaged"), (b"2", "poses2d.npz.damaged2")):
        path.write_bytes(content)
        assert files.set_aside(path) == tmp_path / name
        assert (tmp_path / name).read_bytes() == content
    assert not path.exists()
    with pytest.raises(OutputError, match="cannot be renamed"):
        files.set_aside(path)


@pytest.mark.parametrize("text", ["..", ".", "", "../../etc/passwd", "a/b", "a\\b", "c:x", "line\nbreak", "nul\0", " "])
def test_names_stay_within_their_folder(tmp_path: Path, text: str) -> None:
    name = files.name_within(text)
    made = tmp_path / name
    assert made.parent == tmp_path
    assert made.resolve().parent == tmp_path.resolve()
    made.mkdir()


def test_ordinary_names_stay_as_they_are() -> None:
    for name in ("clip", "My clip (2)", "Tänzer.final", "跳舞", ".hidden"):
        assert files.name_within(name) == name
