"""A bar while parity is measured, on standard error where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Yields what is to be told of every few steps that are done, of `total`."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from tqdm import tqdm

    with tqdm(desc=what, total=total, leave=False) as meter:

        def move(done: int) -> None:
            meter.update(done)

        yield move
