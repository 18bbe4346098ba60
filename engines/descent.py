"""The state of one training: what moves at each step, and what a checkpoint holds."""

from __future__ import annotations

import copy
import json
import logging
import math
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from typing import Any, Generic

import numpy as np
import torch
from torch import Tensor, nn

from edge.errors import EdgeError, UsageError
from engines import distributed
from engines.averaging import update_average
from engines.checkpoint import load_checkpoint, save_checkpoint
from engines.curves import Curve
from engines.schedule import Schedule, rate_factor
from engines.task import Batch, Network, Run, Task

LOG = logging.getLogger(__name__)
CHECKPOINT_FILE = "training.pt"
CURVES_FILE = "curves.csv"


class Descent(Generic[Network]):
    """The state of one training: what a checkpoint holds."""

    def __init__(self, task: Task[Network], schedule: Schedule, run: Run) -> None:
        self.step = 0
        self.seconds = 0.0
        self.done = False
        self.figures: dict[str, Any] = {}
        self.best: dict[str, Any] = {}
        self.last_loss = math.nan
        self._task, self._schedule, self._run = task, schedule, run
        self._network = task.network
        self._average = copy.deepcopy(task.network).requires_grad_(requires_grad=False) if schedule.averaging else None
        groups = [{"weight_decay": schedule.decay, **group} for group in task.groups()]
        self._rates = [float(group["lr"]) for group in groups]
        self._optimiser = torch.optim.AdamW(groups)
        self._loss = distributed.shared_loss(task.network, task.loss)
        self._best_weights: dict[str, Tensor] = {}
        self._stale = 0
        self._sum, self._count = torch.zeros((), device=run.device), 0
        self._curve = Curve(run.folder / CURVES_FILE)
        self._path = run.folder / CHECKPOINT_FILE
        self._started = self._written = time.monotonic()

    def resume(self) -> None:
        """Go on from the checkpoint, if there is one."""
        state = load_checkpoint(self._path)
        if state is not None:
            self._take_up(state)
        if not self.done and distributed.rank() == 0:
            self._curve.start(self.step)

    def batches(self) -> Iterator[Batch]:
        """The batches of the steps that are left, in their order; they end when the training is done."""
        for batch in self._drawn():
            yield batch
            if self.done:
                return

    def advance(self, batch: Batch) -> None:
        """One step, and what is due after it."""
        self._descend(tuple(part.to(self._run.device, non_blocking=True) for part in batch))
        self.step += 1
        self.seconds += -self._started + (now := time.monotonic())
        self._started = now
        finished = self.step == self._schedule.steps
        if finished or self.step % self._schedule.epoch_steps == 0:
            self._judge()
            self.done = self.done or finished
        if not self.done and self._is_due(now):  # what is done is stored by `finish`, with its result
            self._store()

    def finish(self) -> None:
        """Put the result into the task's network."""
        result = self._best_weights if self._schedule.keep_best else self._judged().state_dict()
        self._network.load_state_dict(result)
        distributed.share_state(self._network)
        self._store()

    def _drawn(self) -> Iterator[Batch]:
        steps = range(self.step, self._schedule.steps)
        if not self._run.workers:
            yield from (self._make(step) for step in steps)
            return
        with ThreadPoolExecutor(self._run.workers) as pool:
            ahead: deque[Future[Batch]] = deque()
            try:
                for step in steps:
                    ahead.append(pool.submit(self._make, step))
                    if len(ahead) > 2 * self._run.workers:
                        yield ahead.popleft().result()
                while ahead:
                    yield ahead.popleft().result()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def _make(self, step: int) -> Batch:
        return self._task.batch(step, np.random.default_rng([self._schedule.seed, step, distributed.rank()]))

    def _descend(self, batch: Batch) -> None:
        schedule = self._schedule
        seeds = np.random.SeedSequence([schedule.seed, self.step, distributed.rank(), 1])
        torch.manual_seed(int(seeds.generate_state(1, np.uint64)[0] >> np.uint64(1)))  # dropout draws from here
        for group, rate in zip(self._optimiser.param_groups, self._rates, strict=True):
            group["lr"] = rate * rate_factor(self.step, schedule)
        self._network.train()
        loss = self._loss(batch)
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if schedule.clip:
            nn.utils.clip_grad_norm_(self._network.parameters(), schedule.clip)
        self._optimiser.step()
        if self._average is not None:
            keep = min(schedule.averaging, (1 + self.step) / (10 + self.step))
            update_average(self._average, self._network, keep)
        self._sum, self._count = self._sum + loss.detach(), self._count + 1
        if self._run.device.type == "cpu" or self._count % 20 == 1:  # reading waits for a GPU
            self.last_loss = float(loss.detach())

    def _judge(self) -> None:
        mean_loss = float(self._sum) / self._count
        if not math.isfinite(mean_loss):
            raise EdgeError(
                f"The loss of {self._run.name} is {mean_loss} at step {self.step}: train with a lower rate."
            )
        judged = self._judged().eval()
        with torch.no_grad():
            self.figures = distributed.from_first(lambda: _plain(self._task.judge(judged)))
        self._sum, self._count = torch.zeros((), device=self._run.device), 0
        self._compare()
        self.seconds += -self._started + (now := time.monotonic())
        self._started = now
        if distributed.rank() == 0:
            self._report(mean_loss)

    def _compare(self) -> None:
        schedule = self._schedule
        if not self.best or self.figures["uar"] > self.best["uar"]:
            self.best, self._stale = self.figures, 0
            if schedule.keep_best:
                self._best_weights = {k: v.detach().cpu().clone() for k, v in self._judged().state_dict().items()}
        else:
            self._stale += 1
            self.done = bool(schedule.patience) and self._stale >= schedule.patience

    def _report(self, mean_loss: float) -> None:
        schedule, figures = self._schedule, self.figures
        self._curve.append({
            "step": self.step, "epoch": self.step / schedule.epoch_steps, "loss": mean_loss,
            **{name: float(figures[name]) for name in ("accuracy", "uar") if name in figures},
            **({"validation_loss": float(figures["loss"])} if "loss" in figures else {}),
            "rate": float(self._optimiser.param_groups[-1]["lr"]), "seconds": self.seconds,
        })  # fmt: skip
        LOG.info(
            "%s step %d of %d: loss %.3f, validation accuracy %.3f, UAR %.3f, %.1f min left", self._run.name, self.step,
            schedule.steps, mean_loss, figures.get("accuracy", math.nan), figures["uar"],
            self.seconds / self.step * (schedule.steps - self.step) / 60,
        )  # fmt: skip

    def _judged(self) -> Network:
        return self._network if self._average is None else self._average

    def _is_due(self, now: float) -> bool:
        every = self._run.every_steps
        return now - self._written >= self._run.every_s or (every > 0 and self.step % every == 0)

    def _store(self) -> None:
        if distributed.rank() == 0:
            save_checkpoint(self._path, self._state())
        self._written = time.monotonic()

    def _state(self) -> dict[str, Any]:
        state = {
            "schedule": asdict(self._schedule), "step": self.step, "seconds": self.seconds, "done": self.done,
            "figures": self.figures, "best": self.best, "stale": self._stale, "network": self._network.state_dict(),
        }  # fmt: skip
        if self.done:
            return state  # of a finished training only the result is kept
        average = None if self._average is None else self._average.state_dict()
        return {
            **state, "average": average, "optimiser": self._optimiser.state_dict(), "best_weights": self._best_weights,
            "sum": float(self._sum), "count": self._count,
        }  # fmt: skip

    def _take_up(self, state: dict[str, Any]) -> None:
        if state.get("schedule") != asdict(self._schedule):
            raise UsageError(
                f"The checkpoint {self._path} is of a training with other settings: "
                "give the same ones, or start again with --fresh."
            )
        self.step, self.seconds, self.done = state["step"], state["seconds"], state["done"]
        self.figures, self.best, self._stale = state["figures"], state["best"], state["stale"]
        self._network.load_state_dict(state["network"])
        if self.done:
            return
        if self._average is not None:
            self._average.load_state_dict(state["average"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._best_weights = state["best_weights"]
        self._sum, self._count = self._sum + state["sum"], state["count"]


def _plain(figures: dict[str, Any]) -> dict[str, Any]:
    """Without numpy's numbers, which a checkpoint does not take."""
    plain: dict[str, Any] = json.loads(json.dumps(figures, default=float))
    return plain
