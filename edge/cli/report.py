"""How a command ends that went wrong: with one sentence and its exit code."""

from __future__ import annotations

import traceback
from collections.abc import Sequence

from edge.cli.logs import last_words


def report(program: str, sentence: str, exit_code: int, words: Sequence[str]) -> int:
    """Write `sentence` behind all log lines, at debug level with the traceback; gives `exit_code`."""
    text = f"{program}: {sentence}\n"
    if _wants_traceback(words):
        text = traceback.format_exc() + text
    last_words(text)
    return exit_code


def _wants_traceback(words: Sequence[str]) -> bool:
    return "--log-level=debug" in words or ("--log-level", "debug") in zip(words, words[1:], strict=False)
