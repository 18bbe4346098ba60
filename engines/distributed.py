"""Several processes that train one network: started by torchrun, over gloo on CPUs and NCCL on GPUs.

    torchrun --nproc-per-node 2 -m engines.cli train --stage visual --device cuda

Each process draws its own batches, gradients are averaged over all of them (DistributedDataParallel), and only the
first process judges and writes. Without torchrun's environment there is one process, and nothing here does anything.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
import torch.distributed as processes
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

T = TypeVar("T")
Batch = tuple[Tensor, ...]


@contextmanager
def joined(device: torch.device) -> Iterator[None]:
    """While inside, the processes of one torchrun know each other."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1 or processes.is_initialized():
        yield
        return
    # Its functions keep the group that there is while it is loaded, which DistributedDataParallel does otherwise: a
    # group that is never released has threads, and they abort a finished process now and then as Python shuts down.
    importlib.import_module("torch.distributed.nn.functional")
    if device.type == "cuda":
        torch.cuda.set_device(device)
    processes.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield
    finally:
        processes.destroy_process_group()


def size() -> int:
    """How many processes train."""
    return processes.get_world_size() if processes.is_initialized() else 1


def rank() -> int:
    """Which of them this is; 0 is the one that writes."""
    return processes.get_rank() if processes.is_initialized() else 0


def from_first(make: Callable[[], T]) -> T:
    """What `make` gives in the first process, in all of them; it must be something that pickle takes."""
    if size() == 1:
        return make()
    made: list[Any] = [make() if rank() == 0 else None]
    processes.broadcast_object_list(made)
    result: T = made[0]
    return result


def share_state(network: nn.Module) -> None:
    """Give all processes the first one's weights and batch statistics."""
    if size() > 1:
        for value in network.state_dict().values():
            processes.broadcast(value, 0)


def shared_loss(network: nn.Module, loss: Callable[[Batch], Tensor]) -> Callable[[Batch], Tensor]:
    """`loss`, whose backward pass averages the gradients of `network` over all processes.

    The loss itself is what is wrapped, so it may use any part of `network` in any way.
    """
    if size() == 1:
        return loss
    wrapped: Callable[[Batch], Tensor] = DistributedDataParallel(_Loss(network, loss), find_unused_parameters=True)
    return wrapped


class _Loss(nn.Module):
    def __init__(self, network: nn.Module, loss: Callable[[Batch], Tensor]) -> None:
        super().__init__()
        self.network = network
        self.loss = loss

    def forward(self, batch: Batch) -> Tensor:
        return self.loss(batch)
