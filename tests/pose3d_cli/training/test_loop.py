"""The training loop: exact resumption whatever is switched on, and good ends."""

from __future__ import annotations

import csv
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import own_task
import pytest
import torch
from torch import Tensor, nn

from in_the_wild.errors import ConfigError, InputError, PluginError
from in_the_wild.look import LIGHT
from pose3d_cli.training import curve, loop
from pose3d_cli.training.batches import Batch
from pose3d_cli.training.interruption import Stopped
from pose3d_cli.training.schedule import Schedule

ROWS = 12
SCHEDULE: dict[str, Any] = {
    "steps": 20, "warmup": 3, "learning_rate": 1e-2, "average_from": 6, "check_every": 4, "save_every": 3,
    "precision": "float32",
}  # fmt: skip


class Network(nn.Module):
    """Dropout and batch norm, which both have to be resumed."""

    def __init__(self, *, dropout: float = 0.2, norm: bool = True) -> None:
        super().__init__()
        self.first = nn.Linear(3, 8)
        self.norm = nn.BatchNorm1d(8) if norm else nn.Identity()
        self.dropout = nn.Dropout(dropout)
        self.last = nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        joints: Tensor = self.last(self.dropout(torch.relu(self.norm(self.first(x)))))
        return joints


def batch(step: int) -> Batch:
    rng = np.random.default_rng(step)
    x = rng.normal(size=(ROWS, 3)).astype(np.float32)
    return x, x[:, :2] * 2 + 1


def loss(network: nn.Module, x: Tensor, target: Tensor) -> Tensor:
    return (network(x).float() - target).square().mean()


def error(network: nn.Module) -> dict[str, float]:
    with torch.no_grad():
        return {"error": float(loss(network, *map(torch.from_numpy, batch(10**6))))}


@dataclass
class Seen:
    """What a run did."""

    losses: list[float] = field(default_factory=list)
    best: list[dict[str, Tensor]] = field(default_factory=list)
    last: list[dict[str, Tensor]] = field(default_factory=list)
    lowest: float = float("nan")
    network: Any = None


def train(
    folder: Path,
    *,
    make: Callable[[], nn.Module] = Network,
    kill_after: int = 0,
    signal_after: int = 0,
    number: int = signal.SIGTERM,
    evaluate: Callable[[Any], dict[str, float]] = error,
    loss: Callable[..., Tensor] = loss,
    batch: Callable[[int], Batch] = batch,
    workers: int = 0,
    tensorboard: bool = False,
    configuration: dict[str, Any] | None = None,
    digests: dict[str, str] | None = None,
    **changes: Any,
) -> Seen:
    """A run that may be killed without warning, or told to stop, after a step."""
    torch.manual_seed(0)
    seen = Seen(network=make())

    def on_step(done: int) -> None:
        if done == kill_after:
            raise KeyboardInterrupt

    heard = own_task.Heard(losses=seen.losses, on_step=on_step)

    def signalled(*tensors: Tensor) -> Tensor:
        if len(seen.losses) + 1 == signal_after and not signals:
            signals.append(number)
            os.kill(os.getpid(), number)
        return loss(seen.network, *tensors)

    signals: list[int] = []

    def keep(network: nn.Module, name: str) -> None:
        where = seen.best if name == "best" else seen.last
        where.append({key: value.clone() for key, value in network.state_dict().items()})

    planned = Schedule(**{**SCHEDULE, **changes})
    task = own_task.Own(seen.network, planned, batch, signalled, evaluate, keep, digests=digests or {})
    try:
        best = loop.fit(
            task,
            folder,
            heard,
            compute=loop.Compute(workers=workers),
            record=loop.Record(configuration or {}, tensorboard),
        )
        (seen.lowest,) = best.values()
    except Stopped:
        assert signal_after
        raise
    except KeyboardInterrupt:
        assert kill_after
    return seen


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "log.csv").open() as file:
        return [{name: value for name, value in row.items() if name != "seconds"} for row in csv.DictReader(file)]


