"""mmpose: any of its 2D networks with COCO-17, Halpe-26 or BODY_25 keypoints, from its own files, several people.

The work is done by mmpose's own MMPoseInferencer. Networks that look at one person (top-down) are handed boxes by a
person detector, an .onnx file of YOLOX or RTMDet; without one the whole picture is taken for a person. Networks that
look at the whole picture (bottom-up) find people themselves. mmpose's own person detectors, mmdet's, are not used: they
need operators that have to be compiled, and the same networks come as .onnx files.

Nothing is downloaded: weights are a file of the user's, or lie in the user's folder under the name that mmpose gave
them. A checkpoint is read without running code from it; a config is Python by nature, and is run.

    MMPose Contributors, "OpenMMLab Pose Estimation Toolbox and Benchmark", 2020, github.com/open-mmlab/mmpose

It knows nothing about video; every picture is looked at anew, and the order of people in it means nothing.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib
import io
import logging
import pickle
import re
import sys
import types
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from in_the_wild.checkpoints import downloads
from in_the_wild.detectors._onnx import about
from in_the_wild.detectors._persons import person_finder
from in_the_wild.detectors.base import Detection, Detector, check_image, check_persons
from in_the_wild.errors import InputError, WeightsError
from in_the_wild.files import cache_folder
from in_the_wild.plugins import back_end
from in_the_wild.skeletons import BODY25, COCO17, HALPE26, Skeleton

_INSTALL = '"pose3d[mmpose]" && pip install --no-deps mmcv-lite==2.1.0 mmpose==1.3.2 (in a checkout: make mmpose)'
_ZOO = "https://mmpose.readthedocs.io/en/latest/model_zoo.html"

# What mmpose 1.3.2 imports from packages that nothing here needs, and who would use it there.
_STAND_INS: Mapping[str, tuple[str, ...]] = {
    "mmcv.ops": ("MultiScaleDeformableAttention",),  # EDPose
    "mmdet.utils": ("ConfigType", "reduce_mean"),  # training of RTMO
    "torchvision.transforms": ("ToPILImage",),  # a figure
}
_SKELETONS = (COCO17, HALPE26, BODY25)
# A checkpoint that mmpose published carries the first eight digits of its sha256 in its name.
_PUBLISHED_NAME = re.compile(r"[-_](?=\d*[a-f])([0-9a-f]{8})[-_]\d{8}\.pth$")


class MMPose(Detector):
    """Keypoints of any of mmpose's 2D networks, from its config and weights.

    A score is the network's own, cut to 0..1.

    Args:
        persons: The most people to find in a picture.
        config: A config file, or the name or alias of a network in mmpose's model zoo, such as "human" (RTMPose-m).
        weights: A checkpoint file of that network. None takes the one that mmpose published under the name, if it lies
            in the folder "mmpose" of the user's.
        person_weights: For networks that look at one person: an .onnx file of YOLOX or RTMDet, or a published one by
            name: yolox-nano, -tiny, -m. None takes MoveNet's multipose, which comes along; "picture" takes the whole
            picture for one person.
        device: Of torch's.
        tell: Told in a sentence when a file is fetched: the person detector.

    Raises:
        PluginError: mmpose is not installed.
        InputError: persons is below 1, no such config, a config that mmpose cannot build, or a person detector
            beside a network that needs none.
        WeightsError: no weights, weights that do not fit, or keypoints of another kind.
    """

    name = "mmpose"
    skeleton = COCO17

    def __init__(
        self,
        *,
        persons: int = 1,
        config: str = "human",
        weights: str | None = None,
        person_weights: str | None = None,
        device: str = "cpu",
        tell: downloads.Tell = downloads.tell_nobody,
    ) -> None:
        check_persons(persons)
        self.persons = persons
        with _quiet():
            apis, version = _import_mmpose()
            config_path, weights_path = _files(config, weights)
            file = about(weights_path)
            _check_published(weights_path, file["sha256"])
            with _numpy_in_checkpoints():
                state = _state_dict(weights_path)
                self._inferencer = _inferencer(apis, version, config_path, weights_path, device)
        model = self._inferencer.inferencer.model
        _check_loaded(model, state, weights_path, config_path)
        names = (model.dataset_meta or {}).get("keypoint_id2name", {})
        self.skeleton, self._order = match_skeleton([names[j] for j in sorted(names)])
        self._top_down = self._inferencer.inferencer.cfg.data_mode == "topdown"
        if person_weights is not None and not self._top_down:
            raise InputError(f"{config_path.name} finds people itself; leave person_weights out.")
        self._find = person_finder(person_weights, tell=tell) if self._top_down else None
        self._settings: dict[str, Any] = {
            "name": self.name,
            "version": version,
            "persons": persons,
            "config": about(config_path),
            "weights": file,
            "person_weights": None if self._find is None else self._find.settings,
        }

    @property
    def settings(self) -> Mapping[str, Any]:
        """What decides the result: release of mmpose, number of people, and the files."""
        return self._settings

    def __call__(self, image: np.ndarray, time: float) -> Detection:
        """Find the people in a picture; see `Detector`.

        Raises:
            InputError: the image is not (H, W, 3) uint8.
        """
        check_image(image)
        if self._find is not None:
            boxes = self._find(image, self.persons)
            if not len(boxes):  # for which mmpose would take the whole picture
                return self._detection([], [])
            self._inferencer.inferencer.detector = _BoxesForMMPose(boxes)
            self._inferencer.inferencer.det_cat_ids = (0,)
        with _quiet():
            # bbox_thr and nms_thr leave every box as it is: they were chosen when they were found.
            thresholds = {"bbox_thr": -1.0, "nms_thr": 1.0} if self._top_down else {}
            bgr = np.ascontiguousarray(image[..., ::-1])
            (sample,) = next(self._inferencer(bgr, return_datasamples=True, **thresholds))["predictions"]
        found = sample.pred_instances
        surest = np.argsort(-np.asarray(found.bbox_scores), kind="stable") if "bbox_scores" in found else slice(None)
        return self._detection(found.keypoints[surest], found.keypoint_scores[surest])

    def _detection(self, keypoints: Any, scores: Any) -> Detection:
        """Of (P, J, 2) and (P, J) in the network's order of joints."""
        points = np.asarray(keypoints, dtype=np.float32).reshape(-1, len(self._order), 2)
        sure = np.asarray(scores, dtype=np.float32).reshape(-1, len(self._order))
        points, sure = points[: self.persons, self._order], sure[: self.persons, self._order]
        return Detection(np.ascontiguousarray(points), sure.clip(0, 1))


