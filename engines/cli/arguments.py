"""What the commands of `edge-engines` share: how they are parsed, where their data lies, how many cores they take."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from edge.errors import UsageError
from engines.archives import default_folder
from engines.cache import default_cache


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


def positive(text: str) -> int:
    """A whole number from 1 on."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


def bound_threads(threads: int) -> None:
    """Small networks are fastest on few threads, and the machine may have other work."""
    import cv2

    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    cv2.setNumThreads(1)
    try:
        import torch
    except ImportError:
        return  # evaluating needs no torch
    torch.set_num_threads(threads)
