"""Every fault of "MQTT under faults" on the real thing.

python -m tests.mqtt_bench [ROW …] [--quick] [--json] [--write PAGE]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from edge.capture.demo import demo_clip
from tests.mqtt_bench import absence, commands, freshness, goodbye, login, namesakes, privacy, readers, restarts, stall
from tests.mqtt_bench.row import Row
from tests.mqtt_bench.scene import Scene
from tests.mqtt_bench.table import as_json, table
from tests.sync_bench.page import write

ROWS: dict[str, Callable[[Scene], Row]] = {
    "absent": absence.absent,
    "restarts": restarts.restarts,
    "away": absence.away,
    "stalled": stall.stalled,
    "mute": stall.mute,
    "standstill": freshness.fresh_after_standstill,
    "held-up": freshness.fresh_after_hold_up,
    "refused": login.refused,
    "expired": login.expired,
    "twins": namesakes.twins,
    "sigterm": goodbye.sigterm,
    "sigkill": goodbye.sigkill,
    "flood": commands.flood,
    "fuzz": commands.fuzz,
    "switch": privacy.switch,
    "readers": readers.readers,
}
EXAMPLES = """examples:
  python -m tests.mqtt_bench --quick
  python -m tests.mqtt_bench restarts stalled
  python -m tests.mqtt_bench --json > figures.json
  python -m tests.mqtt_bench --write docs/mqtt.md
"""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.mqtt_bench",
        description="What the MQTT side does when things go wrong, against a real mosquitto on loopback.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"some of {', '.join(ROWS)}; all when none is named")
    parser.add_argument("--quick", action="store_true", help="a part of everything, in some minutes")
    parser.add_argument("--json", action="store_true", help="figures as JSON instead of tables")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the table into this page, between its marks")
    parser.add_argument("--seed", type=int, default=1, help="of all odd moments")
    options = parser.parse_args()
    unknown = [name for name in options.rows if name not in ROWS]
    if unknown:
        parser.error(f"no row is called {', '.join(unknown)}; there are {', '.join(ROWS)}")
    return options


def main() -> int:
    """Measure and print; 1 when a row is not met."""
    options = _options()
    for name in [name for name in os.environ if name.startswith("EDGE_EMOTION_")]:
        del os.environ[name]  # no setting of this machine
    console = Console(stderr=True)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="mqtt-bench-") as folder, console.status("") as line:
        for name in options.rows or ROWS:
            scene = Scene(
                Path(folder), demo_clip(), options.quick, lambda text, name=name: line.update(f"{name}: {text}")
            )
            rows.append(_measured(name, scene))
            console.print(f"{name} ({rows[-1].seconds:.0f} s): {rows[-1].measured}", soft_wrap=True, highlight=False)
    if options.write:
        write(options.write, [table(rows)])
    if options.json:
        print(as_json(rows))
    else:
        Console(width=None if sys.stdout.isatty() else 160).print(table(rows).rich())
        print(f"{sum(row.seconds for row in rows):.0f} s")
    return 0 if all(row.met for row in rows) else 1


def _measured(name: str, scene: Scene) -> Row:
    """A row that fails on its way is one that is not met."""
    began = time.monotonic()
    scene.tell("begins")
    try:
        row = ROWS[name](scene)
    except (Exception, pytest.fail.Exception) as error:
        row = Row(ROWS[name].__doc__ or name, f"failed: {type(error).__name__}: {error}"[:400], "", False)
    return replace(row, key=name, seconds=time.monotonic() - began)


if __name__ == "__main__":
    sys.exit(main())
