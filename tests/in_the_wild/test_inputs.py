"""What people name as input, and the videos that it means."""

from __future__ import annotations

from pathlib import Path

import pytest

from in_the_wild import inputs
from in_the_wild.errors import InputError
from in_the_wild.result import result_folders
from in_the_wild.video.footage import PictureSequence, Video


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Videos, pictures and other things, in folders; seen from the folder itself."""
    names = ("b.MP4", "a.mov", "photo.jpg", "notes.txt", ".hidden.mp4", "in/c.mkv", "in/deep/a.mov", "out/poses2d.npz")
    for name in (*names, *(f"frames/{number:04d}.png" for number in range(1, 6)), "frames/clip.mp4"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def named(*given: str | Path | Video) -> list[str]:
    return [str(video.footage) for video in inputs.expand(given)]


def test_a_folder_means_the_videos_and_pictures_in_it(folder: Path) -> None:
    assert named(".") == ["a.mov", "b.MP4", "photo.jpg"]
    assert named(folder / "in") == [str(folder / "in/c.mkv")], "not those in folders within it"


def test_numbered_pictures_of_a_folder_are_one_video(folder: Path) -> None:
    assert named("frames") == ["frames/clip.mp4", "frames"]
    assert named("frames/%04d.png") == ["frames/%04d.png"]
    (sequence,) = [video.footage for video in inputs.expand(["frames/%04d.png"])]
    assert isinstance(sequence, PictureSequence)
    assert [file.name for file in sequence.files] == [f"{number:04d}.png" for number in range(1, 6)]
    assert named("frames/*.png") == [f"frames/{number:04d}.png" for number in range(1, 6)], "named one by one"


def test_numbered_pictures_that_are_taken_singly_are_told(folder: Path) -> None:
    told = "5 numbered pictures are taken one by one; to take them as one video give frames."
    assert inputs.taken_singly(inputs.expand(["frames/*.png", "a.mov"])) == [told]
    assert inputs.taken_singly(inputs.expand(["frames/0001.png", "frames/0002.png", "photo.jpg"])) == []
    assert inputs.taken_singly(inputs.expand(["frames", "."])) == []


def test_patterns_are_read_as_a_shell_reads_them(folder: Path) -> None:
    assert named("*.mov", "?.MP4") == ["a.mov", "b.MP4"]
    assert named("**/*.m[ok][vk]*") == ["a.mov", "in/c.mkv", "in/deep/a.mov"]
    assert named("in*") == ["in/c.mkv"], "a folder that matches means what is in it"
    assert named("fram*/**") == ["frames/clip.mp4", "frames"], "numbered pictures are not counted twice"
    (folder / "[1].mp4").write_bytes(b"")
    assert named("[1].mp4") == ["[1].mp4"], "a file of this name is itself"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_list_names_inputs_line_by_line(folder: Path, ending: str) -> None:
    lines = ["\ufeffa.mov", "", "# not this one.mp4", "in/*.mkv", "frames/%04d.png", "https://example.org/x.mp4", "in"]
    (folder / "list.txt").write_bytes(ending.join(lines).encode())
    assert named("@list.txt") == ["a.mov", "in/c.mkv", "frames/%04d.png", "https://example.org/x.mp4"]


def test_a_list_elsewhere_names_what_is_beside_it_first(folder: Path) -> None:
    (folder / "in/list.txt").write_text("c.mkv\nb.MP4\n")
    assert named("@in/list.txt") == ["in/c.mkv", "b.MP4"]


def test_what_is_said_of_an_input_holds_for_all_that_it_means(folder: Path) -> None:
    videos = inputs.expand([Video("frames", start=1.0, rotate=90, fps=30), "a.mov"])
    assert [(video.start, video.rotate, video.fps) for video in videos] == [(1, 90, None), (1, 90, 30), (None, 0, None)]


def test_what_is_meant_twice_is_there_once(folder: Path) -> None:
    assert named("a.mov", ".", "*.mov") == ["a.mov", "b.MP4", "photo.jpg"]
    assert named("*.mov", "a.mov") == ["a.mov"]
    with pytest.raises(InputError, match=r"Every video can be given once; in/\.\./a\.mov came more than once"):
        named("a.mov", "in/../a.mov")


def test_one_name_in_two_folders_is_kept_apart(folder: Path) -> None:
    videos = inputs.expand(["a.mov", "in/deep/a.mov", "frames/%04d.png", "http://h/x/frames", "rtsp://camera/one"])
    names = result_folders(videos)
    assert names == [f"{folder.name}_a", "deep_a", f"{folder.name}_frames", "x_frames", "one"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("c.mp4", r"found no c\.mp4; check name and folder"),
        ("*.avi", r"No file matches \*\.avi; check the pattern"),
        ("out", r"No video and no picture is in the folder out: it holds poses2d\.npz\."),
        ("empty", r'in the folder empty: it has no files; for those .* give "empty/\*\*/\*\.mp4"'),
        ("0", r"0 is no file, and cameras are not read by their number; record a video .* rtsp address"),
        ("@no.txt", r"A list of videos was expected, found no file no\.txt"),
        ("@a.mov", r"a\.mov is no text; give a video without the @"),
        ("@blank.txt", r"blank\.txt names no video"),
        ("@nested.txt", r"nested\.txt names another list, @list\.txt"),
        ("frames/%05d.png", r"in frames there is 0001\.png\. Check the digits"),
        ("quark://h/x.mp4", r"Addresses of http, https, rtsp and those that fsspec knows .* found quark://h/x\.mp4"),
        ("x" * 300 + ".mp4", r"found no x{300}\.mp4"),
        ("http://[1/x.mp4", r"http://\[1/x\.mp4 is no address \(Invalid IPv6 URL\)"),
        ("a\0.mp4", r"found no a\x00\.mp4"),
    ],
)
def test_what_means_nothing_is_told_with_what_would(folder: Path, given: str, told: str) -> None:
    (folder / "empty/within").mkdir(parents=True)
    (folder / "a.mov").write_bytes(b"\0")
    (folder / "blank.txt").write_text("\n# nothing\n")
    (folder / "nested.txt").write_text("@list.txt\n")
    with pytest.raises(InputError, match=told):
        named(given)


def test_one_video_is_asked_for(folder: Path) -> None:
    assert inputs.one("a.mov").footage == Path("a.mov")
    with pytest.raises(InputError, match=r"One video was expected, found 3: a\.mov, b\.MP4, photo\.jpg\. Give one"):
        inputs.one(".")


def test_missing_files_are_told_together(folder: Path) -> None:
    with pytest.raises(InputError, match=r"found no x\.mp4, y\.mp4; check"):
        named("x.mp4", "a.mov", "y.mp4")
