"""The command: which archive, which tables, in which form."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # one core is what is measured

import cv2
from rich.console import Console

from edge.errors import EdgeError
from tests.sync_bench.archive import add_archive, opened
from tests.sync_bench.clips import by_subject
from tests.sync_bench.cost import cost_tables
from tests.sync_bench.drift import drift_tables
from tests.sync_bench.gain import gain_tables
from tests.sync_bench.in_step import step_tables
from tests.sync_bench.lag_error import lag_tables
from tests.sync_bench.page import write
from tests.sync_bench.peers import peer_tables
from tests.sync_bench.plot import plot
from tests.sync_bench.speaker import speaker_tables
from tests.sync_bench.studio import Studio
from tests.sync_bench.table import Table

SECTIONS = {
    "lag": lag_tables,
    "drift": drift_tables,
    "speaker": speaker_tables,
    "gain": gain_tables,
    "step": step_tables,
    "cost": cost_tables,
    "peers": peer_tables,
}
LONG_S, QUICK_S = 70.0, 30.0
QUICK_PEOPLE = slice(1, None, 3)
EXAMPLES = """examples:
  python -m tests.sync_bench --quick
  python -m tests.sync_bench --only lag --json
  python -m tests.sync_bench --write docs/sync.md
  python -m tests.sync_bench --plot docs/pictures/sync-lag.png
"""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.sync_bench",
        description="What sync reaches on real talking faces whose lag, drift and speaker are known.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_archive(parser)
    parser.add_argument("--quick", action="store_true", help="a part of everything, in less than a minute")
    parser.add_argument("--json", action="store_true", help="figures as JSON instead of tables")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, metavar="TABLE", help=f"some of {', '.join(SECTIONS)}")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the tables into this page, between its marks")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw estimated against true lag over time")
    return parser.parse_args()


def main() -> int:
    """Measure and print; 1 when there is no archive."""
    options = _options()
    cv2.setNumThreads(1)
    begun = time.monotonic()
    try:
        with opened(options.av) as (clips, sights):
            people = by_subject(clips)
            names = list(people)[QUICK_PEOPLE if options.quick else slice(None)]
            chosen = {name: people[name] for name in names}
            studio = Studio(chosen, sights, QUICK_S if options.quick else LONG_S)
            tables = _measured(studio, options)
            if options.plot:
                plot(studio, options.plot)
        if options.write:
            write(options.write, tables)
    except EdgeError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    if options.json:
        print(json.dumps({table.key: table.json() for table in tables}, indent=1))
    else:
        print(f"{time.monotonic() - begun:.0f} s")
    return 0


def _measured(studio: Studio, options: argparse.Namespace) -> list[Table]:
    """The tables that were asked for; each is shown as soon as it is there, unless JSON is wanted."""
    tables: list[Table] = []
    for section in [] if options.plot and not options.only else options.only or SECTIONS:
        made = SECTIONS[section](studio, quick=options.quick)
        tables += made
        if not options.json:
            Console().print(*(table.rich() for table in made))
    return tables


if __name__ == "__main__":
    sys.exit(main())
