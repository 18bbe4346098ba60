"""`edge-engines evaluate`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from edge.infer.card import MODELS_FOLDER
from engines.archives import Archives, default_folder
from engines.cache import default_cache
from engines.cli.arguments import bound_threads, check_model, check_output, with_examples

_EXAMPLES = """examples:
  edge-engines evaluate                                   the shipped student on all archives of the data folder
  edge-engines evaluate --report out.html                 the same, with plots, as one page for a browser
  edge-engines evaluate --fer2013 fer2013_train_public.zip --json
  edge-engines evaluate --teacher ~/.cache/edge-emotion/engines/teacher/joint/teacher.pt
  edge-engines evaluate --model /tmp/student --split all --speech a.tar b.tar --av av_dev.zip
A speech archive may hold any set and any people. The split `test` takes the people that training has not met.
"""


def add(commands: Any) -> None:
    """Hang the command in."""
    parser = with_examples(commands.add_parser("evaluate", help="judge a student's ONNX files"), _EXAMPLES)
    parser.add_argument("--model", type=Path, default=MODELS_FOLDER, metavar="DIR", help="default: the shipped student")
    parser.add_argument(
        "--data", type=Path, default=default_folder(), metavar="DIR", help="archives to take when none is named"
    )
    parser.add_argument("--fer2013", type=Path, metavar="ZIP", help="pictures")
    parser.add_argument("--speech", type=Path, nargs="+", action="extend", default=[], metavar="TAR", help="voices")
    parser.add_argument("--av", type=Path, metavar="ZIP", help="filmed speech")
    parser.add_argument("--teacher", type=Path, metavar="FILE", help="checkpoint of the teacher to compare with")
    parser.add_argument("--split", choices=("all", "test"), default="test", help="rows to judge (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="figures as one JSON object on standard output")
    parser.add_argument("--report", type=Path, metavar="HTML", help="also write a page with plots")
    parser.add_argument(
        "--curves",
        type=Path,
        nargs="+",
        action="extend",
        default=[],
        metavar="CSV",
        help="training curves, for --report",
    )
    parser.add_argument(
        "--cache", type=Path, default=default_cache(), metavar="DIR", help="computed features (default %(default)s)"
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    bound_threads(1)
    from engines.evaluation import evaluate
    from engines.report.blocks import titled_blocks
    from engines.report.page import read_curve, write_page
    from engines.report.table import table

    check_model(arguments.model)
    for curve in arguments.curves:
        read_curve(curve)  # a wrong name is told before the work, not after it
    if arguments.report:
        check_output("--report", arguments.report)
    fer2013, speech, av = arguments.fer2013, arguments.speech, arguments.av
    if not (fer2013 or speech or av):
        archives = Archives.inside(arguments.data)
        fer2013, speech, av = archives.fer2013, archives.speech, archives.av
    result = evaluate(
        arguments.model,
        fer2013=fer2013,
        speech=speech,
        av=av,
        split=arguments.split,
        cache=arguments.cache,
        teacher=arguments.teacher,
    )
    # The figures first: a disk that fills up now must not take minutes of work along.
    print(json.dumps(result) if arguments.json else table(result), flush=True)
    if arguments.report:
        write_page(arguments.report, result, arguments.curves)
    blocks = [block for block in titled_blocks(result) if block.main]
    empty = [block.title for block in blocks if not block.figures["n"]]
    if empty:
        print(f"edge-engines: {_nothing(empty, arguments.split)}", file=sys.stderr)
    return 1 if len(empty) == len(blocks) else 0


def _nothing(titles: list[str], split: str) -> str:
    """Why there are blocks without a single row, and what to do."""
    judged = f"Nothing was judged of {', '.join(titles)}"
    if split == "test":
        return f"{judged}: no usable row belongs to the split test; --split all takes every row."
    return f"{judged}: no row has one of the seven labels and a file that can be read."