class _BoxesForMMPose:
    """Boxes (P, 4) that were found elsewhere, in the form in which MMPoseInferencer asks its detector for them."""

    def __init__(self, boxes: np.ndarray) -> None:
        from mmengine.structures import InstanceData

        falling = np.linspace(1, 0.5, len(boxes), dtype=np.float32)  # keeps their order
        people = InstanceData(bboxes=boxes, scores=falling, labels=np.zeros(len(boxes), dtype=np.int64))
        self._answer = {"predictions": [types.SimpleNamespace(pred_instances=people)]}

    def __call__(self, image: np.ndarray, *, return_datasamples: bool) -> Mapping[str, Any]:
        return self._answer


# --------------------------------------------------------------------------------------------------- names of joints


def match_skeleton(names: Sequence[str]) -> tuple[Skeleton, list[int]]:
    """The skeleton that keypoints of these names make, in whatever order and of the usual spellings.

    "left_big_toe", "LBigToe" and "l_big_toe" are one joint, and so are "pelvis", "hip" and "mid_hip".

    Returns:
        The skeleton, and for each of its joints the position in `names`.

    Raises:
        WeightsError: another set of keypoints.
    """
    spelled = [re.sub("[^a-z]", "", name.lower()) for name in names]
    for skeleton in _SKELETONS:
        spellings = [_spellings(joint) for joint in skeleton.joints]
        order = [[j for j, name in enumerate(spelled) if name in known] for known in spellings]
        if len(names) == len(skeleton) and all(len(found) == 1 for found in order):
            return skeleton, [j for (j,) in order]
    known = ", ".join(f"{skeleton.name} ({len(skeleton)})" for skeleton in _SKELETONS)
    raise WeightsError(
        f"The network gives {len(names)} keypoints ({', '.join(names[:6])}{', ...' if len(names) > 6 else ''}), of "
        f"which no skeleton is made here; these are understood: {known}. Give a network of one of them."
    )