def state(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = torch.load(folder / "state.pt", weights_only=True)
    return content


def flat(value: Any) -> list[float]:
    """All numbers of nested containers, in order."""
    if isinstance(value, Tensor):
        return [float(one) for one in value.double().flatten()]
    if isinstance(value, dict):
        return [one for key in value for one in flat(value[key])]
    if isinstance(value, (list, tuple)):
        return [one for each in value for one in flat(each)]
    return [] if value is None or isinstance(value, str) else [float(value)]


# --------------------------------------------------------------------------------------------------------------- a step


@pytest.mark.parametrize(
    ("name", "kind", "amsgrad"), [("adam", torch.optim.Adam, True), ("adamw", torch.optim.AdamW, False)]
)
def test_a_bare_schedule_is_torchs_own_optimiser(
    name: str, kind: type[torch.optim.Adam], amsgrad: bool, tmp_path: Path
) -> None:
    """No clipping, no average, no warm-up: what is evaluated is the network after plain steps."""
    seen = train(
        tmp_path, optimiser=name, amsgrad=amsgrad, weight_decay=0.3, clip=0.0, average=0.0, warmup=0, decay="constant",
        make=partial(Network, dropout=0.0),
    )  # fmt: skip
    torch.manual_seed(0)
    network = Network(dropout=0.0)
    optimiser = kind(network.parameters(), lr=1e-2, weight_decay=0.3, amsgrad=amsgrad)
    for step in range(20):
        optimiser.zero_grad()
        loss(network, *map(torch.from_numpy, batch(step))).backward()
        optimiser.step()
    for parameter, value in network.state_dict().items():
        assert torch.equal(seen.last[-1][parameter], value), parameter


def test_batch_norms_have_the_momentum_of_the_schedule(tmp_path: Path) -> None:
    changes: dict[str, Any] = {"bn_momentum": (0.1, 0.001), "decay_every": 4}
    seen = train(tmp_path, **changes)
    assert seen.network.norm.momentum == Schedule(**{**SCHEDULE, **changes}).batch_norm_momentum(19)


def test_clipping_is_by_the_norm_and_zero_is_none(tmp_path: Path) -> None:
    found = [train(tmp_path / str(clip), clip=clip).losses for clip in (0.0, 1e9, 1e-3)]
    assert found[0] == found[1]
    assert found[0] != found[2]


@pytest.mark.parametrize("accumulate", [2, 3, 12])
def test_accumulated_parts_have_the_loss_of_the_whole(accumulate: int, tmp_path: Path) -> None:
    make = partial(Network, dropout=0.0, norm=False)
    whole = train(tmp_path / "whole", make=make, clip=0.0)
    parts = train(tmp_path / "parts", make=make, clip=0.0, accumulate=accumulate)
    np.testing.assert_allclose(parts.losses, whole.losses, rtol=1e-5)
    for one, other in zip(parts.network.parameters(), whole.network.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad, rtol=1e-3, atol=1e-5)  # of the last step


def test_a_batch_that_cannot_be_split_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"A batch of 12 was expected to divide by 5 "):
        train(tmp_path, accumulate=5)


def test_a_batch_may_have_any_arrays(tmp_path: Path) -> None:
    """Three of them, one a mask that holds for all rows, which each part is given whole."""
    mask = np.array([[True, False]])

    def masked(network: nn.Module, x: Tensor, target: Tensor, chosen: Tensor) -> Tensor:
        assert chosen.dtype == torch.bool
        assert (len(x), len(target), len(chosen)) == (4, 4, 1)
        return (network(x) - target)[:, chosen[0]].square().mean()

    seen = train(tmp_path, loss=masked, batch=lambda step: (*batch(step), mask), accumulate=3, average=0.0)
    torch.manual_seed(0)
    before, after = Network().last.bias.detach(), seen.network.last.bias.detach()
    assert before[0] != after[0]
    # Nothing pulls at what the mask hides; only the weight decay.
    assert after[1] == pytest.approx(float(before[1]), rel=1e-2)


# ----------------------------------------------------------------------------------------------------------- resumption

