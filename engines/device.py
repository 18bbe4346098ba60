"""Where to compute: the same code runs on a CPU and on CUDA."""

from __future__ import annotations

import os

import torch

from edge.errors import UsageError

DEVICES = ("auto", "cpu", "cuda")


def choose_device(name: str) -> torch.device:
    """`auto` takes CUDA where there is one; under torchrun each process its own card. Raises UsageError."""
    if name == "cpu" or (name == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise UsageError("--device cuda found no usable GPU: give --device cpu, or install a CUDA build of torch.")
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())
