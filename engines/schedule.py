"""How long a training lasts, and how fast it goes at each step."""

from __future__ import annotations

import math
from dataclasses import dataclass

_LEAST = 1e-3  # of the full rate: where warm-up begins and the cosine ends


@dataclass(frozen=True)
class Schedule:
    """All that decides the result beside the task; a checkpoint is only taken up by the same one."""

    steps: int
    epoch_steps: int
    """Steps from one judgement to the next."""
    warm_up: float = 0.05
    """Share of the steps over which the rates rise; then they fall along a cosine (Loshchilov & Hutter 2017)."""
    decay: float = 1e-5
    """AdamW's weight decay, for groups that name none."""
    averaging: float = 0.0
    """How much of the averaged weights a step keeps; 0 takes the weights as they are."""
    clip: float = 0.0
    """Largest norm of all gradients together; 0 leaves them."""
    keep_best: bool = False
    """Whether the weights with the best validation UAR are the result, instead of the last ones."""
    patience: int = 0
    """Judgements without a better UAR after which to stop; 0 never stops early."""
    seed: int = 7
    origin: str = ""
    """Whatever else decides the result (settings of the task, hashes of the data), in any words."""


def rate_factor(step: int, schedule: Schedule) -> float:
    """Share of the full rates at `step`: up in a line, then down a cosine."""
    done = (step + 0.5) / schedule.steps
    rising = min(1.0, done / schedule.warm_up) if schedule.warm_up else 1.0
    return max(_LEAST, rising * (0.5 + 0.5 * math.cos(math.pi * done)))
