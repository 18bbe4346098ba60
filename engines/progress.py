"""Progress bars on a terminal, silence elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


def progress(items: Iterable[T], what: str, total: int | None = None) -> Iterable[T]:
    """`items`, with a bar on standard error while they go by, when that is a terminal."""
    if not sys.stderr.isatty():
        return items
    from tqdm import tqdm

    bar: Iterable[T] = tqdm(items, desc=what, total=total, leave=False)
    return bar


@contextmanager
def meter(what: str, total: int, done: int) -> Iterator[Callable[[str], None]]:
    """A bar that already stands at `done`; what it yields moves it on by one and shows a few words behind it."""
    if not sys.stderr.isatty():
        yield lambda _words: None
        return
    from tqdm import tqdm
    from tqdm.contrib.logging import logging_redirect_tqdm

    with tqdm(desc=what, total=total, initial=done, leave=False) as bar, logging_redirect_tqdm():

        def move(words: str) -> None:
            bar.set_postfix_str(words, refresh=False)
            bar.update()

        yield move
