"""Several processes that train one network, on one machine or more, as torchrun starts them.

    with join(device) as world:
        task = ...                            # every process builds the same one
        loop.train(task, folder, listener, compute=Compute(world.place(device), workers, world))

Every process takes its rows of a batch; gradients are averaged, and batch norms see the whole batch, so the losses are
those of one process. Without torchrun there is one process, and none of this does anything. It knows nothing about the
training loop.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.rendezvous import rendezvous

from in_the_wild.errors import ConfigError, InputError, Pose3DError

# The others wait while one evaluates; a process that dies is noticed at once all the same.
_PATIENCE = timedelta(days=1)
_VARIABLES = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")


@dataclass(frozen=True)
class World:
    """The processes of a run, as one of them sees it.

    Attributes:
        rank: Which one this is.
        size: How many there are.
        local_rank: Which one this is on its machine.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0

    @property
    def first(self) -> bool:
        """True in the one process that evaluates, saves, logs and talks."""
        return self.rank == 0

    def place(self, device: str) -> str:
        """The device of this process: a card of its own each, where it is CUDA."""
        return f"cuda:{self.local_rank}" if device == "cuda" and self.size > 1 else device


# A process that trains by itself.
ALONE = World()


@contextmanager
def join(device: str = "cpu") -> Iterator[World]:
    """Join the processes that torchrun started, for as long as the block runs; without torchrun there is only one.

    An error in one process ends all. It leaves the block in the process that it came from, or in the first of those
    that it came from; the others leave it silently, with the same exit code.

    Args:
        device: "cpu" joins by gloo, "cuda" by nccl.

    Raises:
        ConfigError: torchrun's variables are there in part, or make no sense.
        InputError: another process has ended without saying why.
    """
    if "RANK" not in os.environ and "WORLD_SIZE" not in os.environ:
        yield World()
        return
    world = _world()
    if world.size == 1:
        yield world
        return
    cuda = device.startswith("cuda")
    if cuda and world.local_rank >= torch.cuda.device_count():
        raise ConfigError(
            f"torchrun started {world.local_rank + 1} or more processes on a machine with {torch.cuda.device_count()} "
            "CUDA devices; give --nproc_per_node as many as there are, or train on the CPU."
        )
    if cuda:
        torch.cuda.set_device(world.local_rank)
    store, rank, size = next(rendezvous("env://", timeout=timedelta(minutes=5)))
    dist.init_process_group("nccl" if cuda else "gloo", store=store, rank=rank, world_size=size, timeout=_PATIENCE)
    try:
        yield world
        dist.barrier()  # one that leaves while another still talks to it can end by an abort
    except BaseException as error:
        if not _is_first_to_end(store):
            code = getattr(error, "exit_code", 130 if isinstance(error, KeyboardInterrupt) else 1)
            raise SystemExit(code) from error
        if _is_loss_of_another(error):
            raise InputError(
                "Another process of this run has ended without saying why (stopped, or out of memory); give the same "
                "command again to go on from the last saved state."
            ) from error
        raise
    finally:
        dist.destroy_process_group()


def leave(world: World) -> None:
    """End this process at once where it is one of several, all of its work being done and written.

    Threads of gloo's can abort an interpreter that takes itself down, and torchrun then calls a run failed that has
    lost nothing.
    """
    if world.size > 1:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _world() -> World:
    missing = [name for name in _VARIABLES if name not in os.environ]
    if missing:
        raise ConfigError(
            f"Of torchrun's variables {', '.join(missing)} are missing; start the processes with torchrun, or unset "
            "RANK and WORLD_SIZE to train in one."
        )
    try:
        world = World(*(int(os.environ[name]) for name in _VARIABLES[:3]))
    except ValueError as error:
        raise ConfigError(
            f"torchrun's variables RANK, WORLD_SIZE and LOCAL_RANK are numbers, found {error}."
        ) from error
    if not 0 <= world.rank < world.size:
        raise ConfigError(f"RANK is {world.rank} of WORLD_SIZE {world.size}; start the processes with torchrun.")
    return world


def _is_first_to_end(store: Any) -> bool:
    """Asked before this process is seen to be gone, so those that then miss it know that it has spoken."""
    try:
        return bool(store.add("ended", 1) == 1)
    except RuntimeError:
        return True  # without torchrun the first process keeps the store, and has taken it along


def _is_loss_of_another(error: BaseException) -> bool:
    """Whether this is what a collective says when a process is gone; gloo has no kind of its own for it."""
    if isinstance(error, Pose3DError) or not isinstance(error, RuntimeError):
        return False
    return isinstance(error, dist.DistError) or "gloo" in str(error) or "onnection" in str(error)


# ---------------------------------------------------------------------------------------------------------- of a batch


def rows(size: int, world: World, *, accumulate: int = 1) -> int:
    """Rows of a batch of `size` that a process takes at a time.

    Raises:
        ConfigError: the batch cannot be divided.
    """
    parts = world.size * accumulate
    if size % parts or not size:
        raise ConfigError(
            f"A batch of {size} was expected to divide by {parts} ({world.size} processes times {accumulate} parts of "
            f"each step); make it a multiple of {parts}."
        )
    return size // parts


def share(batch: Sequence[np.ndarray], world: World) -> tuple[np.ndarray, ...]:
    """This process's rows of a whole batch: every n-th from its rank on.

    Args:
        batch: Arrays (B, ...), where the first says what B is; one of (1, ...) holds for all rows and stays whole.
        world: The processes.

    Raises:
        ConfigError: the rows do not divide by the processes.
    """
    if world.size == 1:
        return tuple(batch)
    size = len(batch[0])
    rows(size, world)
    return tuple(array if _is_for_all_rows(len(array), size) else array[world.rank :: world.size] for array in batch)


