"""What changes a network, one step at a time: its optimiser, learning rate, precision and moving average.

Everything random of a step is seeded by the step, so that a run which was stopped repeats the losses of one that never
was. It knows nothing of where batches come from, nor of how many steps there are to be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from in_the_wild import checkpoints
from pose3d_cli.training import distributed
from pose3d_cli.training.distributed import World
from pose3d_cli.training.schedule import AUTO, Schedule

_OPTIMISERS: Mapping[str, type[torch.optim.Adam]] = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam}
_PRECISIONS: Mapping[str, torch.dtype] = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}


class Optimisation:
    """A network on its way.

    Args:
        network: Changed in place, and moved to the device; every process gets the weights of the first.
        schedule: Rates, precision and so on.
        seed: Of dropout.
        device: Where to train.
        low_precision: Whether the precision "auto" may be bfloat16, where the device is fast at it.
        world: The processes that train together.
    """

    def __init__(
        self, network: nn.Module, schedule: Schedule, *, seed: int, device: str, low_precision: bool, world: World
    ) -> None:
        self.network = network.to(device)
        distributed.share_statistics(network, world)
        distributed.align(network, world)
        self.schedule, self.device = schedule, device
        self.precision = _precision(schedule.precision, device, low_precision=low_precision)
        self._seed, self._world = seed, world
        self._norms = [module for module in network.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
        self._optimiser = _OPTIMISERS[schedule.optimiser](
            network.parameters(),
            lr=schedule.learning_rate,
            weight_decay=schedule.weight_decay,
            amsgrad=schedule.amsgrad,
        )
        self._averaged: AveragedModel | None = None
        if schedule.average:
            self._averaged = AveragedModel(
                network, multi_avg_fn=get_ema_multi_avg_fn(schedule.average), use_buffers=True
            )
        kind = device.split(":")[0]
        self._mixed = torch.autocast(kind, _PRECISIONS[self.precision], enabled=self.precision != "float32")
        self._scaler = torch.amp.GradScaler(kind, enabled=self.precision == "float16")

    @property
    def parameters(self) -> int:
        """How many numbers are trained."""
        return sum(parameter.numel() for parameter in self.network.parameters())

    def step(self, step: int, batch: Sequence[Tensor], loss: Callable[..., Tensor]) -> float:
        """Take a step.

        Args:
            step: Which one, counted from 0.
            batch: This process's rows; where they are split (`accumulate`), a tensor of (1, ...) holds for all rows.
            loss: Tensors of a batch -> what is made small, by the network's own parameters: a mean over the rows.

        Returns:
            The loss of this process's rows.
        """
        torch.manual_seed(_dropout_seed(self._seed, step, self._world))
        self._set_rates(step)
        self.network.train()
        self._optimiser.zero_grad()
        value = 0.0
        parts = self.schedule.accumulate
        for part in distributed.split([tensor.to(self.device) for tensor in batch], parts):
            with self._mixed:
                of_part = loss(*part)
            self._scaler.scale(of_part / parts).backward()
            value += float(of_part.detach()) / parts
        distributed.average_gradients(self.network, self._world)
        self._scaler.unscale_(self._optimiser)
        if self.schedule.clip:
            nn.utils.clip_grad_norm_(self.network.parameters(), self.schedule.clip)
        self._scaler.step(self._optimiser)
        self._scaler.update()
        if self._averaged is not None and step >= self.schedule.average_from:
            self._averaged.update_parameters(self.network)
        return value

    def _set_rates(self, step: int) -> None:
        for group in self._optimiser.param_groups:
            group["lr"] = self.schedule.rate(step)
        momentum = self.schedule.batch_norm_momentum(step)
        if momentum is not None:
            for norm in self._norms:
                norm.momentum = momentum

    def result(self, done: int) -> nn.Module:
        """The network that counts after so many steps, in eval mode: the averaged one as soon as there is one."""
        found = self.network
        if self._averaged is not None and done > self.schedule.average_from:
            found = self._averaged.module
        return found.eval()

    def state(self) -> dict[str, Any]:
        """All that a step depends on."""
        return {
            "network": self.network.state_dict(),
            "averaged": None if self._averaged is None else self._averaged.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "scaler": self._scaler.state_dict(),
        }

    def restore(self, state: Mapping[str, Any], source: Path) -> None:
        """Go on from a state; `source` is named where it does not fit.

        Raises:
            WeightsError: it is of another network.
        """
        checkpoints.load_strictly(self.network, state["network"], source.name)
        if self._averaged is not None:
            self._averaged.load_state_dict(state["averaged"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._scaler.load_state_dict(state["scaler"])


def _dropout_seed(seed: int, step: int, world: World) -> int:
    """Every process drops other units; the first one those of a run that has no others."""
    return ((seed + 7919 * world.rank) << 32) + step


def _precision(name: str, device: str, *, low_precision: bool) -> str:
    """The precision that is really used."""
    if name != AUTO:
        return name
    return "bfloat16" if low_precision and _has_fast_bfloat16(device) else "float32"


def _has_fast_bfloat16(device: str) -> bool:
    if device.startswith("cuda"):
        return torch.cuda.is_bf16_supported()
    return device == "cpu" and torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()
