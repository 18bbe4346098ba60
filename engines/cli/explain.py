"""`edge-engines explain`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from edge.infer.card import MODELS_FOLDER
from engines.cli.arguments import bound_torch, check_model, check_output, positive, with_examples
from engines.explanation.extras import require_extras

_EXAMPLES = """examples:
  edge-engines explain clip.mp4                           the surest second, as picture clip.explained.png
  edge-engines explain clip.mp4 --at 2.4 --out why.png    the second that ends at 2.4 s
  edge-engines explain voice.wav --json                   figures and maps on standard output, no picture
Attributions are sampled: more --samples make them sharper and `gap` smaller.
"""


def add(commands: Any) -> None:
    """Hang the command in."""
    parser = with_examples(commands.add_parser("explain", help="why the student says what it says"), _EXAMPLES)
    parser.add_argument("clip", type=Path, metavar="CLIP", help="a video or sound file")
    parser.add_argument("--at", type=float, metavar="SECONDS", help="where the second ends (default: the surest one)")
    parser.add_argument("--out", type=Path, metavar="PNG", help="the picture (default: CLIP.explained.png beside you)")
    parser.add_argument("--json", action="store_true", help="one JSON object; a picture only with --out")
    parser.add_argument("--model", type=Path, default=MODELS_FOLDER, metavar="DIR", help="default: the shipped student")
    parser.add_argument(
        "--samples", type=positive, default=200, metavar="N", help="points between clip and background (%(default)s)"
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    require_extras()
    bound_torch(1)
    from engines.explanation.explain import explain
    from engines.explanation.picture import check_picture, draw

    out = arguments.out
    if out is None and not arguments.json:
        out = Path(f"{arguments.clip.stem}.explained.png")
    check_model(arguments.model)
    if out is not None:
        check_output("--out", out)
        check_picture(out)
    told = explain(arguments.clip, arguments.model, arguments.at, arguments.samples)
    if out is not None:
        draw(told, out)
    print(json.dumps(told.as_json()) if arguments.json else _sentence(told.as_json(), out))
    return 0


def _sentence(told: dict[str, Any], out: Path) -> str:
    window, share, sums = told["window"], told["share"], told["additivity"]
    return (
        f"{told['clip']}, {window['start_s']:.1f} – {window['end_s']:.1f} s: {told['emotion']} "
        f"({told['confidence']:.0%}), face {share['video']:.0%}, sound {share['audio']:.0%}.\n"
        f"Attributed {sums['attributed']:+.2f} of "
        f"{sums['log_probability'] - sums['background_log_probability']:+.2f} nats. Picture: {out}"
    )
