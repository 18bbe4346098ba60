"""What a library's error says, as part of a sentence of ours."""

from __future__ import annotations


def one_line(error: BaseException) -> str:
    """The first line of an error's text, without the file's path (it is named already) and without a full stop.

    tarfile tells over many lines, KeyError puts quotes around its text, libsndfile names an object in memory.
    """
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    words = error.args[0] if isinstance(error, KeyError) and error.args else getattr(error, "error_string", error)
    return str(words).partition("\n")[0].rstrip(":.") or type(error).__name__