def _spellings(joint: str) -> set[str]:
    """How a joint of ours may be written, without anything but small letters."""
    if joint == "pelvis":
        return {"pelvis", "hip", "midhip", "middlehip"}
    plain = joint.replace("_", "")
    side, _, rest = joint.partition("_")
    return {plain, side[0] + rest.replace("_", "")} if side in ("left", "right") else {plain}


# ------------------------------------------------------------------------------------------------- configs and weights


def _files(config: str, weights: str | None) -> tuple[Path, Path]:
    """The config file and the checkpoint file that are meant.

    Raises:
        InputError: there is no such config.
        WeightsError: there is no such checkpoint.
    """
    if weights is not None and not Path(weights).is_file():
        raise WeightsError(f"There is no file {weights}; give mmpose's checkpoint as weights.")
    path, url = Path(config), None
    if not path.is_file() or weights is None:
        path, url = _in_zoo(config)
    if weights is not None:
        return path, Path(weights)
    if url is None:
        raise WeightsError(
            f"The detector mmpose needs the weights of {path.name}: give the checkpoint as weights; {_ZOO} "
            "names one beside each config."
        )
    folder = cache_folder() / "mmpose"
    kept = folder / url.rpartition("/")[2]
    if not kept.is_file():
        raise WeightsError(
            f"The detector mmpose needs the weights of {path.name} and downloads nothing itself: get {url}, and put it "
            f"into {folder} or give it as weights."
        )
    return path, kept


def _in_zoo(config: str) -> tuple[Path, str | None]:
    """A config of mmpose's model zoo by name, alias or file name, and where its weights are published.

    Raises:
        InputError: neither a file nor a name.
    """
    from mmengine.infer import BaseInferencer

    root = BaseInferencer._get_repo_or_mim_dir("mmpose")
    known: set[str] = set()
    for entry in BaseInferencer._get_models_from_metafile(root):
        aliases, url = entry.get("Alias", []), entry["Weights"]
        names = {name.lower() for name in (entry["Name"], *([aliases] if isinstance(aliases, str) else aliases))}
        path = Path(root, entry["Config"])
        if config.lower() in names or Path(config).name == path.name:
            own = Path(config)
            return own if own.is_file() else path, url[0] if isinstance(url, list) else url
        known |= names
    if Path(config).is_file():
        return Path(config), None
    near = difflib.get_close_matches(config.lower(), known, n=1, cutoff=0.5)
    raise InputError(
        f'There is no config "{config}": a config file or a name of mmpose\'s model zoo was expected '
        f"({_ZOO}). " + (f'Did you mean "{near[0]}"?' if near else 'A usual one is "human".')
    )


def _check_published(path: Path, sha256: str) -> None:
    """Compare a checkpoint with the part of its sha256 that mmpose writes into the name.

    Raises:
        WeightsError: they differ.
    """
    match = _PUBLISHED_NAME.search(path.name)
    if match and not sha256.startswith(match[1]):
        raise WeightsError(
            f"{path.name} is not what was published under this name: a sha256 that begins with {match[1]} was "
            f"expected, found {sha256}. Get it again, or give a file of your own another name."
        )


def _inferencer(apis: types.ModuleType, version: str, config: Path, weights: Path, device: str) -> Any:
    """mmpose's MMPoseInferencer of one network, without a person detector.

    Raises:
        InputError: mmpose cannot build a network from the config.
    """
    try:
        return apis.MMPoseInferencer(
            pose2d=str(config), pose2d_weights=str(weights), det_model="whole_image", device=device
        )
    except Exception as error:  # configs fail in any way: imports, keys, types, operators that are missing
        reason = str(error).partition("\n")[0]
        raise InputError(
            f"mmpose {version} cannot build a 2D network from {config.name} ({type(error).__name__}: {reason}). "
            "Give another config."
        ) from error


