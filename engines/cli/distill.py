"""`edge-engines distill`."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.errors import UsageError
from edge.infer.card import MODELS_FOLDER
from engines.archives import Sources
from engines.cli.arguments import add_checkpoint, add_places, bound_torch, positive, with_examples
from engines.cli.export import run_export
from engines.cli.parts import require_parts

if TYPE_CHECKING:
    from engines.distil import StudentRecipe

_STAGES = ("face", "window")
_EXAMPLES = """examples:
  edge-engines distill --data ../shared/data              eyes, ears, trust, calibration
  edge-engines distill --teacher teacher.pt --export      taught by `edge-engines train`, and into the package
  edge-engines distill --recogniser face_recognition_model-weights_manifest.json
                                                          taught by a face recogniser that learns emotions first
  edge-engines distill --stage window --threads 2         the head alone, for the face encoder that is there
  edge-engines distill --face-epochs 2 --sound-steps 500  a quick one, to see it work
An interrupted training goes on from its last checkpoint, and a finished step is not trained again; --fresh starts
again. Steps lie in a folder named after --checkpoint, each with its curves.csv; recipe.json lies beside it.
"""


def add(commands: Any) -> None:
    """Hang the command in."""
    parser = with_examples(commands.add_parser("distill", help="train the student"), _EXAMPLES)
    add_places(parser)
    add_checkpoint(parser)
    parser.add_argument("--stage", choices=(*_STAGES, "all"), default="all", help="default %(default)s")
    parser.add_argument("--teacher", type=Path, metavar="FILE", help="a teacher.pt of `edge-engines train`, for faces")
    parser.add_argument(
        "--recogniser", type=Path, metavar="FILE", help="weights manifest of face-api.js' face recognition model"
    )
    parser.add_argument("--hints", type=Path, metavar="FILE", help="embeddings of a large speech network (npz)")
    parser.add_argument("--face-epochs", type=positive, metavar="N", help="rounds over the faces")
    parser.add_argument("--sound-steps", type=positive, metavar="N", help="batches of 64 seconds of speech, each time")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="default %(default)s")
    parser.add_argument("--threads", type=positive, default=1, metavar="N", help="cores to use (default %(default)s)")
    parser.add_argument("--fresh", action="store_true", help="forget an earlier training of these stages")
    parser.add_argument("--export", action="store_true", help="export into --out when done")
    parser.add_argument("--out", type=Path, default=MODELS_FOLDER, metavar="DIR", help="default: the package")
    parser.set_defaults(run=_run, figures=True, precisions=("fp16",), precisions_only=False)


def _run(arguments: argparse.Namespace) -> int:
    bound_torch(arguments.threads)
    from engines.device import choose_device
    from engines.distil import STAGES, Lesson, distil, forget
    from engines.voice_hints import HINTS_FILE

    for path in (arguments.teacher, arguments.recogniser, arguments.hints):
        if path is not None and not path.is_file():
            raise UsageError(f"The file {path} does not exist: name one that does, or leave the option out.")
    stages = [stage for stage in STAGES if arguments.stage in {stage, "all"}]
    usual = arguments.data / HINTS_FILE
    hints = arguments.hints or (usual if usual.is_file() else None)
    sources = Sources.inside(arguments.data)
    require_parts(sources, arguments.data, faces=True, voices=arguments.stage != "face")
    lesson = Lesson(sources, arguments.cache, arguments.teacher, arguments.recogniser, hints)
    if arguments.fresh:
        forget(stages, arguments.checkpoint)
    distil(stages, lesson, _recipe(arguments), arguments.checkpoint, choose_device(arguments.device))
    return run_export(arguments) if arguments.export else 0


def _recipe(arguments: argparse.Namespace) -> StudentRecipe:
    from engines.distil import StudentRecipe

    recipe = StudentRecipe()
    if arguments.face_epochs:
        recipe = replace(recipe, face=replace(recipe.face, epochs=arguments.face_epochs))
    if arguments.sound_steps:
        steps, window = arguments.sound_steps, recipe.window
        parts = {name: replace(getattr(window, name), steps=steps) for name in ("ensemble", "sound", "polish")}
        recipe = replace(recipe, window=replace(window, **parts))
    return recipe
