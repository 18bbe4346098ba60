"""`make gpu-bench`: the student on this machine's GPU, measured and compared.

python -m engines.gpu_bench [--quick] [--cpu] [--json] [--write PAGE] [--only ROW] …
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from edge.board.gpu import cu_init
from edge.errors import EdgeError
from edge.infer.card import PRECISIONS
from edge.infer.plan_shapes import MOST_FACES
from engines.cli.arguments import Parser, with_examples
from engines.gpu_bench import page
from engines.gpu_bench.bench import Record, measure, steps
from engines.gpu_bench.request import ROWS, Request
from engines.gpu_bench.tables import as_lines, tables

NO_GPU = 69
_EXAMPLES = """examples:
  make gpu-bench
  python -m engines.gpu_bench --quick --json > figures.json
  python -m engines.gpu_bench --only tick --faces 1,8 --precisions fp16
  python -m engines.gpu_bench --write docs/tensorrt.md
  python -m engines.gpu_bench --cpu           without a GPU: ONNX Runtime and torch on the processor alone
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; 69 without a GPU."""
    options = _parser().parse_args(argv)
    if not options.cpu:
        driver = cu_init()
        if not driver.works:
            print(
                f"gpu-bench: No GPU can be measured here ({driver.words}): {driver.remedy}, or give --cpu.",
                file=sys.stderr,
            )
            return NO_GPU
    try:
        if options.write:
            page.check(options.write)
        record = _measured(_request(options))
        if options.write:
            page.write(options.write, record)
    except EdgeError as error:
        print(f"gpu-bench: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    _show(record, as_json=options.json)
    return 0


def _measured(request: Request) -> Record:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("making ready", total=steps(request))

        def watch(words: str, done: int) -> None:
            progress.update(task, advance=done, **({"description": words} if words else {}))

        return measure(request, watch)


def _show(record: Record, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(record.as_json(), indent=1))
        return
    console = Console(width=None if sys.stdout.isatty() else 160, markup=False)  # errors have brackets of their own
    for line in as_lines(record):
        console.print(line, highlight=False)
    for table in tables(record):
        console.print(table.rich())


def _request(options: argparse.Namespace) -> Request:
    rows = tuple(row for row in ROWS if row in options.only) if options.only else ROWS
    request = Request(options.faces, options.precisions, rows, not options.cpu)
    return replace(request, rounds=3, calls=20, warm_up=5, moments=10, compiles=False) if options.quick else request


def _parser() -> argparse.ArgumentParser:
    text = "How fast the student runs on this machine's GPU, how alike, and against what else there is."
    parser = with_examples(Parser(prog="python -m engines.gpu_bench", description=text), _EXAMPLES)
    parser.add_argument("--quick", action="store_true", help="a minute instead of many: figures are rough then")
    parser.add_argument("--cpu", action="store_true", help="leave the GPU out: what the processor can do alone")
    parser.add_argument("--json", action="store_true", help="figures as JSON instead of tables")
    parser.add_argument(
        "--write", type=Path, metavar="PAGE", help="put tables and plot into this page of docs, between its marks"
    )
    parser.add_argument(
        "--faces", type=_faces, default=(1, 2, 4, 8), metavar="N,…", help="face counts (default 1,2,4,8)"
    )
    parser.add_argument(
        "--precisions", type=_precisions, default=PRECISIONS, metavar="P,…", help="default fp32,fp16,int8"
    )
    parser.add_argument(
        "--only", action="append", choices=ROWS, metavar="ROW", help=f"one of {', '.join(ROWS)}; again for more"
    )
    return parser


def _faces(text: str) -> tuple[int, ...]:
    try:
        found = tuple(sorted({int(part) for part in text.split(",")}))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} are no face counts: give some like 1,2,4,8") from None
    if not 1 <= found[0] <= found[-1] <= MOST_FACES:
        raise argparse.ArgumentTypeError(f"{text!r} is out of range: give face counts from 1 to {MOST_FACES}")
    return found


def _precisions(text: str) -> tuple[str, ...]:
    asked: Any = text.split(",")
    if not set(asked) <= set(PRECISIONS):
        raise argparse.ArgumentTypeError(f"{text!r} is not known: name some of {','.join(PRECISIONS)}")
    return tuple(one for one in PRECISIONS if one in asked)


if __name__ == "__main__":
    sys.exit(main())
