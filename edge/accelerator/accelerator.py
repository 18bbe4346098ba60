"""The thread that puts the student on the GPU, takes it back when that fails, and tries again later."""

from __future__ import annotations

import contextlib
import logging
import threading
from pathlib import Path

from edge.accelerator.driver_thread import DriverThread
from edge.accelerator.gpu_student import GpuStudent
from edge.accelerator.plan_child import PlanBuilder
from edge.accelerator.plans import Plans
from edge.accelerator.retry import Retry
from edge.clock import Clock
from edge.config import Settings
from edge.health import Status
from edge.infer.card import Card
from edge.infer.cuda import GpuBackend
from edge.infer.engine import Engine, EngineError
from edge.infer.onnx_engine import OnnxEngine
from edge.infer.plan_key import PlanTarget
from edge.infer.plan_store import PlanRejectedError, PlanStore
from edge.infer.switching_engine import SwitchingEngine, in_words

TARGET_LIMIT_S = 60.0
"""The first call loads TensorRT and wakes the GPU."""
MOST_LEFT = 3
"""GPUs' threads that hang in the driver: with so many no further attempt is made."""
STOP_S = 0.4
TELL_EVERY_PERCENT = 10
_MEANWHILE = "ONNX Runtime does the work"

_log = logging.getLogger("edge.accelerator")


class Accelerator:
    """`engine` gives the student's engines: ONNX Runtime at once, the GPU as soon and as long as it works.

    `status` tells which of them it is. The user's `engine` decides: onnx asks no GPU, auto is content without one.
    """

    def __init__(
        self,
        settings: Settings,
        card: Card,
        status: Status,
        clock: Clock,
        backend: GpuBackend,
        builder: PlanBuilder,
        store: PlanStore,
    ) -> None:
        paths = {"face": card.face_path, "head": card.head_path}
        self._graphs = {path: graph for graph, path in paths.items()}
        self._switches = {graph: SwitchingEngine(OnnxEngine(path), self._dropped) for graph, path in paths.items()}
        self._settings = settings
        self._card = card
        self._status = status
        self._backend = backend
        self._builder = builder
        self._plans = Plans(settings, card, store, builder)
        self._retry = Retry(clock)
        self._gpu: DriverThread | None = None
        self._student: GpuStudent | None = None
        self._lent = False
        self._left: list[GpuStudent | DriverThread] = []
        self._reason: str | None = None
        self._had_gpu = False
        self._told_percent = 0
        self.building = False
        """Whether an engine is being built now."""
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="accelerator", daemon=True)

    def engine(self, path: Path) -> Engine:
        """The engine for one of the student's two files, for Student."""
        return self._switches[self._graphs[path]]

    def start(self) -> None:
        """The student is active on ONNX Runtime; look for the GPU, unless nobody wants it."""
        if self._settings.engine != "tensorrt":
            self._status.become("online", reason=None, engine="onnx")
        if self._settings.engine != "onnx":
            self._thread.start()

    def stop(self) -> None:
        """Give the GPU back and end the build, within a second; a driver that hangs is left behind."""
        self._stopping.set()
        self._builder.cancel()
        self._news.set()
        if self._thread.is_alive():
            self._thread.join(STOP_S)
        if self._thread.is_alive():
            for waited in (self._student, self._gpu):
                if waited is not None:
                    waited.give_up()
            self._thread.join(STOP_S)
        if not self._thread.is_alive():
            self._free()

    @property
    def stopped(self) -> bool:
        """Whether no thread is left in the GPU's driver: without that, an ordinary exit would wait for it."""
        return not self._thread.is_alive() and not any(one.running for one in self._left)

    def step(self) -> None:
        """Do what is due: fall back after a failure, try the GPU when it is time."""
        reason, self._reason = self._reason, None
        if reason is not None:
            self._fall_back(f"TensorRT failed: {reason}")
        elif not self._lent and not self._retry.left_s:
            self._attempt()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._news.clear()
            try:
                self.step()
            except Exception as error:  # nothing here may end the thread: the GPU would never come back
                _log.debug("traceback", exc_info=True)
                self._fall_back(f"TensorRT failed: {in_words(error)}")
            if not self._stopping.is_set():
                self._news.wait(None if self._lent else self._retry.left_s)

    def _attempt(self) -> None:
        self._left = [one for one in self._left if one.running]
        if len(self._left) >= MOST_LEFT:
            self._fall_back("the GPU's driver hangs; restart the service, or the machine")
            return
        try:
            target = self._target()
        except EngineError as error:
            self._without_gpu(in_words(error))
            return
        self._had_gpu = True
        try:
            self._hand_over(target)
        except Exception as error:  # a driver's own types
            _log.debug("traceback", exc_info=True)
            self._fall_back(f"TensorRT cannot be used: {in_words(error)}")

    def _target(self) -> PlanTarget:
        """This GPU. Raises EngineError."""
        gpu = self._gpu = DriverThread("the GPU's driver")
        try:
            return gpu.call(self._backend.target, TARGET_LIMIT_S)
        finally:
            self._gpu = None
            if not gpu.end(lambda: None, 0.0):
                self._left.append(gpu)

    def _hand_over(self, target: PlanTarget) -> None:
        """From plans to answers of the GPU. Raises whatever goes wrong."""
        try:
            plans = self._plans.get(target, lambda done: self._tell_building(target, done))
        finally:
            self.building = False
        student = self._student = GpuStudent(self._switches)
        precision = self._settings.tensorrt.precision
        try:
            student.load(self._backend, plans, self._card, precision)
        except PlanRejectedError as error:
            self._plans.reject(plans, in_words(error))
            raise
        if self._stopping.is_set():
            return
        self._retry.worked()
        self._lent = True
        student.lend()
        gpu = {"precision": precision, "device": target.device}
        self._status.become("online", reason=None, engine=target.backend, **gpu)
        _log.info("%s does the work in %s on %s", target.backend, precision, target.device or "this GPU")

    def _dropped(self, reason: str) -> None:
        """From the thread that met the failure."""
        for switch in self._switches.values():
            switch.use(None)
        self._reason = reason
        self._news.set()

    def _fall_back(self, reason: str) -> None:
        """Tell first, then free: that may take its time."""
        self._lent = False
        for switch in self._switches.values():
            switch.use(None)
        if self._stopping.is_set():
            return
        wait_s = self._retry.failed()
        words = f"{reason}; {_MEANWHILE}, next attempt in {wait_s:.0f} s"
        self._status.become("degraded", reason=words, engine="onnx")
        self._free()

    def _without_gpu(self, reason: str) -> None:
        """Whoever did not ask for TensorRT, and never had it, misses nothing."""
        if self._settings.engine == "tensorrt" or self._had_gpu:
            self._fall_back(f"TensorRT cannot be used: {reason}")
        else:
            self._retry.failed()

    def _tell_building(self, target: PlanTarget, done: float) -> None:
        self.building = True
        percent = int(100 * done)
        if done and percent < self._told_percent + TELL_EVERY_PERCENT:
            return
        self._told_percent = percent
        words = f"building the engine for {target.device or 'this GPU'} ({percent} %); {_MEANWHILE}"
        self._status.become("degraded", reason=words, engine="onnx")

    def _free(self) -> None:
        student, self._student = self._student, None
        if student is not None:
            with contextlib.suppress(Exception):
                student.free()
            if student.running:
                self._left.append(student)
