"""The figures in a page of docs, between two comments that stay, and the plot beside it."""

from __future__ import annotations

from pathlib import Path

from edge.errors import UsageError
from engines import marked_page
from engines.gpu_bench.bench import Record
from engines.gpu_bench.plot import plot
from engines.gpu_bench.tables import as_lines, tables

MARK = "gpu-bench"
_NO_GPU = "**No GPU took part.** What this shows is that the bench runs, and what the processor does alone."
PICTURE = Path("pictures") / "gpu-bench.svg"


def check(page: Path) -> None:
    """Raises UsageError when the page cannot be read or lacks the marks: before minutes of measuring."""
    marked_page.check(page, MARK)


def write(page: Path, record: Record) -> None:
    """Replace what stands between the marks; the plot goes into the folder `pictures` beside the page.

    Raises UsageError when it cannot be.
    """
    check(page)
    blocks = [" ".join(as_lines(record))]
    if not record.request.on_gpu:
        blocks.append(_NO_GPU)
    drawn = plot(record.latencies, "tick", "A tick, by its faces")
    if drawn:
        _draw(page.parent / PICTURE, drawn)
        blocks.append(f"![Milliseconds of a tick by its faces, each way to run it a line]({PICTURE})")
    blocks += [table.markdown() for table in tables(record)]
    marked_page.replace(page, MARK, "\n\n".join(blocks) + "\n")


def _draw(picture: Path, drawn: str) -> None:
    try:
        picture.parent.mkdir(exist_ok=True)
        picture.write_text(drawn, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"The picture {str(picture)!r} cannot be written ({error.strerror}): name another page."
        ) from error
