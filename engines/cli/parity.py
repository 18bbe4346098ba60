"""`edge-engines parity`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edge.errors import DeviceError
from edge.infer.card import MODELS_FOLDER, load_card
from engines.cli.arguments import bound_threads, check_model, check_output, positive, with_examples
from engines.parity.tolerance import TOLERANCES

BACKENDS = ("onnx", "torch", "tensorrt")
_EXAMPLES = """examples:
  edge-engines parity                                 all that can be had here, on the built-in clip
  edge-engines parity clip.mp4 voice.wav --json       on clips of your own
  edge-engines parity --data ../shared/data --report out.html
  edge-engines parity --backends tensorrt --precisions fp16
  edge-engines parity --backends torch --checkpoint student.pt
Without clips the built-in one is taken, or drawn faces and tones where it cannot be made. The exit code is 1 when a
precision is refused, 69 when a backend that was named cannot be had.
"""


def add(commands: Any) -> None:
    """Hang the command in."""
    parser = with_examples(
        commands.add_parser("parity", help="whether torch, ONNX Runtime and TensorRT say the same"), _EXAMPLES
    )
    parser.add_argument("clips", type=Path, nargs="*", metavar="CLIP", help="videos or sounds to go by")
    parser.add_argument("--model", type=Path, default=MODELS_FOLDER, metavar="DIR", help="default: the shipped student")
    parser.add_argument("--backends", type=_names(BACKENDS), metavar="LIST", help="onnx,torch,tensorrt (default: all)")
    parser.add_argument(
        "--precisions", type=_names(tuple(TOLERANCES)), default=(), metavar="LIST", help="fp32,fp16,int8 (default: all)"
    )
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="what torch runs (default: the ONNX files)")
    parser.add_argument("--faces", type=positive, default=8, metavar="N", help="most faces at once (%(default)s)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="go by the archives of this folder too")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.add_argument("--report", type=Path, metavar="HTML", help="also write a page with plots")
    parser.set_defaults(run=_run)


def _names(known: Sequence[str]) -> Any:
    def parse(text: str) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(text.split(",")))
        strange = [name for name in names if name not in known]
        if strange:
            raise argparse.ArgumentTypeError(f"{strange[0]!r} is unknown: name one or more of {','.join(known)}")
        return names

    return parse


def _run(arguments: argparse.Namespace) -> int:
    bound_threads(1)
    from engines.parity.backends import choices
    from engines.parity.page import write_page
    from engines.parity.run import run
    from engines.parity.sources import source_of
    from engines.parity.table import table

    check_model(arguments.model)
    if arguments.report:
        check_output("--report", arguments.report)
    wished = choices(arguments.backends or BACKENDS, arguments.precisions)
    results = run(
        load_card(arguments.model),
        wished,
        source_of(arguments.clips, arguments.data),
        arguments.checkpoint,
        arguments.faces,
    )
    print(json.dumps(results.as_json()) if arguments.json else table(results), flush=True)
    if arguments.report:
        write_page(arguments.report, results)
    if not results.accepted:
        return 1
    if arguments.backends and results.absent:
        print(f"edge-engines: {results.absences()[0]}", file=sys.stderr)
        return DeviceError.exit_code
    return 0
