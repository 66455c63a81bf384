"""How the authors of each network test it, and their accounting: per action, then the average of the actions.

The tables below are facts about the authors' scripts, by a network's plug-in name. What a script prints is what is made
here of the "released" errors; the other way to count is `pose3d_cli.evaluation.slices`.

It knows nothing about lifting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from in_the_wild.checkpoints import Training
from in_the_wild.errors import InputError
from in_the_wild.skeletons import MPI_INF_3DHP17
from pose3d_cli.datasets.prepared.sequences import base_action
from pose3d_cli.evaluation.measure import Measured
from pose3d_cli.metrics import pck3d
from pose3d_cli.metrics.actions import H36M_ACTIONS, action_average, action_means

AVERAGE = "average of the actions"


@dataclass(frozen=True)
class Protocol:
    """How the authors of a network test it.

    Attributes:
        rule: Which windows are lifted, one of `pose3d_cli.datasets.lifting.RULES`.
        zero_root: Whether the predicted root is put to zero before errors are taken.
        metrics: The errors that their scripts print.
        all_actions: Whether Human3.6M's 15 actions are averaged even where some have no samples and so count as 0.
        source: Where that is to be read.
        tds: Every tds-th frame of a video stands in a window; None: as the weights' frame rate says, which in their
            records is the video's divided by the authors' stride.
    """

    rule: str
    zero_root: bool
    metrics: tuple[str, ...]
    all_actions: bool
    source: str
    tds: int | None = None


_TWO = ("mpjpe", "p_mpjpe")
_FOUR = ("mpjpe", "p_mpjpe", "n_mpjpe", "mpjve")

_HUMAN36M: Mapping[str, Protocol] = {
    # common/utils.py: define_error_list makes a sum for each of 15 actions, print_error_action divides by 15.
    "pstmo": Protocol("centred", True, _TWO, True, "P-STMO run.py step, common/utils.py test_calculation, print_error"),
    "strided_transformer": Protocol(
        "centred", True, _TWO, True, "StridedTransformer main.py step, common/utils.py test_calculation, print_error"
    ),
    "stcformer": Protocol(
        "centred", True, _TWO, True, "STCFormer run_stc.py step, common/utils.py test_calculation, print_error"
    ),
    # evaluate puts the target's root to zero alone; run_evaluation averages the actions that it meets.
    "videopose3d": Protocol("centred", False, _FOUR, False, "VideoPose3D run.py evaluate, run_evaluation"),
    "mixste": Protocol(
        "consecutive", False, _FOUR, False, "MixSTE run.py eval_data_prepare, evaluate, run_evaluation", tds=1
    ),
}
# Of a network that nobody has published a protocol of.
_UNPUBLISHED = Protocol("centred", True, _FOUR, False, "none published")
# Every frame of the video, whatever its rate, and the errors of the data set's own evaluation.
_MPI_INF_3DHP: Mapping[str, Protocol] = {
    "pstmo": Protocol("centred", True, (), False, "P-STMO run_3dhp.py step, 3dhp_test/test_util", tds=1),
    "stcformer": Protocol("centred", True, (), False, "STCFormer run_3dhp_stc.py step, 3dhp_test/test_util", tds=1),
}


def of(model: str, training: Training) -> Protocol:
    """How weights of a network are tested by its authors.

    Networks whose authors say nothing about MPI-INF-3DHP are tested there as P-STMO is; networks that are in no table
    here, with one window around every frame.
    """
    if training.output_skeleton == MPI_INF_3DHP17.name:
        return _MPI_INF_3DHP.get(model, _MPI_INF_3DHP["pstmo"])
    return _HUMAN36M.get(model, _UNPUBLISHED)


@dataclass(frozen=True)
class ReleasedErrors:
    """Errors as a network's authors count them.

    Attributes:
        actions: By action, then by metric; millimetres.
        frames: By action, how many answers were counted.
        average: By metric, over actions.
        over: How many actions that is the average of.
    """

    actions: Mapping[str, Mapping[str, float]]
    frames: Mapping[str, int]
    average: Mapping[str, float]
    over: int


def account(parts: Sequence[Measured], protocol: Protocol, *, batch: int | None = None) -> ReleasedErrors:
    """Count as the authors do.

    Args:
        parts: The sequences, in the order of the test.
        protocol: Of the network.
        batch: The P-MPJPE of P-STMO, StridedTransformer and STCFormer as released: every frame of a test batch of this
            size counts with the batch's mean where the batch holds more than one action. None counts each frame with
            its own error.

    Raises:
        InputError: nothing to count, or a batch below 1.
    """
    counted = [part for part in parts if len(part.released)]
    if not counted or (batch is not None and batch < 1):
        raise InputError(
            f"Sequences with frames that count, and a batch of at least 1 frame were expected; "
            f"found {len(counted)} sequences and a batch of {batch or 'any number'}."
        )
    answers = [len(part.released) for part in counted]
    names = sorted({base_action(part.action) for part in counted})
    # Numbers stand for the actions' names, which may have spaces in them.
    actions = [
        str(names.index(base_action(part.action)))
        for part, count in zip(counted, answers, strict=True)
        for _ in range(count)
    ]
    batches = None if batch is None else [min(batch, len(actions) - start) for start in range(0, len(actions), batch)]
    per_answer = {
        "mpjpe": np.concatenate([part.released.joints.mean(axis=1, dtype=np.float64) for part in counted]),
        "p_mpjpe": np.concatenate([part.released.aligned.mean(axis=1, dtype=np.float64) for part in counted]),
        "n_mpjpe": np.concatenate([part.released.scaled for part in counted]),
        # A sequence has one difference fewer than answers; their mean counts as often as there are answers.
        "mpjve": np.concatenate(
            [
                np.full(count, part.released.velocity.mean() if len(part.released.velocity) else 0.0)
                for part, count in zip(counted, answers, strict=True)
            ]
        ),
    }
    means = {}
    for metric in protocol.metrics:
        numbered = action_means(per_answer[metric], actions, batches=batches if metric == "p_mpjpe" else None)
        means[metric] = {names[int(number)]: value for number, value in numbered.items()}
    over = H36M_ACTIONS if protocol.all_actions and set(names) <= set(H36M_ACTIONS) else None
    return ReleasedErrors(
        actions={name: {metric: one[name] for metric, one in means.items()} for name in names},
        frames={name: actions.count(str(number)) for number, name in enumerate(names)},
        average={metric: action_average(one, over=over) for metric, one in means.items()},
        over=len(names if over is None else over),
    )


def account_3dhp(parts: Sequence[Measured]) -> pck3d.Evaluation:
    """MPI-INF-3DHP's own evaluation of sequences that were measured with their joints kept.

    Activities are told where every sequence has them.

    Raises:
        InputError: no sequence with frames that count.
    """
    joints, truth, activity = {}, {}, {}
    for part in parts:
        if part.joints is None or part.truth is None or not len(part.frames):
            continue
        joints[part.name], truth[part.name] = part.joints * 1e3, part.truth * 1e3
        if part.activity is not None:
            activity[part.name] = part.activity
    return pck3d.evaluate(joints, truth, activity if activity.keys() == joints.keys() else None)
