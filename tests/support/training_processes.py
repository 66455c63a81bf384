"""One of several processes that train a tiny network together; started by tests/test_distributed.py through torchrun.

python -m torch.distributed.run --standalone --nproc_per_node 2 training_processes.py FOLDER WHAT
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import own_task
import torch

from in_the_wild import plugins
from in_the_wild.errors import InputError, Pose3DError
from in_the_wild.lifters.base import Lifter
from pose3d_cli.training import distributed, loop, losses
from pose3d_cli.training.batches import Batch
from pose3d_cli.training.distributed import ALONE, World
from pose3d_cli.training.schedule import Schedule

FRAMES, ROWS, STEPS = 9, 8, 6
NETWORKS = {
    "pstmo": {"frames": FRAMES, "channels": 16, "hidden": 32, "layers": 1, "dropout": 0.0, "encoder_dropout": 0.0},
    "stcformer": {"frames": FRAMES, "layers": 1, "channels": 16, "drop_path": 0.0},
}
LOSSES = {"pstmo": "pstmo", "stcformer": "mpjpe"}


def batch(step: int, world: World) -> Batch:
    """This process's rows of the batch of a step; rows differ much, so that statistics of a half are others."""
    rng = np.random.default_rng(step)
    size = np.arange(1, ROWS + 1)[:, None, None, None]
    whole = (
        (size * rng.normal(0.3, 1, (ROWS, FRAMES, 17, 2))).astype(np.float32),
        rng.normal(0, 1, (ROWS, FRAMES, 17, 3)).astype(np.float32),
    )
    return distributed.share(whole, world)


def train(
    name: str, folder: Path, *, world: World = ALONE, broken_at: int = 0, how: str = "", **schedule: Any
) -> dict[str, Any]:
    """Train one of NETWORKS; what the first process saw."""
    seen: list[float] = []
    evaluated: list[int] = []
    # The first process's weights count, whatever those of the others are.
    torch.manual_seed(world.rank)
    lifter: Lifter = plugins.load("in_the_wild.lifters", name)(**NETWORKS[name])

    def make(step: int) -> Batch:
        if how and step == broken_at:
            _break(how, world)
        return batch(step, world)

    def evaluate(lifter: Lifter) -> dict[str, float]:
        assert world.first
        evaluated.append(len(seen))
        return {"error": float(len(evaluated))}  # the first is the best

    planned = {"steps": STEPS, "warmup": 2, "average_from": 3, "check_every": 2, "save_every": 2, **schedule}
    task = own_task.Own(
        lifter,
        Schedule(**planned),
        make=make,
        minimise=partial(losses.get(LOSSES[name], lifter), lifter),
        measure=evaluate,
        batch=ROWS,
        seed=0,
        low_precision=False,
    )
    heard = own_task.Heard(losses=seen)
    (best,) = loop.fit(task, folder, heard, compute=loop.Compute(world=world)).values()
    buffers = {name: value.double().mean().item() for name, value in lifter.named_buffers() if "running" in name}
    return {"losses": seen, "evaluated": evaluated, "best": best, "buffers": buffers}


def _break(how: str, world: World) -> None:
    if how == "all" or (how == "one" and world.rank == 1):
        raise InputError(f"Broken ({how}).")
    if how == "killed" and world.rank == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "stopped" and world.rank == 1:
        os.kill(os.getpid(), signal.SIGTERM)


def main(folder: Path, what: str) -> None:
    """As pose3d's own main: an error is one line and an exit code."""
    torch.set_num_threads(1)
    try:
        with distributed.join() as world:
            if what != "train":
                train("pstmo", folder, world=world, broken_at=3, how=what)
                return
            found = {name: train(name, folder / name, world=world) for name in NETWORKS}
            found["accumulated"] = train("stcformer", folder / "accumulated", world=world, accumulate=2)
            found["patient"] = train("pstmo", folder / "patient", world=world, patience=1)
            (folder / f"rank{world.rank}.json").write_text(json.dumps(found))
        distributed.leave(world)
    except Pose3DError as error:
        print(f"Error: {error}", flush=True)
        sys.exit(1)
    except KeyboardInterrupt as stop:
        print(f"Stopped. {stop}", flush=True)
        sys.exit(getattr(stop, "exit_code", 130))


def process(folder: Path, what: str, variables: Mapping[str, str]) -> None:
    """One process without torchrun: its variables, and its output in a file."""
    os.environ.update(variables)
    with (folder / f"output{variables['RANK']}").open("w") as output, contextlib.redirect_stdout(output):
        main(folder, what)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
