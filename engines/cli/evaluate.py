"""`edge-engines evaluate`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from edge.infer.card import MODELS_FOLDER
from engines.archives import Archives, default_folder
from engines.cli.arguments import bound_threads, with_examples

_EXAMPLES = """examples:
  edge-engines evaluate                                   the shipped student on all archives of the data folder
  edge-engines evaluate --fer2013 fer2013_train_public.zip --json
  edge-engines evaluate --model /tmp/student --split all --speech a.tar b.tar --av av_dev.zip
"""


def add(commands: Any) -> None:
    """Hang the command in."""
    parser = with_examples(commands.add_parser("evaluate", help="judge a student's ONNX files"), _EXAMPLES)
    parser.add_argument("--model", type=Path, default=MODELS_FOLDER, metavar="DIR", help="default: the shipped student")
    parser.add_argument("--fer2013", type=Path, metavar="ZIP")
    parser.add_argument("--speech", type=Path, nargs="+", default=[], metavar="TAR")
    parser.add_argument("--av", type=Path, metavar="ZIP")
    parser.add_argument("--split", choices=("all", "test"), default="test", help="rows to judge (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="figures as one JSON object on standard output")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    bound_threads(1)
    from engines.evaluate import evaluate

    fer2013, speech, av = arguments.fer2013, arguments.speech, arguments.av
    if not (fer2013 or speech or av):
        archives = Archives.inside(default_folder())
        fer2013, speech, av = archives.fer2013, archives.speech, archives.av
    result = evaluate(arguments.model, fer2013=fer2013, speech=speech, av=av, split=arguments.split)
    print(json.dumps(result) if arguments.json else _table(result))
    return 0


def _table(result: dict[str, Any]) -> str:
    blocks = {"FER2013": result["fer2013"]} if "fer2013" in result else {}
    blocks |= {f"speech {name}": block for name, block in result.get("speech", {}).items()}
    blocks |= {f"film, {name}": block for name, block in result.get("av", {}).items()}
    names = ("n", "accuracy", "uar", "macro_f1", "ece")
    lines = [f"{'':18}" + "".join(f"{name:>10}" for name in names)]
    for title, block in blocks.items():
        lines.append(f"{title:18}{block['n']:>10}" + "".join(f"{block[name]:>10.3f}" for name in names[1:]))
    return "\n".join(lines)
