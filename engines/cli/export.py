"""`edge-engines export`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from edge.errors import UsageError
from edge.infer.card import MODELS_FOLDER
from engines.archives import Archives
from engines.cli.arguments import add_checkpoint, add_places, bound_torch, with_examples

_EXAMPLES = """examples:
  edge-engines export                                     into the package, with figures in the card
  edge-engines export --out /tmp/student --no-figures     elsewhere, quickly
"""


def add(commands: Any) -> None:
    """Hang the command in."""
    parser = with_examples(commands.add_parser("export", help="from the checkpoint to ONNX and a card"), _EXAMPLES)
    add_places(parser)
    add_checkpoint(parser)
    parser.add_argument("--out", type=Path, default=MODELS_FOLDER, metavar="DIR", help="default: the package")
    parser.add_argument("--no-figures", dest="figures", action="store_false", help="do not evaluate for the card")
    parser.set_defaults(run=run_export)


def run_export(arguments: argparse.Namespace) -> int:
    """Export `arguments.checkpoint` into `arguments.out`."""
    bound_torch(1)
    from engines.export import export
    from engines.models.student import Student

    if not arguments.checkpoint.exists():
        raise UsageError(f"The checkpoint {arguments.checkpoint} does not exist: run `edge-engines distill` first.")
    archives = Archives.inside(arguments.data) if arguments.figures else None
    try:
        student = Student.load(arguments.checkpoint)
    except Exception as error:  # torch tells files that are none in many ways
        raise UsageError(
            f"The checkpoint {arguments.checkpoint} is not one that `edge-engines distill` wrote "
            f"({type(error).__name__}): name another, or run it again."
        ) from error
    card = export(student, arguments.out, archives)
    print(f"Exported {card['model_sha256'][:8]} with {card['parameters']} parameters into {arguments.out}.")
    return 0
