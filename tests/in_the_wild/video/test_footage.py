"""Numbered pictures: which they are, in which order, at which times; and single ones."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from numbered_clips import indices, picture, run_ffmpeg

from in_the_wild.errors import InputError, VideoError
from in_the_wild.video.footage import Address, PictureSequence, Video
from in_the_wild.video.read import VideoReader

CASES = Path(__file__).resolve().parents[2] / "cases"


def write_pictures(folder: Path, names: list[str], *, size: tuple[int, int] = (64, 48)) -> Path:
    """Numbered by their places in this list."""
    folder.mkdir(parents=True, exist_ok=True)
    for index, name in enumerate(names):
        assert cv2.imwrite(str(folder / name), picture(index, size)[..., ::-1])
    return folder


def test_a_pattern_takes_numbered_pictures_in_order(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "frames", [f"{number:04d}.png" for number in range(7, 27)])
    write_pictures(folder, ["0003_mask.png", "12.png", "notes.jpg"])
    reader = VideoReader(Video(str(folder / "%04d.png"), fps=10))
    frames = list(reader)
    assert indices([frame.image for frame in frames]) == list(range(20))
    assert [frame.time for frame in frames] == pytest.approx(np.arange(20) / 10)
    assert reader.info.fps == 10
    assert reader.frames_expected == 20
    assert (reader.warning, reader.notes) == (None, [])
    assert not reader.info.is_picture
    assert reader.video.name == "%04d.png"
    part = list(VideoReader(Video(str(folder / "%04d.png"), fps=10, start=0.5, end=0.9, rotate=90)))
    assert [frame.time for frame in part] == pytest.approx([0.5, 0.6, 0.7, 0.8, 0.9])
    assert part[0].image.shape == (64, 48, 3)


def test_numbers_count_and_not_letters(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path, [f"take{number}.jpg" for number in range(1, 13)])
    for given in (str(folder), str(folder / "take%d.jpg")):
        reader = VideoReader(given)
        assert indices([frame.image for frame in reader]) == list(range(12)), "take2 before take10"
        assert reader.notes == [f"25 pictures a second are assumed of {given}; say it with --fps."]


def test_missing_and_damaged_pictures_leave_the_others_their_times(tmp_path: Path) -> None:
    numbers = [0, 5, 10, 25, 30, 35]  # every fifth picture of a film, two of them lost
    folder = write_pictures(tmp_path / "f", [f"{number:06d}.png" for number in numbers])
    (folder / "000030.png").write_bytes(b"not a picture")
    reader = VideoReader(Video(str(folder), fps=5))
    frames = list(reader)
    assert [frame.time for frame in frames] == pytest.approx([0, 0.2, 0.4, 1.0, 1.4])
    assert indices([frame.image for frame in frames]) == [0, 1, 2, 3, 5]
    assert reader.warning == (
        f"The pictures {folder} lack 2 by their numbers and have 1 that cannot be read (000030.png); the others keep "
        "their times."
    )


def test_numbers_without_a_rule_are_an_order_and_no_times(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path, [f"{stamp}.png" for stamp in (1699, 1743, 1790, 1851)])
    assert PictureSequence.all_in(folder) == []
    frames = list(VideoReader(Video(str(folder / "%d.png"), fps=20)))
    assert [frame.time for frame in frames] == pytest.approx([0, 0.05, 0.1, 0.15])


def test_which_pictures_of_a_folder_are_a_sequence(tmp_path: Path) -> None:
    names = [*(f"a_{i}.png" for i in range(3)), *(f"b_{i}_left.JPG" for i in range(4)), "c_1.png", "c_2.png", "x.png"]
    folder = write_pictures(tmp_path, names)
    (folder / ".a_3.png").write_bytes(b"")
    (folder / "a_4.txt").write_text("no picture")
    found = PictureSequence.all_in(folder)
    assert [(sequence.name, len(sequence.files)) for sequence in found] == [("a_%d.png", 3), ("b_%d_left.jpg", 4)]


def test_what_is_wrong_with_a_pattern_is_told(tmp_path: Path) -> None:
    write_pictures(tmp_path, ["00001.png", "00002.png"])
    with pytest.raises(InputError, match=r"has a name like .*%04d\.png; in .* there is 00001\.png\. Check the digits"):
        Video(str(tmp_path / "%04d.png"))
    with pytest.raises(InputError, match=r"A name with one number was expected, such as frames/%04d\.png"):
        Video(str(tmp_path / "%d_%d.png"))
    with pytest.raises(InputError, match=r"The folder .*nowhere cannot be read"):
        Video(str(tmp_path / "nowhere" / "%d.png"))
    with pytest.raises(InputError, match=r"clip\.mp4 has times of its own; a rate is said of numbered pictures alone"):
        VideoReader(Video("clip.mp4", fps=30))


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path: Path, steady: Path) -> None:
    path = tmp_path / "100%d.mp4"
    path.write_bytes(steady.read_bytes())
    assert len(list(VideoReader(str(path)))) == 30


def test_the_fingerprint_of_pictures_is_of_all_of_them(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path, [f"{i}.bmp" for i in range(5)])
    before = Video(str(folder)).fingerprint()
    assert Video(str(folder), fps=3, rotate=90).fingerprint() == before
    (folder / "2.bmp").write_bytes((folder / "2.bmp").read_bytes() + b"more")
    assert Video(str(folder)).fingerprint() != before
    (folder / "5.bmp").write_bytes((folder / "4.bmp").read_bytes())
    assert Video(str(folder)).fingerprint() != before


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".webp", ".tiff"])
def test_a_single_picture_is_a_video_of_one_and_known_as_a_picture(tmp_path: Path, suffix: str) -> None:
    folder = write_pictures(tmp_path, [f"photo{suffix}"], size=(320, 240))
    reader = VideoReader(folder / f"photo{suffix}")
    assert reader.info.is_picture
    (frame,) = reader
    assert frame.time == 0
    assert np.abs(frame.image.astype(int) - picture(0, (320, 240))).mean() < 6
    assert reader.warning is None


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (3, 180), (6, 270), (8, 90)])
def test_photographs_are_turned_as_their_camera_says(tmp_path: Path, orientation: int, turns: int) -> None:
    write_pictures(tmp_path, ["plain.jpg"])
    plain = (tmp_path / "plain.jpg").read_bytes()
    entries = struct.pack("<H", 1) + struct.pack("<HHII", 0x112, 3, 1, orientation) + struct.pack("<I", 0)
    exif = b"Exif\0\0II*\0" + struct.pack("<I", 8) + entries
    (tmp_path / "photo.jpg").write_bytes(plain[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + plain[2:])
    (upright,), (photo,) = VideoReader(tmp_path / "plain.jpg"), VideoReader(tmp_path / "photo.jpg")
    assert np.array_equal(photo.image, np.rot90(upright.image, turns // 90))


def test_photographs_built_as_films_are_pictures(tmp_path: Path) -> None:
    write_pictures(tmp_path, ["photo.png"], size=(320, 240))
    run_ffmpeg("-i", tmp_path / "photo.png", "-c:v", "libaom-av1", "-still-picture", "1", tmp_path / "photo.avif")
    reader = VideoReader(tmp_path / "photo.avif")
    assert reader.info.is_picture
    assert [frame.image.shape for frame in reader] == [(240, 320, 3)]


def test_photographs_in_tiles_are_put_together() -> None:
    """As phones write them: here four tiles of 128x128, of which 256x240 are shown."""
    reader = VideoReader(CASES / "photograph_in_tiles.heic")
    assert reader.info.is_picture
    (frame,) = reader
    assert frame.image.shape == (240, 256, 3)
    corners = [frame.image[y, x].tolist() for y in (5, -5) for x in (5, -5)]
    expected = [(220, 20, 20), (20, 200, 40), (20, 40, 220), (200, 200, 60)]
    assert all(np.abs(np.subtract(one, other)).max() < 4 for one, other in zip(corners, expected, strict=True))


def test_a_damaged_photograph_in_tiles_is_told(tmp_path: Path) -> None:
    content = (CASES / "photograph_in_tiles.heic").read_bytes()
    (tmp_path / "photo.heic").write_bytes(content[: content.index(b"mdat") + 40])
    with pytest.raises(VideoError, match=r"photo\.heic"):
        VideoReader(tmp_path / "photo.heic")


def test_pictures_of_which_none_can_be_read_are_told(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(b"not a picture")
    with pytest.raises(VideoError, match=r"Not one of the 3 pictures .*%d\.png can be read; check what they are"):
        VideoReader(str(tmp_path / "%d.png"))
    (tmp_path / "3.png").write_bytes(write_pictures(tmp_path / "x", ["3.png"]).joinpath("3.png").read_bytes())
    (frame,) = VideoReader(Video(str(tmp_path / "%d.png"), fps=10))
    assert frame.time == pytest.approx(0.3), "the place that its number gives it"


def test_pictures_that_are_none_are_told(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0 not much of a JPEG")
    with pytest.raises(VideoError, match=r"photo\.jpg"):
        VideoReader(tmp_path / "photo.jpg")


def test_addresses_are_shown_without_passwords() -> None:
    address = Address("https://me:secret@example.org:8080/films/clip.mp4?token=1")
    assert str(address) == "https://example.org:8080/films/clip.mp4?token=1"
    assert address.path == Path("/example.org/films/clip.mp4")
    with pytest.raises(InputError, match=r"Addresses of http, https, rtsp and .* are read, found quark://x/y\.mp4"):
        Video("quark://x/y.mp4")