EVERYTHING: dict[str, dict[str, Any]] = {
    "as it was": {},
    "adam": {"optimiser": "adam", "amsgrad": True, "decay": "exponential", "decay_by": 0.9, "decay_every": 3,
             "drop_by": 0.5, "drop_every": 6, "average": 0.0, "clip": 0.0},
    "float16": {"precision": "float16", "accumulate": 2},
    "bfloat16": {"precision": "bfloat16", "bn_momentum": (0.3, 0.01)},
    "patient": {"patience": 2, "learning_rate": 0.2},
}  # fmt: skip


@pytest.mark.parametrize("changes", EVERYTHING.values(), ids=list(EVERYTHING))
@pytest.mark.parametrize("how", ["killed", "told"])
def test_a_run_that_was_cut_goes_on_exactly(changes: dict[str, Any], how: str, tmp_path: Path) -> None:
    whole = train(tmp_path / "whole", **changes)
    if how == "killed":
        first = train(tmp_path / "cut", kill_after=8, **changes)
        again_from = 6  # the last state that was saved
    else:
        # Step 8 is to be evaluated; that is done when the run goes on.
        with pytest.raises(Stopped, match="to go on from step 8 of 20"):
            train(tmp_path / "cut", signal_after=8, **changes)
        first, again_from = Seen(losses=whole.losses[:8]), 8
    rest = train(tmp_path / "cut", **changes)
    assert first.losses == whole.losses[:8]
    assert rest.losses == whole.losses[again_from:]
    assert rest.lowest == whole.lowest
    assert rows(tmp_path / "cut") == rows(tmp_path / "whole")
    one, other = (state(tmp_path / name) for name in ("cut", "whole"))
    assert one.keys() == other.keys()
    for name in one:
        assert flat(one[name]) == flat(other[name]), name
    assert (len(one["scaler"]) > 0) == (changes.get("precision") == "float16")


