"""`edge-engines distill`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from edge.infer.card import MODELS_FOLDER
from engines.archives import Archives
from engines.cli.arguments import add_checkpoint, add_places, bound_threads, positive, with_examples
from engines.cli.export import run_export

_EXAMPLES = """examples:
  edge-engines distill --data ../shared/data
  edge-engines distill --face-epochs 2 --audio-steps 500  a quick one, to see it work
  edge-engines distill --export                           and export into the package when done
An interrupted training goes on from its last epoch; --fresh starts again.
"""


def add(commands: Any) -> None:
    """Hang the command in."""
    parser = with_examples(commands.add_parser("distill", help="train the student"), _EXAMPLES)
    add_places(parser)
    add_checkpoint(parser)
    parser.add_argument("--face-epochs", type=positive, metavar="N", help="rounds over the faces")
    parser.add_argument("--audio-steps", type=positive, metavar="N", help="batches of 64 seconds of speech")
    parser.add_argument("--threads", type=positive, default=1, metavar="N", help="cores to use (default %(default)s)")
    parser.add_argument("--fresh", action="store_true", help="forget an earlier training")
    parser.add_argument("--export", action="store_true", help="export into --out when done")
    parser.add_argument("--out", type=Path, default=MODELS_FOLDER, metavar="DIR", help="default: the package")
    parser.set_defaults(run=_run, figures=True)


def _run(arguments: argparse.Namespace) -> int:
    bound_threads(arguments.threads)
    from dataclasses import replace

    from engines.train import Recipe, train

    archives = Archives.inside(arguments.data)
    recipe = Recipe()
    if arguments.face_epochs:
        recipe = replace(recipe, face=replace(recipe.face, epochs=arguments.face_epochs))
    if arguments.audio_steps:
        recipe = replace(recipe, head=replace(recipe.head, audio_steps=arguments.audio_steps))
    if arguments.fresh:
        arguments.checkpoint.with_suffix(".face").unlink(missing_ok=True)
    train(archives, arguments.cache, arguments.checkpoint, recipe)
    return run_export(arguments) if arguments.export else 0
