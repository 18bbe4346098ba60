"""Who is told how far a build is: a person at a terminal, a program that reads lines, the service manager."""

from __future__ import annotations

import json
import select
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from edge.clock import NS_PER_S, Clock
from edge.errors import UsageError
from edge.notify import ServiceManager

KINDS = ("auto", "bar", "lines", "json")
_PERCENT_PER_LINE = 10
_DRAW_EVERY_S = 0.1
_ROUNDING = 1e-6  # 100 × 0.29 is 28.999…
_TELL_MANAGER_EVERY_NS = 10 * NS_PER_S
_MANAGER_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Step:
    """Where a build is: which graph ("face", "head", or both: "student"), what is done with it, how much of all."""

    graph: str
    phase: str
    done: float

    @property
    def percent(self) -> int:
        """Of the whole build, rounded down."""
        return int(100 * self.done + _ROUNDING)


class Progress(Protocol):
    """Told the same step again and again while it lasts, about ten times a second."""

    def tell(self, step: Step) -> None:
        """The build is at `step`."""
        ...

    def close(self) -> None:
        """The build is over."""
        ...


class JsonProgress:
    """One JSON object a line on standard output, when the percentage or the phase has changed."""

    def __init__(self) -> None:
        self._last: tuple[str, str, int] | None = None
        self._reader = select.poll()
        with suppress(OSError, ValueError):  # a standard output that is no file has no reader to lose
            self._reader.register(sys.stdout.fileno(), 0)

    def tell(self, step: Step) -> None:
        """{"graph", "phase", "done"}, `done` 0 … 1. Raises BrokenPipeError as soon as nobody reads any more."""
        if any(event & select.POLLERR for _, event in self._reader.poll(0)):
            raise BrokenPipeError("nobody waits for this build any more")
        now = (step.graph, step.phase, step.percent)
        if now != self._last:
            self._last = now
            print(json.dumps({"graph": step.graph, "phase": step.phase, "done": step.percent / 100}), flush=True)

    def close(self) -> None:
        """The last line is the command's own."""


class LineProgress:
    """A line on standard error for every tenth of the way."""

    def __init__(self) -> None:
        self._told = -_PERCENT_PER_LINE

    def tell(self, step: Step) -> None:
        """Graph, phase and percentage."""
        if step.percent >= self._told + _PERCENT_PER_LINE:
            self._told = step.percent // _PERCENT_PER_LINE * _PERCENT_PER_LINE
            print(f"{step.percent:3} % {step.graph}: {step.phase}", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Nothing is left standing on the terminal."""


class BarProgress:
    """tqdm's bar on standard error."""

    def __init__(self, tqdm: Any) -> None:
        self._bar = tqdm(total=100, leave=False, bar_format="{percentage:3.0f} %|{bar}| {elapsed} {postfix}")
        self._drawn_s = 0.0

    def tell(self, step: Step) -> None:
        """Graph, phase and percentage."""
        now_s = time.monotonic()
        if now_s - self._drawn_s < _DRAW_EVERY_S and step.done < 1.0:
            return
        self._drawn_s = now_s
        self._bar.set_postfix_str(f"{step.graph}: {step.phase}", refresh=False)
        self._bar.n = step.percent
        self._bar.refresh()

    def close(self) -> None:
        """Take the bar away."""
        self._bar.close()


class ManagerProgress:
    """The service manager: a line for `systemctl status`, and that the start takes longer."""

    def __init__(self, clock: Clock, manager: ServiceManager) -> None:
        self._clock = clock
        self._manager = manager
        self._told_ns: int | None = None

    def tell(self, step: Step) -> None:
        """Every ten seconds at most: a build of minutes must neither time out nor flood the manager."""
        now_ns = self._clock.now_ns()
        if self._told_ns is None or now_ns - self._told_ns >= _TELL_MANAGER_EVERY_NS:
            self._told_ns = now_ns
            self._manager.status(f"building the engine: {step.percent} % ({step.graph}, {step.phase})")
            self._manager.extend(_MANAGER_TIMEOUT_S)

    def close(self) -> None:
        """What comes next tells for itself."""


class Together:
    """Several at once."""

    def __init__(self, *parts: Progress) -> None:
        self._parts = parts

    def tell(self, step: Step) -> None:
        """To each."""
        for part in self._parts:
            part.tell(step)

    def close(self) -> None:
        """Each."""
        for part in self._parts:
            part.close()


def terminal_progress(kind: str) -> Progress:
    """The progress that `--progress` names. Raises UsageError for a bar without tqdm.

    "auto": a bar on a terminal where tqdm is installed, else lines.
    """
    if kind == "json":
        return JsonProgress()
    if kind == "bar" or (kind == "auto" and sys.stderr.isatty()):
        with suppress(ModuleNotFoundError):
            from tqdm import tqdm

            return BarProgress(tqdm)
        if kind == "bar":
            raise UsageError("--progress bar needs tqdm: pip install tqdm, or give --progress lines.")
    return LineProgress()
