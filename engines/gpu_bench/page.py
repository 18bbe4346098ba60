"""The figures in a page of docs, between two comments that stay, and the plot beside it."""

from __future__ import annotations

from pathlib import Path

from edge.errors import UsageError
from engines.gpu_bench.bench import Record
from engines.gpu_bench.plot import plot
from engines.gpu_bench.tables import as_lines, tables

BEGIN = "<!-- gpu-bench -->\n"
END = "<!-- /gpu-bench -->"
_NO_GPU = "**No GPU took part.** What this shows is that the bench runs, and what the processor does alone."
PICTURE = Path("pictures") / "gpu-bench.svg"


def check(page: Path) -> None:
    """Raises UsageError when the page cannot be written or lacks the marks: before minutes of measuring."""
    _parts(page)


def write(page: Path, record: Record) -> None:
    """Replace what stands between BEGIN and END; the plot goes into the folder `pictures` beside the page.

    Raises UsageError when it cannot be.
    """
    before, after = _parts(page)
    drawn = plot(record.latencies, "tick", "A tick, by its faces")
    blocks = [" ".join(as_lines(record))]
    if not record.request.on_gpu:
        blocks.append(_NO_GPU)
    try:
        if drawn:
            (page.parent / PICTURE).parent.mkdir(exist_ok=True)
            (page.parent / PICTURE).write_text(drawn, encoding="utf-8")
            blocks.append(f"![Milliseconds of a tick by its faces, each way to run it a line]({PICTURE})")
        blocks += [table.markdown() for table in tables(record)]
        page.write_text(before + BEGIN + "\n\n".join(blocks) + "\n" + END + after, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"The page {str(page)!r} cannot be written ({error.strerror}): name another one.") from error


def _parts(page: Path) -> tuple[str, str]:
    try:
        text = page.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"The page {str(page)!r} cannot be read ({error.strerror}): name another one.") from error
    before, mark, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (mark and end):
        raise UsageError(f"The page {str(page)!r} has no {BEGIN.strip()} … {END}: add both, each on a line.")
    return before, after
