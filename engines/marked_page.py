"""What a bench writes into a page of docs: it stands between two comments that stay."""

from __future__ import annotations

from pathlib import Path

from edge.errors import UsageError


def check(page: Path, name: str) -> None:
    """Raises UsageError when `page` cannot be read or lacks `<!-- name -->` … `<!-- /name -->`."""
    _parts(page, name)


def replace(page: Path, name: str, text: str) -> None:
    """Put `text`, which ends with its line, between the marks. Raises UsageError when it cannot be."""
    before, after = _parts(page, name)
    try:
        page.write_text(before + text + after, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"The page {str(page)!r} cannot be written ({error.strerror}): name another one.") from error


def _parts(page: Path, name: str) -> tuple[str, str]:
    """What stands before and after, with the marks."""
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    try:
        text = page.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"The page {str(page)!r} cannot be read ({error.strerror}): name another one.") from error
    before, first, rest = text.partition(begin)
    _, last, after = rest.partition(end)
    if not (first and last):
        raise UsageError(f"The page {str(page)!r} has no {begin.strip()} … {end}: add both, each on a line.")
    return before + begin, end + after
