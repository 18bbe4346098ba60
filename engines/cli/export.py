"""`edge-engines export`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from edge.errors import UsageError
from edge.infer.card import CARD_FILE, MODELS_FOLDER, PRECISIONS
from engines.archives import Archives
from engines.cli.arguments import add_checkpoint, add_places, bound_threads, bound_torch, with_examples

_EXAMPLES = """examples:
  edge-engines export                                 into the package, with figures in the card
  edge-engines export --out student --no-figures      elsewhere, quickly
  edge-engines export --precisions fp16,int8 --data ../shared/data
                                                      int8 too, calibrated with the archives
  edge-engines export --precisions fp32               nothing but fp32
  edge-engines export --precisions-only               fp16 anew, of the fp32 files that are there: no checkpoint
Beside fp32, a precision is written only when it says what fp32 says, within the tolerance of `edge-engines parity`.
"""


def add(commands: Any) -> None:
    """Hang the command in."""
    parser = with_examples(commands.add_parser("export", help="from the checkpoint to ONNX and a card"), _EXAMPLES)
    add_places(parser)
    add_checkpoint(parser)
    parser.add_argument("--out", type=Path, default=MODELS_FOLDER, metavar="DIR", help="default: the package")
    parser.add_argument("--no-figures", dest="figures", action="store_false", help="do not evaluate for the card")
    parser.add_argument(
        "--precisions", type=_names, default=("fp16",), metavar="LIST", help="beside fp32: fp16,int8 (default fp16)"
    )
    parser.add_argument("--precisions-only", action="store_true", help="make them of the fp32 files that are there")
    parser.set_defaults(run=run_export)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(text.split(",")))
    strange = [name for name in names if name not in PRECISIONS]
    if strange:
        raise argparse.ArgumentTypeError(f"{strange[0]!r} is unknown: name one or more of {','.join(PRECISIONS)}")
    return tuple(name for name in names if name != "fp32")


def run_export(arguments: argparse.Namespace) -> int:
    """Export `arguments.checkpoint` into `arguments.out`, or only derive `arguments.precisions` of what lies there."""
    card, done = _derive(arguments) if arguments.precisions_only else _export(arguments)
    print(f"{done} into {arguments.out}.")
    for precision in arguments.precisions:
        parity = card["precisions"][precision]["parity"]
        print(
            f"{precision}: off fp32 by {parity['max']:.1e} at most and {parity['mean']:.1e} on average in probability, "
            f"{parity['agreement']:.1%} of the labels the same, on {parity['rows']} rows ({parity['source']})."
        )
    return 0


def _derive(arguments: argparse.Namespace) -> tuple[dict[str, Any], str]:
    bound_threads(1)
    from engines.precision.evidence import evidence
    from engines.precision.publish import export_precisions

    if not (arguments.out / CARD_FILE).exists():
        raise UsageError(
            f"There is no student in {arguments.out}: --precisions-only makes others of fp32 files that are there, "
            "so name their folder with --out, or leave the option out."
        )
    judged_by = evidence(arguments.data if arguments.figures else None)
    card = export_precisions(arguments.out, arguments.precisions, judged_by)
    return card, f"Made {', '.join(arguments.precisions) or 'nothing'} of {card['model_sha256'][:8]}"


def _export(arguments: argparse.Namespace) -> tuple[dict[str, Any], str]:
    bound_torch(1)
    from engines.export import export
    from engines.models.student import Student
    from engines.precision.evidence import evidence

    archives = Archives.inside(arguments.data) if arguments.figures else None
    judged_by = evidence(arguments.data if arguments.figures else None)
    card = export(Student.load(arguments.checkpoint), arguments.out, archives, arguments.precisions, judged_by)
    return card, f"Exported {card['model_sha256'][:8]} with {card['parameters']} parameters"
