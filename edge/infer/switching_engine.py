"""ONNX Runtime, and before it a faster engine for as long as that one answers well."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edge.infer.engine import Engine, EngineError, Feeds, OutsideProfileError

MOST_WORDS = 200
_Form = dict[str, tuple[tuple[int, ...], str]]


class SwitchingEngine(Engine):
    """`infer` never fails because of the faster engine: the sure one answers the very same call.

    `on_failure` hears why the faster one was dropped, in the thread that met it: it must neither wait nor raise.
    Both engines give one row for each row of their first input.
    """

    def __init__(self, sure: Engine, on_failure: Callable[[str], None]) -> None:
        self.name = sure.name
        self.sure = sure
        """The one that is always there, for who wants to compare."""
        self._fast: Engine | None = None
        self._on_failure = on_failure
        self._form: _Form = {}

    def use(self, fast: Engine | None) -> None:
        """From the next call on `fast` answers, or the sure one alone; a call under way ends where it began.

        `fast` must be active; whoever lends it frees it.
        """
        self._fast = fast

    @property
    def fast(self) -> Engine | None:
        """The engine that is asked first now."""
        return self._fast

    def activate(self) -> None:
        """Load the sure one. Raises EngineError."""
        self.sure.activate()

    def infer(self, feeds: Feeds) -> Feeds:
        """One array of finite numbers per output. Raises EngineError when not even the sure engine gives that."""
        fast, reason = self._fast, None
        if fast is not None:
            try:
                answers = fast.infer(feeds)
                reason = self._fault(answers, feeds)
                if reason is None:
                    return answers
            except OutsideProfileError:
                pass
            except Exception as error:
                reason = in_words(error)
        answers = self._surely(feeds)  # raises when the feeds are to blame
        if fast is not None and reason is not None and self._fast is fast:
            self._fast = None
            self._on_failure(reason)
        return answers

    def deactivate(self) -> None:
        """Free the sure one, and ask the faster one no more."""
        self._fast = None
        self.sure.deactivate()

    def _surely(self, feeds: Feeds) -> Feeds:
        answers = self.sure.infer(feeds)
        for name, value in answers.items():
            if not np.isfinite(value).all():
                raise EngineError(f"{self.sure.name} gave {name} with NaN or infinity in it; it is not told")
        if not self._form:
            self._form = {name: (value.shape[1:], str(value.dtype)) for name, value in answers.items()}
        return answers

    def _fault(self, answers: Feeds, feeds: Feeds) -> str | None:
        """What is wrong with the answers of the faster engine; the sure one showed how they have to look."""
        if self._form and answers.keys() != self._form.keys():
            return f"it gave the outputs {sorted(answers)} instead of {sorted(self._form)}"
        rows = len(next(iter(feeds.values())))
        for name, value in answers.items():
            form, dtype = self._form.get(name, (value.shape[1:], str(value.dtype)))
            if value.shape != (rows, *form) or str(value.dtype) != dtype:
                return f"it gave {name} as {value.dtype} of shape {value.shape} instead of {dtype} of {(rows, *form)}"
            if not np.isfinite(value).all():
                return f"it gave {name} with NaN or infinity in it"
        return None


def in_words(error: BaseException) -> str:
    """One bounded line about any exception, to go on with; our own errors are sentences already."""
    try:
        text = " ".join(str(error).split()).rstrip(".")
    except Exception:
        text = ""
    if not isinstance(error, EngineError) or not text:
        text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return text if len(text) <= MOST_WORDS else f"{text[:MOST_WORDS]}…"
