"""What the commands of `edge-engines` share: how they are parsed, where their data lies, how many cores they take."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from edge.errors import UsageError
from edge.infer.card import CARD_FILE
from edge.samples import EMOTIONS
from engines.archives import default_folder
from engines.cache import default_cache

_EXPORTED = "name one that `edge-engines export` wrote"


class Parser(argparse.ArgumentParser):
    """Ends with 64 for a bad command line, like all our commands."""

    def error(self, message: str) -> Any:
        """One line of usage, one sentence of what is wrong."""
        self.print_usage(sys.stderr)
        self.exit(UsageError.exit_code, f"{self.prog}: {message}\n")


def with_examples(parser: argparse.ArgumentParser, examples: str) -> argparse.ArgumentParser:
    """The parser, whose help ends with `examples` as they are written."""
    parser.epilog = examples
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    return parser


def add_places(parser: argparse.ArgumentParser) -> None:
    """--data and --cache."""
    parser.add_argument(
        "--data", type=Path, default=default_folder(), metavar="DIR", help="folder of the archives (EDGE_EMOTION_DATA)"
    )
    parser.add_argument(
        "--cache", type=Path, default=default_cache(), metavar="DIR", help="prepared data (default %(default)s)"
    )


def add_checkpoint(parser: argparse.ArgumentParser) -> None:
    """--checkpoint, the trained student."""
    path = default_cache() / "student.pt"
    parser.add_argument("--checkpoint", type=Path, default=path, metavar="FILE", help="default %(default)s")


def whole_number(text: str) -> int:
    """Any whole number."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def positive(text: str) -> int:
    """A whole number from 1 on."""
    number = whole_number(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is too small: give a whole number from 1 on")
    return number


def check_model(folder: Path) -> None:
    """Raises UsageError when --model names a folder without a student's card."""
    card = folder / CARD_FILE
    try:
        raw = json.loads(card.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raw = None
    except (OSError, ValueError) as error:
        raise UsageError(f"The card {card} of --model cannot be read ({error}): {_EXPORTED}.") from None
    if not isinstance(raw, dict) or raw.get("labels") != list(EMOTIONS):
        raise UsageError(f"--model {folder} is not a folder with the {CARD_FILE} of a student: {_EXPORTED}.")


def check_output(option: str, path: Path) -> None:
    """Raises UsageError when the file that `option` names cannot be written: before the work, not after it."""
    if path.is_dir():
        raise UsageError(f"{option} {path} is a folder: name a file in it.")
    if not path.parent.is_dir():
        raise UsageError(f"The folder {path.parent} of {option} {path} does not exist: make it, or name another file.")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UsageError(f"{option} {path} may not be written: name another file, or change its permissions.")


def bound_threads(threads: int) -> None:
    """Small networks are fastest on few threads, and the machine may have other work."""
    import cv2

    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    cv2.setNumThreads(1)


def bound_torch(threads: int) -> None:
    """The same where torch computes."""
    bound_threads(threads)
    import torch

    torch.set_num_threads(threads)
