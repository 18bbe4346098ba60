"""The child process that compiles the student for this GPU: a compiler that fails cannot take the daemon along."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from edge.accelerator.child_words import ChildWords, NonsenseError, Word
from edge.accelerator.modest_process import ModestProcess
from edge.clock import NS_PER_S, Clock
from edge.config import Settings
from edge.infer.engine import EngineError
from edge.infer.plan_shapes import FACES

SILENT_LIMIT_S = 600.0
"""A single layer takes the compiler of a slow board minutes."""
EXIT_LIMIT_S = 10.0
_LOOK_S = 0.1
_LAST_BYTES = 4096
_NOT_ITS_BUSINESS = ("NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC")

_log = logging.getLogger("edge.accelerator")


class BuildRefusedError(EngineError):
    """The compiled student did not pass: building it again would end the same way."""


class CancelledError(EngineError):
    """The daemon stops."""


class PlanBuilder(Protocol):
    """Who compiles what is missing into the store."""

    def build(self, on_progress: Callable[[float], None], *, anew: bool = False) -> None:
        """Build what is missing of both plans, or both `anew`; `on_progress` hears the share done, 0 … 1.

        Raises BuildRefusedError, or EngineError when another attempt may go better.
        """
        ...

    def cancel(self) -> None:
        """End `build`, now and for good, from any thread."""
        ...


def build_command(settings: Settings, folder: Path) -> list[str]:
    """The words that build the plans of `settings` into `folder`."""
    words = ["build", "--backend", "tensorrt", "--precision", settings.tensorrt.precision, "--faces", str(FACES)]
    words += ["--workspace-mb", str(settings.tensorrt.workspace_mb), "--out", str(folder), "--progress", "json"]
    return [sys.executable, "-m", "engines.cli", *words]


class PlanChild:
    """Runs `command`, one build at a time; the child speaks as ChildWords understands."""

    def __init__(self, command: Sequence[str], clock: Clock, environ: Mapping[str, str] = os.environ) -> None:
        self._command = list(command)
        self._clock = clock
        self._environ = environ
        self._cancelled = threading.Event()
        self._building = threading.Lock()

    def build(self, on_progress: Callable[[float], None], *, anew: bool = False) -> None:
        """Run the child to its end. Raises BuildRefusedError, CancelledError, EngineError."""
        with self._building:
            child = self._start([*self._command, "--force"] if anew else self._command)
            try:
                said, complaint = self._listen(child, on_progress)
                self._await_exit(child)
            finally:
                code = child.finish()
        self._check_wanted()
        _judge(code, said, complaint)

    def cancel(self) -> None:
        """End the child, now and for good."""
        self._cancelled.set()

    def _check_wanted(self) -> None:
        if self._cancelled.is_set():
            raise CancelledError("the build was cancelled")

    def _start(self, command: list[str]) -> ModestProcess:
        self._check_wanted()
        environ = {name: value for name, value in self._environ.items() if name not in _NOT_ITS_BUSINESS}
        try:
            child = ModestProcess(command, environ)
        except OSError as error:
            raise EngineError(f"the compiler's process cannot be started ({error.strerror})") from error
        _log.debug("process %d builds: %s", child.pid, " ".join(command))
        return child

    def _listen(self, child: ModestProcess, on_progress: Callable[[float], None]) -> tuple[Word, str]:
        """Until it has nothing more to say: its last word, and the end of its standard error."""
        words, last, complaint = ChildWords(), Word(), b""
        heard_ns = self._clock.now_ns()
        while not child.silent and not self._cancelled.is_set():
            ended = child.ended  # somebody else may hold its pipes still
            read = list(child.read(0.0 if ended else _LOOK_S))
            if ended and not read:
                break
            for pipe, data in read:
                if pipe == "stderr":
                    complaint = (complaint + data)[-_LAST_BYTES:]
                    continue
                for word in _heard(words, data):
                    if word.done is not None and word != last:
                        heard_ns = self._clock.now_ns()
                        on_progress(word.done)
                    last = word
            if self._clock.now_ns() - heard_ns > SILENT_LIMIT_S * NS_PER_S:
                raise EngineError(f"the compiler made no progress for {SILENT_LIMIT_S / 60:.0f} minutes")
        return last, complaint.decode(errors="replace")

    def _await_exit(self, child: ModestProcess) -> None:
        """It has closed its output, and frees what it has."""
        until_ns = self._clock.now_ns() + EXIT_LIMIT_S * NS_PER_S
        while not child.ended and self._clock.now_ns() < until_ns and not self._cancelled.wait(_LOOK_S):
            pass


def _heard(words: ChildWords, data: bytes) -> list[Word]:
    try:
        return words.feed(data)
    except NonsenseError:
        raise EngineError("the compiler's process says what nobody understands; install the package again") from None


def _judge(code: int, said: Word, complaint: str) -> None:
    """Raises what the end of the child means."""
    if said.refused is not None:
        raise BuildRefusedError(said.refused)
    if code < 0:
        raise EngineError(f"the compiler was killed by signal {-code}: it may lack memory")
    if code:
        lines = [line for line in complaint.splitlines() if line.strip()]
        sentence = lines[-1].removeprefix("edge-engines: ").strip() if lines else ""
        raise EngineError(sentence or f"the compiler ended with exit code {code}")
