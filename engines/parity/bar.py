"""A bar while parity is measured; without tqdm, as on a device, a line for each tenth."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Yields what is to be told of every few steps done, on standard error where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    try:
        from tqdm import tqdm
    except ModuleNotFoundError:
        yield _Lines(what, total).add
        return
    with tqdm(desc=what, total=total, leave=False) as meter:
        yield lambda done: meter.update(done) and None


class _Lines:
    def __init__(self, what: str, total: int) -> None:
        self._what, self._total, self._done, self._told = what, max(1, total), 0, 0

    def add(self, done: int) -> None:
        self._done += done
        tenth = 10 * self._done // self._total
        if tenth > self._told:
            self._told = tenth
            print(f"{self._what}: {10 * tenth} %", file=sys.stderr)
