"""An engine that computes with ONNX Runtime and fails on command, and a GPU's backend made of such engines."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from edge.infer.card import load_card
from edge.infer.engine import EngineError, Feeds, OutsideProfileError
from edge.infer.onnx_engine import OnnxEngine

Fault = Callable[[Feeds], Feeds]
"""Answers in, what the engine says instead out; it may as well raise, or take its time."""


class CudaLikeError(RuntimeError):
    """As pycuda's: no EngineError, and its text has lines."""


class UnspeakableError(Exception):
    """Not even its text can be had."""

    def __str__(self) -> str:
        raise ValueError("no words")


class FaultyEngine(OnnxEngine):
    """`fault` may be changed at any time; `loading` is called by `activate`."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.name = f"gpu:{path.name}"
        self.fault: Fault | None = None
        self.loading: Callable[[], object] | None = None
        self.calls: list[int] = []
        """How many rows each call had."""
        self.threads: set[str] = set()
        self.active = False

    def activate(self) -> None:
        if self.loading is not None:
            self.loading()
        super().activate()
        self.active = True

    def infer(self, feeds: Feeds) -> Feeds:
        self.calls.append(len(next(iter(feeds.values()))))
        self.threads.add(threading.current_thread().name)
        answers = super().infer(feeds)
        return answers if self.fault is None else self.fault(answers)

    def deactivate(self) -> None:
        self.threads.add(threading.current_thread().name)
        super().deactivate()
        self.active = False


def face_engine() -> FaultyEngine:
    return FaultyEngine(load_card().face_path)


def raising(error: BaseException) -> Fault:
    def fault(_answers: Feeds) -> Feeds:
        raise error

    return fault


def filled(value: float) -> Fault:
    """One number of each answer is `value`."""

    def fault(answers: Feeds) -> Feeds:
        spoiled = {name: array.copy() for name, array in answers.items()}
        for array in spoiled.values():
            array[-1, -1] = value
        return spoiled

    return fault


class Hang:
    """A driver that answers when `release` is set; `entered`: somebody waits for it."""

    def __init__(self, release: threading.Event) -> None:
        self.entered = threading.Event()
        self._release = release

    def __call__(self, answers: Feeds) -> Feeds:
        self.entered.set()
        self._release.wait(60)
        return answers


def late(seconds: float) -> Fault:
    def fault(answers: Feeds) -> Feeds:
        time.sleep(seconds)
        return answers

    return fault


def at_call(number: int, fault: Fault) -> Fault:
    """Only the call of this number, from 1 on."""
    calls = [0]

    def counted(answers: Feeds) -> Feeds:
        calls[0] += 1
        return fault(answers) if calls[0] == number else answers

    return counted


def one_row_less(answers: Feeds) -> Feeds:
    return {name: array[:-1] for name, array in answers.items()}


def transposed(answers: Feeds) -> Feeds:
    return {name: array.T for name, array in answers.items()}


def doubled(answers: Feeds) -> Feeds:
    return {name: array.astype(np.float64) for name, array in answers.items()}


def renamed(answers: Feeds) -> Feeds:
    return {f"{name}_0": array for name, array in answers.items()}


def nothing(_answers: Feeds) -> Feeds:
    return None  # type: ignore[return-value]


def listed(answers: Feeds) -> Feeds:
    return list(answers.values())  # type: ignore[return-value]


def shifted(answers: Feeds) -> Feeds:
    """Plausible, finite, and wrong."""
    return {name: np.roll(array, 1, axis=-1) for name, array in answers.items()}


RUN_TIME_FAULTS: dict[str, Fault] = {
    "a CUDA error": raising(CudaLikeError("cuStreamSynchronize failed: an illegal memory access\nwas encountered")),
    "out of memory": raising(MemoryError()),
    "an error of ours": raising(EngineError("the GPU gave no answer within 1 s")),
    "no words": raising(UnspeakableError()),
    "many words": raising(RuntimeError("x" * 10_000)),
    "NaN": filled(float("nan")),
    "infinity": filled(float("inf")),
    "minus infinity": filled(float("-inf")),
    "a row less": one_row_less,
    "another shape": transposed,
    "another type": doubled,
    "other names": renamed,
    "nothing": nothing,
    "a list": listed,
}

TOO_LARGE = raising(OutsideProfileError("the plan takes 1 to 8 crops, not 9"))
