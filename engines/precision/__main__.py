"""The table of precisions in docs/model-card.md: `python -m engines.precision [--write docs/model-card.md]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from edge.errors import EdgeError
from edge.infer.card import MODELS_FOLDER, load_card
from engines.cli.arguments import Parser, bound_threads, with_examples

_EXAMPLES = """examples:
  python -m engines.precision
  python -m engines.precision --write docs/model-card.md
  python -m engines.precision --model student          one that was exported elsewhere
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, and write where that is asked for."""
    options = _options(argv)
    bound_threads(1)
    from engines.precision.table import markdown, measure, write

    try:
        text = markdown(measure(load_card(options.model)))
        print(text, end="")
        if options.write:
            write(options.write, text)
    except EdgeError as error:
        print(f"precisions: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = with_examples(
        Parser(prog="python -m engines.precision", description="What each precision of the student costs."), _EXAMPLES
    )
    parser.add_argument("--model", type=Path, default=MODELS_FOLDER, metavar="DIR", help="default: the shipped student")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the table into this page, between its marks")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