def split(batch: Sequence[Tensor], accumulate: int) -> list[list[Tensor]]:
    """A batch in equal parts, for gradients that are accumulated; see `share`.

    Raises:
        ConfigError: the rows do not divide by the parts.
    """
    if accumulate == 1:
        return [list(batch)]
    size = len(batch[0])
    each = rows(size, World(), accumulate=accumulate)
    columns = [
        [tensor] * accumulate if _is_for_all_rows(len(tensor), size) else list(tensor.split(each)) for tensor in batch
    ]
    return [list(part) for part in zip(*columns, strict=True)]


def _is_for_all_rows(length: int, size: int) -> bool:
    if length not in (1, size):
        raise ConfigError(
            f"Arrays of a batch were expected to have {size} rows, as the first one, or 1 that holds for all of them; "
            f"found {length}."
        )
    return length == 1


# ------------------------------------------------------------------------------------------------ between processes


def align(network: nn.Module, world: World) -> None:
    """Give every process the parameters and buffers of the first."""
    if world.size > 1:
        with torch.no_grad():
            for tensor in (*network.parameters(), *network.buffers()):
                dist.broadcast(tensor.data, src=0)


def agree(value: Any, world: World) -> Any:
    """What the first process has, in every process: tensors on the CPU, numbers, and containers of these."""
    if world.size == 1:
        return value
    held = [value]
    dist.broadcast_object_list(held, src=0)
    return held[0]


def total(values: Sequence[float], world: World, *, device: str) -> list[float]:
    """The sums of some numbers over all processes."""
    if world.size == 1:
        return list(values)
    # In double precision, which every device but Apple's has.
    summed = torch.tensor(values, dtype=torch.float64, device=device)
    dist.all_reduce(summed)
    return [float(value) for value in summed]


def average_gradients(network: nn.Module, world: World) -> None:
    """Replace every gradient by its mean over the processes. Parameters without one have none in any of them."""
    if world.size == 1:
        return
    gradients = [parameter.grad for parameter in network.parameters() if parameter.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    dist.all_reduce(flat)
    flat /= world.size
    for gradient, mean in zip(gradients, flat.split([gradient.numel() for gradient in gradients]), strict=True):
        gradient.copy_(mean.view_as(gradient))


# ---------------------------------------------------------------------------------------------------------- batch norms


def share_statistics(network: nn.Module, world: World) -> None:
    """Let every batch norm of a network see the whole batch, whatever part of it this process has; names stay.

    Args:
        network: Changed in place; its parameters and buffers stay the same objects.
        world: The processes.
    """
    if world.size == 1:
        return
    for module in list(network.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.modules.batchnorm._BatchNorm) and not isinstance(child, SharedBatchNorm):
                setattr(module, name, SharedBatchNorm(child, world.size))


class SharedBatchNorm(nn.modules.batchnorm._BatchNorm):
    """A batch norm whose statistics are those of all processes' rows; torch's own one works on CUDA alone.

    Every process must have as many rows. In eval mode it is the one that it replaces.
    """

    def __init__(self, replaced: nn.modules.batchnorm._BatchNorm, processes: int) -> None:
        super().__init__(
            replaced.num_features,
            eps=replaced.eps,
            momentum=replaced.momentum,
            affine=False,
            track_running_stats=replaced.track_running_stats,
        )
        self.processes = processes
        self.affine = replaced.affine
        self.weight, self.bias = replaced.weight, replaced.bias
        self.running_mean, self.running_var = replaced.running_mean, replaced.running_var
        self.num_batches_tracked = replaced.num_batches_tracked
        self.train(replaced.training)

    def _check_input_dim(self, input: Tensor) -> None:
        """Any number of dimensions from two on: features are the second."""

    def forward(self, input: Tensor) -> Tensor:
        """(N, C, ...) -> (N, C, ...)."""
        if not self.training:
            return super().forward(input)
        x = input.float()
        others = [dimension for dimension in range(x.ndim) if dimension != 1]
        shape = [-1 if dimension == 1 else 1 for dimension in range(x.ndim)]
        count = x.numel() // x.shape[1] * self.processes
        # The mean first: the difference of two large sums would cost digits.
        mean = _SumOverProcesses.apply(x.sum(dim=others)) / count  # (C,)
        centred = x - mean.view(shape)
        variance = _SumOverProcesses.apply(centred.square().sum(dim=others)) / count
        self._remember(mean.detach(), variance.detach() * count / max(1, count - 1))
        x = centred * torch.rsqrt(variance + self.eps).view(shape)
        if self.affine:
            x = x * self.weight.view(shape) + self.bias.view(shape)
        return x.to(input.dtype)

    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        self.num_batches_tracked += 1
        part = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean, part)
        self.running_var.lerp_(variance, part)


class _SumOverProcesses(torch.autograd.Function):
    """The sum of all processes' tensors; the gradient of one's is the sum of all their gradients."""

    @staticmethod
    def forward(context: Any, tensor: Tensor) -> Tensor:
        summed = tensor.clone()
        dist.all_reduce(summed)
        return summed

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> Tensor:
        summed = gradient.clone(memory_format=torch.contiguous_format)
        dist.all_reduce(summed)
        return summed
