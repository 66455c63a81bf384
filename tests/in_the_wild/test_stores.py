"""Files in stores: fetched, found, worked on as a copy; the same from memory:// and from an S3 that runs here."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import fsspec
import pytest
from numbered_clips import make_clip

from in_the_wild import inputs, stores
from in_the_wild.errors import InputError, OutputError, PluginError
from in_the_wild.video.footage import Address, Video
from in_the_wild.video.read import VideoReader
from in_the_wild.video.record import at_hand


def test_a_folder_is_put_back_as_the_block_left_it(store: str, tmp_path: Path) -> None:
    url, here = f"{store}/out/clip", tmp_path / "here"
    with stores.folder(url, here, last="run.json"):
        assert not list(here.iterdir())
        for name in ("a.npz", "b.npz", "run.json"):
            (here / name).write_text(name)
        (here / ".half.npz").write_text("half")
    assert not here.exists()
    with stores.folder(url, here, last="run.json"):
        assert {path.name: path.read_text() for path in here.iterdir()} == {
            name: name for name in ("a.npz", "b.npz", "run.json")
        }
        (here / "a.npz").write_text("another")
        (here / "b.npz").unlink()
    assert stores.find(url) == [f"{url}/a.npz", f"{url}/run.json"]
    stores.fetch(f"{url}/a.npz", tmp_path / "a")
    assert (tmp_path / "a").read_text() == "another"


def test_what_says_that_all_is_there_goes_first_and_comes_last(
    memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, here = f"{memory}/clip", tmp_path / "here"
    with stores.folder(url, here, last="a.json"):
        for name in ("a.json", "b.npz"):
            (here / name).write_text(name)
    put, there = stores.put, []

    def seen(path: Path, address: str) -> None:
        there.append(sorted(stores.names_in(url)))
        put(path, address)

    monkeypatch.setattr(stores, "put", seen)
    with stores.folder(url, here, last="a.json"):
        (here / "b.npz").write_text("changed")
    assert there == [["b.npz"], ["b.npz"]]
    assert stores.exists(f"{url}/a.json")


def test_what_a_block_that_failed_has_made_is_there_for_the_next_one(memory: str, tmp_path: Path) -> None:
    url, here = f"{memory}/clip", tmp_path / "here"
    stores.put(Path(__file__), f"{url}/film.mp4")
    with suppress(RuntimeError), stores.folder(url, here, last="run.json"):
        (here / "film.mp4").unlink()
        (here / "a.npz").write_text("made")
        raise RuntimeError
    assert stores.names_in(url) == {"film.mp4"}
    with stores.folder(url, here, last="run.json", own=["film.mp4", "page.html"]):
        assert [path.name for path in here.iterdir()] == ["a.npz"]
        (here / "run.json").write_text("made")
    assert stores.names_in(url) == {"a.npz", "run.json"}, "what was taken away then is taken away from the store"


def test_nothing_is_put_or_left_by_a_block_that_changes_nothing(
    memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, here = f"{memory}/clip", tmp_path / "here"
    stores.put(Path(__file__), f"{url}/run.json")
    monkeypatch.delattr(stores, "put")
    with stores.folder(url, here, last="run.json"):
        pass
    assert not here.exists()
    with suppress(RuntimeError), stores.folder(url, here, last="run.json"):
        raise RuntimeError
    assert not here.exists()


def test_a_folder_is_tried_before_the_work(store: str) -> None:
    stores.make_writable(f"{store}/out")
    assert stores.names_in(f"{store}/out") == set()


def test_a_folder_and_a_pattern_mean_the_videos_there(store: str) -> None:
    for name in ("b.mp4", "a.MOV", "notes.txt", "photo.jpg"):
        stores.put(Path(__file__), f"{store}/clips/{name}")

    def named(given: str) -> list[str]:
        return [str(video.footage) for video in inputs.expand([given])]

    assert named(f"{store}/clips") == [f"{store}/clips/{name}" for name in ("a.MOV", "b.mp4", "photo.jpg")]
    assert named(f"{store}/*/*.mp4") == [f"{store}/clips/b.mp4"]
    assert named(f"{store}/clips/none.mp4") == [f"{store}/clips/none.mp4"], "whether it is there shows when it is read"
    with pytest.raises(InputError, match=r"No video and no picture is at .*/clips/\*\.avi"):
        named(f"{store}/clips/*.avi")


def test_a_video_in_a_store_gives_what_the_file_gives(store: str, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", count=12)
    stores.put(clip, f"{store}/clip.mp4")
    with at_hand(Video(f"{store}/clip.mp4", start=0.1)) as here:
        given = [(frame.time, frame.image.tobytes()) for frame in VideoReader(here)]
        assert here.fingerprint() == Video(clip).fingerprint()
        assert str(here.footage) == f"{store}/clip.mp4"
    assert given == [(frame.time, frame.image.tobytes()) for frame in VideoReader(Video(clip, start=0.1))]


def test_what_cannot_be_had_is_told(store: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"/none\.mp4 cannot be read: it is not there"):
        stores.fetch(f"{store}/none.mp4", tmp_path / "none")
    with pytest.raises(InputError, match=r"/none cannot be read: it is not there"):
        stores.find(f"{store}/none")


def test_a_store_that_does_not_answer_is_told(s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OutputError, match=r"s3://none/out/\.writable cannot be written: it is not there"):
        stores.make_writable("s3://none/out")
    with pytest.raises(OutputError, match=r"s3://none/a cannot be written: it is not there"):
        stores.put(Path(__file__), "s3://none/a")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    with pytest.raises(InputError, match=r"s3://bucket/x cannot be read \(.*127\.0\.0\.1:9"):
        stores.exists("s3://bucket/x")


def test_packages_that_are_missing_are_told_with_what_brings_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(scheme: str) -> None:
        raise ImportError("Please install gcsfs") from ModuleNotFoundError(name="gcsfs")

    monkeypatch.setattr(fsspec, "get_filesystem_class", missing)
    with pytest.raises(PluginError, match=r"Files of gs:// need .* \(Please install gcsfs\)\. .*: pip install gcsfs"):
        Video("gs://bucket/clip.mp4")


def test_passwords_are_not_told() -> None:
    assert stores.shown("sftp://me:secret@host/a.mp4") == "sftp://host/a.mp4"
    assert Address("sftp://me:secret@host/a.mp4").in_store
