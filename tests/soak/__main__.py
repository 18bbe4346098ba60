"""The daemon for a long time under random faults.

python -m tests.soak [--minutes 20] [--seed N] [--json] [--write PAGE]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from edge.capture.demo import demo_clip
from tests.soak.figures import figures
from tests.soak.page import met, table
from tests.soak.picture import draw
from tests.soak.plan import EVERY_S, KINDS, plan
from tests.soak.record import Record
from tests.soak.soak import soak
from tests.sync_bench.page import write

PICTURE = "pictures/soak.png"
EXAMPLES = """examples:
  python -m tests.soak
  python -m tests.soak --minutes 60 --write docs/faults.md
  python -m tests.soak --seed 7 --json > soak.json     # the same faults again
  python -m tests.soak --minutes 3 --only "camera killed" "camera stopped"
"""


def _options(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.soak",
        description="The real daemon with camera, microphone and broker, a fault every 20 s: what grows, what is lost.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--seed", type=int, help="of all faults and moments; a new one unless told, and it is told")
    parser.add_argument("--every", type=float, default=EVERY_S, metavar="S", help="seconds from fault to fault (20)")
    parser.add_argument("--only", nargs="+", choices=KINDS, metavar="KIND", help=f"some of: {', '.join(KINDS)}")
    parser.add_argument("--json", action="store_true", help="figures, faults and samples as JSON instead of a table")
    parser.add_argument("--write", type=Path, metavar="PAGE", help=f"the table between its marks, {PICTURE} beside it")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="the picture alone (.png, .svg)")
    options = parser.parse_args(words)
    if not options.minutes > 0 or not options.every > 0:
        parser.error("--minutes and --every are to be above 0")
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1_000_000)
    return options


def main(words: list[str] | None = None) -> int:
    """Soak and tell; 1 when a wish is not met."""
    options = _options(words)
    for name in [name for name in os.environ if name.startswith("EDGE_EMOTION_")]:
        del os.environ[name]  # no setting of this machine
    record = _measured(options)
    report = {"seed": options.seed, **figures(record)}
    if options.write:
        write(options.write, [table(report)])
        (options.write.parent / PICTURE).parent.mkdir(exist_ok=True)
        draw(record, options.write.parent / PICTURE)
    if options.picture:
        draw(record, options.picture)
    if options.json:
        print(json.dumps({**report, **_told(record)}))
    else:
        Console(width=None if sys.stdout.isatty() else 160).print(table(report).rich())
    return 0 if met(report) else 1


def _measured(options: argparse.Namespace) -> Record:
    length_s = 60 * options.minutes
    faults = plan(options.seed, length_s, options.every, tuple(options.only or KINDS))
    columns = (BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    with (
        tempfile.TemporaryDirectory(prefix="soak-") as folder,
        Progress(*columns, console=Console(stderr=True), transient=True) as bar,
    ):
        task = bar.add_task(f"seed {options.seed}", total=length_s)

        def tell(passed_s: float, word: str) -> None:
            bar.update(task, completed=passed_s, description=f"seed {options.seed} {word}".rstrip())

        return soak(Path(folder), demo_clip(), faults, length_s, tell)


def _told(record: Record) -> dict[str, Any]:
    """The record itself, times in seconds from its beginning."""
    began_s = record.began_s
    return {
        "made": [
            {
                **asdict(one.fault),
                "made_s": round(one.from_s - began_s, 2),
                "healed_s": round(one.to_s - began_s, 2),
                "back": one.back,
            }
            for one in record.made
        ],
        "samples": [{**asdict(one), "at_s": round(one.at_s - began_s, 2)} for one in record.samples],
        "log": [[round(one.at_s - began_s, 2), one.text] for one in record.said],
    }


if __name__ == "__main__":
    sys.exit(main())
