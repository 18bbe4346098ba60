"""Tables in a page of docs, each between two comments that stay."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edge.errors import UsageError
from tests.sync_bench.table import Table


def write(page: Path, tables: Sequence[Table]) -> None:
    """Replace what stands between `<!-- key -->` and `<!-- /key -->` of each table.

    Raises UsageError when the page cannot be read or lacks a table's marks.
    """
    try:
        text = page.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"The page {str(page)!r} cannot be read ({error.strerror}): name another one.") from error
    for table in tables:
        before, mark, rest = text.partition(f"<!-- {table.key} -->\n")
        _, end, after = rest.partition(f"<!-- /{table.key} -->")
        if not end:
            raise UsageError(f"The page {str(page)!r} has no <!-- {table.key} --> … <!-- /{table.key} -->: add both.")
        text = f"{before}{mark}{table.markdown()}\n{end}{after}"
    page.write_text(text, encoding="utf-8")
