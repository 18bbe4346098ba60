"""`edge-engines`: train, export and evaluate the student."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from edge.errors import EdgeError, UsageError
from edge.infer.card import MODELS_FOLDER
from engines.archives import Archives, default_folder
from engines.cache import default_cache

_EXAMPLES = """examples:
  edge-engines train --data ../shared/data            from the archives to a checkpoint
  edge-engines export --data ../shared/data           from the checkpoint to ONNX files and their card
  edge-engines evaluate --speech ravdess_speech_dev.tar --json
"""
_TRAIN_EXAMPLES = """examples:
  edge-engines train --data ../shared/data
  edge-engines train --face-epochs 2 --audio-steps 500    a quick one, to see it work
  edge-engines train --export                             and export into the package when done
An interrupted training goes on from its last epoch; --fresh starts again.
"""
_EXPORT_EXAMPLES = """examples:
  edge-engines export                                     into the package, with figures in the card
  edge-engines export --out /tmp/student --no-figures     elsewhere, quickly
"""
_EVALUATE_EXAMPLES = """examples:
  edge-engines evaluate                                   the shipped student on all archives of the data folder
  edge-engines evaluate --fer2013 fer2013_train_public.zip --json
  edge-engines evaluate --model /tmp/student --split all --speech a.tar b.tar --av av_dev.zip
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        """Exit code 64 for a bad command line, like all our commands."""
        self.print_usage(sys.stderr)
        self.exit(UsageError.exit_code, f"{self.prog}: {message}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    arguments = _parser().parse_args(argv)
    level = logging.getLevelName(arguments.log_level.upper())
    logging.basicConfig(level=level, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return run(arguments)
    except EdgeError as error:
        if level == logging.DEBUG:
            raise
        print(f"edge-engines: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = _command(_Parser(prog="edge-engines", description="Train, export and judge the student."), _EXAMPLES)
    parser.add_argument("--log-level", choices=("debug", "info", "warning", "error"), default="info")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_train(commands)
    _add_export(commands)
    _add_evaluate(commands)
    return parser


def _command(parser: _Parser, examples: str) -> _Parser:
    parser.epilog = examples
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    return parser


def _add_train(commands: Any) -> None:
    parser = _command(commands.add_parser("train", help="from the data archives to a checkpoint"), _TRAIN_EXAMPLES)
    _add_places(parser)
    parser.add_argument("--face-epochs", type=_positive, metavar="N", help="rounds over the faces")
    parser.add_argument("--audio-steps", type=_positive, metavar="N", help="batches of 64 seconds of speech")
    parser.add_argument("--threads", type=_positive, default=1, metavar="N", help="cores to use (default %(default)s)")
    parser.add_argument("--fresh", action="store_true", help="forget an earlier training")
    parser.add_argument("--export", action="store_true", help="export into --out when done")
    parser.add_argument("--out", type=Path, default=MODELS_FOLDER, metavar="DIR", help="default: the package")
    parser.set_defaults(run=_train, figures=True)


def _add_export(commands: Any) -> None:
    parser = _command(commands.add_parser("export", help="from the checkpoint to ONNX and a card"), _EXPORT_EXAMPLES)
    _add_places(parser)
    parser.add_argument("--out", type=Path, default=MODELS_FOLDER, metavar="DIR", help="default: the package")
    parser.add_argument("--no-figures", dest="figures", action="store_false", help="do not evaluate for the card")
    parser.set_defaults(run=_export)


def _add_evaluate(commands: Any) -> None:
    parser = _command(commands.add_parser("evaluate", help="judge a student's ONNX files"), _EVALUATE_EXAMPLES)
    parser.add_argument("--model", type=Path, default=MODELS_FOLDER, metavar="DIR", help="default: the shipped student")
    parser.add_argument("--fer2013", type=Path, metavar="ZIP")
    parser.add_argument("--speech", type=Path, nargs="+", default=[], metavar="TAR")
    parser.add_argument("--av", type=Path, metavar="ZIP")
    parser.add_argument("--split", choices=("all", "test"), default="test", help="rows to judge (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="figures as one JSON object on standard output")
    parser.set_defaults(run=_evaluate)


def _add_places(parser: argparse.ArgumentParser) -> None:
    cache = default_cache()
    parser.add_argument(
        "--data", type=Path, default=default_folder(), metavar="DIR", help="folder of the archives (EDGE_EMOTION_DATA)"
    )
    parser.add_argument("--cache", type=Path, default=cache, metavar="DIR", help="prepared data (default %(default)s)")
    parser.add_argument(
        "--checkpoint", type=Path, default=cache / "student.pt", metavar="FILE", help="default %(default)s"
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


def _train(arguments: argparse.Namespace) -> int:
    _bound_threads(arguments.threads)
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
    return _export(arguments) if arguments.export else 0


def _export(arguments: argparse.Namespace) -> int:
    _bound_threads(1)
    from engines.export import export
    from engines.models.student import Student

    if not arguments.checkpoint.exists():
        raise UsageError(f"The checkpoint {arguments.checkpoint} does not exist: run `edge-engines train` first.")
    archives = Archives.inside(arguments.data) if arguments.figures else None
    card = export(Student.load(arguments.checkpoint), arguments.out, archives)
    print(f"Exported {card['model_sha256'][:8]} with {card['parameters']} parameters into {arguments.out}.")
    return 0


def _evaluate(arguments: argparse.Namespace) -> int:
    _bound_threads(1)
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


def _bound_threads(threads: int) -> None:
    """Small networks are fastest on few threads, and the machine may have other work."""
    import cv2

    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    cv2.setNumThreads(1)
    try:
        import torch
    except ImportError:
        return  # evaluating needs no torch
    torch.set_num_threads(threads)


if __name__ == "__main__":
    sys.exit(main())
