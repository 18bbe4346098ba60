"""Writers that are killed, and writers that meet: run as a program of its own, so that it may fork.

writers.py crash FOLDER   one line per killed writer: what can be loaded afterwards
writers.py meet FOLDER    what can be loaded while three write
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from edge.infer.plan_store import Plan, PlanError, PlanStore
from tests.edge.infer.plans.shelf import KEY, TENSORS

SIZE = 200_000
CALLS = ("open", "rename", "fsync", "unlink", "close", "fchown")


def version(letter: str) -> Plan:
    """A plan of one letter."""
    return Plan(KEY, letter.encode() * SIZE, TENSORS)


def seen(store: PlanStore) -> str:
    """The letter of the plan that is there, or the class of error; anything else would be a wrong plan."""
    try:
        plan = store.load(KEY)
    except PlanError as error:
        return type(error).__name__
    whole = len(plan.data) == SIZE and len(set(plan.data)) == 1
    return chr(plan.data[0]) if whole else "WRONG"


def forked(work: Callable[[], object]) -> int:
    """A child that does `work`; its process number."""
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    return child


def die_at(number: int) -> None:
    """From now on the call `number` of CALLS is the last."""
    left = [number]

    def deadly(call: Callable[..., object]) -> Callable[..., object]:
        def made(*arguments: object, **named: object) -> object:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **named)

        return made

    for name in CALLS:
        setattr(os, name, deadly(getattr(os, name)))


def crash(store: PlanStore) -> None:
    """Once at each call in turn, until a writer lives to the end; then forty times at random."""
    for number in range(1, 100):
        store.save(version("o"), {})
        status = os.waitpid(forked(lambda number=number: (die_at(number), store.save(version("n"), {}))), 0)[1]
        print("call", number, "killed" if status else "done", seen(store), flush=True)
        if status == 0:
            break
    for number in range(40):
        store.save(version("o"), {})
        child = forked(lambda: [store.save(version("n"), {}) for _ in range(1000)])
        time.sleep(random.uniform(0.0, 0.03))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        print("time", number, "killed", seen(store), flush=True)


def meet(store: PlanStore) -> None:
    """Three writers of three plans under one key, and a reader."""
    store.save(version("a"), {})
    writers = [
        forked(lambda letter=letter: [store.save(version(letter), {"of": letter}) for _ in range(30)])
        for letter in "abc"
    ]
    while writers:
        child, status = os.waitpid(-1, os.WNOHANG)
        if child:
            writers.remove(child)
            print("writer", status, flush=True)
        print("read", seen(store), flush=True)


if __name__ == "__main__":
    {"crash": crash, "meet": meet}[sys.argv[1]](PlanStore(Path(sys.argv[2])))
