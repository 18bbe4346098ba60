"""Checkpoints that are whole or not there: a kill in the middle of writing leaves the last one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

from edge.errors import UsageError


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write tensors and plain values to `path`, through the disk's cache, then in one rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def load_checkpoint(path: Path) -> dict[str, Any] | None:
    """What `save_checkpoint` wrote, on the CPU, or None where there is nothing. Raises UsageError for another file."""
    if not path.exists():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch reports a foreign file in many ways, some of them bare numbers
        raise UsageError(
            f"The checkpoint {path} cannot be read ({type(error).__name__}): it is none of ours, or damaged; "
            "name another, or delete it and train with --fresh."
        ) from error
    return state
