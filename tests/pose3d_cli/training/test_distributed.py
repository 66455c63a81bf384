"""Several processes that train one network: the losses of one process, and an end for all."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import training_processes

from in_the_wild.errors import ConfigError
from pose3d_cli.training import distributed
from pose3d_cli.training.distributed import ALONE, World

SCRIPT = str(Path(training_processes.__file__))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What two processes under torchrun saw, by rank."""
    folder = tmp_path_factory.mktemp("two")
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    done = subprocess.run(
        [sys.executable, *launcher, SCRIPT, str(folder), "train"],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((folder / "pstmo" / "run.json").read_text())["processes"] == 2
    return [json.loads((folder / f"rank{rank}.json").read_text()) for rank in (0, 1)]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pstmo", "stcformer"])
def test_two_processes_have_the_losses_of_one(found: list[dict[str, Any]], name: str, tmp_path: Path) -> None:
    one = training_processes.train(name, tmp_path)
    assert len(found[0][name]["losses"]) == training_processes.STEPS
    np.testing.assert_allclose(found[0][name]["losses"], one["losses"], rtol=1e-5)
    variances = {key: value for key, value in one["buffers"].items() if key.endswith("_var")}
    assert (len(variances) > 0) == (name == "pstmo")
    for seen in found:
        assert {key: seen[name]["buffers"][key] for key in variances} == pytest.approx(variances, rel=1e-5)
        assert seen[name]["best"] == one["best"]


def test_accumulation_changes_no_loss_of_two_processes(found: list[dict[str, Any]]) -> None:
    np.testing.assert_allclose(found[0]["accumulated"]["losses"], found[0]["stcformer"]["losses"], rtol=1e-5)


def test_the_first_process_alone_evaluates_and_all_stop_early_together(found: list[dict[str, Any]]) -> None:
    first, second = found
    assert first["pstmo"]["evaluated"] == [2, 4, 6]
    assert first["patient"]["evaluated"] == [2, 4]
    for name in ("pstmo", "patient"):
        assert second[name]["evaluated"] == second[name]["losses"] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "said", "code"),
    [
        ("one", "Error: Broken (one).", 1),
        ("all", "Error: Broken (all).", 1),
        ("killed", "Error: Another process of this run has ended without saying why", 1),
        ("stopped", "Stopped. Give the same command again to go on from step 4 of 6.", 143),
    ],
)
def test_what_ends_one_process_ends_all_with_one_sentence(how: str, said: str, code: int, tmp_path: Path) -> None:
    """Without torchrun, which would end the others by force, but with a store that outlives them, as it has."""
    store = torch.distributed.TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)  # type: ignore[attr-defined]
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(store.port), "TORCHELASTIC_USE_AGENT_STORE": "True"}
    # All of them come from one process that has imported already what takes long.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pose3d_cli.training.loop", "torch._dynamo"])
    processes = [
        context.Process(
            target=training_processes.process,
            args=(tmp_path, how, {**shared, "RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2"}),
        )
        for rank in (0, 1)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=120)
    codes = [process.exitcode for process in processes]
    for process in processes:
        process.kill()
    lines = "".join((tmp_path / f"output{rank}").read_text() for rank in (0, 1)).splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(said)
    assert codes == [code, -9 if how == "killed" else code]
    saved = torch.load(tmp_path / "state.pt", weights_only=True)
    assert saved["step"] == (4 if how == "stopped" else 2)  # the step that was under way, or the last save


