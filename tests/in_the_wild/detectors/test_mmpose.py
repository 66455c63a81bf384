"""mmpose's own networks with random weights: nonsense keypoints, but the same as mmpose gives when asked directly."""

from __future__ import annotations

import hashlib
import importlib.resources
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from in_the_wild import formats
from in_the_wild.detectors.mmpose import MMPose, match_skeleton
from in_the_wild.errors import InputError, PluginError, WeightsError
from in_the_wild.files import cache_folder
from in_the_wild.skeletons import BODY25, COCO17, HALPE26
from in_the_wild.video.read import VideoReader
from in_the_wild.video.write import VideoWriter
from pose3d_cli.main import app

COCO_CONFIG = "rtmpose-t_8xb256-420e_body8-256x192"
HALPE_CONFIG = "rtmpose-t_8xb1024-700e_body8-halpe26-256x192"
BASE = f"_base_ = ['mmpose::body_2d_keypoint/rtmpose/body8/{COCO_CONFIG}.py']"
# Its weights' name, and that of the alias that is taken where no config is given.
COCO_WEIGHTS = "rtmpose-t_simcc-body7_pt-body7_420e-256x192-026a1439_20230504.pth"
USUAL_WEIGHTS = "rtmpose-m_simcc-body7_pt-body7_420e-256x192-e48f03d0_20230504.pth"

# BODY_25 as OpenPose writes the names; the order is another one here.
OPENPOSE = [
    "MidHip", "Nose", "Neck", "RShoulder", "RElbow", "RWrist", "LShoulder", "LElbow", "LWrist", "RHip", "RKnee",
    "RAnkle", "LHip", "LKnee", "LAnkle", "REye", "LEye", "REar", "LEar", "LBigToe", "LSmallToe", "LHeel", "RBigToe",
    "RSmallToe", "RHeel",
]  # fmt: skip


# ----------------------------------------------------------------------------------------- what needs no mmpose


@pytest.mark.parametrize("skeleton", [COCO17, HALPE26, BODY25], ids=lambda skeleton: skeleton.name)
def test_keypoints_are_recognised_by_their_names_in_any_order(skeleton: Any) -> None:
    order = np.random.default_rng(0).permutation(len(skeleton))
    names = [skeleton.joints[j].replace("pelvis", "hip") for j in order]
    found, positions = match_skeleton(names)
    assert found == skeleton
    assert [names[j].replace("hip", "pelvis") if names[j] == "hip" else names[j] for j in positions] == [
        *skeleton.joints
    ]


def test_openpose_spells_them_otherwise() -> None:
    found, positions = match_skeleton(OPENPOSE)
    assert found == BODY25
    spelled = dict(zip(BODY25.joints, (OPENPOSE[j] for j in positions), strict=True))
    assert spelled["pelvis"] == "MidHip"
    assert (spelled["left_knee"], spelled["right_big_toe"], spelled["neck"]) == ("LKnee", "RBigToe", "Neck")


def test_other_keypoints_are_an_error_that_names_what_is_understood() -> None:
    for names in (COCO17.joints[:16], [*COCO17.joints, "neck"], ["nose"] * 17, [f"point {j}" for j in range(133)]):
        with pytest.raises(WeightsError, match=r"understood: coco17 \(17\), halpe26 \(26\), body25 \(25\)"):
            match_skeleton(list(names))


def test_a_missing_mmpose_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "mmpose"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mmpose", None)
    with pytest.raises(PluginError, match=r"make mmpose"):
        MMPose()


# ----------------------------------------------------------------------------------------------- what needs it


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSE3D_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    """(H, W, 3) RGB: the first picture of the demo."""
    clip = importlib.resources.files("in_the_wild.assets") / "demo.mp4"
    return next(iter(VideoReader(Path(str(clip))))).image


@pytest.fixture(scope="module")
def configs() -> Path:
    """The folder of mmpose's configs of RTMPose."""
    pytest.importorskip("mmpose", reason="mmpose is not installed: make mmpose")
    import mmpose

    return Path(mmpose.__file__).parent / ".mim" / "configs" / "body_2d_keypoint" / "rtmpose" / "body8"


