"""Weights to start a training run from: our own, the authors' of the same network, or those of P-STMO's stage I.

Those of P-STMO and StridedTransformer may have fewer layers than the network that is trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from in_the_wild import checkpoints
from in_the_wild.lifters.base import Lifter
from in_the_wild.lifters.blocks import StridedLifter
from in_the_wild.lifters.pstmo import PSTMO
from in_the_wild.parameters import without_data_parallel


def start_from(lifter: Lifter, path: Path, *, model: str, parts: Sequence[str] | None = None) -> tuple[str, ...]:
    """Copy a checkpoint into a lifter; of P-STMO's stage I what stage II shares with it.

    Args:
        lifter: Changed in place.
        path: The file.
        model: Plug-in name of the lifter.
        parts: Parts of the lifter to copy, such as "temporal"; the others keep what they have, and the file may be that
            of another network which shares them. None copies everything.

    Returns:
        The names of the parameters and buffers that were copied, or made to do nothing yet.

    Raises:
        WeightsError: not a checkpoint, weights of another network, or of other shapes.
    """
    if isinstance(lifter, PSTMO):
        theirs = checkpoints.state_dict(path)
        if "spatial_mask_token" in without_data_parallel(theirs):
            return lifter.load_pretraining(theirs, source=path.name)
    if parts is not None:
        found = checkpoints.recognise(str(path)).state
        taken = {name: value for name, value in found.items() if name.partition(".")[0] in parts}
        rest = {name: value for name, value in lifter.state_dict().items() if name.partition(".")[0] not in parts}
        checkpoints.load_strictly(lifter, {**rest, **taken}, path.name)
        return tuple(taken)
    state = checkpoints.recognise(str(path), model=model).state
    if isinstance(lifter, StridedLifter):
        state = lifter.deepened(state)
    checkpoints.load_strictly(lifter, state, path.name)
    return tuple(state)
