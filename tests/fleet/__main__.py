"""The command: how many devices, how fast, for how long."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from edge.errors import EdgeError
from tests.fleet.page import tables
from tests.fleet.run import Plan, simulate
from tests.sync_bench.page import write

EXAMPLES = """examples:
  python -m tests.fleet
  python -m tests.fleet --devices 50 --seconds 10 --qos 1
  python -m tests.fleet --no-storm --json
  python -m tests.fleet --write docs/fleet.md
"""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fleet",
        description="Many simulated devices, one mosquitto, one subscriber, all on this machine.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    plan = Plan()
    parser.add_argument("--devices", type=int, default=plan.devices, help="default %(default)s")
    parser.add_argument("--seconds", type=float, default=plan.seconds, help="of talk; default %(default)s")
    parser.add_argument("--rate", type=float, default=plan.rate_hz, help="results a second; default %(default)s")
    parser.add_argument("--qos", type=int, choices=(0, 1), default=plan.qos, help="of results; default %(default)s")
    parser.add_argument("--nagle", action="store_true", help="without set_tcp_nodelay, as mosquitto is by default")
    parser.add_argument("--no-storm", action="store_true", help="do not restart the broker afterwards")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the tables into this page, between its marks")
    parser.add_argument("--json", action="store_true", help="figures as JSON instead of a table")
    options = parser.parse_args()
    if options.devices < 1 or options.seconds <= 0 or options.rate <= 0:
        parser.error("--devices, --seconds and --rate must be more than nothing")
    return options


def main() -> int:
    """Simulate and print; 1 when something was lost."""
    options = _options()
    plan = Plan(
        options.devices, options.seconds, options.rate, options.qos, storm=not options.no_storm, nagle=options.nagle
    )
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(f"{plan.devices} devices", total=plan.seconds)
        try:
            report = simulate(plan, lambda passed_s: progress.update(bar, completed=passed_s))
        except (pytest.skip.Exception, EdgeError) as error:  # no mosquitto, or not for so many
            print(error, file=sys.stderr)
            return 1
    made = tables(report)
    if options.write:
        write(options.write, made)
    if options.json:
        print(json.dumps(report))
    else:
        Console().print(*(table.rich() for table in made))
    return 1 if report["lost_results"] or report["lost_others"] else 0


if __name__ == "__main__":
    sys.exit(main())
