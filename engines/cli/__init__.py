"""`edge-engines`: one file for each command, hung in by its `add(commands)`; what is heavy is imported when it runs."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence

from edge.errors import EdgeError
from engines.cli import build, distill, evaluate, explain, export, parity, plans, prepare, train
from engines.cli.arguments import Parser, with_examples

_COMMANDS = (
    prepare,
    train,
    distill,
    export,
    build,
    evaluate,
    explain,
    parity,
    plans,
)
_EXAMPLES = """examples:
  edge-engines prepare ravdess ~/ravdess              check a data set and write its manifest
  edge-engines train --stage all --device cuda        the teacher, in three stages
  edge-engines distill --data ../shared/data          the student, from the archives to a checkpoint
  edge-engines export --data ../shared/data           from the checkpoint to ONNX files and their card
  edge-engines build                                  from the ONNX files to plans for this machine's GPU
  edge-engines list                                   which plans there are, and which would be used
  edge-engines evaluate --speech ravdess_speech_dev.tar --json
  edge-engines explain clip.mp4 --at 2.4              why the student says what it says, as a picture
  edge-engines parity                                 whether torch, ONNX Runtime and TensorRT say the same
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    arguments = _parser().parse_args(argv)
    level = logging.getLevelName(arguments.log_level.upper())
    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%H:%M:%S")  # other packages': warnings alone
    for package in ("edge", "engines"):
        logging.getLogger(package).setLevel(level)
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return run(arguments)
    except EdgeError as error:
        if level == logging.DEBUG:
            raise
        print(f"edge-engines: {error}", file=sys.stderr)
        return error.exit_code
    except Exception as error:
        if level == logging.DEBUG:
            raise
        print(f"edge-engines: {_unforeseen(error)}", file=sys.stderr)
        return EdgeError.exit_code
    except KeyboardInterrupt:
        return 130


def _unforeseen(error: Exception) -> str:
    """One sentence about a disk, an installation or a program that lets a command down."""
    if isinstance(error, ModuleNotFoundError):
        return f"This command needs {error.name}: pip install 'edge-emotion[train]'."
    if not isinstance(error, OSError):
        kind = f"{type(error).__name__}: {error}".rstrip(": ")
        return f"an error of the program itself ({kind}): --log-level debug shows where."
    place = f"The file {error.filename}" if error.filename else "A file"
    return f"{place} cannot be read or written ({error.strerror or error}): check its place, permissions and the disk."


def _parser() -> argparse.ArgumentParser:
    parser = with_examples(Parser(prog="edge-engines", description="Train, export and judge the student."), _EXAMPLES)
    parser.add_argument("--log-level", choices=("debug", "info", "warning", "error"), default="info")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add(commands)
    return parser