def test_a_run_that_is_over_does_nothing_more(tmp_path: Path) -> None:
    first = train(tmp_path)
    told = (tmp_path / "run.json").read_bytes()
    again = train(tmp_path, evaluate=lambda network: pytest.fail("evaluated again"))
    assert again.losses == []
    assert again.lowest == first.lowest
    assert (tmp_path / "run.json").read_bytes() == told


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        ({"steps": 30}, {}, "belongs to a run of 20 steps, this one has 30"),
        ({"learning_rate": 1e-3}, {}, r"a run with schedule.learning_rate 0.01, this one has 0.001; choose another"),
        ({"optimiser": "adam"}, {}, r'a run with schedule.optimiser "adamw", this one has "adam"'),
        ({}, {"configuration": {"model": {"layers": 4}}}, "a run with configuration.model.layers 3, this one has 4"),
        ({}, {"configuration": {"model": {}}}, "a run with configuration.model.layers 3, this one has null"),
        ({}, {"digests": {"joints.npy": "ab"}}, 'a run with data.joints.npy "aa", this one has "ab"'),
    ],
)
def test_another_run_is_refused_by_name(
    changes: dict[str, Any], options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    given: dict[str, Any] = {
        "configuration": {"model": {"layers": 3}, "paths": (Path("a"), 1)},
        "digests": {"joints.npy": "aa"},
    }
    train(tmp_path, kill_after=5, **given)
    with pytest.raises(InputError, match=message):
        train(tmp_path, **{**given, **options}, **changes)
    train(tmp_path, **given)


def test_a_trapezoid_may_end_elsewhere_until_its_rate_falls(tmp_path: Path) -> None:
    long: dict[str, Any] = {"decay": "trapezoid", "cooldown": 10, "steps": 30}
    short: dict[str, Any] = {"decay": "trapezoid", "cooldown": 8, "steps": 16}
    whole = train(tmp_path / "whole", configuration={"schedule": short}, **short)
    begun = train(tmp_path / "cut", kill_after=7, configuration={"schedule": long}, **long)
    rest = train(tmp_path / "cut", configuration={"schedule": short}, **short)
    assert begun.losses + rest.losses[1:] == whole.losses  # the state of step 6 was the last saved
    with pytest.raises(InputError, match=r"16 steps, this one has 30; .* begun to fall by step 16"):
        train(tmp_path / "cut", configuration={"schedule": long}, **long)
    train(tmp_path / "other", kill_after=5, configuration={"schedule": long}, **long)
    with pytest.raises(InputError, match=r"a run with schedule.learning_rate 0.01, this one has 0.001"):
        train(tmp_path / "other", configuration={"schedule": short}, learning_rate=1e-3, **short)


def test_an_old_log_without_its_state_is_forgotten(tmp_path: Path) -> None:
    train(tmp_path)
    (tmp_path / "state.pt").unlink()
    train(tmp_path)
    assert [row["step"] for row in rows(tmp_path)] == ["4", "8", "12", "16", "20"]
    torch.save({"step": 3, "steps": 20, "setting": {"seed": 1}}, tmp_path / "state.pt")
    with pytest.raises(InputError, match="saved by a release that this one cannot read; choose another"):
        train(tmp_path)


@pytest.mark.parametrize("damage", [{"best": 3}, {"losses": ["a"]}, {"optimiser": {}}, {"step": None}])
def test_a_state_that_was_changed_is_one_sentence(damage: dict[str, Any], tmp_path: Path) -> None:
    train(tmp_path, kill_after=5)
    torch.save({**state(tmp_path), **damage}, tmp_path / "state.pt")
    with pytest.raises(InputError, match=r"state\.pt cannot be read: a run that goes on from here was expected"):
        train(tmp_path)


@pytest.mark.parametrize("left", ["", "step,loss", "4,0.5,x,1,1\n9,1", "\x00\n\n"])
def test_a_log_that_was_damaged_goes_on_with_what_is_whole(left: str, tmp_path: Path) -> None:
    train(tmp_path, kill_after=5)
    header, *first = (tmp_path / "log.csv").read_text().splitlines()
    (tmp_path / "log.csv").write_text(left if left in ("", "step,loss") else "\n".join([header, *first, left]))
    train(tmp_path)
    assert [row["step"] for row in rows(tmp_path)][-4:] == ["8", "12", "16", "20"]
    curve.draw(tmp_path / "log.csv", tmp_path / "curve.png")


# ----------------------------------------------------------------------------------------------------------- evaluation


def test_the_best_and_the_last_are_handed_over(tmp_path: Path) -> None:
    errors = iter([3.0, 1.0, 2.0, 1.0, 5.0])
    seen = train(tmp_path, evaluate=lambda network: {"error": next(errors)})
    assert len(seen.last) == 5
    assert len(seen.best) == 2
    assert flat(seen.best[1]) == flat(seen.last[1])
    # From its first step on the average is what counts, and it is not the network.
    assert flat(seen.last[-1]) == flat({k[7:]: v for k, v in state(tmp_path)["averaged"].items() if "module." in k})
    assert flat(seen.last[-1]) != flat(state(tmp_path)["network"])


def test_patience_ends_a_run_early(tmp_path: Path) -> None:
    errors = iter([3.0, 2.0, 2.5, 2.0, 1.0])
    seen = train(tmp_path, evaluate=lambda network: {"error": next(errors)}, patience=2)
    assert len(seen.losses) == 16
    assert seen.lowest == 2
    assert state(tmp_path)["waited"] == 2
    assert json.loads((tmp_path / "run.json").read_text())["finished"]
    assert train(tmp_path, patience=2).losses == []


def test_patience_is_counted_over_resumptions(tmp_path: Path) -> None:
    errors = iter([3.0, 4.0, 4.0, 4.0, 4.0])
    train(tmp_path, evaluate=lambda network: {"error": next(errors)}, patience=3, save_every=1, kill_after=10)
    train(tmp_path, evaluate=lambda network: {"error": next(errors)}, patience=3, save_every=1)
    assert state(tmp_path)["step"] == 16


def test_a_loss_that_is_not_finite_ends_the_run(tmp_path: Path) -> None:
    def bad(step: int) -> Batch:
        x, target = batch(step)
        return x, target * (np.nan if step == 7 else 1)

    with pytest.raises(InputError, match="The loss is nan at step 7; lower the learning rate"):
        train(tmp_path, batch=bad)
    assert state(tmp_path)["step"] == 6


# -------------------------------------------------------------------------------------------------------------- its end


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
def test_it_finishes_the_step_that_it_is_told_to_stop_in(number: int, code: int, tmp_path: Path) -> None:
    before = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with pytest.raises(Stopped) as stopped:
        train(tmp_path, signal_after=7, number=number)
    assert isinstance(stopped.value, KeyboardInterrupt)
    assert stopped.value.exit_code == code
    assert state(tmp_path)["step"] == json.loads((tmp_path / "run.json").read_text())["step"] == 7
    assert [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


def test_a_signal_that_is_ignored_stays_so(tmp_path: Path) -> None:
    """As nohup leaves it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert len(train(tmp_path, signal_after=7, number=signal.SIGHUP).losses) == 20
    finally:
        signal.signal(signal.SIGHUP, before)


def test_being_told_twice_is_at_once(tmp_path: Path) -> None:
    def twice(network: nn.Module, x: Tensor, target: Tensor) -> Tensor:
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
        return pytest.fail("went on")

    with pytest.raises(KeyboardInterrupt) as stopped:
        loop.fit(
            own_task.Own(Network(), Schedule(**SCHEDULE), batch, partial(twice, Network()), error),
            tmp_path,
            own_task.Heard(),
        )
    assert not isinstance(stopped.value, Stopped)
    assert not (tmp_path / "state.pt").exists()


class Failing:
    """A batch that cannot be made, in a form that other processes can be handed."""

    def __call__(self, step: int) -> Batch:
        if step == 2:
            raise InputError("The file is gone.")
        return batch(step)


@pytest.mark.parametrize("workers", [0, 1])
def test_an_error_of_a_batch_is_the_sentence_that_it_was(workers: int, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^The file is gone\.$"):
        train(tmp_path, batch=Failing(), workers=workers)


def test_workers_change_no_loss_and_survive_a_signal_to_all(tmp_path: Path) -> None:
    """A terminal's Ctrl-C, and a scheduler's SIGTERM, go to all processes of a job."""
    import multiprocessing

    def told(network: nn.Module, x: Tensor, target: Tensor) -> Tensor:
        if len(multiprocessing.active_children()) == 1 and not asked:
            asked.append(True)
            for worker in multiprocessing.active_children():
                os.kill(worker.pid or 0, signal.SIGTERM)
                os.kill(worker.pid or 0, signal.SIGINT)
        return loss(network, x, target)

    asked: list[bool] = []
    found = train(tmp_path / "one", loss=told, workers=1).losses
    assert asked
    assert found == train(tmp_path / "none").losses


# ----------------------------------------------------------------------------------------------------------------- logs


def test_tensorboard_shows_what_the_log_has(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    train(tmp_path, kill_after=8, tensorboard=True)
    seen = train(tmp_path, tensorboard=True)
    events = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    for name in ("loss", "learning_rate", "error"):
        shown = [(str(event.step), event.value) for event in events.Scalars(name)]
        logged = [(row["step"], pytest.approx(float(row[name]), rel=1e-5)) for row in rows(tmp_path)]
        assert shown == logged, name
    steps = events.Scalars("step_loss")
    assert [event.step for event in steps] == list(range(1, 21))  # none twice, though two were made again
    assert [event.value for event in steps[6:]] == pytest.approx(seen.losses)


def test_tensorboard_that_is_missing_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(PluginError, match="pip install tensorboard, or leave them out"):
        train(tmp_path, batch=lambda step: pytest.fail("began"), tensorboard=True)


def test_a_log_is_drawn_whatever_its_length(tmp_path: Path) -> None:
    import cv2

    for number, steps in enumerate((4, 20)):
        train(tmp_path / str(number), steps=steps)
        curve.draw(tmp_path / str(number) / "log.csv", tmp_path / f"{number}.png")
    one, many = (cv2.imread(str(tmp_path / f"{number}.png")) for number in (0, 1))
    assert one is not None
    assert many is not None
    assert one.shape == many.shape
    # The learning rate's line, in the colour of the left side, is in the left half of the picture, which is BGR.
    colour = LIGHT.sides["left"][::-1]
    drawn = (np.abs(many[:, : many.shape[1] // 2].astype(int) - colour).sum(axis=-1) < 30).sum()
    assert drawn > 100
