"""Every fault of "MQTT under faults" on the real thing.

python -m tests.mqtt_bench [ROW …] [--quick] [--json] [--write PAGE]
"""

from __future__ import annotations

import sys

from tests.bench.bench import Bench
from tests.mqtt_bench import absence, commands, freshness, goodbye, login, namesakes, privacy, readers, restarts, stall

EXAMPLES = """examples:
  python -m tests.mqtt_bench --quick
  python -m tests.mqtt_bench restarts stalled
  python -m tests.mqtt_bench --json > figures.json
  python -m tests.mqtt_bench --write docs/mqtt.md
"""
BENCH = Bench(
    "tests.mqtt_bench",
    "What the MQTT side does when things go wrong, against a real mosquitto on loopback.",
    EXAMPLES,
    "Under faults, the real daemon against a real mosquitto on this machine:",
    {
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
    },
)

if __name__ == "__main__":
    sys.exit(BENCH.main())