Built = Callable[..., tuple[Path, Path]]


@pytest.fixture(scope="module")
def built(configs: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Makes a config's network with random weights, and a checkpoint of it as mmpose publishes them."""
    from in_the_wild.detectors.mmpose import _import_mmpose, _quiet

    def build(config: str | Path, **more: Any) -> tuple[Path, Path]:
        path = config if isinstance(config, Path) else configs / f"{config}.py"
        with _quiet():
            apis, _ = _import_mmpose()
            torch.manual_seed(0)
            model = apis.init_model(str(path), device="cpu")
        for name, value in model.state_dict().items():
            if name.endswith("running_var"):
                value.fill_(4.0)  # quietens what random weights would blow up
        checkpoint = tmp_path_factory.mktemp("weights") / f"{path.stem}.pth"
        meta = {"epoch": 1, "cfg": "", "time": "20230504", "dataset_meta": model.dataset_meta}
        torch.save({"meta": meta, "state_dict": model.state_dict(), **more}, checkpoint)
        return path, checkpoint

    return build


@pytest.fixture(scope="module")
def coco(built: Built) -> tuple[Path, Path]:
    return built(COCO_CONFIG)


def directly(config: Path, weights: Path, image: np.ndarray, boxes: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Keypoints and scores by mmpose's own functions for one picture, on a BGR image as cv2 reads it."""
    from in_the_wild.detectors.mmpose import _import_mmpose, _numpy_in_checkpoints, _quiet

    with _quiet(), _numpy_in_checkpoints():
        apis, _ = _import_mmpose()
        model = apis.init_model(str(config), str(weights), device="cpu")
        samples = apis.inference_topdown(model, np.ascontiguousarray(image[..., ::-1]), boxes)
    found = [sample.pred_instances for sample in samples]
    return np.concatenate([one.keypoints for one in found]), np.concatenate([one.keypoint_scores for one in found])


def test_the_whole_picture_is_what_mmpose_finds_itself(coco: tuple[Path, Path], picture: np.ndarray) -> None:
    config, weights = coco
    with MMPose(config=str(config), weights=str(weights), person_weights="picture") as detector:
        first, again = detector(picture, 0.0), detector(picture, 0.04)
    keypoints, scores = directly(config, weights, picture, None)
    np.testing.assert_array_equal(first.keypoints, keypoints.astype(np.float32))
    np.testing.assert_array_equal(first.scores, scores.clip(0, 1))
    np.testing.assert_array_equal(first.keypoints, again.keypoints)
    assert first.keypoints.shape == (1, 17, 2)
    assert first.keypoints.dtype == first.scores.dtype == np.float32
    assert (first.scores >= 0).all()
    assert (first.scores <= 1).all()
    height, width, _ = picture.shape
    assert (np.abs(first.keypoints - (width / 2, height / 2)) <= 1.25 * width).all()
    assert np.ptp(first.keypoints[0], axis=0).min() > 1  # not one point


def test_halpe_26(built: Built, picture: np.ndarray) -> None:
    config, weights = built(HALPE_CONFIG)
    with MMPose(config=HALPE_CONFIG, weights=str(weights), person_weights="picture") as detector:
        assert detector.skeleton == HALPE26
        found = detector(picture, 0.0)
    np.testing.assert_array_equal(found.keypoints, directly(config, weights, picture, None)[0].astype(np.float32))


def test_body_25_of_ones_own_comes_in_our_order(built: Built, picture: np.ndarray, tmp_path: Path) -> None:
    lines = [BASE]
    points = {
        j: {"name": name, "id": j, "color": [0, 0, 0], "type": "", "swap": _mirrored(name)}
        for j, name in enumerate(OPENPOSE)
    }
    info = {"dataset_name": "body25", "paper_info": {}, "keypoint_info": points, "skeleton_info": {},
            "joint_weights": [1.0] * 25, "sigmas": [0.05] * 25}  # fmt: skip
    (tmp_path / "info.py").write_text(f"dataset_info = {info!r}\n")
    lines += [
        "model = dict(head=dict(out_channels=25))",
        f"train_dataloader = dict(dataset=dict(metainfo=dict(from_file={str(tmp_path / 'info.py')!r})))",
    ]
    own = tmp_path / "own.py"
    own.write_text("\n".join(lines) + "\n")
    config, weights = built(own)
    with MMPose(config=str(own), weights=str(weights), person_weights="picture") as detector:
        assert detector.skeleton == BODY25
        found = detector(picture, 0.0)
    keypoints, _ = directly(config, weights, picture, None)
    order = [OPENPOSE.index(name) for name in ("Nose", "Neck", "RShoulder")]
    np.testing.assert_array_equal(found.keypoints[:, :3], keypoints[:, order].astype(np.float32))
    pelvis = BODY25.index("pelvis")
    np.testing.assert_array_equal(found.keypoints[:, pelvis], keypoints[:, 0].astype(np.float32))


def _mirrored(name: str) -> str:
    return {"L": "R", "R": "L"}.get(name[0], "") + name[1:] if name[0] in "LR" and name[1].isupper() else ""


def test_other_keypoints_of_a_network_are_refused(built: Built, configs: Path) -> None:
    config, weights = built(configs.parent / "crowdpose" / "rtmpose-m_8xb64-210e_crowdpose-256x192.py")
    with pytest.raises(WeightsError, match=r"gives 14 keypoints \(left_shoulder, .*understood: coco17"):
        MMPose(config=str(config), weights=str(weights))


# -------------------------------------------------------------------------------------------------- several people


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A person detector that finds two in every picture, at an eighth and a quarter of the way into it."""
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    pytest.importorskip("onnx", reason="onnx is not installed")
    import networks

    found = np.array([[52, 26, 156, 208, 0.7], [208, 52, 312, 234, 0.9]])
    return networks.boxes(tmp_path_factory.mktemp("people") / "people.onnx", found)


def test_boxes_are_handed_to_mmpose(coco: tuple[Path, Path], people: Path, picture: np.ndarray) -> None:
    config, weights = coco
    height, width, _ = picture.shape
    ratio = min(416 / height, 416 / width)
    boxes = np.array([[208, 52, 312, 234], [52, 26, 156, 208]], dtype=np.float32) / np.float32(ratio)
    keypoints, scores = directly(config, weights, picture, boxes)
    with MMPose(persons=2, config=str(config), weights=str(weights), person_weights=str(people)) as detector:
        found = detector(picture, 0.0)
        assert detector.settings["person_weights"]["file"] == "people.onnx"
    np.testing.assert_allclose(found.keypoints, keypoints, atol=1e-3)
    np.testing.assert_allclose(found.scores, scores.clip(0, 1), atol=1e-5)
    with MMPose(persons=1, config=str(config), weights=str(weights), person_weights=str(people)) as detector:
        np.testing.assert_allclose(detector(picture, 0.0).keypoints, keypoints[:1], atol=1e-3)


def test_nobody_is_nobody(coco: tuple[Path, Path], picture: np.ndarray, tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="onnx is not installed")
    import networks

    nobody = networks.boxes(tmp_path / "nobody.onnx", np.array([[0, 0, 400, 400, 0.1]]))
    with MMPose(config=str(coco[0]), weights=str(coco[1]), person_weights=str(nobody)) as detector:
        found = detector(picture, 0.0)
    assert found.keypoints.shape == (0, 17, 2)
    assert found.scores.shape == (0, 17)


def test_an_onnx_file_of_the_same_network_gives_the_same(
    built: Built, people: Path, picture: np.ndarray, tmp_path: Path
) -> None:
    """The detector rtmpose, whose own code cuts, normalises and decodes, against mmpose's, on RTMPose itself."""
    import networks

    from in_the_wild.detectors.mmpose import _import_mmpose, _numpy_in_checkpoints, _quiet
    from in_the_wild.detectors.rtmpose import RTMPose

    plain = tmp_path / "plain.py"  # without the average of the picture and its mirror image, which is mmpose's alone
    plain.write_text(f"{BASE}\nmodel = dict(test_cfg=dict(flip_test=False))\n")
    config, weights = built(plain)

    class Tensors(torch.nn.Module):
        def __init__(self, model: Any) -> None:
            super().__init__()
            self.model = model

        def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
            return tuple(self.model(image, None, mode="tensor"))

    with _quiet(), _numpy_in_checkpoints():
        apis, _ = _import_mmpose()
        model = apis.init_model(str(config), str(weights), device="cpu")
        path = networks.export(
            Tensors(model), tmp_path / "t.onnx", size=(256, 192), outputs=["simcc_x", "simcc_y"], batch=True
        )
    with (
        MMPose(persons=2, config=str(config), weights=str(weights), person_weights=str(people)) as one,
        RTMPose(persons=2, weights=str(path), person_weights=str(people)) as other,
    ):
        theirs, ours = one(picture, 0.0), other(picture, 0.0)
    np.testing.assert_allclose(ours.scores, theirs.scores, rtol=0, atol=1e-3)
    np.testing.assert_allclose(ours.keypoints, theirs.keypoints, rtol=0, atol=0.01)


@pytest.mark.slow
def test_a_network_that_finds_people_itself(built: Built, configs: Path, people: Path, picture: np.ndarray) -> None:
    config, weights = built(configs.parents[1] / "rtmo" / "coco" / "rtmo-s_8xb32-600e_coco-640x640.py")
    with MMPose(persons=5, config=str(config), weights=str(weights)) as detector:
        several = detector(picture, 0.0)
    with MMPose(persons=1, config=str(config), weights=str(weights)) as detector:
        one = detector(picture, 0.0)
    count = len(several.scores)
    assert count <= 5
    assert several.keypoints.shape == (count, 17, 2)
    np.testing.assert_array_equal(one.keypoints, several.keypoints[:1])  # the surest
    with pytest.raises(InputError, match=r"finds people itself; leave person_weights out"):
        MMPose(config=str(config), weights=str(weights), person_weights=str(people))


# ---------------------------------------------------------------------------------------------------- files, errors


def test_no_weights_name_the_file_and_the_folder(coco: tuple[Path, Path], tmp_path: Path) -> None:
    folder = cache_folder() / "mmpose"
    own = tmp_path / "own.py"
    own.write_text(coco[0].read_text())
    with pytest.raises(WeightsError, match=re.escape(USUAL_WEIGHTS)):
        MMPose()
    for config, expected in (("human", USUAL_WEIGHTS), (COCO_CONFIG, COCO_WEIGHTS), (str(coco[0]), COCO_WEIGHTS)):
        with pytest.raises(WeightsError) as caught:
            MMPose(config=config)
        assert re.search(
            rf"get https://\S*/{re.escape(expected)}, and put it into {folder} or give it as", str(caught.value)
        )
    with pytest.raises(WeightsError, match=r"needs the weights of own.py: give the checkpoint as weights"):
        MMPose(config=str(own))
    with pytest.raises(InputError, match=r'There is no config "humen".*Did you mean "human"'):
        MMPose(config="humen")
    with pytest.raises(WeightsError, match=r"There is no file missing\.pth"):
        MMPose(weights="missing.pth")
    broken = tmp_path / "broken.py"
    broken.write_text(f"{BASE}\nmodel = dict(backbone=dict(type='Nothing'))\n")
    with pytest.raises(InputError, match=r"cannot build a 2D network from broken\.py \(KeyError: .*Nothing"):
        MMPose(config=str(broken), weights=str(coco[1]))
    assert not folder.exists()


def test_weights_in_the_folder_are_found_and_compared_with_their_name(coco: tuple[Path, Path]) -> None:
    folder = cache_folder() / "mmpose"
    folder.mkdir(parents=True)
    (folder / COCO_WEIGHTS).write_bytes(coco[1].read_bytes())
    with pytest.raises(WeightsError, match=r"a sha256 that begins with 026a1439 was expected, found [0-9a-f]{64}"):
        MMPose(config=COCO_CONFIG)


def test_weights_of_another_network_are_refused(coco: tuple[Path, Path], built: Built) -> None:
    _, halpe = built(HALPE_CONFIG)
    with pytest.raises(WeightsError, match=r"does not fit .*: it lacks head\.final_layer\.weight, .*another shape"):
        MMPose(config=str(coco[0]), weights=str(halpe))


def test_a_checkpoint_as_training_leaves_it_is_read_and_one_that_runs_code_is_not(
    built: Built, coco: tuple[Path, Path], tmp_path: Path
) -> None:
    from mmengine.logging import HistoryBuffer

    history = HistoryBuffer()
    history.update(1.0, 1)
    config, weights = built(
        COCO_CONFIG, message_hub={"log_scalars": {"loss": history}}, optimizer={"step": np.float64(3)}
    )
    with MMPose(config=str(config), weights=str(weights), person_weights="picture") as detector:
        assert detector.settings["weights"]["sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()

    class Harm:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path(tmp_path / "harm").touch, ())

    torch.save({"state_dict": {}, "meta": Harm()}, tmp_path / "harm.pth")
    with pytest.raises(WeightsError, match="would run code when opened"):
        MMPose(config=str(config), weights=str(tmp_path / "harm.pth"))
    assert not (tmp_path / "harm").exists()
    (tmp_path / "text.pth").write_text("no checkpoint")
    with pytest.raises(WeightsError, match=r"harm.pth|text\.pth is"):
        MMPose(config=str(config), weights=str(tmp_path / "text.pth"))


@pytest.mark.slow
def test_stand_ins_are_gone_and_nothing_is_written(coco: tuple[Path, Path], tmp_path: Path) -> None:
    script = """
import sys
import numpy as np
from in_the_wild.detectors.mmpose import MMPose
with MMPose(config=sys.argv[1], weights=sys.argv[2], person_weights="picture") as detector:
    assert detector(np.zeros((48, 64, 3), np.uint8), 0.0).scores.shape == (1, 17)
for name in ("mmcv.ops", "mmdet.utils", "torchvision.transforms"):
    assert getattr(sys.modules.get(name), "__spec__", 1) is not None, name
"""
    command = [sys.executable, "-c", script, *map(str, coco)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[3])
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_its_neighbours_keep_working(configs: Path) -> None:
    """What make mmpose leaves: releases that agree, the OpenCV without windows, numpy 1."""
    import cv2

    checked = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
    assert np.__version__.startswith("1.")
    assert re.search(r"GUI:\s+NONE", cv2.getBuildInformation())


# --------------------------------------------------------------------------------------------------------- the chain


def test_from_the_command_line_to_3d(
    coco: tuple[Path, Path], people: Path, picture: np.ndarray, tmp_path: Path
) -> None:
    height, width, _ = picture.shape
    clip = tmp_path / "clip.mp4"
    with VideoWriter(clip, width=width, height=height, fps=25) as writer:
        for _ in range(4):
            writer.write(picture)
    arguments = ["run", clip, "-o", tmp_path, "--render", "none", "--device", "cpu", "--detector",
                 f'mmpose:config="{coco[0]}",weights="{coco[1]}",person_weights="{people}"']  # fmt: skip
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    poses2d, poses3d = (formats.read(tmp_path / "clip" / name) for name in ("poses2d.npz", "poses3d.npz"))
    assert poses2d.skeleton == COCO17
    assert len(poses2d) == 8
    assert len(poses2d.persons) == 2
    assert poses3d.persons == poses2d.persons
    assert sorted(zip(poses3d.frame.tolist(), poses3d.person_id.tolist(), strict=True)) == sorted(
        zip(poses2d.frame.tolist(), poses2d.person_id.tolist(), strict=True)
    )
    assert np.isfinite(poses3d.keypoints).all()
    record = json.loads((tmp_path / "clip" / "run.json").read_text())["detector"]
    assert record["weights"] == {"file": coco[1].name, "sha256": hashlib.sha256(coco[1].read_bytes()).hexdigest()}
    assert record["config"]["file"] == coco[0].name
