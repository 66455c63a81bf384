"""Training windows of a prepared set: which frames, which labels, and what their variants are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import labelled
import numpy as np
import pytest
import references

from in_the_wild import windows
from in_the_wild.checkpoints import Training
from in_the_wild.errors import ConfigError, InputError, SkeletonError
from in_the_wild.normalise import screen, unscreen
from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.datasets.prepared.sequences import Dataset, Writer, open_folder
from pose3d_cli.datasets.prepared.windows import LabelledWindows, WindowSettings, shuffled

TRAINING = Training(input_skeleton="human36m17", normalisation="image")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return open_folder(labelled.write(tmp_path_factory.mktemp("sets") / "own")).choose(split="train")


def cut(dataset: Dataset, frames: int = 9, *, training: Training = TRAINING, **settings: Any) -> LabelledWindows:
    return LabelledWindows(dataset, frames, WindowSettings(**settings), training)


def all_windows(cut: LabelledWindows) -> list[tuple[int, np.ndarray, bool, bool]]:
    return [cut.look(number) for number in range(len(cut))]


@pytest.mark.parametrize(
    ("settings", "table"),
    [
        ({"rule": "centred", "tds": 2}, windows.centred(60, frames=9, tds=2)),
        ({"rule": "centred", "step": 3}, windows.centred(60, frames=9)[::3]),
        ({"rule": "trailing", "step": 5, "tds": 3}, windows.trailing(60, frames=9, step=5, tds=3)),
        ({"rule": "chunks"}, windows.chunks(60, frames=9)),
    ],
)
def test_windows_stand_where_the_papers_put_them(dataset: Dataset, settings: dict[str, Any], table: np.ndarray) -> None:
    found = all_windows(cut(dataset, flip=False, **settings))
    assert [sequence for sequence, *_ in found] == sorted(list(range(len(dataset))) * len(table))
    np.testing.assert_array_equal([frames for _, frames, *_ in found], np.tile(table, (len(dataset), 1)))


def test_chunks_equal_mixstes(tmp_path: Path) -> None:
    arrays = references.load("mixste_chunks_f9.npz")
    own = labelled.sequence("walk", "S1", "train", labelled.CAMERAS[0], azimuth=0, frames=31)
    with Writer(tmp_path / "set", open_folder(labelled.write(tmp_path / "other")).description) as writer:
        for name, count in (("a", 31), ("b", 4)):
            part = {key: value[:count] for key, value in own.arrays().items()}
            writer.add(own.replace(name=name, **part))
    # Ours are listed by variant, theirs by sequence; either is shuffled.
    found = sorted(
        (sequence, mirrored, *frames)
        for sequence, frames, mirrored, _ in all_windows(cut(open_folder(tmp_path / "set"), 9, rule="chunks"))
    )
    theirs = zip(arrays["out/pairs"], arrays["out/frame_index"], strict=True)
    assert found == sorted((int(pair[0]), bool(pair[3]), *frames) for pair, frames in theirs)


@pytest.mark.parametrize(
    ("flip", "reverse", "variants"),
    [
        (False, False, {(False, False)}),
        (True, False, {(False, False), (True, False)}),
        (False, True, {(False, False), (False, True)}),
        # As the authors': never the mirror image forwards.
        (True, True, {(False, False), (False, True), (True, True)}),
    ],
)
def test_variants_are_the_authors(
    dataset: Dataset, flip: bool, reverse: bool, variants: set[tuple[bool, bool]]
) -> None:
    found = all_windows(cut(dataset, flip=flip, reverse=reverse))
    assert {(mirrored, backwards) for *_, mirrored, backwards in found} == variants
    assert len(found) == len(variants) * dataset.lengths.sum()


@pytest.mark.parametrize("count", [1, 2, 3, 5, 17, 1000, 65_537])
def test_an_order_is_a_permutation(count: int) -> None:
    order = shuffled(np.arange(count), count, seed=(0, 1))
    assert sorted(order) == list(range(count))
    np.testing.assert_array_equal(shuffled(np.arange(count)[::-1], count, seed=(0, 1)), order[::-1])


def test_an_order_looks_random_at_any_size() -> None:
    count = 100_000
    order = shuffled(np.arange(count), count, seed=(0, 1))
    assert abs(np.corrcoef(order[:-1], order[1:])[0, 1]) < 0.02
    assert abs(np.corrcoef(np.arange(count), order)[0, 1]) < 0.02
    # As often in each tenth as chance has it, within five standard deviations.
    assert np.abs(np.histogram(order[:10_000], 10)[0] - 1000).max() < 5 * np.sqrt(900)
    assert np.mean(order == shuffled(np.arange(count), count, seed=(0, 2))) < 1e-3
    far = shuffled(np.arange(64), 10**12, seed=(0, 1))
    assert len(set(far)) == 64
    assert 0.2e12 < far.mean() < 0.8e12


def test_an_epoch_has_every_window_once_and_each_its_own_order(dataset: Dataset) -> None:
    every = cut(dataset)
    steps = every.steps(16)
    first = np.concatenate([every.picked(16, seed=0, step=step) for step in range(steps)])
    second = np.concatenate([every.picked(16, seed=0, step=steps + step) for step in range(steps)])
    assert len(set(first)) == len(first) == steps * 16
    assert len(every) - len(first) < 16
    assert not np.array_equal(first, second)
    assert not np.array_equal(first[:16], every.picked(16, seed=1, step=0))
    # Whatever was asked for in between.
    np.testing.assert_array_equal(every.picked(16, seed=0, step=1), first[16:32])
    parts = [every.batch(16, seed=0, step=3, part=slice(rank, None, 2)) for rank in range(2)]
    for whole, *halves in zip(every.batch(16, seed=0, step=3), *parts, strict=True):
        np.testing.assert_array_equal(whole[::2], halves[0])
        np.testing.assert_array_equal(whole[1::2], halves[1])


@pytest.mark.parametrize("normalisation", ["image", "box"])
def test_labels_project_onto_what_the_network_reads(dataset: Dataset, normalisation: str) -> None:
    training = Training(input_skeleton="human36m17", normalisation=normalisation)
    every = cut(dataset, tds=2, flip=True, reverse=True, training=training)
    numbers = every.picked(64, seed=0, step=0)
    inputs, targets = every.batch(64, seed=0, step=0)
    assert inputs.dtype == targets.dtype == np.float32
    for number, x, y in zip(numbers, inputs, targets, strict=True):
        sequence, frames, mirrored, backwards = every.look(int(number))
        own = dataset[sequence]
        assert np.abs(y[:, HUMAN36M17.root]).max() == 0
        # Undo the variant, then compare with the set itself.
        x, y = (values[::-1] if backwards else values for values in (x, y))
        if mirrored:
            x, y = (values[:, list(HUMAN36M17.flip)] * ([-1] + [1] * (values.shape[-1] - 1)) for values in (x, y))
        joints = own.joints[frames] - own.joints[frames][:, HUMAN36M17.root, None]
        np.testing.assert_allclose(np.linalg.norm(y, axis=-1), np.linalg.norm(joints, axis=-1), atol=1e-5)
        if normalisation == "image":
            np.testing.assert_allclose(y, joints, atol=1e-6)
            view = {"width": own.camera.width, "height": own.camera.height}
            np.testing.assert_allclose(unscreen(x, **view), own.keypoints[frames], atol=1e-3)
        else:
            # In the camera that looks at the box, x and y of joints and keypoints go the same way.
            from_root = x - x[:, HUMAN36M17.root, None]
            for axis in range(2):
                assert np.corrcoef(from_root[..., axis].ravel(), y[..., axis].ravel())[0, 1] > 0.9


def test_the_unit_is_the_networks(dataset: Dataset) -> None:
    metres = cut(dataset).batch(4, seed=0, step=0)[1]
    training = Training(input_skeleton="human36m17", normalisation="image", metres=0.001)
    np.testing.assert_allclose(cut(dataset, training=training).batch(4, seed=0, step=0)[1], metres * 1000, rtol=1e-5)


@pytest.mark.parametrize("normalisation", ["image", "box"])
def test_the_refine_stage_gets_truth_that_projects_exactly(dataset: Dataset, normalisation: str) -> None:
    training = Training(input_skeleton="human36m17", normalisation=normalisation)
    every = cut(dataset, training=training)
    inputs, targets, rotation, image, depth, focal, centre = every.batch_to_refine(32, seed=0, step=0)
    np.testing.assert_array_equal(inputs, every.batch(32, seed=0, step=0)[0])
    mirrored = np.array([every.look(int(n))[2] for n in every.picked(32, seed=0, step=0)])
    assert mirrored.any()
    assert not mirrored.all()
    middle = targets[:, every.frames // 2]
    root = (image[:, HUMAN36M17.root] - centre) / focal * depth[:, None]
    placed = middle + np.concatenate([root, depth[:, None]], axis=-1)[:, None]
    np.testing.assert_allclose(placed[..., :2] / placed[..., 2:] * focal[:, None] + centre[:, None], image, atol=2e-5)
    # The rotation takes the camera's axes into those of the other batch's targets.
    turned = targets @ rotation[:, None].swapaxes(-1, -2)
    np.testing.assert_allclose(turned, every.batch(32, seed=0, step=0)[1], atol=1e-5)


def test_an_unmirrored_camera_is_the_sets_own(dataset: Dataset) -> None:
    every = cut(dataset, flip=False)
    *_, focal, centre = every.batch_to_refine(8, seed=0, step=0)
    for number, f, c in zip(every.picked(8, seed=0, step=0), focal, centre, strict=True):
        camera = dataset[every.look(int(number))[0]].camera
        assert camera.intrinsics is not None
        np.testing.assert_allclose(f, np.array(camera.intrinsics[:2]) / camera.width * 2, rtol=1e-6)
        expected = screen(np.array(camera.intrinsics[2:4]), width=camera.width, height=camera.height)
        np.testing.assert_allclose(c, expected, atol=1e-6)


def test_what_cannot_be_cut_is_said(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'no rule "centered".*Did you mean "centred"'):
        WindowSettings(rule="centered")
    with pytest.raises(ConfigError, match="at least 1, and 1 for chunks; found 2 and 1"):
        WindowSettings(rule="chunks", step=2)
    with pytest.raises(ConfigError, match="make batch smaller"):
        cut(dataset, rule="chunks").steps(10_000)
    with pytest.raises(SkeletonError, match="no remap from human36m17 to coco17"):
        cut(dataset, training=Training(input_skeleton="coco17"))
    own = dataset[0]
    with Writer(tmp_path / "set", dataset.description) as writer:
        writer.add(own.replace(keypoints=None))
    with pytest.raises(InputError, match="has no keypoints to train a lifter on"):
        cut(open_folder(tmp_path / "set"))
    with Writer(tmp_path / "set", dataset.description) as writer:
        writer.add(own.replace(camera=labelled.CAMERAS[0].__class__("C", 1000, 1000)))
    with pytest.raises(InputError, match="where the root is and the camera's focal length"):
        cut(open_folder(tmp_path / "set")).batch_to_refine(4, seed=0, step=0)
