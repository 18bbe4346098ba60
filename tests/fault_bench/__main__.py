"""Every fault of devices, machine and clock on the real thing.

python -m tests.fault_bench [ROW …] [--quick] [--json] [--write PAGE]
"""

from __future__ import annotations

import sys

from tests.bench.bench import Bench
from tests.fault_bench import cameras, cycles, disk, load, microphones, network, privacy, sleep, together

EXAMPLES = """examples:
  python -m tests.fault_bench --quick
  python -m tests.fault_bench camera-killed camera-frozen
  python -m tests.fault_bench --json > figures.json
  python -m tests.fault_bench --write docs/faults.md
"""
BENCH = Bench(
    "tests.fault_bench",
    "What the daemon does when its devices, its machine or its clock go wrong.",
    EXAMPLES,
    "On this machine, the real daemon with an MJPEG camera, a virtual microphone and a real mosquitto:",
    {
        **cameras.FAULTS,
        "camera-unplugged": cycles.unplugged,
        **microphones.FAULTS,
        **network.FAULTS,
        **together.FAULTS,
        **load.FAULTS,
        "daemon-stopped": sleep.stopped,
        "disk-full": disk.full,
        "disk-read-only": disk.read_only,
        "switched-off": privacy.privacy,
    },
)

if __name__ == "__main__":
    sys.exit(BENCH.main())