def test_without_torchrun_there_is_one_process() -> None:
    with distributed.join() as world:
        assert world == ALONE
        assert world.first
    assert not torch.distributed.is_initialized()
    assert ALONE.place("cuda") == "cuda"
    assert World(rank=3, size=4, local_rank=1).place("cuda") == "cuda:1"
    assert World(rank=3, size=4, local_rank=1).place("cpu") == "cpu"


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"RANK": "0"}, "WORLD_SIZE, LOCAL_RANK, MASTER_ADDR, MASTER_PORT are missing; start the processes with"),
        ({"RANK": "2", "WORLD_SIZE": "2"}, "RANK is 2 of WORLD_SIZE 2"),
        ({"RANK": "first", "WORLD_SIZE": "2"}, "are numbers, found .*first"),
    ],
)
def test_half_a_launch_is_refused(variables: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    others = {"LOCAL_RANK": "0", "MASTER_ADDR": "localhost", "MASTER_PORT": "1"} if len(variables) > 1 else {}
    for name, value in {**others, **variables}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=message), distributed.join():
        pass


def test_processes_share_the_rows_of_a_batch() -> None:
    rows, mask = np.arange(12).reshape(6, 2), np.arange(3)[None]
    shares = [distributed.share((rows, mask), World(rank, 3)) for rank in range(3)]
    np.testing.assert_array_equal(np.concatenate([share[0] for share in shares])[[0, 2, 4, 1, 3, 5]], rows)
    for share in shares:
        np.testing.assert_array_equal(share[1], mask)
    assert distributed.share((rows, mask), ALONE)[0] is rows
    with pytest.raises(ConfigError, match=r"A batch of 6 was expected to divide by 4 .* a multiple of 4"):
        distributed.share((rows,), World(0, 4))
    with pytest.raises(ConfigError, match=r"expected to have 6 rows, as the first one, or 1 .* found 3"):
        distributed.share((rows, np.arange(3)), World(0, 2))


def test_a_batch_is_divided_by_processes_and_parts() -> None:
    assert distributed.rows(24, World(0, 2), accumulate=3) == 4
    with pytest.raises(ConfigError, match=r"divide by 8 \(2 processes times 4 parts"):
        distributed.rows(20, World(0, 2), accumulate=4)
    parts = distributed.split([torch.arange(6), torch.arange(5)[None]], 3)
    assert [[tensor.tolist() for tensor in part] for part in parts] == [
        [[0, 1], [[0, 1, 2, 3, 4]]],
        [[2, 3], [[0, 1, 2, 3, 4]]],
        [[4, 5], [[0, 1, 2, 3, 4]]],
    ]


@pytest.mark.parametrize("shape", [(8, 5), (8, 5, 3)])
@pytest.mark.parametrize("momentum", [0.3, None])
def test_a_shared_batch_norm_is_torchs_own_under_the_same_names(
    shape: tuple[int, ...], momentum: float | None, tmp_path: Path
) -> None:
    """By itself in a group of one process, for all dimensions and momenta; two processes are tested above."""
    torch.manual_seed(0)
    plain = torch.nn.Sequential(torch.nn.BatchNorm1d(5, momentum=momentum))
    shared = torch.nn.Sequential(torch.nn.BatchNorm1d(5, momentum=momentum))
    names = list(shared.state_dict())
    weight = shared[0].weight
    torch.distributed.init_process_group("gloo", init_method=f"file://{tmp_path / 'store'}", rank=0, world_size=1)
    try:
        distributed.share_statistics(shared, World(0, 2))
        assert isinstance(shared[0], distributed.SharedBatchNorm)
        assert shared[0].weight is weight
        assert list(shared.state_dict()) == names
        shared[0].processes = 1
        for _ in range(2):
            x = torch.randn(shape) * 3 + 1
            inputs = [x.clone().requires_grad_() for _ in range(2)]
            outputs = [network(given) for network, given in zip((plain, shared), inputs, strict=True)]
            torch.testing.assert_close(outputs[0], outputs[1])
            for output in outputs:
                (output * torch.arange(output.numel()).view(shape)).sum().backward()
            torch.testing.assert_close(inputs[0].grad, inputs[1].grad, rtol=1e-4, atol=1e-3)
        for name, value in plain.state_dict().items():
            torch.testing.assert_close(shared.state_dict()[name], value)
    finally:
        torch.distributed.destroy_process_group()
    x = torch.randn(shape)
    torch.testing.assert_close(shared.eval()(x), plain.eval()(x))