def _state_dict(path: Path) -> Mapping[str, Any]:
    """The parameters that a checkpoint of mmpose's holds, by name.

    Raises:
        WeightsError: not a checkpoint, or one that would run code.
    """
    import torch

    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        state = content.get("state_dict", content)
        return {name.removeprefix("module."): value for name, value in state.items()}
    except pickle.UnpicklingError as error:
        raise WeightsError(
            f"{path} is not loaded: a checkpoint of tensors was expected, found a file that is damaged or would run "
            "code when opened. mmpose's tools/misc/publish_model.py makes a plain one of it."
        ) from error
    except Exception as error:  # bytes that are no checkpoint make torch's reader stumble in any way
        raise WeightsError(f"{path} is no checkpoint of mmpose's: a .pth file was expected. Give another.") from error


def _check_loaded(model: Any, state: Mapping[str, Any], weights: Path, config: Path) -> None:
    """Find out what mmpose passes over in silence: parameters that the checkpoint does not hold keep random values.

    Raises:
        WeightsError: there are some.
    """
    random = [
        name for name, value in model.state_dict().items() if name not in state or state[name].shape != value.shape
    ]
    if random:
        more = f" and {len(random) - 3} more" if len(random) > 3 else ""
        raise WeightsError(
            f"{weights.name} does not fit {config.name}: it lacks {', '.join(random[:3])}{more}, or has them in "
            "another shape. Give the config that belongs to it."
        )


class _Nothing:
    """Stands for what a checkpoint holds besides weights: takes anything, and keeps nothing."""

    def __init__(self, *arguments: object) -> None:
        del arguments


def _numpy_in_checkpoints() -> contextlib.AbstractContextManager[None]:
    """Let torch read mmpose's checkpoints without running code from them.

    Beside tensors they hold small arrays of numpy's, about joints, which torch refuses unless it is told; those that
    training left hold its history too, of which nothing is made.
    """
    from torch.serialization import safe_globals

    multiarray = importlib.import_module("numpy.core.multiarray")
    arrays = [(getattr(multiarray, name), f"numpy.{core}.multiarray.{name}")
              for core in ("core", "_core") for name in ("_reconstruct", "scalar")]  # fmt: skip
    history = [(_Nothing, name) for name in ("builtins.getattr", "mmengine.logging.history_buffer.HistoryBuffer")]
    kinds = [type(np.dtype(code)) for code in np.typecodes["AllInteger"] + "?efdU"]
    context: contextlib.AbstractContextManager[None] = safe_globals(
        [np.ndarray, np.dtype, bytes, *kinds, *arrays, *history]
    )
    return context


# ------------------------------------------------------------------------------------------------- mmpose as it is


def _import_mmpose() -> tuple[types.ModuleType, str]:
    """`mmpose.apis` and mmpose's release, imported with stand-ins for what is not there and not needed.

    Raises:
        PluginError: it is not installed.
    """
    placed = [name for name in _STAND_INS if name not in sys.modules and not _is_there(name)]
    for name in placed:
        module = types.ModuleType(name, "Stands for a package that mmpose imports and does not use here.")
        for attribute in _STAND_INS[name]:
            setattr(module, attribute, type(attribute, (), {}))
        sys.modules[name] = module
    try:
        apis = back_end("mmpose.apis", install=_INSTALL)
        back_end("mmpose.visualization", install=_INSTALL)  # mmpose would import it later
    finally:
        for name in placed:  # anyone else who asks shall be told that they are missing
            del sys.modules[name]
    return apis, importlib.import_module("mmpose").__version__


def _is_there(module: str) -> bool:
    """Whether it works; mmcv-lite has mmcv.ops without what is in it."""
    try:
        importlib.import_module(module)
    except Exception:  # what is installed in part, or for another machine, fails in any way
        return False
    return True


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep back what mmpose and mmengine remark about themselves."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
