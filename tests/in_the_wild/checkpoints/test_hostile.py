"""Checkpoints that are odd, damaged or meant badly: one sentence, nothing run, no more memory than the file has."""

from __future__ import annotations

import contextlib
import math
import os
import random
import subprocess
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import peak_memory
import pytest
import references
import torch

from in_the_wild import checkpoints
from in_the_wild.checkpoints import refiners, shipped
from in_the_wild.errors import Pose3DError, WeightsError
from in_the_wild.lifters.pstmo import PSTMO

ARGUMENTS: dict[str, Any] = {"frames": 9, "channels": 16, "hidden": 32, "layers": 1}
AUTHORS = references.HERE / "PSTMO_no_refine_28_4306.pth"
SHARED_CASES = references.SHARED.parent / "cases"


def own(folder: Path, **changed: Any) -> Path:
    """A small P-STMO of ours, with parts of what it says of itself changed."""
    torch.manual_seed(0)
    path = folder / "own.pt"
    checkpoints.save(
        path, model="pstmo", lifter=PSTMO(**ARGUMENTS), arguments=ARGUMENTS, training=checkpoints.Training()
    )
    if changed:
        torch.save({**checkpoints.read(path), **changed}, path)
    return path


def rezipped(path: Path, change: Callable[[str, bytes], bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    """The same archive with other members, their checksums right."""
    with zipfile.ZipFile(path) as archive:
        members = {name: change(name, archive.read(name)) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


# ----------------------------------------------------------------------------------------------- more than they hold


class Reduces:
    """Pickled as a call of something."""

    def __init__(self, call: Callable[..., Any], *arguments: object) -> None:
        self.reduced = call, arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return self.reduced


def tensor_of(count: int, offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> Reduces:
    """A tensor over so many numbers, whatever it says of itself."""
    numbers = torch.storage.TypedStorage(
        wrap_storage=torch.zeros(count).untyped_storage(), dtype=torch.float32, _internal=True
    )
    return Reduces(torch._utils._rebuild_tensor_v2, numbers, offset, size, stride, False, OrderedDict())


HUGE = 10**10
GREEDY: dict[str, tuple[Callable[[], object], str]] = {
    "bytearray": (lambda: Reduces(bytearray, HUGE), "a call of .*bytearray"),
    "bytes": (lambda: Reduces(bytes, HUGE), "a call of .*bytes"),
    "text": (lambda: Reduces(str.center, "x", HUGE), "a call of .*getattr"),
    "range": (lambda: Reduces(list, Reduces(range, HUGE)), "a call of .*range"),
    "tensor of a size": (lambda: Reduces(torch.Tensor, HUGE), "a call of torch.*Tensor"),
    "storage of a size": (lambda: Reduces(torch.FloatStorage, HUGE), "a call of torch.FloatStorage"),
    "size beyond the numbers": (lambda: tensor_of(4, 0, (10**5, 10**5), (10**5, 1)), "reaches beyond the numbers"),
    "stride beyond the numbers": (lambda: tensor_of(4, 0, (2, 2), (HUGE, 1)), "reaches beyond the numbers"),
    "offset beyond the numbers": (lambda: tensor_of(4, HUGE, (1,), (1,)), "reaches beyond the numbers"),
    "before the numbers": (lambda: tensor_of(4, 0, (2,), (-1,)), "reaches beyond the numbers"),
    "repeated numbers": (lambda: torch.zeros(1).expand(10**5, 10**5), "many times the file"),
    "quantised": (lambda: torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8), "_rebuild_qtensor|of a kind"),
    "sparse": (lambda: torch.eye(3).to_sparse(), "a call of torch.serialization._get_layout"),
    "complex": (lambda: torch.ones(3, dtype=torch.complex64), "of a kind that no network here has"),
    "meta": (lambda: torch.ones(3, device="meta"), "a call of torch._utils._rebuild_meta_tensor_no_storage"),
    "keys that are tuples": (lambda: {(1, 2): 3}, "keys are neither texts nor numbers"),
}


@pytest.mark.parametrize("kind", GREEDY)
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
def test_what_asks_for_more_than_plain_tensors_is_refused(tmp_path: Path, kind: str, zipped: bool) -> None:
    make, found = GREEDY[kind]
    path = tmp_path / "greedy.pt"
    torch.save({"model_pos": {"a": make()}}, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(WeightsError, match=rf"tensors alone was expected, found .*({found})"):
        checkpoints.read(path)


def test_storages_have_the_size_that_is_said(tmp_path: Path) -> None:
    many, more = b"J" + (70_000).to_bytes(4, "little"), b"J" + (2**31 - 1).to_bytes(4, "little")
    path = tmp_path / "a.pt"
    torch.save({"a": torch.zeros(70_000)}, path)
    with pytest.raises(WeightsError, match="storage 0 has not the size that is said"):
        checkpoints.read(rezipped(path, lambda _, data: data.replace(many, more, 1)))
    torch.save({"a": torch.zeros(70_000)}, path, _use_new_zipfile_serialization=False)
    path.write_bytes(path.read_bytes().replace(many, more, 1))
    with pytest.raises(WeightsError, match=r"one of 28\d,\d+ bytes that asks for 8,589,934,588"):
        checkpoints.read(path)


def test_archives_do_not_unpack_to_more_than_they_are(tmp_path: Path) -> None:
    path = own(tmp_path)
    checkpoints.read(rezipped(path, lambda _, data: data))
    with pytest.raises(WeightsError, match="unpacks to more than its size"):
        checkpoints.read(rezipped(path, lambda _, data: data, zipfile.ZIP_DEFLATED))


@pytest.mark.parametrize("name", shipped.names())
def test_a_flipped_byte_is_noticed(tmp_path: Path, name: str) -> None:
    path = tmp_path / "flipped.pt"
    content = bytearray(shipped.find(name).read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"found a damaged one: the checksum of .* is wrong; get it again"):
        checkpoints.read(path)


def test_a_listing_of_contents_has_an_end(tmp_path: Path) -> None:
    path = tmp_path / "long.pt"
    torch.save({"a": ["x" * 100 + str(i) for i in range(50_000)]}, path)
    with pytest.raises(WeightsError, match="too long for any network"):
        checkpoints.read(path)


# ---------------------------------------------------------------------------------------------------- no checkpoints


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pt")
    for path, found in ((tmp_path / "pipe.pt", "a pipe"), (tmp_path, "a folder"), (Path("/dev/zero"), "a device")):
        for read in (checkpoints.load, checkpoints.read):
            with pytest.raises(WeightsError, match=f"A checkpoint was expected, found {found}"):
                read(path)
    for name in ("x" * 5000, "a\0b", ""):
        with pytest.raises(WeightsError):
            checkpoints.load(name)


@pytest.mark.parametrize(
    "content",
    [
        *(None, 3, "text", [torch.zeros(1)], torch.zeros(3), {}),
        *({"state_dict": None}, {"state_dict": {}}, {"state_dict": [1]}, {"state_dict": {"a": 1}}),
        *({1: torch.zeros(1)}, {"model": {"net": {"network": {"a": torch.zeros(1)}}}}),
        *({"format": "pose3d-1"}, {"format": ["pose3d-1"]}, {"format": "pose3d-1", "family": "refiners"}),
    ],
    ids=repr,
)
@pytest.mark.parametrize(
    "load", [checkpoints.load, refiners.load, checkpoints.state_dict], ids=["lifter", "refiner", "parameters"]
)
def test_what_is_no_checkpoint_of_a_network_is_said(
    tmp_path: Path, content: object, load: Callable[[Path], object]
) -> None:
    path = tmp_path / "odd.pt"
    torch.save(content, path)
    with pytest.raises(WeightsError, match=r"odd\.pt (is no checkpoint|is incomplete: it lacks)"):
        load(path)


@pytest.mark.parametrize("key", ["state_dict", "model_state_dict", "model_pos", "model", "net", "network", "weights"])
def test_a_state_dict_is_found_where_projects_keep_it(tmp_path: Path, key: str) -> None:
    state = checkpoints.read(AUTHORS)
    path = tmp_path / AUTHORS.name
    expected = checkpoints.recognise(AUTHORS)
    for content in ({key: state, "epoch": 3, "optimizer": None}, {"model": {key: state}}, {key: {"state_dict": state}}):
        torch.save(content, path)
        found = checkpoints.recognise(path)
        assert (found.model, found.arguments) == (expected.model, expected.arguments)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("hostile/state_dict_none.pt", "is no checkpoint of a network: tensors by name were expected"),
        ("hostile/bytearray_10GB.pt", "found a call of builtins.bytearray"),
        ("inputs/model_state_dict.pth", None),
    ],
)
def test_the_shared_cases(name: str, says: str | None) -> None:
    path = SHARED_CASES / name
    if not path.is_file():
        pytest.skip("needs ../shared/cases")
    if says is None:
        assert checkpoints.load(path).model == "videopose3d"
        return
    with pytest.raises(WeightsError, match=says):
        checkpoints.load(path)


# -------------------------------------------------------------------------------------- what a file says of itself


@pytest.mark.parametrize(
    "arguments",
    [
        *({"frames": "x"}, {"frames": None}, {"frames": [9]}, {"frames": -9}, {"frames": 0}, {"channels": 1.5}),
        *({"frames": 10**12}, {"channels": 10**12}, {"layers": 10**9}, {"layers": 3_000}, {"hidden": 10**6}),
        *({"dropout": math.nan}, {"dropout": "much"}, {"joints": 10**5}, {"speed": 3}),
    ],
    ids=repr,
)
def test_arguments_that_no_such_network_has_are_refused(tmp_path: Path, arguments: dict[str, Any]) -> None:
    with pytest.raises(WeightsError, match=r"own\.pt (does not (tell|fit)|was saved by a release)"):
        checkpoints.load(own(tmp_path, arguments={**ARGUMENTS, **arguments}))


@pytest.mark.parametrize(
    ("training", "says"),
    [
        (None, "a dict and a NoneType"),
        ({"fps": "fast"}, "fps of its training is 'fast'"),
        ({"fps": math.inf}, "fps of its training is inf"),
        ({"fps": 0}, "trained at 0 frames per second"),
        ({"fps": True}, "fps of its training is True"),
        ({"metres": -1.0}, "in units of -1.0 m"),
        ({"data": 3}, "data of its training is 3"),
        ({"input_skeleton": "coco71"}, 'trained on joints that are not known here.*"coco71"'),
        ({"normalisation": "size"}, "with the normalisation size"),
        ({3: 4}, "training says 3"),
    ],
)
def test_training_that_cannot_have_been_is_refused(tmp_path: Path, training: object, says: str) -> None:
    with pytest.raises(WeightsError, match=rf"own\.pt .*{says}"):
        checkpoints.load(own(tmp_path, training=training))


# ------------------------------------------------------------------------------------------------------------ memory

_LOAD_ALL = f"""
import sys
from in_the_wild import checkpoints
from in_the_wild.errors import WeightsError
checkpoints.load(sys.argv[1])
before = {peak_memory.KILOBYTES}
for path in sys.argv[2:]:
    try:
        checkpoints.load(path)
    except WeightsError:
        continue
    raise AssertionError(path)
print(({peak_memory.KILOBYTES} - before) // 1024)
"""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
def test_memory_is_bounded_by_the_size_of_the_file(tmp_path: Path) -> None:
    paths = []
    for number, (make, _) in enumerate(GREEDY.values()):
        paths.append(tmp_path / f"{number}.pt")
        torch.save({"model_pos": {"a": make()}}, paths[-1])
    for number, arguments in enumerate(({"frames": 10**12}, {"layers": 3_000}, {"hidden": 10**6}, {"joints": 4_000})):
        (tmp_path / f"own{number}").mkdir()
        paths.append(own(tmp_path / f"own{number}", arguments={**ARGUMENTS, **arguments}))
    done = subprocess.run(
        [sys.executable, "-c", _LOAD_ALL, own(tmp_path), *paths], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 100  # MiB


# ------------------------------------------------------------------------------------------------------------- damage


def mutated(content: bytes, other: bytes, rng: random.Random) -> bytes:
    """Bytes flipped, cut off, cut out, or spliced with another file's."""
    at, length = rng.randrange(len(content)), rng.randrange(1, 64)
    match rng.randrange(4):
        case 0:
            flipped = bytearray(content)
            for position in rng.choices(range(len(content)), k=rng.randrange(1, 4)):
                flipped[position] = rng.randrange(256)
            return bytes(flipped)
        case 1:
            return content[:at]
        case 2:
            return content[:at] + content[at + length :]
        case _:
            return content[:at] + other[rng.randrange(len(other)) :][:length] + content[at + length :]


def sound_files(folder: Path) -> list[Path]:
    """A file of ours, the authors' as they are, and both in the format of before torch 1.6."""
    files = [own(folder), AUTHORS]
    for number, path in enumerate(tuple(files)):
        files.append(folder / f"legacy{number}.pth")
        torch.save(checkpoints.read(path), files[-1], _use_new_zipfile_serialization=False)
    return files


@pytest.mark.parametrize("number", range(4), ids=["ours", "the authors'", "ours, legacy", "the authors', legacy"])
def test_damaged_checkpoints_end_in_a_sentence_or_work(tmp_path: Path, number: int) -> None:
    rng = random.Random(number)
    files = [path.read_bytes() for path in sound_files(tmp_path)]
    path = tmp_path / "damaged.pt"
    for _ in range(100):
        # The pickle is at the beginning: half of the damage goes there.
        head = files[number][: 1 << (12 if rng.random() < 0.5 else 30)]
        path.write_bytes(mutated(head, rng.choice(files), rng) + files[number][len(head) :])
        with contextlib.suppress(Pose3DError):
            checkpoints.load(path)


@pytest.mark.slow
def test_damage_under_right_checksums_ends_in_a_sentence_or_works(tmp_path: Path) -> None:
    rng = random.Random(7)
    listings = []
    for source in (own(tmp_path), AUTHORS):
        with zipfile.ZipFile(source) as archive:
            listings += [archive.read(name) for name in archive.namelist() if name.endswith("data.pkl")]
    for source in (own(tmp_path), AUTHORS):
        sound, path = source.read_bytes(), tmp_path / "damaged.pt"
        for _ in range(100):
            path.write_bytes(sound)

            def damage(name: str, data: bytes) -> bytes:
                return mutated(data, rng.choice(listings), rng) if name.endswith("data.pkl") else data

            with contextlib.suppress(Pose3DError):
                checkpoints.load(rezipped(path, damage))


ODD: tuple[object, ...] = (
    None,
    True,
    -1,
    0,
    10**12,
    2**70,
    math.nan,
    "x",
    "",
    [],
    {},
    (),
    b"x",
    torch.zeros(0),
    torch.zeros(2, 2),
)


@pytest.mark.slow
def test_odd_values_under_the_right_keys_end_in_a_sentence_or_work(tmp_path: Path) -> None:
    rng = random.Random(8)
    sound = checkpoints.read(own(tmp_path))
    for _ in range(200):
        content = {key: dict(value) if isinstance(value, dict) else value for key, value in sound.items()}
        group = rng.choice([content, content["arguments"], content["training"], content["state_dict"]])
        group[rng.choice([*group, "other"])] = rng.choice(ODD)
        torch.save(content, tmp_path / "odd.pt")
        with contextlib.suppress(Pose3DError):
            checkpoints.load(tmp_path / "odd.pt")
